"""The data sets: competition files, ETTh1, and any other pair of files of the same form."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gatecast.errors import InputError
from gatecast.forecast.history import History, Origins, make_history

Array = npt.NDArray[Any]

#: name -> (rows of a season, horizon), as the competitions set them
COMPETITIONS = {
    "m3_yearly": (1, 6),
    "m3_quarterly": (4, 8),
    "m3_monthly": (12, 18),
    "m3_other": (1, 8),
    "m4_hourly": (24, 48),
    "m4_weekly": (1, 13),
}
#: name -> horizon; the season is a day of hours
TRANSFORMERS = {"etth1_96": 96, "etth1_720": 720}
DAY, MONTH = 24, 30 * 24
#: rows of ETT: the end of the training year, of the validation, of the test
ETT_ENDS = (12 * MONTH, 16 * MONTH, 20 * MONTH)


@dataclass(frozen=True)
class Competition:
    """Series to forecast from their ends.

    Attributes
    ----------
    name : str
    period, horizon : int
    ids : list of str
    known : list of (rows,) arrays
    truth : (series, horizon) or None
        None where no test file lies beside the training file.
    categories : (series,) of str or None
        What the competition says of each series.
    """

    name: str
    period: int
    horizon: int
    ids: list[str]
    known: list[Array]
    truth: Array | None
    categories: list[str] | None

    def history(self) -> History:
        """As the models take it; categories as codes."""
        if self.categories is None:
            return make_history(self.known)
        names = sorted(set(self.categories))
        codes = np.array([[names.index(category)] for category in self.categories])
        return make_history(self.known, codes=codes, code_sizes=(len(names),))


@dataclass(frozen=True)
class Transformer:
    """Channels of one long table to forecast from every row of its last third.

    Attributes
    ----------
    name : str
    horizon : int
    values : (rows, channels)
    mean, deviation : (channels,)
        Of the training rows.
    """

    name: str
    horizon: int
    values: Array
    mean: Array
    deviation: Array

    def history(self) -> History:
        """Every channel standardised, as a series with its number for a category."""
        channels = self.values.shape[1]
        series = list(((self.values - self.mean) / self.deviation).T)
        return make_history(series, codes=np.arange(channels)[:, None], code_sizes=(channels,))

    def origins(self, first: int, stop: int, step: int = 1) -> Origins:
        """Channel by channel, every origin whose horizon lies in those rows."""
        channels, rows = self.values.shape[1], np.arange(first, stop - self.horizon + 1, step)
        starts = np.arange(channels)[:, None] * len(self.values)
        return Origins(np.repeat(np.arange(channels), len(rows)), (starts + rows).ravel())

    def truth(self) -> Array:
        """(windows, horizon, channels): every window of the test rows."""
        rows = self.values[ETT_ENDS[1] : ETT_ENDS[2]]
        windows = np.lib.stride_tricks.sliding_window_view(rows, self.horizon, axis=0)
        return windows.transpose(0, 2, 1)


def read_competition(
    folder: Path, name: str, period: int | None = None, horizon: int | None = None
) -> Competition:
    """The files ``NAME_train.csv.gz`` and, where they are there, ``_test`` and ``_info``.

    Examples
    --------
    >>> read_competition(Path("nowhere"), "m3_other")
    Traceback (most recent call last):
    ...
    gatecast.errors.InputError: nowhere/m3_other_train.csv.gz does not exist; ...
    """
    if name in COMPETITIONS:
        period, horizon = COMPETITIONS[name]
    if not period or not horizon:
        raise InputError(f"{name}: its period and horizon are not known; give --period, --horizon")
    train = _read(folder / f"{name}_train.csv.gz")
    if train is None:
        raise InputError(
            f"{folder / name}_train.csv.gz does not exist; set GATECAST_DATA to the folder with "
            "the data, or give --data"
        )
    groups = {str(name): group for name, group in train.groupby("unique_id", sort=False)["y"]}
    test, info = (_read(folder / f"{name}_{kind}.csv.gz") for kind in ("test", "info"))
    truth = categories = None
    if test is not None:
        truth = _truth(test, list(groups), horizon, name)
    if info is not None:
        categories = info.set_index("unique_id")["category"].reindex(list(groups)).tolist()
    known = [group.to_numpy(np.float64) for group in groups.values()]
    return Competition(name, period, horizon, list(groups), known, truth, categories)


def _read(path: Path) -> pd.DataFrame | None:
    if not path.exists():
        return None
    return pd.read_csv(path, dtype={"unique_id": str})


def _truth(test: pd.DataFrame, ids: list[str], horizon: int, name: str) -> Array:
    """(series, horizon), in the order of the training file."""
    groups = {str(key): group for key, group in test.groupby("unique_id", sort=False)["y"]}
    if set(groups) != set(ids) or any(len(group) != horizon for group in groups.values()):
        raise InputError(
            f"{name}_test.csv.gz must have {horizon} rows for each of the {len(ids)} series of "
            f"{name}_train.csv.gz"
        )
    return np.stack([groups[key].to_numpy(np.float64) for key in ids])


def read_transformer(folder: Path, name: str) -> Transformer:
    """``etth1_wide.csv.gz``: a column of stamps, then the channels."""
    path = folder / "etth1_wide.csv.gz"
    if not path.exists():
        raise InputError(f"{path} does not exist; set GATECAST_DATA, or give --data")
    values = pd.read_csv(path).iloc[: ETT_ENDS[2], 1:].to_numpy(np.float64)
    train = values[: ETT_ENDS[0]]
    return Transformer(name, TRANSFORMERS[name], values, train.mean(axis=0), train.std(axis=0))
