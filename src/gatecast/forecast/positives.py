"""Values that come to 0 or fall below it, seen by a network that learned from logarithms.

Such a network was fitted while every value was positive.  What comes later may be 0, and there is
no logarithm of it: the network is shown the least positive value of that series up to there.
Nothing that comes after a row is looked at.
"""

from itertools import pairwise

import numpy as np

from gatecast.forecast.history import Array, History, Rows

#: what a user is told of it
LOW_WORDS = (
    "Every value was positive in fit, and logarithms were learned from: values of 0 or less that "
    "came later count as the least positive one of their series so far; fit anew on a table that "
    "has them to learn from them as they are."
)


def least_of(values: Array) -> float:
    """The least positive value of all; 1 where there is none.

    Examples
    --------
    >>> least_of(np.array([3.0, 0.0, np.nan, 2.0]))
    2.0
    """
    positive = values[values > 0]
    return float(positive.min()) if positive.size else 1.0


def logarithms(history: History, least: float) -> Array:
    """(rows,) the logarithms of the target, NaN where it is missing.

    Parameters
    ----------
    history : History
    least : float
        What a value of 0 or less counts as where its series has had no positive one.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([[0.0, 4.0, 2.0, 8.0, -1.0], [1.0, 0.0]])
    >>> np.exp(logarithms(history, least=3.0)).round(6)
    array([3., 4., 2., 8., 2., 1., 1.])
    """
    values = history.target
    low = values <= 0  # False of NaN
    if low.any():
        values = np.where(low, _least_so_far(values, history.offsets, least), values)
    found: Array = np.log(values)
    return found


def _least_so_far(values: Array, offsets: Rows, least: float) -> Array:
    """The least positive value of each series up to each row."""
    found = np.full(len(values), least)
    for start, stop in pairwise(offsets):
        part = values[start:stop]
        if (part <= 0).any():
            running = np.minimum.accumulate(np.where(part > 0, part, np.inf))
            found[start:stop] = np.where(np.isfinite(running), running, least)
    return found


def is_low(history: History) -> bool:
    """Whether a value is 0 or less.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> is_low(make_history(np.array([1.0, np.nan]))), is_low(make_history(np.array([0.0])))
    (False, True)
    """
    return bool((history.target <= 0).any())
