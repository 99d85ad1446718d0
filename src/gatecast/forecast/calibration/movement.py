"""How much a series usually moves: what makes the errors of large and small series alike."""

import numpy as np

from gatecast.forecast.history import Array, History, Origins

#: rows that are looked back on, at least, and seasons
ROWS, SEASONS = 24, 3
#: of its level, what a series that stands still is taken to move
STILL = 0.001
#: parts of a share that are told apart; 2³⁶ of them leave room for 67 million rows in an int64
FINE = 2.0**36


def volatility(
    history: History, origins: Origins, period: int = 1, usual: float | None = None
) -> Array:
    """(n,): how much each series moves in a season, from what is known at each origin.

    The mean of two: the mean |y[t] - y[t - period]| of the last three seasons; and the same over
    the mean of both sizes, of all rows, times the present level.  The first follows a series whose
    swings change, the second one whose level does.  Nothing at or after an origin is looked at.
    Where fewer rows are known than a season has, rows are compared with the row before; a series
    of which one row is known is taken to move by the ``usual`` share of its level, and one that
    stands still (or where nothing is usual) by a thousandth of it.

    (Chosen among a few such scales, by the interval scores of Theta's forecasts of the last rows
    of the training files of M3 and M4.)

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.array([1.0, 3.0, 1.0]), np.array([10.0, 30.0, 10.0])])
    >>> volatility(history, history.ends())
    array([ 1.5, 15. ])
    """
    moved, level = _known(history, origins, period)
    if usual is not None:
        moved = np.where(np.isnan(moved), usual * level, moved)
    found: Array = np.fmax(moved, STILL * level)
    return np.where(found > 0, found, 1.0)


def usual_share(history: History, origins: Origins) -> float | None:
    """Of its level, what half of the series move at least from row to row; None where none does.

    A series of which one row is known has shown no season, so that it goes by single rows.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([[1.0, 3.0, 1.0], [10.0, 30.0, 10.0], [7.0]])
    >>> usual_share(history, history.ends())
    1.5
    """
    moved, level = _known(history, origins, 1)
    moving = (moved > 0) & (level > 0)  # False for NaN
    return float(np.median(moved[moving] / level[moving])) if moving.any() else None


def _known(history: History, origins: Origins, period: int) -> tuple[Array, Array]:
    """(n,): how much each series moves, NaN where one row is known; and its level."""
    level = _recent(np.abs(history.target), history, origins, period)
    moved = _moved(history, origins, period, level)
    short = np.isnan(moved)
    if period > 1 and short.any():
        moved[short] = _moved(history, origins.take(short), 1, level[short])
    return moved, level


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
