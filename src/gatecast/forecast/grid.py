"""The moments of a panel's rows, those that are still to come among them.

The rows of a series lie on a regular grid (the reader has seen to that), so that the number of its
first row and the frequency tell every stamp: over changes of the clock, months of any length and
weekends.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.data.frequency import Frequency, parse_frequency
from gatecast.forecast.history import Array, Rows

if TYPE_CHECKING:
    import pandas as pd

    Stamps = pd.DatetimeIndex | Array

DAY = 86_400_000_000  # microseconds
YEAR_OF_WEEKS = 52


@dataclass(frozen=True)
class Grid:
    """When the rows of each series are.

    Attributes
    ----------
    frequency : Frequency
    zone : str or None
        The time zone of the stamps.
    starts : (series,) integers
        The number of each series' first row, as the frequency counts.
    timed : bool
        Whether the table had times at all; rows are numbered from 0 where it had not.

    Examples
    --------
    >>> months = make_grid(np.array(["2024-01-31"], "datetime64[us]"), "ME")
    >>> months.stamps(np.zeros(3, int), np.arange(3)).strftime("%d.%m.").tolist()
    ['31.01.', '29.02.', '31.03.']
    """

    frequency: Frequency
    zone: str | None
    starts: Rows
    timed: bool = True

    def stamps(self, series: Rows, rows: Rows) -> "Stamps":
        """The moments of rows, each counted from 0 in its own series."""
        import pandas as pd

        found = self.frequency.stamp(self.starts[series] + rows * self.frequency.size)
        if self.frequency.kind == "steps":
            return found
        stamps = pd.DatetimeIndex(found)
        if self.zone is None:
            return stamps
        if self.frequency.by_calendar:
            return stamps.tz_localize(
                self.zone, ambiguous=_all_first(stamps), nonexistent="shift_forward"
            )
        return stamps.tz_localize("UTC").tz_convert(self.zone)

    def local(self, series: Rows, rows: Rows) -> Array:
        """The same as clocks on the wall show them, without a zone."""
        stamps = self.stamps(series, rows)
        if isinstance(stamps, np.ndarray):
            return stamps
        local: Array = stamps.tz_localize(None).to_numpy()
        return local

    def rows_of(self, series: Rows, stamps: "Stamps") -> Array:
        """The row of each moment in its series, -1 for one that is not on the grid."""
        numbers, fits = _numbers(self.frequency, stamps, self.zone)
        apart = numbers - self.starts[series]
        on_grid = fits & (apart % self.frequency.size == 0)
        rows: Array = np.where(on_grid, apart // self.frequency.size, -1)
        return rows

    def take(self, index: Any) -> "Grid":
        """The grid of some of the series."""
        return replace(self, starts=self.starts[index])

    def to_config(self) -> dict[str, Any]:
        """Everything but ``starts``, as plain JSON."""
        return {"freq": self.name, "zone": self.zone, "timed": self.timed}

    @property
    def name(self) -> str | int:
        """The frequency, as the user would name it."""
        return int(self.frequency.name) if self.frequency.kind == "steps" else self.frequency.name


def make_grid(firsts: Any, freq: str | int, zone: str | None = None, *, timed: bool = True) -> Grid:
    """The grid of series that begin at ``firsts``: moments in their zone, or step numbers."""
    frequency = parse_frequency(freq)
    numbers, _ = _numbers(frequency, firsts, zone)
    return Grid(frequency, zone, numbers, timed)


def grid_from_config(config: dict[str, Any], starts: Rows) -> Grid:
    """The grid that ``to_config`` described."""
    return Grid(parse_frequency(config["freq"]), config["zone"], starts, config["timed"])


def season_of(frequency: Frequency, rows: int) -> int:
    """Rows in a season, by the frequency; 1 where a series is shorter than two seasons.

    Examples
    --------
    >>> [season_of(parse_frequency(f), 500) for f in ("15min", "h", "D", "B", "W", "MS", "QE")]
    [96, 24, 7, 5, 52, 12, 4]
    >>> season_of(parse_frequency("W"), 100)
    1
    """
    season, size = 1, frequency.size
    if frequency.kind == "business":
        season = 5 // size if 5 % size == 0 else 1
    elif frequency.monthly:
        season = 12 // size if 12 % size == 0 else 1
    elif frequency.kind == "fixed" and size < DAY:
        season = DAY // size if DAY % size == 0 else 1
    elif frequency.kind == "fixed" and size == 7 * DAY:
        season = YEAR_OF_WEEKS
    elif frequency.kind == "fixed" and size == DAY:
        season = 7
    return season if rows >= 2 * season else 1


def _numbers(frequency: Frequency, stamps: Any, zone: str | None) -> tuple[Array, Array]:
    """The number of each moment, and whether it can be on the grid."""
    import pandas as pd

    if frequency.kind == "steps":
        steps = np.asarray(stamps, dtype=np.int64)
        return steps, np.ones(len(steps), bool)
    times = pd.DatetimeIndex(stamps)
    if times.tz is not None:
        times = times.tz_convert(zone) if frequency.by_calendar else times.tz_convert("UTC")
        times = times.tz_localize(None)
    plain = times.as_unit("us").to_numpy()
    return frequency.number(plain), frequency.fits(plain)


def _all_first(stamps: "pd.DatetimeIndex") -> Array:
    """An hour that comes twice is the first of the two: summer time."""
    return np.ones(len(stamps), dtype=bool)
