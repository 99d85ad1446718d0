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
#: parts of a share that are told apart; 2³⁶ of them leave room for 67 million rows in an int64
FINE = 2.0**36
#: forecasts with dropout left on that their spread is told from
DRAWS = 100
#: the least that a model may believe its error to be, as a share of how much the series moves
LEAST = 0.1


def volatility(history: History, origins: Origins, period: int = 1) -> Array:
    """(n,): how much each series moves in a season, from what is known at each origin.

    The mean of two: the mean |y[t] - y[t - period]| of the last three seasons; and the same over
    the mean of both sizes, of all rows, times the present level.  The first follows a series whose
    swings change, the second one whose level does.  Nothing at or after an origin is looked at.
    Where fewer rows are known than a season has, rows are compared with the row before; a series
    that stands still, or of which one row is known, is taken to move by a thousandth of its level.

    (Chosen among a few such scales, by the interval scores of Theta's forecasts of the last rows
    of the training files of M3 and M4.)

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.array([1.0, 3.0, 1.0]), np.array([10.0, 30.0, 10.0])])
    >>> volatility(history, history.ends())
    array([ 1.5, 15. ])
    """
    level = _recent(np.abs(history.target), history, origins, period)
    moved = _moved(history, origins, period, level)
    short = np.isnan(moved)
    if period > 1 and short.any():
        moved[short] = _moved(history, origins.take(short), 1, level[short])
    found: Array = np.fmax(moved, STILL * level)
    return np.where(found > 0, found, 1.0)


def _moved(history: History, origins: Origins, lag: int, level: Array) -> Array:
    """(n,): the two means, of steps over so many rows; NaN where there are none."""
    steps, sizes = _steps(history, lag)
    recent = _recent(steps, history, origins, max(ROWS, SEASONS * lag))
    shares = np.divide(steps, sizes, out=np.where(np.isnan(steps), np.nan, 0.0), where=sizes > 0)
    usual = level * _so_far(shares, history, origins)
    return np.where(np.isnan(usual), recent, (recent + usual) / 2)


def _steps(history: History, lag: int) -> tuple[Array, Array]:
    """(rows,): each step over so many rows, and the mean of both sizes; NaN where there is none."""
    values, sizes = history.target, np.abs(history.target)
    steps, both = np.full(len(values), np.nan), np.full(len(values), np.nan)
    inside = np.arange(len(values)) - np.repeat(history.offsets[:-1], history.lengths) >= lag
    rows = np.flatnonzero(inside)
    steps[rows] = np.abs(values[rows] - values[rows - lag])
    both[rows] = (sizes[rows] + sizes[rows - lag]) / 2
    return steps, both


def _so_far(shares: Array, history: History, origins: Origins) -> Array:
    """(n,): the mean of the shares (0 to 2) known of each series before its origin."""
    known = ~np.isnan(shares)
    # sums of whole numbers are exact: no bit of one comes from rows outside it
    whole = np.rint(np.where(known, shares, 0.0) * FINE).astype(np.int64)
    sums = np.concatenate([[0], np.cumsum(whole)])
    counts = np.concatenate([[0], np.cumsum(known)])
    starts = history.offsets[:-1][origins.series]
    count = counts[origins.rows] - counts[starts]
    total = (sums[origins.rows] - sums[starts]) / FINE
    found = np.full(len(origins), np.nan)
    np.divide(total, count, out=found, where=count > 0)
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


def tempered(own: Array, moves: Array) -> Array:
    """(levels, n, steps, sides): half-way, in logarithms, from how much series move to ``own``.

    A network that is overfitted to some rows believes its errors to be next to nothing there;
    measured in that, a handful of errors would tell of bounds a hundred times too wide.

    (Chosen among a few such rules by the interval scores of networks with quantiles, a normal
    distribution or dropout, on the last rows of the training file of M3's monthly series, a
    hundred as a panel and twenty-eight by themselves.)

    Parameters
    ----------
    own : (levels, n, steps, sides) array
        How far away a model believes its errors to be.
    moves : (n,) array
    """
    found: Array = np.sqrt(own * moves[:, None, None])
    return found


def extended(scales: Array, steps: int) -> Array:
    """Scales (levels, n, horizon or 1, sides) for so many steps: the last one goes on."""
    known = scales.shape[2]
    if known in (1, steps):
        return scales
    return scales[:, :, np.minimum(np.arange(steps), known - 1)]
