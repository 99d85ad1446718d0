"""Scores of intervals, quantiles and whole distributions.  All take the truth first."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError
from gatecast.metrics.checks import Floats, check_bounds, check_pair, check_share
from gatecast.metrics.points import naive_scale


def coverage(truth: Any, lower: Any, upper: Any) -> float:
    """Share of the truth that lies within its interval, bounds included.

    Examples
    --------
    >>> coverage([1.0, 2.0], [0.0, 3.0], [1.0, 4.0])
    0.5
    """
    truth, lower, upper = check_bounds(truth, lower, upper)
    return float(np.mean((truth >= lower) & (truth <= upper)))


def coverage_by_step(truth: Any, lower: Any, upper: Any) -> Floats:
    """(horizon,): the share of the truth within its interval, of each step ahead.

    Parameters
    ----------
    truth, lower, upper : (n, horizon) arrays

    Examples
    --------
    >>> coverage_by_step([[1.0, 2.0], [1.0, 9.0]], np.zeros((2, 2)), np.full((2, 2), 3.0))
    array([1. , 0.5])
    """
    truth, lower, upper = check_bounds(truth, lower, upper)
    if truth.ndim != 2:
        raise InputError(f"truth must be (rows, horizon), it has shape {truth.shape}")
    shares: Floats = np.mean((truth >= lower) & (truth <= upper), axis=0)
    return shares


def interval_score(truth: Any, lower: Any, upper: Any, *, level: float) -> float:
    """Width of the intervals, and 2/α times what the truth lies outside (α = 1 - level/100).

    Smaller is better; neither wide intervals nor missed truths pay (Gneiting, Raftery 2007).

    Parameters
    ----------
    truth, lower, upper : array
    level : float
        Per cent, in (0, 100).

    Examples
    --------
    >>> round(interval_score([1.0, 5.0], [0.0, 3.0], [2.0, 4.0], level=80), 4)
    6.5
    """
    truth, lower, upper = check_bounds(truth, lower, upper)
    level = check_share("level", level, 100)
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return float(np.mean(upper - lower + 2 / (1 - level / 100) * outside))


def scaled_interval_score(
    truth: Any, lower: Any, upper: Any, history: Any, *, level: float, period: int = 1
) -> float:
    """The interval score over the seasonal naive error within ``history``: M4's MSIS.

    Examples
    --------
    >>> round(scaled_interval_score([5.0], [3.0], [4.0], [1.0, 3.0, 5.0], level=80), 4)
    5.5
    """
    return interval_score(truth, lower, upper, level=level) / naive_scale(history, period=period)


def pinball(truth: Any, forecast: Any, *, quantile: float) -> float:
    """Mean pinball loss of a quantile's forecasts: q·(y - ŷ) above them, (1 - q)·(ŷ - y) below.

    Examples
    --------
    >>> pinball([3.0], [1.0], quantile=0.9)
    1.8
    """
    truth, forecast = check_pair(truth, forecast)
    return float(np.mean(_pinball(truth - forecast, check_share("quantile", quantile))))


def weighted_interval_score(truth: Any, quantiles: Any, levels: Any) -> float:
    """Twice the mean pinball loss over quantiles: of the median and bounds, the WIS.

    With the median and both bounds of K levels it is the weighted interval score,
    (½·|y - m| + Σ α/2·IS) / (K + ½) (Bracher 2021); with many evenly spread levels it tends to
    the CRPS.

    Parameters
    ----------
    truth : (...) array
    quantiles : (..., Q) array
        Forecasts of each quantile, along the last axis.
    levels : (Q,) array
        Of the quantiles, in (0, 1).

    Examples
    --------
    >>> weighted_interval_score([3.0], [[1.0, 2.0, 3.0]], [0.25, 0.5, 0.75])
    0.666...
    """
    shares = np.asarray(levels, np.float64)
    found = np.asarray(quantiles)
    if shares.ndim != 1 or found.ndim < 1 or found.shape[-1:] != shares.shape or not len(shares):
        raise InputError(
            f"quantiles must have one entry for each of the levels along the last axis; they have "
            f"shapes {found.shape} and {shares.shape}"
        )
    for share in shares:
        check_share("levels", share)
    whole, found = _beside(truth, found)
    return float(2 * np.mean(_pinball(whole - found, shares)))


def crps_samples(truth: Any, samples: Any) -> float:
    """Continuous ranked probability score of samples: E|X - y| - ½·E|X - X'|, over all pairs.

    Parameters
    ----------
    truth : (...) array
    samples : (..., draws) array

    Examples
    --------
    >>> crps_samples([0.0], [[-1.0, 1.0]])
    0.5
    """
    whole, draws = _beside(truth, np.asarray(samples))
    count = draws.shape[-1]
    ordered = np.sort(draws, axis=-1)
    # Σ|X - X'| over all pairs, of sorted draws: each is larger than those before it
    ranks = 2 * np.arange(count) - count + 1
    spread = 2 * (ordered @ ranks) / count**2
    return float(np.mean(np.abs(draws - whole).mean(axis=-1) - spread / 2))


def crps_gaussian(truth: Any, mean: Any, deviation: Any) -> float:
    """Continuous ranked probability score of normal distributions, in closed form.

    σ·(z·(2Φ(z) - 1) + 2φ(z) - 1/√π) with z = (y - μ)/σ (Gneiting 2005).

    Examples
    --------
    >>> round(crps_gaussian([0.0], [0.0], [1.0]), 4)
    0.2337
    """
    from scipy.special import ndtr

    truth, mean = check_pair(truth, mean)
    _, deviation = check_pair(truth, deviation)
    if (deviation <= 0).any():
        place = tuple(int(i) for i in np.argwhere(deviation <= 0)[0])
        raise InputError(f"deviation must be > 0, it is {deviation[place]} at {place}")
    z = (truth - mean) / deviation
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    score = deviation * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return float(np.mean(score))


def _pinball(error: Floats, quantile: Any) -> Floats:
    """The loss of truth minus forecast."""
    loss: Floats = np.maximum(quantile * error, (quantile - 1) * error)
    return loss


def _beside(truth: Any, longer: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    """The truth, repeated along the last axis of what has its axes and one more; and that."""
    if np.shape(truth) != longer.shape[:-1] or longer.ndim == 0:
        raise InputError(
            "quantiles and samples have the truth's axes and one more at the end; the shapes are "
            f"{np.shape(truth)} and {longer.shape}"
        )
    return check_pair(np.broadcast_to(np.asarray(truth)[..., None], longer.shape), longer)
