"""Exponential smoothing with a damped trend (Gardner, McKenzie 1985), over many series at once."""

from itertools import product

import numpy as np

from gatecast.forecast.classical.adjusted import AdjustedModel
from gatecast.forecast.history import Array, Rows

#: weight of the newest value; that of its trend as a share of it; what is left of a trend
_LEVELS = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95)
_TRENDS = (0.05, 0.15, 0.35, 0.7)
_DAMPING = (0.8, 0.9, 0.97)
_TRIED = np.array([(a, a * b, kept) for a, b, kept in product(_LEVELS, _TRENDS, _DAMPING)])
#: steps whose mean change is the first trend
_FIRST = 3


class Damped(AdjustedModel):
    """Smoothing whose trend fades: l + b(φ + φ² + ...), the weights of least squared error.

    Seasons are taken out and put back as in the Theta method.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.arange(20.0), np.full(5, 3.0)])
    >>> Damped().fit(history, horizon=3).predict(history).round(1)
    array([[20. , 20.9, 21.8],
           [ 3. ,  3. ,  3. ]])
    """

    name = "damped"

    def draw(self, values: Array, widths: Rows, steps: Array) -> Array:
        """The last level, and what the last trend still adds to it."""
        level, trend, kept = damped_trend(values, widths)
        fading = np.cumsum(kept[:, None] ** np.arange(1, int(steps.max()) + 1), axis=1)
        found: Array = level[:, None] + trend[:, None] * np.take_along_axis(fading, steps - 1, 1)
        return found


def damped_trend(values: Array, widths: Rows) -> tuple[Array, Array, Array]:
    """(n,) last levels, last trends and φ of each series, of the weights that fit it best.

    With e_t = x_t - (l + φb):  l ← l + φb + αe,  b ← φb + βe.

    Examples
    --------
    >>> level, trend, kept = damped_trend(np.full((1, 9), 4.0), np.array([9]))
    >>> level.tolist(), trend.tolist()
    ([4.0], [0.0])
    """
    alpha, beta, phi = _TRIED.T
    filled = np.where(np.arange(values.shape[1]) < widths[:, None], values, 0.0)
    level = np.repeat(filled[:, :1], len(_TRIED), axis=1)
    far = min(_FIRST, values.shape[1] - 1)
    first = np.where(widths > _FIRST, (filled[:, far] - filled[:, 0]) / max(far, 1), 0.0)
    trend = np.repeat(first[:, None], len(_TRIED), axis=1)
    squares = np.zeros(level.shape)
    for step in range(1, values.shape[1]):
        real = (step < widths)[:, None]
        ahead = level + phi * trend
        error = np.where(real, filled[:, step : step + 1] - ahead, 0.0)
        squares += error * error
        level = np.where(real, ahead + alpha * error, level)
        trend = np.where(real, phi * trend + beta * error, trend)
    series, best = np.arange(len(values)), np.argmin(squares, axis=1)
    return level[series, best], trend[series, best], phi[best]
