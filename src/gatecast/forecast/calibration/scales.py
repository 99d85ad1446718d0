"""How much a series usually moves: what makes the errors of large and small series alike."""

from collections.abc import Sequence

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model

#: rows that are looked back on, at least, and seasons
ROWS, SEASONS = 24, 3
#: of its level, what a series that stands still is taken to move
STILL = 0.001
#: forecasts with dropout left on that their spread is told from
DRAWS = 100
#: the least that a model may believe its error to be, as a share of how much the series moves
LEAST = 1e-3


def volatility(history: History, origins: Origins, period: int = 1) -> Array:
    """(n,): the mean |y[t] - y[t - period]| of the last three seasons before each origin.

    Nothing at or after an origin is looked at.  Where fewer rows are known than a season has, rows
    are compared with the row before; a series that stands still, or of which one row is known, is
    taken to move by a thousandth of its level.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.array([1.0, 3.0, 2.0]), np.array([10.0, 30.0, 20.0])])
    >>> volatility(history, history.ends())
    array([ 1.5, 15. ])
    """
    span = max(ROWS, SEASONS * period)
    moved = _recent(np.abs(_difference(history, period)), history, origins, span)
    by_row = _recent(np.abs(_difference(history, 1)), history, origins, span)
    moved = np.where(np.isnan(moved), by_row, moved)
    level = _recent(np.abs(history.target), history, origins, span)
    found: Array = np.fmax(moved, STILL * level)
    return np.where(found > 0, found, 1.0)


def _difference(history: History, lag: int) -> Array:
    """(rows,): each value minus the one so many rows before, NaN where its series has none."""
    found = np.full(len(history.target), np.nan)
    found[lag:] = history.target[lag:] - history.target[: max(len(found) - lag, 0)]
    starts = history.offsets[:-1, None] + np.arange(min(lag, len(found)))
    found[np.minimum(starts, history.offsets[1:, None] - 1)[history.lengths > 0]] = np.nan
    return found


def _recent(values: Array, history: History, origins: Origins, span: int) -> Array:
    """(n,): the mean of the values known in the ``span`` rows before each origin, or NaN."""
    first = np.maximum(origins.rows - span, history.offsets[:-1][origins.series])
    known = np.append(~np.isnan(values), False)
    spans = np.stack([first, origins.rows], axis=1).ravel()
    # sums of each span by itself: differences of one running sum would drown small series
    total = np.add.reduceat(np.where(known, np.append(values, 0.0), 0.0), spans)[::2]
    count = np.add.reduceat(known.astype(np.intp), spans)[::2] * (origins.rows > first)
    found = np.full(len(origins), np.nan)
    np.divide(total, count, out=found, where=count > 0)
    return found


def spread(
    model: Model, history: History, origins: Origins, rng: np.random.Generator, moves: Array
) -> Array:
    """(1, n, horizon, 1): the standard deviation of forecasts with dropout left on."""
    draws = model.draw_dropout(history, DRAWS, rng, origins)
    if draws is None:
        raise InputError(f"{model.name} has no dropout to draw with; use method='conformal'")
    deviation = draws.std(axis=1, ddof=1)
    found: Array = np.maximum(deviation, LEAST * moves[:, None])
    return found[None, ..., None]


def shares_of(levels: Sequence[float]) -> Array:
    """(2·levels,): the shares of the truth below the lower and the upper bound of each level.

    Examples
    --------
    >>> shares_of([80.0])
    array([0.1, 0.9])
    """
    return np.array([(0.5 - level / 200, 0.5 + level / 200) for level in levels]).ravel()


def believed(bounds: Array, points: Array, moves: Array) -> Array:
    """(levels, n, steps, 2): how far below and above its forecast a model puts its bounds.

    Parameters
    ----------
    bounds : (n, horizon, 2·levels) array
        The model's own, of :func:`shares_of`.
    points : (n, steps) array
        Of as many steps as the horizon or fewer.
    moves : (n,) array
        How much each series moves.
    """
    steps, levels = points.shape[1], bounds.shape[2] // 2
    away = bounds[:, :steps].reshape(*points.shape, levels, 2) - points[..., None, None]
    away[..., 0] *= -1
    found: Array = np.maximum(np.moveaxis(away, 2, 0), LEAST * moves[:, None, None])
    return found


def extended(scales: Array, steps: int) -> Array:
    """Scales (levels, n, horizon or 1, sides) for so many steps: the last one goes on."""
    known = scales.shape[2]
    if known in (1, steps):
        return scales
    return scales[:, :, np.minimum(np.arange(steps), known - 1)]
