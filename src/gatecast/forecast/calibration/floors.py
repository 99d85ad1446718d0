"""Bounds of what never was negative: not below zero either."""

import numpy as np

from gatecast.forecast.history import Array, History, Origins


def never_negative(history: History, origins: Origins) -> Array:
    """(n,): whether no value known of a series before its origin is below zero.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([[1.0, 0.0], [1.0, -1.0]])
    >>> never_negative(history, history.ends())
    array([ True, False])
    """
    rows = len(history.target)
    below = np.where(history.target < 0, np.arange(rows), rows)
    following = np.append(np.minimum.accumulate(below[::-1])[::-1], rows)
    never: Array = following[history.offsets[:-1][origins.series]] >= origins.rows
    return never


def floored(values: Array, history: History, origins: Origins) -> Array:
    """What lies around forecasts (n, ...), not below zero where the series never was."""
    least = np.where(never_negative(history, origins), 0.0, -np.inf)
    found: Array = np.maximum(values, least.reshape(-1, *[1] * (values.ndim - 1)))
    return found
