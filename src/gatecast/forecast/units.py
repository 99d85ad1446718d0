"""The unit of an error: what seasonal naive erred before, so that series of any size compare."""

from itertools import pairwise

import numpy as np

from gatecast.forecast.history import Array, History, Origins

#: of a series' level: smaller movements are rounding, and nothing to measure errors in
TINY = 1e-9


def scaled_by(history: History, origins: Origins, period: int) -> Array:
    """(n,): mean error of seasonal naive in the rows before each origin, as MASE has it.

    Where a series repeats itself exactly, or is shorter than a season, rows are compared with the
    row before; where it never moves, errors are left as they are.
    """
    within = np.arange(len(history.target)) - np.repeat(history.offsets[:-1], history.lengths)
    level = _mean_before(np.abs(history.target), history, origins)
    found = np.ones(len(origins))
    for lag in (1, period):
        rows = np.flatnonzero(within >= lag)
        moves = np.full(len(within), np.nan)
        moves[rows] = np.abs(history.target[rows] - history.target[rows - lag])
        mean = _mean_before(moves, history, origins)
        found = np.where(mean > TINY * level, mean, found)
    return found


def _mean_before(values: Array, history: History, origins: Origins) -> Array:
    """(n,): the mean of each series' known values before its origin, NaN where there are none."""
    known = np.isfinite(values)
    sums = np.where(known, values, 0.0)
    for start, stop in pairwise(history.offsets):  # each alone, lest a large one drown the next
        sums[start:stop] = np.cumsum(sums[start:stop])
    counts = np.concatenate([[0], np.cumsum(known)])
    count = counts[origins.rows] - counts[history.offsets[origins.series]]
    found = np.full(len(origins), np.nan)
    np.divide(sums[np.maximum(origins.rows - 1, 0)], count, out=found, where=count > 0)
    return found
