"""Forecasts that need no training: the last value, last season's, a line, a mean.

They are what every network has to beat.  Missing values are passed over: the last value is the
last known one, a season's value that is missing is looked for a season earlier.
"""

import numpy as np

from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.model import Model


class SimpleModel(Model):
    """Base of models that forecast from the target's own past alone."""

    sees_covariates = False

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        chosen = self._asked(history, origins)
        return history.floored(self._forecast(history, chosen, history.latest(chosen)), chosen)

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        """(n, horizon) forecasts; ``last`` (n,) is the last known row before each origin."""
        raise NotImplementedError


def next_known(history: History) -> Rows:
    """(rows + 1,): the first row with a value from each row on, also of a later series."""
    rows = len(history.target)
    known = np.where(np.isfinite(history.target), np.arange(rows), rows)
    following: Rows = np.append(np.minimum.accumulate(known[::-1])[::-1], rows)
    return following


class Naive(SimpleModel):
    """The last known value again, at every step.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.array([1.0, 4.0, np.nan]), np.array([7.0])])
    >>> Naive().fit(history, horizon=2).predict(history)
    array([[4., 4.],
           [7., 7.]])
    """

    name = "naive"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        return np.repeat(history.target[last][:, None], self.horizon_, axis=1)


class SeasonalNaive(SimpleModel):
    """The value of one season before; the last value where no earlier season is known.

    Without a season (a period of 1) it is the naive forecast.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.array([8.0, 1.0, 2.0, np.nan, 5.0]))
    >>> SeasonalNaive().fit(history, horizon=4, period=3).predict(history)
    array([[2., 8., 5., 2.]])
    """

    name = "seasonal_naive"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        starts = history.offsets[origins.series][:, None]
        rows = origins.rows[:, None] - self.period_ + np.arange(self.horizon_) % self.period_
        earlier = _known_at_phase(history, self.period_)[np.maximum(rows, 0)]
        # Where no season before knows a value, it is the last known one.
        found: Array = history.target[
            np.where((rows >= starts) & (earlier >= starts), earlier, last[:, None])
        ]
        return found


def _known_at_phase(history: History, period: int) -> Rows:
    """(rows,): the last known row whole seasons before each row, or that row; -1 for none.

    It may be one of a series before.
    """
    count = len(history.target)
    seasons = -(-count // period)
    known = np.full(seasons * period, -1)
    known[:count] = np.where(np.isfinite(history.target), np.arange(count), -1)
    latest: Rows = np.maximum.accumulate(known.reshape(seasons, period), axis=0).ravel()[:count]
    return latest


class Drift(SimpleModel):
    """The line through the first and the last known value, drawn on.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.array([np.nan, 1.0, 2.0, 5.0]))
    >>> Drift().fit(history, horizon=2).predict(history)
    array([[7., 9.]])
    """

    name = "drift"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        first = next_known(history)[history.offsets[origins.series]]
        rise = history.target[last] - history.target[first]
        slope = rise / np.maximum(last - first, 1)
        # Missing rows between the last known value and the origin are steps of the line too.
        steps = (origins.rows - 1 - last)[:, None] + np.arange(1, self.horizon_ + 1)
        drawn: Array = history.target[last][:, None] + slope[:, None] * steps
        return drawn


class Mean(SimpleModel):
    """The mean of all known values before the origin.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.array([1.0, np.nan, 3.0]))
    >>> Mean().fit(history, horizon=2).predict(history)
    array([[2., 2.]])
    """

    name = "mean"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        known = np.isfinite(history.target)
        spans = np.column_stack([history.offsets[origins.series], origins.rows]).ravel()

        def sums(values: Array) -> Array:
            # From each start to its origin; the zero gives an origin at the very end its place.
            found: Array = np.add.reduceat(np.concatenate([values, [0]]), spans)[::2]
            return found

        mean = sums(np.where(known, history.target, 0.0)) / sums(known.astype(np.intp))
        return np.repeat(mean[:, None], self.horizon_, axis=1)
