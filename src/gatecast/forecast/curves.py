"""The curve of a training: its losses, few enough to be kept with the network and drawn."""

from collections.abc import Sequence

import numpy as np

from gatecast.forecast.history import Array

#: points that are kept of a training
MOST = 100
#: updates that a point stands for, where there are enough: single batches differ a lot
LEAST, FEW = 8, 20


def thinned(losses: Sequence[float]) -> Array:
    """(n, 2): the update that ends each stretch of a training, and the mean loss over it.

    Parameters
    ----------
    losses : sequence of float
        One an update; NaN where a batch had nothing to learn from.

    Examples
    --------
    >>> thinned([4.0, 2.0])
    array([[1., 4.],
           [2., 2.]])
    >>> thinned(np.repeat([4.0, 2.0], 500))[[0, -1]]
    array([[  10.,    4.],
           [1000.,    2.]])
    """
    updates = len(losses)
    if not updates:
        return np.zeros((0, 2))
    count = min(updates, MOST, max(FEW, updates // LEAST))
    stops = np.linspace(0, updates, count + 1).round().astype(np.intp)
    known = np.isfinite(losses)
    total = np.add.reduceat(np.where(known, losses, 0.0), stops[:-1])
    number = np.add.reduceat(known.astype(np.float64), stops[:-1])
    means = np.where(number > 0, total / np.maximum(number, 1.0), np.nan)
    return np.stack([stops[1:].astype(np.float64), means], axis=1)
