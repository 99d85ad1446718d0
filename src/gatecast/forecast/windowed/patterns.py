"""The seasonal pattern that each origin may know of: classical indices of the rows before it."""

from dataclasses import dataclass

import numpy as np

from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.seasonal import as_rows, growing_indices, growing_shares

_BLOCK = 200_000  # values of series that are looked at together


@dataclass(frozen=True)
class Patterns:
    """Seasonal indices as they grew, row by row.

    Attributes
    ----------
    period : int
    index : (rows,) float32
        See :func:`gatecast.forecast.seasonal.growing_indices`; NaN where there is none.
    share : (rows,) float32
        How much of the pattern the rows up to this one vouch for, 0 to 1.
    """

    period: int
    index: Array
    share: Array

    def at(self, history: History, origins: Origins) -> Array:
        """(n, period): the pattern known at each origin, by the place in the season; 0 if none.

        The place is that of the row, counted from the first of its series.
        """
        found = np.zeros((len(origins), self.period))
        place = origins.rows - history.offsets[origins.series]
        latest = place - 1 - self.period // 2  # an index looks that far past its own row
        share = np.where(latest >= self.period, self.share[np.maximum(origins.rows - 1, 0)], 0.0)
        chosen = np.flatnonzero(share)
        if not chosen.size:
            return found
        steps = latest[chosen, None] - np.arange(self.period)
        values = self.index[history.offsets[origins.series[chosen], None] + steps]
        values = values - values.mean(axis=1, keepdims=True)
        values[~np.isfinite(values).all(axis=1)] = 0.0
        found[chosen[:, None], steps % self.period] = share[chosen, None] * values
        return found


def patterns_of(history: History, values: Array, period: int) -> Patterns | None:
    """The patterns of values that may be logarithms; None where no row vouches for one.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.tile([1.0, 5.0, 3.0], 8)])
    >>> patterns = patterns_of(history, history.target, 3)
    >>> patterns.at(history, history.ends()).round(2)
    array([[-2.,  2.,  0.]])
    """
    if period < 2:
        return None
    index = np.full(len(values), np.nan, np.float32)
    share = np.zeros(len(values), np.float32)
    order = np.argsort(history.lengths, kind="stable")
    start = 0
    while start < len(order):  # series of about the same length together
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * history.lengths[order[stop]] <= _BLOCK:
            stop += 1
        block = order[start:stop]
        _look_at(history, values, block, period, index, share)
        start = stop
    return Patterns(period, index, share) if share.any() else None


def _look_at(
    history: History, values: Array, block: Array, period: int, index: Array, share: Array
) -> None:
    """Write what is found in some of the series."""
    rows = as_rows(history, block)
    lengths = history.lengths[block]
    inside = np.arange(rows.shape[1]) < lengths[:, None]
    places = (history.offsets[block][:, None] + np.arange(rows.shape[1]))[inside]
    missing = inside & ~np.isfinite(rows)
    rows[inside] = values[places]
    filled = rows if missing.any() else None
    seen = np.where(missing, np.nan, rows)
    share[places] = growing_shares(seen, period, filled=filled)[inside]
    index[places] = growing_indices(seen, period, filled=filled)[inside]
