"""The columns of the steel data, and their windows, for the two experiments on them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatecast.data.encoding import LabelEncoder
from gatecast.data.scaling import MinMaxScaler, StandardScaler
from gatecast.forecast.samples import Array

if TYPE_CHECKING:
    import pandas as pd

USAGE, LOAD = "Usage_kWh", "Load_Type"
CATEGORIES = ("WeekStatus", "Day_of_week", LOAD)
NUMBERS = (
    "Lagging_Current_Reactive.Power_kVarh", "Leading_Current_Reactive_Power_kVarh", "CO2(tCO2)",
    "Lagging_Current_Power_Factor", "Leading_Current_Power_Factor", "NSM",
)  # fmt: skip


def encode(frame: "pd.DataFrame", names: Sequence[str], training: int, *, published: bool) -> Array:
    """(rows, F) float32, scaled by the first ``training`` rows alone.

    Published: the numbers between 0 and 1, the categories as the codes of their sorted names.
    Else all columns are standardised, the categories as codes in their natural order.

    Parameters
    ----------
    frame : DataFrame
    names : sequence of str
        Columns.
    training : int
    published : bool
    """
    columns = []
    for name in names:
        if name in CATEGORIES:
            values = _codes(frame[name], training, in_order=not published).astype(np.float64)
        else:
            values = frame[name].to_numpy(np.float64)
        scaler = MinMaxScaler() if published else StandardScaler()
        if not (published and name in CATEGORIES):
            values = scaler.fit(values[:training]).transform(values)
        columns.append(values.astype(np.float32))
    return np.stack(columns, axis=1)


def time_of_day(frame: "pd.DataFrame", harmonics: int) -> Array:
    """(rows, 2 · harmonics) float32: sines and cosines of the time of day, NSM.

    Midnight is next to 23:45, and a few harmonics draw the steps of a tariff, which one number
    for the whole day does only with large weights.

    Parameters
    ----------
    frame : DataFrame
    harmonics : int

    Examples
    --------
    >>> import pandas as pd
    >>> time_of_day(pd.DataFrame({"NSM": [0, 21_600]}), 1).round()
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """
    angle = 2 * np.pi / 86_400 * frame["NSM"].to_numpy(np.float64)
    waves = [wave(n * angle) for n in range(1, harmonics + 1) for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1).astype(np.float32)


def _codes(column: "pd.Series", training: int, *, in_order: bool) -> Array:
    """Codes of Monday … Sunday as they follow one another, or of their sorted names."""
    if in_order:
        return column.cat.codes.to_numpy()
    texts = column.astype(str)
    return LabelEncoder().fit(texts[:training]).transform(texts)


def look_backs(values: Array, width: int) -> Array:
    """(rows - width, width, …): the rows before each row that has so many before it; a view.

    Examples
    --------
    >>> look_backs(np.arange(5), 3)
    array([[0, 1, 2],
           [1, 2, 3]])
    """
    return np.moveaxis(sliding_window_view(values[:-1], width, axis=0), -1, 1)
