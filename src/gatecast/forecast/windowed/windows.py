"""Windows of a history: gathered when they are needed, taken off their level, scaled.

A window's numbers are those before its origin and no others.  With z the numbers that a network
sees and writes::

    z = (v - level) / scale,     v = log y or y, less its seasonal pattern

and a forecast is v = level + scale · (reference + output), then the pattern and exp again.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.positives import logarithms
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.facts import Facts
from gatecast.forecast.windowed.patterns import patterns_of

#: the least volatility of a window, as a share of the panel's: constant windows have none
FLOOR = 0.05


class Frame(NamedTuple):
    """What leads from a window's outputs back to values; n windows, H steps ahead.

    Attributes
    ----------
    level, scale : (n, 1)
    reference : (n, H)
        What is added to the outputs, in units of ``scale``.
    pattern : (n, H) or None
        The seasonal pattern of the steps ahead.
    """

    level: Array
    scale: Array
    reference: Array
    pattern: Array | None

    def values(self, outputs: Array, logs: bool) -> Array:
        """Outputs (n, H, ...) as values of y, in float64."""
        more = (...,) + (None,) * (outputs.ndim - 2)
        found = (outputs + self.reference[more]) * self.scale[more] + self.level[more]
        if self.pattern is not None:
            found = found + self.pattern[more]
        return np.exp(found) if logs else np.asarray(found, np.float64)


class Windows:
    """The windows of one history as one network sees them.

    Parameters
    ----------
    history : History
    facts : Facts
    recipe : Recipe
    """

    def __init__(self, history: History, facts: Facts, recipe: Recipe) -> None:
        if facts.logs:
            history = replace(history, target=logarithms(history, facts.least))
        self.history, self.facts, self.recipe = history, facts, recipe
        values = history.target
        self.there: Array | None = np.isfinite(values)
        #: the row that each value is of: a missing one is the last that is known
        self.source: Array | None = None
        if self.there.all():
            self.there = None
        else:
            self.source = carried_from(self.there, history.offsets)
            values = values[self.source]
        self.values = values
        self.patterns = None
        if recipe.seasonal_adjustment == "auto":
            self.patterns = patterns_of(history, values, facts.period)

    def seen(self, origins: Origins, pattern: Array | None) -> tuple[Array, Array, Array]:
        """Values (n, L), which of them are rows of the series, which of those are observed."""
        rows = origins.rows[:, None] + np.arange(-self.facts.window, 0)
        starts = self.history.offsets[origins.series][:, None]
        real = rows >= starts
        rows = np.maximum(rows, np.minimum(starts, len(self.values) - 1))
        values = self.values[rows]
        if pattern is not None:
            source = rows if self.source is None else self.source[rows]
            values = values - self._placed(origins, pattern, source - origins.rows[:, None])
        if self.there is None:
            return values, real, real
        return values, real & np.isfinite(values), real & self.there[rows]

    def pattern_of(self, origins: Origins) -> Array | None:
        """(n, period): the seasonal pattern known at each origin; None without adjustment."""
        return None if self.patterns is None else self.patterns.at(self.history, origins)

    def _placed(self, origins: Origins, pattern: Array, steps: Array) -> Array:
        """(n, steps): the pattern at rows, (steps,) or (n, steps), counted from each origin."""
        place = (origins.rows - self.history.offsets[origins.series])[:, None] + steps
        return np.asarray(np.take_along_axis(pattern, place % self.facts.period, axis=1))

    def pattern_ahead(self, origins: Origins, pattern: Array | None, horizon: int) -> Array:
        """(n, horizon): the pattern of the steps ahead, zeros where there is none."""
        if pattern is None:
            return np.zeros((len(origins), horizon))
        return self._placed(origins, pattern, np.arange(horizon))

    def frame(
        self, origins: Origins, values: Array, real: Array, pattern: Array | None
    ) -> tuple[Array, Frame]:
        """The windows' z, and what leads back from there."""
        facts, recipe = self.facts, self.recipe
        level = level_of(values, real, recipe.level, facts.period, facts.typical)
        scale = np.full_like(level, facts.unit)
        if recipe.scaled:
            scale = np.maximum(volatility(values, real, level, recipe.level), FLOOR * facts.unit)
        z = np.where(real, (values - level) / scale, 0.0)
        reference = np.zeros((len(z), facts.horizon))
        if recipe.reference == "season" and 1 < facts.period <= facts.window:
            ahead = np.arange(facts.horizon) % facts.period
            reference = z[:, facts.window - facts.period + ahead]
        if pattern is not None:
            pattern = self._placed(origins, pattern, np.arange(facts.horizon))
        return z, Frame(level, scale, reference, pattern)

    def targets(self, origins: Origins, frame: Frame) -> tuple[Array, Array | None]:
        """What the outputs should be (n, H), and which of them are known (None: all)."""
        horizon = frame.reference.shape[1]
        values = self.history.truth(origins, horizon)
        if frame.pattern is not None:
            values = values - frame.pattern
        known = np.isfinite(values)
        wanted = (np.where(known, values, frame.level) - frame.level) / frame.scale
        return wanted - frame.reference, None if known.all() else known


