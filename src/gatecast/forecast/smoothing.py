"""Exponential smoothing with a damped trend (Gardner, McKenzie 1985), row by row.

No one choice of weights is trusted: many are tried, and what counts is their mean, each by how
well it foretold the steps ahead of all rows before.  What is found after a row rests on the rows
up to it alone, so it serves a method that forecasts from the end, and a network that learns from
every row.
"""

from itertools import product
from typing import Any

import numpy as np

from gatecast.forecast.history import Array

#: α, the weight of the newest value; β/α, that of its trend; φ, what is left of a trend (0: none)
_LEVELS = (0.1, 0.3, 0.6, 0.9)
_TRENDS = (0.05, 0.15, 0.4)
DAMPING = (0.0, 0.8, 0.9, 0.97)
#: (tried, 3): α, β, φ of every choice
TRIED = np.array(
    [(a, 0.0, 0.0) for a in _LEVELS]
    + [(a, a * b, kept) for kept, a, b in product(DAMPING[1:], _LEVELS, _TRENDS)]
)
#: (tried, φ): which has which
_SORTED = (TRIED[:, 2:] == np.array(DAMPING)).astype(np.float64)
#: the part of the rows that counts as independent: errors of many steps ahead are much alike
_INDEPENDENT = 0.3
#: steps ahead that are judged, evenly spread, where the horizon is longer
_JUDGED = 24


class Smoother:
    """Smoothing of n series by every choice of weights, told one row after the other.

    With e = x - (l + φb):  l ← l + φb + αe,  b ← φb + βe.  The first value is the first level,
    and the first trend is none.

    Parameters
    ----------
    count : int
        Series.
    horizon : int
        Errors of the steps up to it count, those k steps ahead by 1 / k.

    Examples
    --------
    >>> smoother = Smoother(count=1, horizon=2)
    >>> for value in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
    ...     smoother.add(np.array([value]))
    >>> smoother.ahead(np.array([1, 2, 3])).round(1)
    array([[5.7, 6.1, 6.5]])
    """

    def __init__(self, count: int, horizon: int) -> None:
        judged = np.linspace(1, horizon, min(horizon, _JUDGED)).round().astype(np.intp)
        self.judged, self.faded = judged, fades(judged, TRIED[:, 2])
        #: (horizon, n, tried): levels and trends of the last rows, the oldest overwritten
        self.levels, self.trends = np.zeros((2, horizon, count, len(TRIED)))
        #: (n, tried) squared errors, and (n,) the rows that each series has had
        self.errors, self.rows = np.zeros((count, len(TRIED))), np.zeros(count, np.intp)
        self.step = 0

    def add(self, values: Array) -> None:
        """One more value of each series: NaN before its first and after its last, not between."""
        alpha, beta, phi = TRIED.T
        known = np.isfinite(values)[:, None]
        now = np.where(known, values[:, None], 0.0)
        place, last = self.step % len(self.levels), (self.step - 1) % len(self.levels)
        level, trend = self.levels[last], self.trends[last]
        self._judge(now, known)
        expected = np.where(self.rows[:, None] > 0, level + phi * trend, now)
        error = now - expected
        self.levels[place] = np.where(known, expected + alpha * error, level)
        self.trends[place] = np.where(known, phi * trend + beta * error, trend)
        self.rows += known[:, 0]
        self.step += 1

    def _judge(self, now: Array, known: Array) -> None:
        """Add the errors of what the rows before this one foretold of it."""
        made = known & (self.judged <= self.rows[:, None])  # (n, judged)
        if not made.any():
            return
        places = (self.step - self.judged) % len(self.levels)
        error = now - self.levels[places] - self.faded[:, None, :] * self.trends[places]
        self.errors += np.einsum("jnt,nj->nt", error * error, made / self.judged)

    def mean(self) -> tuple[Array, Array]:
        """(n,) levels, and (n, φ) trends by their ``DAMPING``, over all that are tried."""
        last = (self.step - 1) % len(self.levels)
        share = shares(self.errors, self.rows)
        level: Array = (share * self.levels[last]).sum(axis=1)
        return level, (share * self.trends[last]) @ _SORTED

    def ahead(self, steps: Array) -> Array:
        """(n, h): forecasts that many steps, (h,) or (n, h), after the last row."""
        level, trends = self.mean()
        found: Array = level[:, None] + (fades(steps, DAMPING) * trends[:, None]).sum(axis=-1)
        return found


def fades(steps: Array, damping: Any) -> Array:
    """(..., φ): φ + φ² + ... + φ^k, what a trend of 1 adds in each of k steps.

    Examples
    --------
    >>> fades(np.array([1, 2]), (0.0, 0.5))
    array([[0.  , 0.5 ],
           [0.  , 0.75]])
    """
    phi = np.asarray(damping)
    found: Array = phi * (1 - phi ** np.asarray(steps)[..., None]) / (1 - phi)
    return found


def shares(errors: Array, rows: Array) -> Array:
    """(n, tried): what each counts for, by (n, tried) squared errors over (n,) rows.

    Its likelihood, had only a part of the rows been seen.

    Examples
    --------
    >>> shares(np.array([[1.0, 1.0, 4.0]]), np.array([10])).round(2)
    array([[0.47, 0.47, 0.06]])
    """
    # errors that are next to none are none: what is left is rounding
    least = np.maximum(errors.min(axis=1, keepdims=True), 1e-20 * errors.max(axis=1, keepdims=True))
    least = np.maximum(least, np.finfo(np.float64).tiny)
    odds = np.maximum(errors / least, 1.0) ** (-0.5 * _INDEPENDENT * rows[:, None])
    found: Array = odds / odds.sum(axis=1, keepdims=True)
    return found
