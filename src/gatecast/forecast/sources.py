"""What users hand in (tables, files, a Series, an array), and how forecasts are handed back."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatecast.data.columns import ParquetFile, open_source
from gatecast.data.frames import Frame
from gatecast.errors import InputError
from gatecast.forecast.layout import Layout


@dataclass(frozen=True)
class Style:
    """How forecasts are written.

    Attributes
    ----------
    library : {"pandas", "polars", "pyarrow"}
    named : bool
        Whether the series have names, in a column of their own.
    whole_ids : bool
        Whether these are whole numbers.
    dates : bool
        Whether times are dates without a clock, as polars and pyarrow have them.
    """

    library: str = "pandas"
    named: bool = False
    whole_ids: bool = False
    dates: bool = False


@dataclass(frozen=True)
class Source:
    """Something to read.

    Attributes
    ----------
    data : table or path
    layout : Layout
        With the columns that it does not have taken out of their roles.
    style : Style
    place : str
        What messages call it.
    """

    data: Any
    layout: Layout
    style: Style
    place: str


def open_table(data: Any, layout: Layout, *, known: bool = False) -> Source:
    """Find out what was handed in, and which of the columns it has.

    Parameters
    ----------
    data : pandas, polars or pyarrow table, path of a file, pandas Series, or (rows,) numbers
    layout : Layout
    known : bool
        Whether the layout is that of an earlier table, and must fit as it is.

    Examples
    --------
    >>> open_table(np.arange(3.0), Layout()).layout.time is None
    True
    """
    data, timed = _as_table(data, layout)
    opened, _ = open_source(data, layout.delimiter, layout.encoding)
    names = list(opened.names)
    if not known:
        layout = _only_present(layout, names, timed)
    if isinstance(opened, Frame):
        style = Style(
            _library(data),
            layout.id is not None,
            layout.id is not None and layout.id in names and opened.is_whole(layout.id),
            layout.time is not None and layout.time in names and opened.is_date(layout.time),
        )
    else:
        whole = isinstance(opened, ParquetFile) and _whole_in_parquet(opened, layout.id)
        style = Style("pandas", layout.id is not None, whole)
    return Source(data, layout, style, opened.place)


def _as_table(data: Any, layout: Layout) -> tuple[Any, bool]:
    """Series and arrays as tables; and whether there are times."""
    import pandas as pd

    if isinstance(data, pd.Series):
        return _of_series(data, layout)
    if type(data).__name__ == "Series" and hasattr(data, "to_numpy"):  # polars
        data = data.to_numpy()
    if isinstance(data, list | tuple | range):
        data = _listed(data)
    if not isinstance(data, np.ndarray):
        return data, True
    if data.ndim != 1 or data.dtype.kind not in "fiub":
        raise InputError(
            f"an array must be one series of numbers (rows,), this one has shape {data.shape} and "
            f"dtype {data.dtype}; give several series as a table with columns "
            f"{layout.id}, {layout.time}, {layout.target}"
        )
    if not len(data):
        raise InputError("the array is empty; give the values of one series, oldest first")
    return pd.DataFrame({layout.target: data.astype(np.float64)}), False


def _listed(data: Any) -> Any:
    """A list of numbers as an array, NaN where it has None."""
    try:
        found = np.asarray(data)
        if found.dtype.kind == "O" and found.ndim == 1:
            found = np.array([np.nan if one is None else one for one in data])
    except ValueError as error:  # lists of different lengths
        raise InputError(
            "a list must be one series of numbers, and this one holds lists of different lengths; "
            "give several series as a table"
        ) from error
    return found


def _of_series(data: Any, layout: Layout) -> tuple[Any, bool]:
    """A pandas Series: its index holds the times, unless it only counts the rows."""
    import pandas as pd

    index = data.index
    if isinstance(index, pd.MultiIndex):
        raise InputError(
            "the Series has an index of several levels; give a table with columns "
            f"{layout.id}, {layout.time}, {layout.target}"
        )
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    dated = isinstance(index, pd.DatetimeIndex)
    if dated and layout.time is None:
        raise InputError("time=None, and the Series has times in its index; name a time column")
    timed = layout.time is not None and not index.equals(pd.RangeIndex(len(index)))
    frame = pd.DataFrame({layout.target: data.to_numpy()})
    if timed:
        frame[layout.time] = index
    return frame, timed


def _only_present(layout: Layout, names: list[str], timed: bool) -> Layout:
    """The default names of series and time may be absent: then there is one series."""
    if layout.id == Layout.id and layout.id not in names:
        layout = replace(layout, id=None)
    if not timed:
        layout = replace(layout, time=None)
    return layout


def _whole_in_parquet(file: ParquetFile, name: str | None) -> bool:
    """Whether the series are named by whole numbers."""
    from pyarrow import parquet, types

    if name not in file.names:
        return False
    return bool(types.is_integer(parquet.read_schema(file.path).field(name).type))


def _library(data: Any) -> str:
    """Whose table this is."""
    module = type(data).__module__.partition(".")[0]
    return module if module in ("polars", "pyarrow") else "pandas"
