"""What a network over whole series needs to know of each row, found from the rows up to it.

Of a series, positive values count as their logarithms (``transform``); a missing value is the last
known one, moved as far as the season does.  The seasonal pattern is taken out as far as the rows up
to each vouch for it.  The *volatility* is the running mean of absolute changes.  Where networks
forecast around an exponential smoothing, its level and trends stand beside.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatecast.forecast.columns import takes_logs
from gatecast.forecast.history import Array, History, Rows
from gatecast.forecast.positives import least_of, logarithms
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.seasonal import as_rows, growing_indices, growing_shares
from gatecast.forecast.smoothing import DAMPING, Smoother

#: values in a block of series that are handled at once
_BLOCK = 50_000
#: numbers of the smoothing at each row: its level over the value, its trends by what damps them
DRIFT = len(DAMPING)


@dataclass(frozen=True)
class Adjustment:
    """How a network's view of a series is adjusted: season, transform, and the panel's own scale.

    Attributes
    ----------
    period : int
        Rows of a season; 1 adjusts nothing.
    logs : bool
    usual : float
        The panel's usual volatility: where a series begins, its own is not known.
    least : float
        Its least positive value: what 0 counts as where a series begins with it, and logarithms
        are taken.
    smoothed : int
        How far ahead the smoothing is judged that networks forecast around; 0 where they do not.
    """

    period: int
    logs: bool
    usual: float = 0.0
    least: float = 1.0
    smoothed: int = 0

    def offset(self, step: Any) -> Any:
        """Rows from the present to the latest known index of the phase ``step`` rows away.

        Examples
        --------
        >>> [Adjustment(12, True).offset(step) for step in (-1, 0, 1, 6, 7)]
        [-13, -12, -11, -6, -17]
        """
        return step - self.period * -(-(step + self.period // 2) // self.period)


@dataclass(frozen=True)
class SeriesRows:
    """All rows of a history, one after the other.

    Attributes
    ----------
    offsets : (series + 1,) integers
    level : (rows,) float64
        The values, or their logarithms; where one is missing the last known one, moved as far as
        the season does, NaN where there is none yet.
    known : (rows,) booleans
    volatility : (rows,) float32
    index : (rows,) float32
        See :func:`gatecast.forecast.seasonal.growing_indices`.
    share : (rows,) float32
        How much of the seasonal pattern the rows up to this one vouch for, 0 to 1.
    drift : (rows, DRIFT or 0) float32
        What the smoothing's level is over the (adjusted) value, and its trends.
    before : int
        Rows that each series had before the first that is here.
    """

    offsets: Rows
    level: Array
    known: Array
    volatility: Array
    index: Array
    share: Array
    drift: Array
    before: int = 0


def adjustment_of(history: History, recipe: Recipe, horizon: int, period: int) -> Adjustment:
    """The adjustment for a panel that a network is to learn from."""
    season = period if recipe.seasonal_adjustment == "auto" and period > 1 else 1
    adjustment = Adjustment(
        season, takes_logs(history.target, recipe.transform), least=least_of(history.target)
    )
    ends = history.offsets[1:][history.lengths > 0] - 1
    usual = look_at(history, adjustment).volatility[ends]
    usual = usual[usual > 0]
    return replace(
        adjustment,
        usual=float(np.median(usual)) if usual.size else 1.0,
        smoothed=horizon if recipe.reference == "smoothing" else 0,
    )


def look_at(history: History, adjustment: Adjustment) -> SeriesRows:
    """What is known at each row of a history.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> rows = look_at(make_history([np.array([1.0, 3.0, np.nan, 4.0])]), Adjustment(1, False))
    >>> rows.level, rows.volatility
    (array([1., 3., 3., 4.]), array([0. , 2. , 2. , 1.5], dtype=float32))
    """
    total = len(history.target)
    if adjustment.logs:
        history = replace(history, target=logarithms(history, adjustment.least))
    rows = SeriesRows(
        history.offsets,
        np.zeros(total),
        np.isfinite(history.target),
        np.zeros(total, np.float32),
        np.zeros(total, np.float32),
        np.zeros(total, np.float32),
        np.zeros((total, DRIFT if adjustment.smoothed else 0), np.float32),
    )
    order = np.argsort(history.lengths, kind="stable")
    longest = np.maximum(history.lengths[order], 1)
    start = 0
    while start < len(order):  # blocks of series of about the same length
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * longest[stop] <= _BLOCK:
            stop += 1
        _look_at_block(history, order[start:stop], adjustment, rows)
        start = stop
    return rows


def _look_at_block(
    history: History, series: Array, adjustment: Adjustment, rows: SeriesRows
) -> None:
    """The same for some series, side by side."""
    values = as_rows(history, series)
    known, level = np.isfinite(values), _filled(values)
    inside = np.arange(level.shape[1]) < history.lengths[series][:, None]
    index, share = np.zeros(level.shape), np.zeros(level.shape)
    if adjustment.period > 1:
        filled = level if (inside & ~known).any() else None
        index = growing_indices(values, adjustment.period, filled=filled)
        share = growing_shares(values, adjustment.period, filled=filled)
        index[~np.isfinite(index)] = 0.0
        if filled is not None:
            level = _in_place(level, known, index, share, adjustment)
    volatility = _volatility(level, known, index, share, adjustment)
    places = (history.offsets[series][:, None] + np.arange(level.shape[1]))[inside]
    for whole, part in (
        (rows.level, level),
        (rows.volatility, volatility),
        (rows.index, index),
        (rows.share, share),
    ):
        whole[places] = part[inside]
    if adjustment.smoothed:
        rows.drift[places] = _drift(level, index, share, adjustment)[inside]


def _filled(values: Array) -> Array:
    """Each missing value as the last known one; NaN before the first."""
    known = np.isfinite(values)
    latest = np.maximum.accumulate(np.where(known, np.arange(values.shape[1]), 0), axis=1)
    return np.take_along_axis(values, latest, axis=1)


def _in_place(
    level: Array, known: Array, index: Array, share: Array, adjustment: Adjustment
) -> Array:
    """The level where values are missing, moved from the last known one's place in the season."""
    steps = np.arange(level.shape[1])
    since = steps - np.maximum.accumulate(np.where(known, steps, 0), axis=1)
    own, there = (
        np.take_along_axis(index, np.maximum(steps + adjustment.offset(step), 0), axis=1)
        for step in (np.zeros_like(since), -since)
    )
    return np.where(known, level, level + share * (own - there))


