"""Intervals around forecasts: split conformal, and Monte-Carlo dropout made honest.

Both are calibrated on rows that the network did not learn from, per step ahead, and both say how
much they covered there; ``Interval.coverage`` measures it on any other rows.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from gatecast import metrics
from gatecast.errors import InputError
from gatecast.nn.dropout import Dropout, monte_carlo
from gatecast.nn.init import make_generator
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent
from gatecast.nn.validation import check_size

Array = npt.NDArray[Any]
BLOCK = 1024  # rows drawn together


@dataclass(frozen=True)
class Interval:
    """Lower and upper bounds of the forecasts of some rows.

    Attributes
    ----------
    lower, upper : (n, horizon) arrays
    level : float
        Per cent of the truth that is meant to lie between them.
    """

    lower: Array
    upper: Array
    level: float

    def coverage(self, truth: Array) -> float:
        """Share of the truth that does lie between them.

        Examples
        --------
        >>> Interval(np.zeros((2, 1)), np.ones((2, 1)), 90.0).coverage(np.array([[0.5], [2.0]]))
        0.5
        """
        return metrics.coverage(truth, self.lower, self.upper)

    def score(self, truth: Array) -> float:
        """Interval score: smaller is better."""
        return metrics.interval_score(truth, self.lower, self.upper, level=self.level)


class SplitConformal:
    """Intervals as wide as the errors on calibration rows were, per step ahead.

    The half width of step h is the ⌈(n + 1)·level⌉-th smallest |y - ŷ| of n calibration rows: for
    rows that come in exchangeable order the coverage is at least the level, whatever the
    forecaster (Vovk 2005; Lei 2018).  In a drifting series it is as good as the calibration rows
    are recent: measure it.

    Parameters
    ----------
    level : float
        Per cent, in (0, 100).

    Examples
    --------
    >>> truth, forecast = np.arange(20.0)[:, None], np.zeros((20, 1))
    >>> conformal = SplitConformal(80).fit(truth, forecast)
    >>> conformal.apply(np.array([[100.0]]))
    Interval(lower=array([[84.]]), upper=array([[116.]]), level=80.0)
    """

    def __init__(self, level: float = 90.0) -> None:
        self.level = check_level(level)

    def fit(self, truth: Array, forecast: Array) -> Self:
        """Learn the half widths from the truth and the forecasts of calibration rows."""
        truth, forecast = _matrices(truth, forecast)
        self.half_width_ = _quantile(np.abs(truth - forecast), self.level)
        self.coverage_ = self.apply(forecast).coverage(truth)
        return self

    def apply(self, forecast: Array) -> Interval:
        """Intervals around forecasts (n, horizon)."""
        if not hasattr(self, "half_width_"):
            raise InputError("SplitConformal is not fitted; call fit with calibration rows first")
        _same_steps(forecast, self.half_width_)
        return Interval(forecast - self.half_width_, forecast + self.half_width_, self.level)


class DropoutIntervals:
    """Monte-Carlo dropout: the spread of forecasts with dropout on, times a factor per step.

    Dropout alone knows nothing of the noise in the data, so its raw intervals are usually much too
    narrow.  The factor is the one with which the calibration rows are covered as often as the
    level says; ``raw_coverage_`` is what they covered before.

    Parameters
    ----------
    level : float
        Per cent, in (0, 100).
    samples : int
        Forecasts drawn for each row.
    seed : int or numpy.random.Generator

    Attributes
    ----------
    factor_ : (horizon,) array
        On the standard deviations of the samples; the normal distribution's, before calibration.
    raw_coverage_, coverage_ : float
        Of the calibration rows, before and after.

    Examples
    --------
    >>> from gatecast import nn
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 5, 1)).astype(np.float32)
    >>> truth = rng.normal(size=(200, 1))
    >>> net = nn.Sequential(nn.GRU(1, 8), nn.Last(), nn.Dropout(0.2), nn.Linear(8, 1))
    >>> intervals = DropoutIntervals(90, samples=50).fit(net, x, truth)
    >>> intervals.raw_coverage_ < 0.5, 0.89 <= intervals.coverage_ <= 0.92
    (True, True)
    """

    def __init__(
        self, level: float = 90.0, samples: int = 100, seed: int | np.random.Generator = 0
    ) -> None:
        self.level = check_level(level)
        self.samples = check_size("samples", samples, least=2)
        self.seed = seed

    def fit(
        self, net: Module, x: Array, truth: Array, restore: Callable[[Array], Array] | None = None
    ) -> Self:
        """Learn the factor from calibration rows.

        Parameters
        ----------
        net : Module
            With dropout in it; is not changed.
        x : (n, time, features) array
        truth : (n, horizon) array
        restore : function, optional
            From the network's outputs to the units of the truth, ``Samples.restore`` say.
        """
        _check_dropout(net)
        mean, deviation = self._moments(net, x, restore)
        truth, mean = _matrices(truth, mean)
        step = np.finfo(np.float64).tiny
        ratios = np.abs(truth - mean) / np.maximum(deviation, step)
        normal = float(special.ndtri(0.5 + self.level / 200))
        raw = normal * deviation
        self.raw_coverage_ = Interval(mean - raw, mean + raw, self.level).coverage(truth)
        self.factor_ = _quantile(ratios, self.level)
        self.coverage_ = self._interval(mean, deviation).coverage(truth)
        return self

    def apply(
        self, net: Module, x: Array, restore: Callable[[Array], Array] | None = None
    ) -> tuple[Array, Interval]:
        """Mean forecasts (n, horizon), and the intervals around them."""
        if not hasattr(self, "factor_"):
            raise InputError("DropoutIntervals is not fitted; call fit with calibration rows first")
        mean, deviation = self._moments(net, x, restore)
        _same_steps(mean, self.factor_)
        return mean, self._interval(mean, deviation)

    def _interval(self, mean: Array, deviation: Array) -> Interval:
        half = self.factor_ * deviation
        return Interval(mean - half, mean + half, self.level)

    def _moments(
        self, net: Module, x: Array, restore: Callable[[Array], Array] | None
    ) -> tuple[Array, Array]:
        """Mean and standard deviation of the samples in float64, a block of rows at a time."""
        rng = make_generator(self.seed)
        means, deviations = [], []
        for start in range(0, len(x), BLOCK):
            draws = monte_carlo(net, x[start : start + BLOCK], samples=self.samples, seed=rng)
            means.append(draws.mean(axis=0, dtype=np.float64))
            deviations.append(draws.std(axis=0, ddof=1, dtype=np.float64))
        mean, deviation = np.concatenate(means), np.concatenate(deviations)
        if restore is None:
            return mean, deviation
        return restore(mean), restore(mean + deviation) - restore(mean)


def _check_dropout(net: Module) -> None:
    """Refuse a network whose samples would all be the same."""
    for _, layer in net.leaves():
        if isinstance(layer, Dropout) and layer.rate:
            return
        if isinstance(layer, Recurrent):
            between = layer.dropout if layer.num_layers > 1 else 0.0
            if between or layer.recurrent_dropout or layer.zoneout:
                return
    raise InputError(
        "the network has no dropout, so that all its samples are the same; build it with "
        "nn.Dropout, or use SplitConformal"
    )


def _quantile(values: Array, level: float) -> Array:
    """The ⌈(n + 1)·level⌉-th smallest of each column; refused where n rows cannot tell it."""
    n = len(values)
    rank = math.ceil((n + 1) * level / 100 - 1e-9)
    if rank > n:
        needed = math.ceil(level / (100 - level) - 1e-9)
        raise InputError(
            f"an interval of {level:g} % needs at least {needed} calibration rows, there are {n}"
        )
    found: Array = np.sort(values, axis=0)[rank - 1]
    return found


def check_level(level: Any) -> float:
    """A level in per cent, as a float."""
    number = isinstance(level, int | float | np.integer | np.floating)
    if not number or isinstance(level, bool) or not 0 < level < 100:
        raise InputError(f"level must lie between 0 and 100 per cent, it is {level!r}")
    if level < 1:
        raise InputError(
            f"level must lie between 0 and 100 per cent, and {level!r} is less than one per cent; "
            f"write {100 * level:g} if that is meant"
        )
    return float(level)


def _matrices(truth: Any, forecast: Any) -> tuple[Array, Array]:
    """Both (n, horizon), float64, finite."""
    pair = np.asarray(truth), np.asarray(forecast)
    for name, array in zip(("truth", "forecast"), pair, strict=True):
        if array.ndim != 2 or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise InputError(
                f"{name} must be (rows, horizon) finite numbers, it has shape {array.shape} and "
                f"dtype {array.dtype}"
            )
    if pair[0].shape != pair[1].shape:
        raise InputError(f"truth has shape {pair[0].shape} and forecast {pair[1].shape}")
    return pair[0].astype(np.float64), pair[1].astype(np.float64)


def _same_steps(forecast: Array, fitted: Array) -> None:
    if forecast.ndim != 2 or forecast.shape[1] != len(fitted):
        raise InputError(
            f"forecast must have shape (rows, {len(fitted)}) as in fit, it has {forecast.shape}"
        )
