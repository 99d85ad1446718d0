"""A small panel of forecasts, and what utilsforecast says of it."""

from typing import Any

import numpy as np
import pandas as pd

SERIES, HORIZON, ROWS, PERIOD = 4, 6, 30, 3
LEVEL = 80
rng = np.random.default_rng(4)
HISTORY = rng.normal(20, 4, size=(SERIES, ROWS))
TRUTH = rng.normal(20, 4, size=(SERIES, HORIZON))
FORECAST = TRUTH + rng.normal(0, 3, size=(SERIES, HORIZON))
LOWER, UPPER = FORECAST - 4, FORECAST + rng.uniform(1, 5, size=(SERIES, HORIZON))
IDS = np.array(["a", "b", "c", "d"])


def long(values: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    """The long table ``unique_id, ds, y`` and other columns."""
    return pd.DataFrame(
        {
            "unique_id": np.repeat(IDS, values.shape[1]),
            "ds": np.tile(np.arange(values.shape[1]), SERIES),
            "y": values.ravel(),
        }
        | {name: column.ravel() for name, column in columns.items()}
    )


def theirs(loss: Any, **arguments: Any) -> np.ndarray:
    """A loss of utilsforecast, one number a series."""
    table = long(TRUTH, m=FORECAST, **{f"m-lo-{LEVEL}": LOWER, f"m-hi-{LEVEL}": UPPER})
    arguments.setdefault("models", ["m"])
    found = loss(table, **arguments)
    column = found.columns[-1]
    return found.sort_values("unique_id")[column].to_numpy()
