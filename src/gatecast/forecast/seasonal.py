"""Classical seasonal adjustment of many series at once: the test, the indices, both as they grow.

Series are the rows of an (n, T) array, NaN past their end and where a value is missing.  *As they
grow*: what would have been found at each step from the values up to it, for adjustment that
looks at no future value.
"""

from collections.abc import Sequence

import numpy as np

from gatecast.forecast.history import Array, History

#: one-sided 95 % point of the normal distribution: a two-sided test at 90 %
CRITICAL = 1.645
#: seasons that must be known before the test is asked
LEAST_SEASONS = 3


def as_rows(history: History, series: Array) -> Array:
    """(n, T): the values of some series, one a row, NaN past their end."""
    lengths = history.lengths[series]
    rows = np.full((len(series), int(lengths.max(initial=0))), np.nan)
    for row, index in enumerate(series):
        rows[row, : lengths[row]] = history.series(index)
    return rows


def growing_test(values: Array, period: int) -> Array:
    """(n, T) booleans: whether the values up to each step are seasonal.

    The M4 organisers' test: the autocorrelation at lag ``period`` lies outside the 90 % limits
    that follow from those at shorter lags; never with fewer than three seasons.

    Examples
    --------
    >>> wave = np.tile([1.0, 2.0, 4.0, 2.0], 4)
    >>> growing_test(np.stack([wave, np.arange(16.0) % 5]), period=4)[:, 11:14]
    array([[False,  True,  True],
           [False, False, False]])
    """
    if period < 2 or values.shape[1] < LEAST_SEASONS * period:
        return np.zeros(values.shape, bool)
    known = np.isfinite(values)
    count = np.cumsum(known, axis=1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.take_along_axis(values, np.argmax(known, axis=1)[:, None], axis=1)
        centred = np.where(known, values - first, 0.0)  # by what is known at every step
        total = np.cumsum(centred, axis=1)
        mean = total / count
        variance = np.cumsum(centred * centred, axis=1) - count * mean * mean
        before = np.zeros(values.shape)
        for lag in range(1, period + 1):
            found = _growing_covariance(centred, known, mean, lag) / variance
            if lag < period:
                before += found * found
        limit = CRITICAL * np.sqrt((1 + 2 * before) / count)
        scale = np.cumsum(centred * centred, axis=1)
        seasonal: Array = (np.abs(found) > limit) & (variance > 1e-12 * scale)
    seasonal &= np.arange(1, values.shape[1] + 1) >= LEAST_SEASONS * period
    return seasonal


def _growing_covariance(centred: Array, known: Array, mean: Array, lag: int) -> Array:
    """Σ (x_s - mean)(x_(s-lag) - mean) over the steps s up to each, for that step's mean."""
    found = np.zeros(centred.shape)
    pairs = known[:, lag:] & known[:, :-lag]
    late = np.cumsum(np.where(pairs, centred[:, lag:], 0.0), axis=1)
    early = np.cumsum(np.where(pairs, centred[:, :-lag], 0.0), axis=1)
    products = np.cumsum(centred[:, lag:] * centred[:, :-lag], axis=1)
    centre = mean[:, lag:]
    found[:, lag:] = products - centre * (late + early) + np.cumsum(pairs, axis=1) * centre**2
    return found


def is_seasonal(values: Array, period: int) -> Array:
    """(n,) booleans: the test on the whole of each series.

    Examples
    --------
    >>> wave = np.tile([1.0, 2.0, 4.0, 2.0], 4)
    >>> is_seasonal(np.stack([wave, np.arange(16.0) % 5]), period=4)
    array([ True, False])
    """
    if not values.shape[1]:
        return np.zeros(len(values), bool)
    # no step past the end changes what was found: its values do not count
    last = values.shape[1] - 1 - np.argmax(np.isfinite(values[:, ::-1]), axis=1)
    found: Array = growing_test(values, period)[np.arange(len(values)), last]
    return found


def centred_mean(values: Array, period: int) -> Array:
    """(n, T): the mean of the season around each step, NaN where it is not all known."""
    weights = np.full(period + 1 - period % 2, 1.0 / period)
    if period % 2 == 0:
        weights[[0, -1]] /= 2
    half, steps = len(weights) // 2, values.shape[1]
    found = np.full(values.shape, np.nan)
    if steps < len(weights):
        return found
    inner = np.zeros((len(values), steps - 2 * half))
    for place, weight in enumerate(weights):
        inner += weight * values[:, place : place + inner.shape[1]]
    found[:, half : steps - half] = inner
    return found


def growing_indices(
    values: Array, period: int, *, ratios: bool = False, filled: Array | None = None
) -> Array:
    """(n, T): the mean, over the rows of each step's phase up to it, of what is over its season.

    The value at step s rests on values up to s + period // 2, and is not normalised: indices of
    different phases serve by their differences (their ratios, with ``ratios``).  NaN where there
    is none yet.

    Parameters
    ----------
    values : (n, T) array
    period : int
    ratios : bool
    filled : (n, T) array, optional
        The values with something in the place of those that are missing: the season around a
        step is the mean of these, and a phase that is never known takes what stands for it.

    Examples
    --------
    >>> wave = np.arange(12.0) + np.tile([0.0, 3.0], 6)
    >>> growing_indices(wave[None], period=2).round(2)
    array([[  nan,  1.5, -1.5,  1.5, -1.5,  1.5, -1.5,  1.5, -1.5,  1.5, -1.5,
             1.5]])
    """
    count, total, _ = _phases(values, period, ratios, filled)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = total / count
    return found


def over_season(values: Array, period: int, *, ratios: bool = False) -> Array:
    """(n, T): each value less (by, with ``ratios``) the mean of the season around it."""
    trend = centred_mean(values, period)
    with np.errstate(invalid="ignore", divide="ignore"):
        return values / trend if ratios else values - trend


def _phases(
    values: Array, period: int, ratios: bool, filled: Array | None, late: int = 0
) -> tuple[Array, Array, Array]:
    """What :func:`_by_phase` finds, but for the last ``late`` steps."""
    steps = values.shape[1] - late
    if filled is None:
        return _by_phase(over_season(values, period, ratios=ratios)[:, :steps], period)
    over = over_season(filled, period, ratios=ratios)[:, :steps]
    known = _by_phase(np.where(np.isfinite(values[:, :steps]), over, np.nan), period)
    every = _by_phase(over, period)
    number, total, squares = (
        np.where(known[0] > 0, *parts) for parts in zip(known, every, strict=True)
    )
    return number, total, squares


def _by_phase(over: Array, period: int) -> tuple[Array, Array, Array]:
    """(n, T) each: number, sum and squares of what is known up to each step of its phase."""
    count, steps = over.shape
    seasons = -(-steps // period)
    folded = np.full((count, seasons * period), np.nan)
    folded[:, :steps] = over
    folded = folded.reshape(count, seasons, period)
    known = np.isfinite(folded)
    plain = np.where(known, folded, 0.0)
    number, total, squares = (
        np.cumsum(part, axis=1).reshape(count, seasons * period)[:, :steps]
        for part in (known, plain, plain * plain)
    )
    return number, total, squares


def growing_shares(
    values: Array, period: int, *, ratios: bool = False, filled: Array | None = None
) -> Array:
    """(n, T): how much of the seasonal pattern the values up to each step vouch for, 0 to 1.

    Indices of m phases scatter by S, of which V is the noise of each, the spread of a phase's
    values over their number.  An estimate that is drawn to none by V / S errs least (empirical
    Bayes; Miller, Williams 2003): the share is 1 - V / S.  Never with fewer than three seasons.
    For ``filled`` see :func:`growing_indices`.

    Examples
    --------
    >>> wave = np.tile([1.0, 2.0, 4.0, 2.0], 4)
    >>> growing_shares(np.stack([wave, np.arange(16.0) % 5]), period=4)[:, 10:14].round(2)
    array([[0.  , 1.  , 1.  , 1.  ],
           [0.  , 0.  , 0.  , 0.02]])
    """
    found = np.zeros(values.shape)
    if period < 2 or values.shape[1] < LEAST_SEASONS * period:
        return found
    half = period // 2  # the last ones are not over a whole season
    counts = _phases(values, period, ratios, filled, half)
    sums = [_last_season(part, period) for part in to_be_summed(*counts)]
    found[:, half:] = vouched(sums, period)
    found[:, : LEAST_SEASONS * period - 1] = 0.0
    return found


def to_be_summed(number: Array, total: Array, squares: Array) -> tuple[Array, ...]:
    """Of each phase what, summed over them, :func:`vouched` wants to know."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, noise = total / number, 1.0 / number
    scatter = np.where(number > 0, squares - total * np.where(number > 0, mean, 0.0), 0.0)
    return np.maximum(number - 1.0, 0.0), scatter, noise, mean, mean * mean


def vouched(sums: Sequence[Array], period: int) -> Array:
    """The shares that sums over the phases speak for; see :func:`growing_shares`.

    They are degrees of freedom, scatter within, 1 / number, means and squared means.
    """
    freedom, scatter, noise, means, squares = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        within = scatter / freedom * noise / period
        between = (squares - means * means / period) / (period - 1)
        share = np.clip(1 - within / between, 0.0, 1.0)
    found: Array = np.where((freedom >= period) & np.isfinite(share), share, 0.0)
    return found


def _last_season(values: Array, period: int) -> Array:
    """(n, T): the sum of each step and the ``period - 1`` before it, NaN where one is."""
    known = np.isfinite(values)
    total, unknown = np.cumsum(np.where(known, values, 0.0), axis=1), np.cumsum(~known, axis=1)
    for sums in (total, unknown):
        sums[:, period:] -= sums[:, :-period].copy()
    return np.where(unknown > 0, np.nan, total)


def seasonal_indices(values: Array, period: int, *, ratios: bool = False) -> Array:
    """(n, period): each series' index by phase, counted from its first step.

    They are 0 on average (1, with ``ratios``), and all 0 (1) where a phase is never known.  With
    ``ratios`` they are those of R's ``decompose(type="multiplicative")``.

    Examples
    --------
    >>> wave = np.arange(12.0) + np.tile([0.0, 3.0], 6)
    >>> seasonal_indices(wave[None], period=2).round(2)
    array([[-1.5,  1.5]])
    """
    neutral = 1.0 if ratios else 0.0
    steps = values.shape[1]
    if steps < 2 * period:
        return np.full((len(values), period), neutral)
    grown = growing_indices(values, period, ratios=ratios)
    place = np.arange(steps - period, steps)
    found: Array = np.empty((len(values), period))
    found[:, place % period] = grown[:, place]
    middle = found.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = found / middle if ratios else found - middle
    found[~np.isfinite(found).all(axis=1)] = neutral
    return found


def shrunk_indices(values: Array, period: int, *, ratios: bool = False) -> Array:
    """(n, period): seasonal indices, drawn to none as far as their own noise says.

    Where a test would take a pattern out or leave it, this takes out what is sure of it.

    Examples
    --------
    >>> wave = np.arange(12.0) + np.tile([0.0, 3.0, 0.0, 2.0], 3)
    >>> shrunk_indices(wave[None], period=4).round(2)
    array([[-1.25,  1.75, -1.25,  0.75]])
    """
    neutral = 1.0 if ratios else 0.0
    indices = seasonal_indices(values, period, ratios=ratios)
    last = values.shape[1] - 1 - np.argmax(np.isfinite(values[:, ::-1]), axis=1)
    share = growing_shares(values, period, ratios=ratios)[np.arange(len(values)), last]
    found: Array = neutral + share[:, None] * (indices - neutral)
    return found
