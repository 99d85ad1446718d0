"""What is wrong with the time stamps of a table that is no time series as it stands.

Sorting or averaging would hide both: days that end with a 00:00 of their own date, and several
series one below the other.
"""

from dataclasses import replace

import numpy as np

from gatecast.data.checks import Array, Rows
from gatecast.data.tables import Table
from gatecast.errors import TableError
from gatecast.nn.validation import check_choice

RULES = ("error", "sort", "next_day")
SEVERAL = 1.5  # rows a moment, from which on a table is taken for several series


def mend_midnights(table: Table, unsorted: str) -> Table:
    """Give each 00:00 that closes its day the date of the next day, where that is asked for.

    Meters often write 00:15, 00:30, …, 23:45, 00:00 under one date.  Sorted, the last quarter of
    an hour of each day would become its first.

    Parameters
    ----------
    table : Table
    unsorted : {"error", "sort", "next_day"}
        ``next_day`` moves them; else a table that has them is refused.

    Examples
    --------
    >>> import pandas as pd
    >>> from gatecast.data.tables import read_table
    >>> times = ["2024-01-01 12:00", "2024-01-01 00:00", "2024-01-02 12:00", "2024-01-02 00:00"]
    >>> table = read_table(pd.DataFrame({"ds": times, "y": range(4)}), time="ds", target="y")
    >>> mend_midnights(table, "next_day").frame["ds"].astype(str).tolist()[:2]
    ['2024-01-01 12:00:00', '2024-01-02 00:00:00']
    """
    check_choice("unsorted", unsorted, RULES)
    moments = _moments(table)
    if moments is None:
        return table
    rows = _closing(moments)
    if not len(rows):
        return table
    assert table.time is not None
    if unsorted != "next_day":
        first = int(rows[0])
        raise TableError(
            f"column {table.time!r} of {table.source} closes {len(rows)} of its days with a 00:00 "
            f"of the same date (row {first + 1}, after {str(moments[first - 1])[11:16]}), so that "
            "sorting would put the end of each day before its beginning; pass "
            "unsorted='next_day' to read it as 00:00 of the next day"
        )
    frame = table.frame.copy()
    times = frame[table.time].copy()
    times.iloc[rows] += np.timedelta64(1, "D")
    frame[table.time] = times
    word = f"column {table.time!r}: {len(rows)} rows of 00:00 closed their day and are the next's"
    return replace(table, frame=frame, notes=(*table.notes, word))


def check_one_series(table: Table, duplicates: str) -> None:
    """Refuse a table that holds several series, unless duplicates are to be merged."""
    if table.time is None or duplicates != "error":
        return
    count = table.frame[table.time].nunique()
    if len(table) >= SEVERAL * count:
        raise TableError(
            f"column {table.time!r} of {table.source} has {count:,} times in {len(table):,} rows: "
            "it seems to hold several series, and a comparison takes one; keep the rows of one, "
            "or pass duplicates='mean' to average them"
        )


def _moments(table: Table) -> Array | None:
    """Local times; None where there are none or steps are numbered."""
    if table.time is None or table.frame[table.time].dtype.kind != "M":
        return None
    times = table.frame[table.time]
    if getattr(times.dtype, "tz", None) is not None:
        times = times.dt.tz_localize(None)
    moments: Array = times.to_numpy().astype("datetime64[us]")
    return moments


def _closing(moments: Array) -> Rows:
    """Rows that are 00:00 of the date of the row before, which is later; all falls, or none."""
    days = moments.astype("datetime64[D]")
    falls = np.flatnonzero(moments[1:] < moments[:-1]) + 1
    closing = (moments[falls] == days[falls]) & (days[falls] == days[falls - 1])
    following = np.minimum(falls + 1, len(moments) - 1)
    closing &= (days[following] > days[falls]) | (following == falls)
    return falls.astype(np.intp) if closing.all() else falls[:0].astype(np.intp)
