"""How often the rows of a series come: every 15 minutes, day, working day or month.

A frequency numbers the moments of its grid, so that a gap is a number left out; all series of a
panel are looked at in one go.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatecast.data.checks import Array
from gatecast.errors import InputError, TableError

_DAY = np.timedelta64(86_400_000_000, "us")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_UNITS = {
    "D": 86_400_000_000, "h": 3_600_000_000, "min": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1,
}  # fmt: skip
#: as pandas 1 and 2 had it -> as pandas 3 has it
_OLDER = {
    "H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "d": "D", "w": "W", "b": "B",
    "M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS",
    "BM": "BME", "BQ": "BQE", "BA": "BYE", "BY": "BYE", "BAS": "BYS",
}  # fmt: skip
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@dataclass(frozen=True)
class Frequency:
    """A grid of moments.

    Attributes
    ----------
    name : str
        As pandas has it ("15min", "D", "MS"), or the number of steps; "MS+14D8h" where rows come
        so long after.
    kind : {"steps", "fixed", "business", "month_start", "month_end", "business_month_start", \
"business_month_end"}
    size : int
        Steps; microseconds; working days; months.
    offset : int
        Microseconds after the beginning of the day, or of the month, where rows come later.
    """

    name: str
    kind: str
    size: int
    offset: int = 0

    @property
    def monthly(self) -> bool:
        """Whether rows are counted by months."""
        return "month" in self.kind

    @property
    def by_calendar(self) -> bool:
        """Whether the grid follows local dates, so that a day may have 23 or 25 hours."""
        return self.kind not in ("steps", "fixed") or self.size % _DAY.astype(np.int64) == 0

    def number(self, stamps: Array) -> Array:
        """The whole number of each moment on the finest grid of this kind, in ``size`` apart."""
        if self.kind == "steps":
            return stamps
        if self.kind == "fixed":
            return stamps.astype("datetime64[us]").astype(np.int64)
        if self.kind == "business":
            return np.busday_count("1970-01-01", stamps.astype("datetime64[D]")).astype(np.int64)
        return stamps.astype("datetime64[M]").astype(np.int64)

    def stamp(self, numbers: Array) -> Array:
        """The moments of such numbers."""
        if self.kind == "steps":
            return numbers
        if self.kind == "fixed":
            return numbers.astype("datetime64[us]")
        found: Array = self._days(numbers).astype("datetime64[us]") + self.offset
        return found

    def _days(self, numbers: Array) -> Array:
        if self.kind == "business":
            return np.busday_offset("1970-01-01", numbers, roll="forward")
        days = numbers.astype("datetime64[M]").astype("datetime64[D]")
        if self.kind.endswith("end"):
            days = (numbers + 1).astype("datetime64[M]").astype("datetime64[D]")
            days -= np.timedelta64(1, "D")
        if self.kind.startswith("business"):
            roll: Any = "backward" if self.kind.endswith("end") else "forward"
            days = np.busday_offset(days, 0, roll=roll)
        return days

    def fits(self, stamps: Array) -> Array:
        """Whether each moment can be on such a grid at all."""
        if self.kind in ("steps", "fixed"):
            return np.ones(len(stamps), dtype=bool)
        on_grid: Array = self.stamp(self.number(stamps)) == stamps
        return on_grid


def infer_frequency(stamps: Array, same: Array, where: str) -> Frequency:
    """The frequency that most rows follow.

    Parameters
    ----------
    stamps : (rows,) datetime64[us] without a zone, or int64
        In order within each series.
    same : (rows - 1,) bool
        Whether each row but the first is of the same series as the one before.
    where : str
        The column's name and place, for messages.

    Examples
    --------
    >>> months = np.array(["2024-01-01", "2024-02-01", "2024-05-01"], dtype="datetime64[us]")
    >>> infer_frequency(months, np.array([True, True]), "column 'ds'").name
    'MS'
    """
    steps = np.diff(stamps)
    same = same & (steps > steps.dtype.type(0))
    if not same.any():
        raise TableError(
            f"{where} does not show how often rows come (no series has two times); "
            "pass freq=, such as 'D' or 'MS'"
        )
    if stamps.dtype.kind != "M":
        size = int(_most_frequent(steps[same]))
        return Frequency(str(size), "steps", size)
    for grid in _monthly_grids(stamps[0]):
        if grid.fits(stamps).all():
            months = grid.number(stamps)
            return _monthly(grid, int(months[0] % 12), int(_most_frequent(np.diff(months)[same])))
    step = _most_frequent(steps[same])
    business = Frequency("", "business", 1, _of_day(stamps[0]))
    if step == _DAY and business.fits(stamps).all():
        over_weekends = (np.diff(business.number(stamps)) == 1) & (steps > _DAY)
        if (same & over_weekends).any():
            return replace(business, name="B" + _later(business.offset))
    return _fixed(int(step.astype("timedelta64[us]").astype(np.int64)), stamps)


def parse_frequency(freq: Any) -> Frequency:
    """The frequency that the user named: an alias of pandas (older ones too), or a number of steps.

    Examples
    --------
    >>> parse_frequency("QS-FEB").size, parse_frequency("15T").name
    (3, '15min')
    """
    if isinstance(freq, int | np.integer) and not isinstance(freq, bool) and freq >= 1:
        return Frequency(str(freq), "steps", int(freq))
    if not isinstance(freq, str):
        raise InputError(f"freq must be an alias such as 'D' or 'MS', or a number, not {freq!r}")
    alias, _, later = freq.partition("+")
    if not later:
        return _parse_alias(_modern(freq))
    found, offset = _parse_alias(alias), _parse_later(later)
    if found.kind in ("steps", "fixed") or offset is None:
        raise InputError(f"freq={freq!r} is not known: only months and working days may have +")
    return replace(found, name=freq, offset=offset)


def _parse_alias(freq: str) -> Frequency:
    from pandas.tseries import frequencies, offsets

    try:
        offset: Any = frequencies.to_offset(freq)
    except ValueError as error:
        raise InputError(
            f"freq must be an alias of pandas, such as 'h', 'D', 'MS', it is {freq!r}"
        ) from error
    count = int(offset.n)
    days = int(_DAY.astype(np.int64))
    if isinstance(offset, offsets.Day | offsets.Week):
        size = days * count * (7 if isinstance(offset, offsets.Week) else 1)
        return _positive(Frequency(freq, "fixed", size))
    if isinstance(offset, offsets.Tick):
        return _positive(Frequency(freq, "fixed", int(offset.nanos) // 1000))
    months = {"Month": 1, "Quarter": 3, "Year": 12}
    name = type(offset).__name__
    for ending, kind in (("Begin", "month_start"), ("End", "month_end")):
        word = name.removesuffix(ending)
        if word in months and name.endswith(ending):
            return _positive(Frequency(freq, kind, months[word] * count))
        word = word.removeprefix("Business").removeprefix("B")
        if word in months and name.endswith(ending):
            return _positive(Frequency(freq, f"business_{kind}", months[word] * count))
    if type(offset) is offsets.BusinessDay:
        return _positive(Frequency(freq, "business", count))
    raise InputError(f"freq={freq!r} is not among those that are known: min, h, D, B, W, MS, ME, …")


def _positive(frequency: Frequency) -> Frequency:
    if frequency.size < 1:
        raise InputError(f"freq must go forwards by at least 1 µs, it is {frequency.name!r}")
    return frequency


def _most_frequent(steps: Array) -> Any:
    values, counts = np.unique(steps, return_counts=True)
    return values[counts.argmax()]


def _monthly_grids(first: Any) -> Iterator[Frequency]:
    """Grids of months that a first row may be on: plain ones, then those that come later."""
    kinds = ("month_start", "month_end", "business_month_start", "business_month_end")
    yield from (Frequency("", kind, 1) for kind in kinds[:2])
    for kind in kinds:
        yield Frequency("", kind, 1, _of_day(first))
    begun = first.astype("datetime64[M]").astype("datetime64[us]")
    offset = int((first - begun).astype(np.int64))
    if offset < 28 * int(_DAY.astype(np.int64)):  # a day that every month has
        yield Frequency("", "month_start", 1, offset)


def _of_day(moment: Any) -> int:
    """Microseconds since midnight."""
    return int((moment - moment.astype("datetime64[D]")).astype("timedelta64[us]").astype(np.int64))


def _monthly(grid: Frequency, month: int, size: int) -> Frequency:
    """Months, quarters and years by pandas' names, which say the month they are anchored in."""
    short = "E" if grid.kind.endswith("end") else "S"
    working = "B" if grid.kind.startswith("business") else ""
    later = _later(grid.offset)
    if size == 3:
        # pandas names a quarter's start by the first such month, its end by the year's last
        anchor = _MONTHS[month % 3] if short == "S" else _MONTHS[month % 3 + 9]
        return replace(grid, name=f"{working}Q{short}-{anchor}{later}", size=3)
    if size % 12 == 0:
        count = "" if size == 12 else str(size // 12)
        return replace(grid, name=f"{count}{working}Y{short}-{_MONTHS[month]}{later}", size=size)
    return replace(grid, name=f"{'' if size == 1 else size}{working}M{short}{later}", size=size)


def _later(offset: int) -> str:
    """How long after the beginning rows come, as names of frequencies say it.

    Examples
    --------
    >>> _later(0), _later(29 * 3_600_000_000)
    ('', '+1D5h')
    """
    text = ""
    for unit, length in _UNITS.items():
        count, offset = divmod(offset, length)
        text += f"{count}{unit}" if count else ""
    return f"+{text}" if text else ""


def _parse_later(text: str) -> int | None:
    if not re.fullmatch(r"(?:\d+(?:D|h|min|s|ms|us))+", text):
        return None
    parts = re.findall(r"(\d+)(D|h|min|ms|us|s)", text)
    return sum(int(count) * _UNITS[unit] for count, unit in parts)


def _modern(freq: str) -> str:
    """pandas 3 writes some of its names in another way than pandas 1 did."""
    match = re.fullmatch(r"(-?\d*)([A-Za-z]+)(-[A-Za-z]{3})?", freq)
    if match is None:
        return freq
    return f"{match[1]}{_OLDER.get(match[2], match[2])}{(match[3] or '').upper()}"


def _fixed(size: int, stamps: Array) -> Frequency:
    """A fixed number of microseconds by its shortest name."""
    day = int(_DAY.astype(np.int64))
    if size % (7 * day) == 0:
        weekday = int((stamps[:1].astype("datetime64[D]").astype(np.int64)[0] + 3) % 7)
        count = size // (7 * day)
        return Frequency(f"{'' if count == 1 else count}W-{_WEEKDAYS[weekday]}", "fixed", size)
    unit = next(unit for unit, length in _UNITS.items() if size % length == 0)
    count = size // _UNITS[unit]
    return Frequency(f"{'' if count == 1 else count}{unit}", "fixed", size)
