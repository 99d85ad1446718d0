"""The Theta method (Assimakopoulos, Nikolopoulos 2000), over many series at once.

A series, classically adjusted where the test finds a season, is split into its linear trend and
the line that bends twice as much, 2y - trend.  The first is drawn on, the second is smoothed
exponentially, and the forecast is the mean of both, with the season put back.
"""

import numpy as np

from gatecast.forecast.classical.adjusted import AdjustedModel
from gatecast.forecast.history import Array, Rows

#: the weights of the newest value that are tried, and how finely the best is then looked at
_WEIGHTS = np.concatenate([[0.01, 0.03], np.arange(0.05, 1.0, 0.05), [0.99]])
_FINER = 9


class Theta(AdjustedModel):
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

    def draw(self, values: Array, widths: Rows, steps: Array) -> Array:
        """The mean of both lines."""
        return two_lines(values, widths, steps)


class LogTheta(Theta):
    """The Theta method on logarithms, seasons taken out as far as they are sure.

    What grows, grows in per cent.  Series that are not positive stay as they are.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([2.0 ** np.arange(8)])
    >>> LogTheta().fit(history, horizon=3).predict(history).round()
    array([[180., 255., 361.]])
    """

    name = "log_theta"
    shrinks = True
    in_logs = True


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
