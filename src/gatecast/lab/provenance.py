"""Where the figures of a run come from: command, data, versions; and the columns' heat map."""

import hashlib
import os
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gatecast import kernels
from gatecast.lab.settings import Settings
from gatecast.results import Grid
from gatecast.versions import version_of

if TYPE_CHECKING:
    import pandas as pd


def provenance(settings: Settings, data: str, values: npt.NDArray[np.float64]) -> dict[str, str]:
    """What the report prints below the figures.

    Parameters
    ----------
    settings : Settings
    data : str
        What the data are called.
    values : array
        The numbers that the windows are made of.
    """
    digest = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    return {
        "data": data,
        "rows": f"{len(values):,}",
        "fingerprint": f"sha256 {digest[:16]} of the numbers in use",
        "seeds": ", ".join(map(str, settings.numbers)),
        "gatecast": version_of("gatecast"),
        "numpy": np.__version__,
        "kernels": kernels.active().name,
        "cores": str(os.cpu_count()),
    }


def heat_map(frame: "pd.DataFrame") -> Grid:
    """Correlations of the columns; ordered categories count as their codes.

    Examples
    --------
    >>> import pandas as pd
    >>> heat_map(pd.DataFrame({"up": [1.0, 2.0], "down": [2.0, 1.0]})).values.round()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    names = tuple(map(str, frame.columns))
    columns = [
        column.cat.codes if column.dtype == "category" else column for _, column in frame.items()
    ]
    values = np.corrcoef([np.asarray(column, np.float64) for column in columns])
    return Grid("Correlation of the columns", names, names, values)


def quick_note(settings: Settings) -> tuple[str, ...]:
    """A warning where the training was cut short."""
    if not settings.quick:
        return ()
    return (
        (
            "A quick run: one seed and a few epochs, to show what a run gives. Its figures are not "
            "those of the experiment."
        ),
    )
