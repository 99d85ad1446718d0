"""Tables that tests of the forecaster share."""

import numpy as np
import pandas as pd


def months(rows=96, seed=0):
    """One monthly series with a season."""
    rng = np.random.default_rng(seed)
    steps = np.arange(rows)
    y = 100 + 10 * np.sin(2 * np.pi * steps / 12) + rng.normal(0, 1, rows)
    return pd.DataFrame({"ds": pd.date_range("2000-01-01", periods=rows, freq="MS"), "y": y})


def panel(rows=48, ids=("a", "b"), level=50.0, seed=0):
    """Some monthly series of different levels."""
    parts = []
    for place, name in enumerate(ids, 1):
        one = months(rows, seed + place).assign(unique_id=name)
        one["y"] += level * place
        parts.append(one)
    return pd.concat(parts, ignore_index=True)
