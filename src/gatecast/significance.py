"""Paired tests: whether one model is better than another on the same test rows, or was lucky.

Each returns a :class:`Verdict`.  The Diebold–Mariano test is for errors of forecasts, McNemar's for
right and wrong classes, the paired bootstrap for anything with one loss a row.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from gatecast.errors import InputError

Series = npt.NDArray[np.float64]


class Verdict(NamedTuple):
    """A test's outcome.

    Attributes
    ----------
    statistic : float
        Negative where the first model is better (McNemar's is never negative).
    p_value : float
        Two-sided: how often chance alone would show a difference as large as this.
    """

    statistic: float
    p_value: float


def diebold_mariano(
    first: Any, second: Any, *, horizon: int = 1, correction: bool = True
) -> Verdict:
    """Diebold–Mariano test of equal accuracy, of two forecasts' losses in time order.

    With d the differences of the losses and γₖ their autocovariances,
    DM = d̄ / √((γ₀ + 2 Σ_{k<h} γₖ) / n); Harvey, Leybourne and Newbold's correction multiplies it by
    √((n + 1 - 2h + h(h - 1)/n) / n) and compares it with Student's t of n - 1 degrees of freedom.

    Parameters
    ----------
    first, second : (n,) losses, such as squared errors
    horizon : int
        Steps ahead, h: forecasts of h steps have errors that overlap in h - 1 of them.
    correction : bool
        The small-sample correction; without it the normal distribution is used.

    Notes
    -----
    Where the estimated variance is not positive (which h > 1 allows), that of h = 1 is used
    instead, as R's forecast::dm.test does.  Where all differences are 0, there is none.

    References
    ----------
    Diebold, Mariano (1995), Journal of Business & Economic Statistics 13, 253-263.
    Harvey, Leybourne, Newbold (1997), International Journal of Forecasting 13, 281-291.

    Examples
    --------
    >>> verdict = diebold_mariano([1.0, 2.0, 0.5, 1.0], [2.0, 2.5, 3.0, 1.5])
    >>> round(verdict.statistic, 3), round(verdict.p_value, 3)
    (-2.377, 0.098)
    """
    d = _differences(first, second)
    n = len(d)
    h = _whole("horizon", horizon)
    if h >= n:
        raise InputError(f"horizon must be smaller than the number of losses, {n}; it is {h}")
    variance = _long_run_variance(d, h)
    if variance <= 0:
        h, variance = 1, _long_run_variance(d, 1)
    if variance <= 0:  # the same difference everywhere
        mean = float(d.mean())
        return Verdict(0.0, 1.0) if mean == 0 else Verdict(math.copysign(math.inf, mean), 0.0)
    statistic = float(d.mean()) / math.sqrt(variance / n)
    if not correction:
        return Verdict(statistic, float(2 * special.ndtr(-abs(statistic))))
    statistic *= math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    return Verdict(statistic, float(2 * special.stdtr(n - 1, -abs(statistic))))


def mcnemar(first_right: Any, second_right: Any, *, exact: bool | None = None) -> Verdict:
    """McNemar's test of two classifiers, by the rows where only one of them is right.

    With b rows that the first alone has right and c that the second alone has: the exact test asks
    the binomial distribution of min(b, c) in b + c tosses, the other one compares
    (|b - c| - 1)² / (b + c) with χ² of one degree of freedom.

    Parameters
    ----------
    first_right, second_right : (n,) booleans
        Whether each row's class was right.
    exact : bool, optional
        By default exact where b + c < 25, with the continuity correction otherwise.

    Returns
    -------
    Verdict
        Its statistic is min(b, c) where the test is exact, else χ².

    References
    ----------
    McNemar (1947), Psychometrika 12, 153-157; Edwards (1948), Psychometrika 13, 185-187.

    Examples
    --------
    >>> first = np.array([True] * 8 + [False] * 2)
    >>> round(mcnemar(first, ~first).p_value, 4)
    0.1094
    """
    first, second = _booleans("first_right", first_right), _booleans("second_right", second_right)
    if first.shape != second.shape:
        raise InputError(
            f"first_right has {len(first)} rows and second_right {len(second)}; a paired test "
            "needs the same rows"
        )
    b, c = int((first & ~second).sum()), int((~first & second).sum())
    if b + c == 0:
        return Verdict(0.0, 1.0)
    if exact is None:
        exact = b + c < 25
    if exact:
        smaller = min(b, c)
        tail = float(special.bdtr(smaller, b + c, 0.5))
        return Verdict(float(smaller), min(1.0, 2 * tail))
    statistic = max(0, abs(b - c) - 1) ** 2 / (b + c)
    return Verdict(statistic, float(special.chdtrc(1, statistic)))


def paired_bootstrap(
    first: Any,
    second: Any,
    *,
    resamples: int = 10_000,
    block: int = 1,
    seed: int | np.random.Generator = 0,
) -> Verdict:
    """Bootstrap test of equal mean loss: rows are drawn again, in pairs, from centred differences.

    Parameters
    ----------
    first, second : (n,) losses, one a row; 1 - right for classes
    resamples : int
    block : int
        Neighbouring rows drawn together (circular blocks): more than 1 where neighbours in time
        err alike, which would make chance look like skill.
    seed : int or numpy.random.Generator

    Returns
    -------
    Verdict
        The mean difference, and the share (with one added, so never 0) of resamples whose mean is
        at least as far from 0.

    References
    ----------
    Efron, Tibshirani (1993), An Introduction to the Bootstrap, chapter 16.
    Politis, Romano (1992), for the circular blocks.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> first, second = rng.random(200), rng.random(200) + 0.2
    >>> paired_bootstrap(first, second).p_value < 0.001
    True
    """
    d = _differences(first, second)
    resamples, block = _whole("resamples", resamples), _whole("block", block)
    if block > len(d):
        raise InputError(f"block must be at most the number of losses, {len(d)}; it is {block}")
    rng = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    mean = float(d.mean())
    means = _resampled_means(d - mean, resamples, block, rng)
    # a hair's breadth, so that sums in another order count as the same
    extreme = int((np.abs(means) >= abs(mean) * (1 - 1e-12)).sum())
    return Verdict(mean, (extreme + 1) / (resamples + 1))


def _resampled_means(
    centred: Series, resamples: int, block: int, rng: np.random.Generator
) -> Series:
    """Means of resamples made of whole circular blocks; the last one is cut to fit."""
    n = len(centred)
    blocks, rest = divmod(n, block)
    turned = np.concatenate([centred, centred[: block - 1]]) if block > 1 else centred
    sums = np.concatenate([[0.0], np.cumsum(turned)])
    of_block = sums[block:] - sums[:-block]  # (n,): the sum of the block that begins at each row
    tail = np.concatenate([centred, centred[:rest]])
    tails = np.concatenate([[0.0], np.cumsum(tail)])
    of_tail = tails[rest : rest + n] - tails[:n]
    means = np.empty(resamples)
    part = max(1, 2_000_000 // max(1, blocks))  # bounds the memory
    for start in range(0, resamples, part):
        count = min(part, resamples - start)
        total = of_block[rng.integers(n, size=(count, blocks))].sum(axis=1)
        if rest:
            total += of_tail[rng.integers(n, size=count)]
        means[start : start + count] = total / n
    return means


def _long_run_variance(d: Series, horizon: int) -> float:
    """γ₀ + 2 Σ_{k<h} γₖ, the autocovariances divided by n."""
    centred = d - d.mean()
    scale = float(np.abs(d).max())
    if scale == 0 or float(np.abs(centred).max()) <= 1e-14 * scale:  # rounding alone
        return 0.0
    lagged = (float(centred[k:] @ centred[:-k]) for k in range(1, horizon))
    return (float(centred @ centred) + 2 * sum(lagged)) / len(d)


def _differences(first: Any, second: Any) -> Series:
    """The first's losses minus the second's."""
    losses = []
    for name, values in (("first", first), ("second", second)):
        array = np.asarray(values)
        if array.dtype.kind not in "fiub" or array.ndim != 1:
            raise InputError(
                f"{name} must be one axis of numbers, one loss a row; it has shape {array.shape} "
                f"and dtype {array.dtype}"
            )
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            row = int(np.argmin(np.isfinite(array)))
            raise InputError(f"{name} must be finite, it is {array[row]} in row {row}")
        losses.append(array)
    if losses[0].shape != losses[1].shape:
        raise InputError(
            f"first has {len(losses[0])} losses and second {len(losses[1])}; a paired test needs "
            "the same rows"
        )
    if len(losses[0]) < 2:
        raise InputError(f"a test needs at least 2 losses, there are {len(losses[0])}")
    difference: Series = losses[0] - losses[1]
    return difference


def _booleans(name: str, values: Any) -> npt.NDArray[np.bool_]:
    array = np.asarray(values)
    if array.dtype != np.bool_ or array.ndim != 1 or not array.size:
        raise InputError(
            f"{name} must be one axis of booleans, whether each row is right; it has shape "
            f"{array.shape} and dtype {array.dtype}"
        )
    return array


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(f"{name} must be a whole number >= 1, it is {value!r}")
    return int(value)