def carried_from(there: Array, offsets: Array) -> Array:
    """(rows,): the last row up to each of which a value is there, in its series.

    Where there is none yet it is some row of the series that has none either.

    Examples
    --------
    >>> carried_from(np.array([True, False, False, True]), np.array([0, 2, 4]))
    array([0, 0, 2, 3])
    """
    rows = np.where(there, np.arange(len(there)), 0)
    starts = offsets[:-1][np.diff(offsets) > 0]
    rows[starts] = starts
    return np.asarray(np.maximum.accumulate(rows))


def level_of(values: Array, real: Array, kind: str, period: int, typical: float) -> Array:
    """(n, 1): what is taken off each window.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 6.0]])
    >>> [float(level_of(values, values > 0, kind, 2, 0.0)[0, 0])
    ...  for kind in ("last", "season", "mean", "robust", "none")]
    [6.0, 4.0, 3.0, 2.0, 0.0]
    """
    if kind == "none":
        return np.zeros((len(values), 1))
    if kind == "last":
        level = np.where(real[:, -1:], values[:, -1:], np.nan)
    elif kind == "robust":
        level = _medians(values, real)
    else:
        span = slice(-period, None) if kind == "season" else slice(None)
        level = _means(values[:, span], real[:, span])
    if np.isnan(level).any():  # nothing was observed there
        level = np.where(np.isnan(level), _means(values, real), level)
        level = np.where(np.isnan(level), typical, level)
    return level


def volatility(values: Array, real: Array, level: Array, kind: str) -> Array:
    """(n, 1): mean absolute step from row to row, or distance from a level that is a mean."""
    if kind in ("last", "none"):
        steps = np.abs(np.diff(values, axis=1))
        spread = _means(steps, real[:, 1:] & real[:, :-1])
    else:
        spread = _means(np.abs(values - level), real)
    return np.where(np.isnan(spread), 0.0, spread)


def _means(values: Array, real: Array) -> Array:
    """(n, 1): means of what is real; NaN where nothing is."""
    if real.all():
        return np.asarray(values.mean(axis=1, keepdims=True))
    number = real.sum(axis=1, keepdims=True)
    total = np.where(real, values, 0.0).sum(axis=1, keepdims=True)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _medians(values: Array, real: Array) -> Array:
    """(n, 1): medians of what is real; NaN where nothing is."""
    hidden = np.sort(np.where(real, values, np.inf), axis=1)
    number = real.sum(axis=1)
    rows = np.arange(len(values))
    low, high = np.maximum((number - 1) // 2, 0), np.minimum(number // 2, values.shape[1] - 1)
    middle = (hidden[rows, low] + hidden[rows, high]) / 2
    return np.where(number > 0, middle, np.nan)[:, None]
