"""Exponential smoothing with a damped trend as a model, over many series at once."""

import numpy as np

from gatecast.forecast.classical.adjusted import AdjustedModel
from gatecast.forecast.history import Array, Rows
from gatecast.forecast.smoothing import Smoother

#: series times steps ahead that are smoothed at once, and the last rows that are looked at
_AT_ONCE, _MOST_ROWS = 5_000, 1000


class Damped(AdjustedModel):
    """Smoothing whose trend fades: the mean over many weights, each by its errors ahead.

    Seasons are taken out and put back as far as they are sure; see
    :class:`gatecast.forecast.smoothing.Smoother`.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.arange(20.0), np.full(5, 3.0)])
    >>> Damped().fit(history, horizon=3).predict(history).round(1)
    array([[19.8, 20.7, 21.5],
           [ 3. ,  3. ,  3. ]])
    """

    name = "damped"
    shrinks = True

    def draw(self, values: Array, widths: Rows, steps: Array) -> Array:
        """The last level, and what the last trend still adds to it."""
        found = np.empty(steps.shape)
        block = max(_AT_ONCE // self.horizon_, 1)
        for start in range(0, len(values), block):
            part = slice(start, start + block)
            smoother = Smoother(len(values[part]), self.horizon_)
            for row in latest(values[part], widths[part], _MOST_ROWS).T:
                smoother.add(row)
            found[part] = smoother.ahead(steps[part])
        return found


def latest(values: Array, widths: Rows, most: int) -> Array:
    """(n, at most ``most``): the last of (n, T) values, NaN past their ends.

    Examples
    --------
    >>> latest(np.array([[1.0, 2.0, 3.0], [4.0, np.nan, np.nan]]), np.array([3, 1]), most=2)
    array([[ 2.,  3.],
           [ 4., nan]])
    """
    if values.shape[1] <= most:
        return values
    place = np.maximum(widths - most, 0)[:, None] + np.arange(most)
    return np.where(place < widths[:, None], np.take_along_axis(values, place, axis=1), np.nan)
