"""The series of a table: in order, without doubles, at a regular frequency; repaired by rule only.

Every message names the series and the row, counted from 1 below the header.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.data.checks import Array, Rows
from gatecast.data.frequency import Frequency, infer_frequency, parse_frequency
from gatecast.data.hints import clock_hint, day_hint, looks_of, month_hint, number_hint
from gatecast.data.midnights import closing_rows
from gatecast.data.tables import Table
from gatecast.errors import InputError, TableError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

_MOST_INSERTED = 10_000  # rows, where that is beyond ten times those of the table
_RULES = {
    "gaps": ("error", "insert"),
    "duplicates": ("error", "mean", "last"),
    "unsorted": ("error", "sort", "next_day"),
}


@dataclass(frozen=True)
class Panel:
    """One series or many, each in time order, one after the other.

    Attributes
    ----------
    frame : DataFrame
        The rows of the first series, then those of the second, …
    offsets : (series + 1,) integers
        First row of each series and the end of the last, as windows and splits take them.
    ids : tuple of str
        The names of the series, in the order that the table first has them; ("",) for one
        series without a name.
    freq : str or None
        "15min", "D", "MS" …, as pandas has it, or the number of steps; None without times.
    time, target, id, features
        As in the table.
    notes : tuple of str
        What was found out and repaired, for the user to read.
    """

    frame: "pd.DataFrame"
    offsets: Rows
    ids: tuple[str, ...]
    freq: str | None
    time: str | None
    target: str | None
    id: str | None
    features: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Panel({len(self)} series, {len(self.frame)} rows, freq={self.freq!r})"


def to_panel(
    table: Table,
    *,
    freq: str | int | None = None,
    gaps: str = "error",
    duplicates: str = "error",
    unsorted: str = "error",
) -> Panel:
    """Check the time stamps of each series, and repair what a rule allows to repair.

    Parameters
    ----------
    table : Table
    freq : str or int, optional
        As pandas has it ("15min", "D", "MS"), or a number of steps; inferred by default.
    gaps : {"error", "insert"}
        ``insert`` puts in rows without values, to be filled by the caller's rule.
    duplicates : {"error", "mean", "last"}
        ``mean`` averages numbers and takes the last of other columns.
    unsorted : {"error", "sort", "next_day"}
        ``next_day``: rows are in order but for a 00:00 that closes its day; it is the next day's.

    Examples
    --------
    >>> import pandas as pd
    >>> from gatecast.data.tables import read_table
    >>> days = ["2024-01-01", "2024-01-02", "2024-01-04"]
    >>> table = read_table(pd.DataFrame({"ds": days, "y": [1, 2, 4]}), time="ds", target="y")
    >>> panel = to_panel(table, gaps="insert")
    >>> panel
    Panel(1 series, 4 rows, freq='D')
    >>> panel.frame["y"].tolist()
    [1.0, 2.0, nan, 4.0]
    """
    rules = {"gaps": gaps, "duplicates": duplicates, "unsorted": unsorted}
    for name, rule in rules.items():
        if rule not in _RULES[name]:
            known = ", ".join(map(repr, _RULES[name]))
            raise InputError(f"{name} must be one of {known}, it is {rule!r}")
    work = _Work(table)
    frequency = None
    if table.time is not None:
        work.in_order(unsorted)
        work.without_doubles(duplicates)
        frequency = work.frequency(freq)
        work.without_gaps(frequency, gaps)
    return work.panel(None if frequency is None else frequency.name)


class _Work:
    """The rows under repair: their frame, series and row numbers, always in step."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.notes = list(table.notes)
        self.ids: tuple[str, ...] = ("",)
        codes = np.zeros(len(table), dtype=np.intp)
        if table.id is not None:
            import pandas as pd

            codes, names = pd.factorize(table.frame[table.id])
            self.ids = tuple(map(str, names))
            _refuse_lookalikes(self.ids, f"column {table.id!r} of {table.source}")
        order = np.argsort(codes, kind="stable")
        self.frame = table.frame.iloc[order].reset_index(drop=True)
        self.codes = codes[order]
        self.rows = order + 1  # as messages count them
        self.zone: Any = None
        if table.time is not None:
            self.zone = getattr(self.frame[table.time].dtype, "tz", None)

    @property
    def where(self) -> str:
        return f"column {self.table.time!r} of {self.table.source}"

    @property
    def moments(self) -> Array:
        """Times without their zone: in UTC, so that they can be compared and counted."""
        times = self.frame[self.table.time]
        if self.zone is not None:
            times = times.dt.tz_convert("UTC").dt.tz_localize(None)
        moments: Array = times.to_numpy()
        return moments

    @property
    def same(self) -> Array:
        """Whether each row but the first is of the same series as the one before."""
        return np.asarray(self.codes[1:] == self.codes[:-1])

    def in_order(self, rule: str) -> None:
        moments = self.moments
        falls = self.same & (moments[1:] < moments[:-1])
        if not falls.any():
            return
        closing = closing_rows(self._local(True), self.same)
        if len(closing):
            self._close_days(closing, rule)
            return
        if rule != "sort":
            row = int(falls.argmax()) + 1
            raise TableError(
                f"{self.where}{self._in(row)} is not in order: row {self.rows[row]} "
                f"({self._show(row)}) comes after row {self.rows[row - 1]} "
                f"({self._show(row - 1)}); pass unsorted='sort' to sort the rows"
            )
        self._take(np.lexsort((moments, self.codes)))
        count = int(falls.sum())
        were = "1 row was" if count == 1 else f"{count} rows were"
        self._say(f"{were} out of order and all were sorted by time")

    def _close_days(self, rows: Rows, rule: str) -> None:
        """Each 00:00 that closes its day gets the date of the next, where that is asked for."""
        days = "1 day" if len(rows) == 1 else f"{len(rows)} days"
        if rule != "next_day":
            row = int(rows[0])
            raise TableError(
                f"{self.where}{self._in(row)} closes {days} with a 00:00 of the same date (the "
                f"first in row {self.rows[row]}, after {str(self._local(True)[row - 1])[11:16]}), "
                "so that sorting would put the end of each day before its beginning; pass "
                "unsorted='next_day' to read it as 00:00 of the next day"
            )
        times = self.frame[self.table.time].copy()
        later = times.iloc[rows].dt.tz_localize(None) + np.timedelta64(1, "D")
        if self.zone is not None:
            later = later.dt.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
        times.iloc[rows] = later
        self.frame[self.table.time] = times
        self._say(f"{self.where} closes {days} with a 00:00 that was taken for the next day's")

    def without_doubles(self, rule: str) -> None:
        moments = self.moments
        doubles = self.same & (moments[1:] == moments[:-1])
        if not doubles.any():
            return
        if rule == "error":
            row = int(doubles.argmax()) + 1
            raise TableError(
                f"{self.where}{self._in(row)} has {self._show(row)} twice, in row "
                f"{self.rows[row - 1]} and row {self.rows[row]} ({_times(int(doubles.sum()))} in "
                f"all){self._clock_hint(moments[row])}; pass duplicates='mean' or "
                "duplicates='last', or id= if the table holds several series" + day_hint(moments)
            )
        first = np.concatenate([[True], ~doubles])
        if rule == "mean":
            groups = self.frame.groupby(np.cumsum(first), sort=False)
            numbers = [str(n) for n in self.frame if self.frame[n].dtype.kind == "f"]
            means = groups[numbers].mean()
            last = np.concatenate([~doubles, [True]])
            self._take(np.flatnonzero(last))
            self.frame[numbers] = means.to_numpy()
        else:
            self._take(np.flatnonzero(np.concatenate([~doubles, [True]])))
        self._say(f"{_times(int(doubles.sum()))} came more than once; kept: {rule}")

    def frequency(self, freq: str | int | None) -> Frequency:
        if freq is not None:
            frequency = parse_frequency(freq)
            if (frequency.kind == "steps") != (self.moments.dtype.kind != "M"):
                what = "numbered steps" if frequency.kind != "steps" else "dates"
                raise InputError(f"freq={freq!r} does not fit {self.where}, which holds {what}")
            return frequency
        local = self._local(True)
        frequency = infer_frequency(local, self.same, self.where)
        if self.zone is None or frequency.by_calendar:
            return frequency
        return infer_frequency(self.moments, self.same, self.where)

    def without_gaps(self, frequency: Frequency, rule: str) -> None:
        stamps = self._local(frequency.by_calendar)
        numbers = frequency.number(stamps)
        jumps = np.diff(numbers)
        self._check_grid(frequency, stamps, jumps)
        lacking = np.where(self.same, jumps // frequency.size - 1, 0)
        if not lacking.any():
            return
        row = int((lacking > 0).argmax())
        after = frequency.stamp(numbers[row : row + 1] + frequency.size)[0]
        what = (
            f"{self.where}{self._in(row)} lacks {_times(int(lacking.sum()))} of its frequency "
            f"{frequency.name!r}, the first {_text(after)} after row {self.rows[row]}"
        )
        if rule == "error":
            raise TableError(
                f"{what}{self._clock_hint(after)}{self._looks(frequency)}"
                f"{number_hint(self.moments)}; pass gaps='insert' to put in rows without values, "
                "or freq= if it is another"
            )
        if lacking.sum() > max(_MOST_INSERTED, 10 * len(self.frame)):
            raise TableError(f"{what}; that is too many to put in, is a time wrong?")
        before = np.repeat(np.arange(len(lacking)), lacking)
        place = np.arange(len(before)) - np.repeat(np.cumsum(lacking) - lacking, lacking) + 1
        self._insert(before, frequency.stamp(numbers[before] + place * frequency.size), frequency)
        self._say(f"{what}; rows without values were put in")

    def panel(self, freq: str | None) -> Panel:
        counts = np.bincount(self.codes, minlength=len(self.ids))
        return Panel(
            frame=self.frame.reset_index(drop=True),
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
            ids=self.ids,
            freq=freq,
            time=self.table.time,
            target=self.table.target,
            id=self.table.id,
            features=self.table.features,
            notes=tuple(self.notes),
        )

    def _check_grid(self, frequency: Frequency, stamps: Array, jumps: Array) -> None:
        """Refuse rows between the moments of the grid."""
        off = ~frequency.fits(stamps)
        off[1:] |= self.same & (jumps % frequency.size != 0)
        off[1:] |= self.same & (jumps == 0)
        if off.any():
            row = int(off.argmax())
            raise TableError(
                f"{self.where}{self._in(row).rstrip(',')}, row {self.rows[row]} "
                f"({self._show(row)}) does not fit the frequency {frequency.name!r} of the rows "
                f"before{self._looks(frequency)}{number_hint(self.moments)}"
                f"{month_hint(self._local(True), self.same)}; mend the time, or pass freq= if it "
                "is another"
            )

    def _looks(self, frequency: Frequency) -> str:
        """What the times themselves say, where that is not what was asked for."""
        try:
            own = self.frequency(None)
        except TableError:
            return ""
        same = own.kind == frequency.kind and own.size == frequency.size
        return "" if same else f" (by their own times, rows come every {own.name!r})"

    def _insert(self, before: Array, stamps: Array, frequency: Frequency) -> None:
        """Rows without values, each after the row ``before`` and the ones put in already."""
        import pandas as pd

        times: Any = pd.Series(stamps)
        if self.zone is not None:
            if frequency.by_calendar:
                times = times.dt.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
            else:
                times = times.dt.tz_localize("UTC").dt.tz_convert(self.zone)
        place = np.concatenate([np.arange(len(self.frame)), before + 0.5])
        order = np.argsort(place, kind="stable")
        grown = self.frame.reindex(np.arange(len(self.frame) + len(before)))
        for name in grown:
            if grown[name].dtype.kind == "O":
                grown[name] = grown[name].where(grown[name].notna(), None)
        kind = self.frame[self.table.time].dtype
        time = pd.concat([self.frame[self.table.time], times.astype(kind)], ignore_index=True)
        grown[self.table.time] = time
        self.codes = np.concatenate([self.codes, self.codes[before]])
        if self.table.id is not None:
            grown[self.table.id] = np.array(self.ids, dtype=object)[self.codes]
        self.rows = np.concatenate([self.rows, np.zeros(len(before), dtype=np.intp)])
        self.frame = grown
        self._take(order)

    def _local(self, by_calendar: bool) -> Array:
        """Times as the grid counts them: by local dates, or by moments."""
        if self.zone is None or not by_calendar:
            return self.moments
        local: Array = self.frame[self.table.time].dt.tz_localize(None).to_numpy()
        return local

    def _take(self, order: Array) -> None:
        self.frame = self.frame.iloc[order].reset_index(drop=True)
        self.codes, self.rows = self.codes[order], self.rows[order]

    def _in(self, row: int) -> str:
        return "" if self.table.id is None else f", series {self.ids[self.codes[row]]!r},"

    def _show(self, row: int) -> str:
        return str(self.frame[self.table.time].iloc[row])

    def _say(self, note: str) -> None:
        self.notes.append(note)
        logger.warning("%s: %s", self.table.source, note)

    def _clock_hint(self, moment: Any) -> str:
        """Only of local times whose zone is not known."""
        local = self.zone is None and self.moments.dtype.kind == "M"
        return clock_hint(moment) if local else ""


def _refuse_lookalikes(ids: tuple[str, ...], where: str) -> None:
    """'north' and 'north ' are hardly meant to be two series."""
    seen: dict[str, str] = {}
    for name in ids:
        other = seen.setdefault(looks_of(name), name)
        if other != name:
            raise TableError(
                f"{where} has series {other!a} and {name!a}, which differ by white space alone, or "
                "by signs that are not seen; write their names in one way"
            )


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


def _text(moment: Any) -> str:
    return (
        str(moment.astype("datetime64[s]")).replace("T", " ")
        if moment.dtype.kind == "M"
        else str(moment)
    )