def _volatility(
    level: Array, known: Array, index: Array, share: Array, adjustment: Adjustment
) -> Array:
    """The mean absolute change up to each step, the panel's usual one counting as one change."""
    changes = np.zeros(level.shape)
    changes[:, 1:] = np.diff(level, axis=1)
    moved = known & np.isfinite(changes)
    moved[:, 0] = False
    plain = _running_mean(np.abs(changes), moved, adjustment.usual)
    if adjustment.period < 2:
        return plain
    now, before = adjustment.offset(0), adjustment.offset(-1)
    deepest = -min(now, before)
    if level.shape[1] <= deepest:
        return plain
    pattern = np.zeros(level.shape)
    pattern[:, deepest:] = (
        index[:, deepest + now : index.shape[1] + now]
        - index[:, deepest + before : index.shape[1] + before]
    )
    moved[:, : deepest + adjustment.period // 2] = False  # the first indices rest on nothing yet
    less = _running_mean(np.abs(changes - share * pattern), moved, adjustment.usual)
    found: Array = plain + share * (less - plain)
    return found


def _drift(level: Array, index: Array, share: Array, adjustment: Adjustment) -> Array:
    """(n, T, DRIFT): where an averaged smoothing of the adjusted values stands after each step."""
    plain = level.copy()
    if adjustment.period > 1:
        now = adjustment.offset(0)
        plain[:, -now:] -= share[:, -now:] * index[:, :now]
    smoother, found = Smoother(len(level), adjustment.smoothed), np.zeros((*level.shape, DRIFT))
    for step, values in enumerate(plain.T):
        smoother.add(values)
        found[:, step] = drift_of(smoother, values)
    return found


def drift_of(smoother: Smoother, values: Array) -> Array:
    """(n, DRIFT): level less value, then the trends that last; 0 where there is no value yet."""
    smooth, trends = smoother.mean()
    over = np.where(np.isfinite(values), smooth - values, 0.0)
    return np.column_stack([over, trends[:, 1:]])


def _running_mean(sizes: Array, counted: Array, usual: float) -> Array:
    total = np.cumsum(np.where(counted, sizes, 0.0), axis=1) + usual
    weight = np.cumsum(counted, axis=1) + (1.0 if usual else 0.0)
    return total / np.maximum(weight, 1.0)
