"""How often the rows of a series come: every 15 minutes, day, working day or month.

A frequency numbers the moments of its grid, so that a gap is a number left out; all series of a
panel are looked at in one go.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.data.checks import Array
from gatecast.errors import InputError, TableError

_DAY = np.timedelta64(86_400_000_000, "us")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@dataclass(frozen=True)
class Frequency:
    """A grid of moments.

    Attributes
    ----------
    name : str
        As pandas has it ("15min", "D", "MS"), or the number of steps.
    kind : {"steps", "fixed", "business", "month_start", "month_end"}
    size : int
        Steps; microseconds; working days; months.
    """

    name: str
    kind: str
    size: int

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
        if self.kind == "business":
            days = np.busday_offset("1970-01-01", numbers, roll="forward")
            return days.astype("datetime64[us]")
        if self.kind == "month_start":
            return numbers.astype("datetime64[M]").astype("datetime64[us]")
        after = (numbers + 1).astype("datetime64[M]").astype("datetime64[D]")
        return (after - np.timedelta64(1, "D")).astype("datetime64[us]")

    def fits(self, stamps: Array) -> Array:
        """Whether each moment can be on such a grid at all."""
        if self.kind in ("steps", "fixed"):
            return np.ones(len(stamps), dtype=bool)
        days = stamps.astype("datetime64[D]")
        on_grid: Array = self.stamp(self.number(stamps)) == stamps
        return (days == stamps) & np.is_busday(days) if self.kind == "business" else on_grid


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
    for kind in ("month_start", "month_end"):
        grid = Frequency("", kind, 1)
        if grid.fits(stamps).all():
            months = grid.number(stamps)
            return _monthly(kind, int(months[0] % 12), int(_most_frequent(np.diff(months)[same])))
    step = _most_frequent(steps[same])
    business = Frequency("", "business", 1)
    if step == _DAY and business.fits(stamps).all():
        over_weekends = (np.diff(business.number(stamps)) == 1) & (steps > _DAY)
        if (same & over_weekends).any():
            return Frequency("B", "business", 1)
    return _fixed(int(step.astype("timedelta64[us]").astype(np.int64)), stamps)


def parse_frequency(freq: Any) -> Frequency:
    """The frequency that the user named: an alias of pandas, or a number of steps.

    Examples
    --------
    >>> parse_frequency("QS-FEB").size
    3
    """
    from pandas.tseries import frequencies, offsets

    if isinstance(freq, int | np.integer) and not isinstance(freq, bool) and freq >= 1:
        return Frequency(str(freq), "steps", int(freq))
    if not isinstance(freq, str):
        raise InputError(f"freq must be an alias such as 'D' or 'MS', or a number, not {freq!r}")
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
    for ending, kind in (("Begin", "month_start"), ("End", "month_end")):
        word = type(offset).__name__.removesuffix(ending)
        if word in months and type(offset).__name__.endswith(ending):
            return _positive(Frequency(freq, kind, months[word] * count))
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


def _monthly(kind: str, month: int, size: int) -> Frequency:
    """Months, quarters and years by pandas' names, which say the month they are anchored in."""
    short = "S" if kind == "month_start" else "E"
    if size == 3:
        # pandas names a quarter's start by the first such month, its end by the year's last
        anchor = _MONTHS[month % 3] if short == "S" else _MONTHS[month % 3 + 9]
        return Frequency(f"Q{short}-{anchor}", kind, 3)
    if size % 12 == 0:
        count = "" if size == 12 else str(size // 12)
        return Frequency(f"{count}Y{short}-{_MONTHS[month]}", kind, size)
    return Frequency(f"{'' if size == 1 else size}M{short}", kind, size)


def _fixed(size: int, stamps: Array) -> Frequency:
    """A fixed number of microseconds by its shortest name."""
    day = int(_DAY.astype(np.int64))
    if size % (7 * day) == 0:
        weekday = int((stamps[:1].astype("datetime64[D]").astype(np.int64)[0] + 3) % 7)
        count = size // (7 * day)
        return Frequency(f"{'' if count == 1 else count}W-{_WEEKDAYS[weekday]}", "fixed", size)
    units = {"D": day, "h": day // 24, "min": day // 1440, "s": 1_000_000, "ms": 1000, "us": 1}
    unit = next(unit for unit, length in units.items() if size % length == 0)
    count = size // units[unit]
    return Frequency(f"{'' if count == 1 else count}{unit}", "fixed", size)
