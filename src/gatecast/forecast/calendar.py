"""What the calendar says of a moment: the hour of the day, the day of the week, the month.

Each cycle becomes two columns, its sine and cosine, so that December stands beside January.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.data.frequency import Frequency
from gatecast.errors import InputError
from gatecast.forecast.grid import DAY, Grid
from gatecast.forecast.history import Array, Rows

#: name -> length in days
CYCLES = {"hour": 1.0, "weekday": 7.0, "monthday": 30.5, "yearday": 365.25}
#: how often a cycle must have been seen; the day of the month says little, and noise looks like it
SEEN = {"hour": 2, "weekday": 2, "monthday": 12, "yearday": 2}


@dataclass(frozen=True)
class Calendar:
    """The cycles of the calendar that a forecaster is told of.

    Parameters
    ----------
    cycles : tuple of {"hour", "weekday", "monthday", "yearday"}
        Place in the day, the week, the month and the year.

    Examples
    --------
    >>> calendar = Calendar(("weekday",))
    >>> calendar.names
    ('weekday-sin', 'weekday-cos')
    >>> calendar.features(np.array(["2024-01-01"], "datetime64[us]")).round(2)  # a Monday
    array([[0., 1.]])
    """

    cycles: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(f"{cycle}-{wave}" for cycle in self.cycles for wave in ("sin", "cos"))

    def features(self, local: Array) -> Array:
        """(rows, 2 · cycles) of moments as clocks on the wall show them."""
        columns = np.empty((len(local), 2 * len(self.cycles)))
        for place, cycle in enumerate(self.cycles):
            angle = 2 * np.pi * _place_in(cycle, local)
            columns[:, 2 * place], columns[:, 2 * place + 1] = np.sin(angle), np.cos(angle)
        return columns

    def of_rows(self, grid: Grid, series: Rows, rows: Rows) -> Array:
        """(rows, 2 · cycles) of rows counted from 0 in their series."""
        if not self.cycles:
            return np.zeros((len(rows), 0))
        return self.features(grid.local(series, rows))


def choose_calendar(wanted: Any, frequency: Frequency, rows: int, season: int = 1) -> Calendar:
    """The cycles that vary at this frequency and that the longest series has seen often enough.

    Parameters
    ----------
    wanted : "auto", bool or sequence of str
        True: all such cycles; "auto": those of them that are longer than the season, which a
        model sees by itself (telling it cost time, and on held-out rows gained nothing); names:
        those, refused where the frequency does not show them.
    frequency : Frequency
    rows : int
        Of the longest series.
    season : int
        Rows in a season.

    Examples
    --------
    >>> from gatecast.data.frequency import parse_frequency
    >>> choose_calendar(True, parse_frequency("h"), 24 * 30).cycles
    ('hour', 'weekday')
    >>> choose_calendar(True, parse_frequency("MS"), 48).cycles
    ('yearday',)
    """
    step = days_of(frequency)
    varying = [c for c, days in CYCLES.items() if step is not None and _varies(c, frequency)]
    if wanted == "auto":
        seasons = season * (step or 0.0)
        varying = [c for c in varying if CYCLES[c] > 1.5 * seasons]
    if isinstance(wanted, bool) or wanted == "auto":
        seen = [c for c in varying if rows * (step or 0.0) >= SEEN[c] * CYCLES[c]]
        return Calendar(tuple(seen) if wanted else ())
    names = _cycles(wanted)
    for name in names:
        if name not in varying:
            raise InputError(
                f"calendar has {name!r}, which does not vary at the frequency "
                f"{frequency.name!r}; leave it out"
            )
    return Calendar(names)


def _cycles(wanted: Any) -> tuple[str, ...]:
    names = (wanted,) if isinstance(wanted, str) else wanted
    known = isinstance(names, Sequence) and all(isinstance(name, str) for name in names)
    if not known or not set(names) <= set(CYCLES):
        raise InputError(
            f"calendar must be 'auto', True, False or some of {', '.join(CYCLES)}; it is {wanted!r}"
        )
    return tuple(names)


def days_of(frequency: Frequency) -> float | None:
    """Days between rows, on average; None for numbered steps.

    Examples
    --------
    >>> from gatecast.data.frequency import parse_frequency
    >>> days_of(parse_frequency("6h"))
    0.25
    """
    if frequency.kind == "steps":
        return None
    if frequency.kind == "fixed":
        return frequency.size / DAY
    return frequency.size * (7 / 5 if frequency.kind == "business" else 365.25 / 12)


def _varies(cycle: str, frequency: Frequency) -> bool:
    """Whether rows of this frequency fall on different places of a cycle, and on two at least."""
    step = days_of(frequency)
    assert step is not None
    if step > CYCLES[cycle] / 2:
        return False
    if frequency.monthly:
        return cycle == "yearday"
    return cycle != "hour" or frequency.kind == "fixed"


def _place_in(cycle: str, local: Array) -> Array:
    """(rows,) in [0, 1): how far each moment is through a cycle."""
    moments = local.astype("datetime64[us]")
    days = moments.astype("datetime64[D]")
    of_day: Array = (moments - days).astype(np.int64) / DAY
    if cycle == "hour":
        return of_day
    if cycle == "weekday":
        of_week: Array = ((days.astype(np.int64) + 3) % 7 + of_day) / 7
        return of_week
    unit = "M" if cycle == "monthday" else "Y"
    start = days.astype(f"datetime64[{unit}]")
    following = (start + 1).astype("datetime64[D]")
    begun = start.astype("datetime64[D]")
    length = (following - begun).astype(np.int64)
    place: Array = ((days - begun).astype(np.int64) + of_day) / length
    return place
