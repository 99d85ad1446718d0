"""The losses of a training, few enough to be kept with the network and drawn."""

from collections.abc import Sequence

import numpy as np

from gatecast.forecast.history import Array

#: points that are kept of a training
MOST = 100


def thinned(losses: Sequence[float], most: int = MOST) -> Array:
    """(n, 2): the update that ends each stretch of a training, and the mean loss over it.

    Parameters
    ----------
    losses : sequence of float
        One an update; NaN where a batch had nothing to learn from.
    most : int
        Stretches, at most.

    Examples
    --------
    >>> thinned([4.0, 2.0, 1.0, 1.0], most=2)
    array([[2., 3.],
           [4., 1.]])
    """
    if not len(losses):
        return np.zeros((0, 2))
    stops = np.linspace(0, len(losses), min(len(losses), most) + 1).round().astype(np.intp)
    known = np.isfinite(losses)
    total = np.add.reduceat(np.where(known, losses, 0.0), stops[:-1])
    count = np.add.reduceat(known.astype(np.float64), stops[:-1])
    means = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    return np.stack([stops[1:].astype(np.float64), means], axis=1)
