"""The Theta method (Assimakopoulos, Nikolopoulos 2000), over many series at once.

A series, classically adjusted where the test finds a season, is split into its linear trend and
the line that bends twice as much, 2y - trend.  The first is drawn on, the second is smoothed
exponentially, and the forecast is the mean of both, with the season put back.
"""

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.classical.simple import SimpleModel
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.seasonal import is_seasonal, seasonal_indices

#: the weights of the newest value that are tried, and how finely the best is then looked at
_WEIGHTS = np.concatenate([[0.01, 0.03], np.arange(0.05, 1.0, 0.05), [0.99]])
_FINER = 9
#: values that are worked on at once
_BLOCK = 500_000


class Theta(SimpleModel):
    """The Theta method with two lines, the winner of the M3 competition.

    Seasons are ratios where a series is positive, differences where it is not.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.arange(20.0), np.full(5, 3.0)])
    >>> Theta().fit(history, horizon=3).predict(history).round(1)
    array([[19.5, 20. , 20.5],
           [ 3. ,  3. ,  3. ]])
    """

    name = "theta"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.empty((len(origins), self.horizon_))
        firsts = _first_known(history)[origins.series]
        widths = last + 1 - firsts
        order = np.argsort(widths, kind="stable")
        start = 0
        while start < len(order):
            stop = start + 1
            while stop < len(order) and (stop + 1 - start) * widths[order[stop]] <= _BLOCK:
                stop += 1
            part = order[start:stop]
            # rows without a value between the last one and the origin are steps ahead too
            gaps = origins.rows[part] - 1 - last[part]
            steps = gaps[:, None] + np.arange(1, self.horizon_ + 1)
            found[part] = self._block(history.target, firsts[part], widths[part], steps)
            start = stop
        return found

    def _block(self, target: Array, firsts: Rows, widths: Rows, steps: Array) -> Array:
        """Forecasts of some series, side by side; ``steps`` (n, horizon) count from the last."""
        place = np.arange(int(widths.max()))
        inside = place < widths[:, None]
        values = target[np.minimum(firsts[:, None] + place, firsts[:, None] + widths[:, None] - 1)]
        values = np.where(inside, _joined(values), np.nan)
        ratios = np.nanmin(values, axis=1) > 0
        index = np.where(ratios[:, None], 1.0, 0.0) * np.ones(self.period_)
        if self.period_ > 1:
            seasonal = is_seasonal(values, self.period_)
            for kind in (True, False):
                chosen = seasonal & (ratios == kind)
                index[chosen] = seasonal_indices(values[chosen], self.period_, ratios=kind)
        pattern = index[:, place % self.period_]
        plain = np.where(ratios[:, None], values / np.where(pattern > 0, pattern, 1.0),
                         values - pattern)  # fmt: skip
        drawn = two_lines(plain, widths, steps)
        phase = (widths[:, None] - 1 + steps) % self.period_
        ahead = np.take_along_axis(index, phase, axis=1)
        forecast: Array = np.where(ratios[:, None], drawn * ahead, drawn + ahead)
        return forecast


def two_lines(values: Array, widths: Rows, steps: Array) -> Array:
    """(n, h): the mean of the trend and of the smoothed line that bends twice as much.

    Parameters
    ----------
    values : (n, T) array
        NaN past the ``widths`` (n,) of each series.
    steps : (n, h) integers
        From the last value.
    """
    place = np.arange(values.shape[1])
    inside = place < widths[:, None]
    filled = np.where(inside, values, 0.0)
    middle = (widths - 1) / 2
    centred = np.where(inside, place - middle[:, None], 0.0)
    mean = filled.sum(axis=1) / widths
    slope = (centred * filled).sum(axis=1) / np.maximum((centred**2).sum(axis=1), 1e-12)
    trend = mean[:, None] + slope[:, None] * (place - middle[:, None])
    level = smoothed(2 * filled - trend, widths)
    drawn: Array = mean[:, None] + slope[:, None] * ((widths - 1 - middle)[:, None] + steps)
    return (drawn + level[:, None]) / 2


def smoothed(values: Array, widths: Rows) -> Array:
    """(n,): each series' last level by simple exponential smoothing.

    Its weight has the least squared error one step ahead, as has the level it begins with.

    Examples
    --------
    >>> smoothed(np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 5.0, 0.0, 0.0]]), np.array([4, 2])).round(2)
    array([3.99, 5.  ])
    """
    tried = np.broadcast_to(_WEIGHTS, (len(values), len(_WEIGHTS)))
    error, _ = _smooth(values, widths, tried)
    best = np.argmin(error, axis=1)
    below = _WEIGHTS[np.maximum(best - 1, 0)]
    above = _WEIGHTS[np.minimum(best + 1, len(_WEIGHTS) - 1)]
    finer = below[:, None] + (above - below)[:, None] * np.linspace(0, 1, _FINER)
    error, level = _smooth(values, widths, finer)
    found: Array = level[np.arange(len(values)), np.argmin(error, axis=1)]
    return found


def _smooth(values: Array, widths: Rows, weights: Array) -> tuple[Array, Array]:
    """Squared error and last level of each series (rows) for each of its weights (columns).

    Errors are linear in the first level: e_t = u_t - l (1 - w)^t, so the best l is a quotient.
    """
    start = values[:, :1]
    level = np.zeros(weights.shape)
    kept, share = 1 - weights, np.ones(weights.shape)
    squares, crossed, norm = (np.zeros(weights.shape) for _ in range(3))
    for step in range(values.shape[1]):
        real = (step < widths)[:, None]
        error = np.where(real, values[:, step : step + 1] - start - level, 0.0)
        ratio = np.where(real, share, 0.0)
        squares += error * error
        crossed += error * ratio
        norm += ratio * ratio
        level += weights * error
        share = np.where(real, share * kept, share)
    first = crossed / norm
    return squares - first * crossed, start + level + first * share


def _first_known(history: History) -> Rows:
    """The first row of each series with a value (its end where there is none)."""
    rows = len(history.target)
    known = np.where(np.isfinite(history.target), np.arange(rows), rows)
    following = np.append(np.minimum.accumulate(known[::-1])[::-1], rows)
    first: Rows = following[history.offsets[:-1]].astype(np.intp)
    return first


def _joined(values: Array) -> Array:
    """Missing values as the last known one; the first is known."""
    known = np.isfinite(values)
    if known.all():
        return values
    if not known[:, 0].all():
        raise InputError("the first value of each series must be known")
    latest = np.maximum.accumulate(np.where(known, np.arange(values.shape[1]), 0), axis=1)
    return np.take_along_axis(values, latest, axis=1)
