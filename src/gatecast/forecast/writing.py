"""Forecasts as frames of the library that the user's table came from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatecast.errors import MissingDependencyError
from gatecast.forecast.backtest import Backtest
from gatecast.forecast.history import Array, Rows
from gatecast.forecast.intervals import Interval
from gatecast.forecast.reading import Known

#: of whole numbers with a sign
MOST = np.iinfo(np.int64).max


def write_forecast(
    known: Known, name: str, points: Array, intervals: Mapping[float, Interval]
) -> Any:
    """A line for each series and step after its end: its forecast and bounds."""
    count, steps = points.shape
    series = np.repeat(np.arange(count), steps)
    rows = np.tile(np.arange(steps), count) + known.history.lengths[series]
    return write_frame(known, series, rows, _columns(name, points, intervals))


def write_paths(known: Known, name: str, paths: Array) -> Any:
    """A line for each series, path (n, count, steps) and step."""
    series, path, step = (index.ravel() for index in np.indices(paths.shape))
    rows = known.history.lengths[series] + step
    return write_frame(known, series, rows, {"path": path, name: paths.ravel()})


def write_backtest(known: Known, name: str, done: Backtest) -> Any:
    """A line for each origin and step: the last time known, the truth, the forecast, bounds."""
    steps = done.points.shape[1]
    series = np.repeat(done.origins.series, steps)
    first = done.origins.rows - known.history.offsets[done.origins.series]
    rows = (first[:, None] + np.arange(steps)).ravel()
    truth = {known.schema.layout.target: done.truth.ravel()}
    columns = truth | _columns(name, done.points, done.intervals)
    return write_frame(known, series, rows, columns, cutoffs=np.repeat(first - 1, steps))


def _columns(name: str, points: Array, intervals: Mapping[float, Interval]) -> dict[str, Array]:
    """The forecasts' columns, by name."""
    columns = {name: points.ravel()}
    for level, interval in intervals.items():
        columns[f"{name}-lo-{level:g}"] = interval.lower.ravel()
        columns[f"{name}-hi-{level:g}"] = interval.upper.ravel()
    return columns


def write_frame(
    known: Known, series: Rows, rows: Rows, columns: Mapping[str, Array], *, cutoffs: Any = None
) -> Any:
    """A long frame: series, time, and further columns.

    Parameters
    ----------
    known : Known
    series, rows : (n,) integers
        The series of each line, and its row counted from 0 in that series.
    columns : dict of str to (n,) array
    cutoffs : (n,) integers, optional
        The last row that was known, for a column ``cutoff``.

    Returns
    -------
    pandas, polars or pyarrow table, as the user's own was
    """
    schema = known.schema
    found: dict[str, Any] = {}
    if schema.style.named:
        ids = np.array(known.ids, dtype=object)
        if schema.style.whole_ids:
            whole = [int(name) for name in known.ids]
            ids = np.array(whole, dtype=np.uint64 if max(whole) > MOST else np.int64)
        found[str(schema.layout.id)] = ids[series]
    time = schema.layout.time or "ds"
    found[time] = known.grid.stamps(series, rows)
    if cutoffs is not None:
        found["cutoff"] = known.grid.stamps(series, cutoffs)
    return to_library(found | dict(columns), schema.style.library, dates=schema.style.dates)


def to_library(columns: Mapping[str, Any], library: Any, *, dates: bool = False) -> Any:
    """Columns as a table of pandas, polars or pyarrow.

    Examples
    --------
    >>> to_library({"y": np.array([1.0, 2.0])}, "pandas")["y"].tolist()
    [1.0, 2.0]
    """
    import pandas as pd

    if library == "pandas":
        return pd.DataFrame({name: _for_pandas(values) for name, values in columns.items()})
    import narwhals as nw

    try:
        made = {name: _for_others(name, values, library) for name, values in columns.items()}
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"the forecaster was fitted on a table of {library}, which is not installed here: "
            f"pip install {library}"
        ) from error
    if dates:
        made = {
            name: series.cast(nw.Date) if isinstance(series.dtype, nw.Datetime) else series
            for name, series in made.items()
        }
    return nw.from_dict(made, backend=library).to_native()


def _for_pandas(values: Any) -> Any:
    """Texts in pandas' own dtype for them."""
    import pandas as pd

    if isinstance(values, np.ndarray) and values.dtype.kind == "O":
        return pd.array(values, dtype="str")
    return values


def _for_others(name: str, values: Any, library: Any) -> Any:
    """One column; times go through UTC, as NumPy has no zones."""
    import narwhals as nw
    import pandas as pd

    if not isinstance(values, pd.DatetimeIndex):
        kind = nw.String() if values.dtype.kind == "O" else None
        plain = values.tolist() if kind is not None else np.ascontiguousarray(values)
        return nw.new_series(name, plain, kind, backend=library)
    zone = values.tz
    moments = values if zone is None else values.tz_convert("UTC").tz_localize(None)
    series = nw.new_series(
        name, moments.as_unit("us").to_numpy(), nw.Datetime("us"), backend=library
    )
    if zone is None:
        return series
    return series.dt.replace_time_zone("UTC").dt.convert_time_zone(_zone_of_others(values))


def _zone_of_others(stamps: Any) -> str:
    """The zone by a name that polars and pyarrow know; UTC for an offset that has none.

    Examples
    --------
    >>> import pandas as pd
    >>> [_zone_of_others(pd.DatetimeIndex(["2024-07-01"], tz=tz)) for tz in ("+02:00", "+05:30")]
    ['Etc/GMT-2', 'UTC']
    """
    from datetime import timezone

    if not isinstance(stamps.tz, timezone) or not len(stamps):
        return str(stamps.tz)
    hours = stamps[0].utcoffset().total_seconds() / 3600
    return f"Etc/GMT{-int(hours):+d}" if hours % 1 == 0 and hours else "UTC"
