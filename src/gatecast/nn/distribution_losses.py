"""Losses of forecasts that say how sure they are: quantiles, Gaussian and Student's t."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.losses import Loss, Scale

_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


def _column(scale: Scale) -> Scale:
    """The scale of each target, to multiply its several outputs."""
    return scale[..., None] if isinstance(scale, np.ndarray) else scale


def softplus(raw: Array) -> Array:
    """log(1 + eʳ) > 0, without overflow."""
    return np.asarray(np.logaddexp(raw, raw.dtype.type(0)))


def softplus_slope(raw: Array) -> Array:
    """The sigmoid, as exp(r - softplus(r)): precise where it is tiny."""
    return np.asarray(np.exp(raw - softplus(raw)))


class Pinball(Loss):
    """Pinball (quantile) loss, l = mean over the quantiles q of max(q·e, (q - 1)·e), e = y - ŷ.

    A prediction's last axis holds O·Q numbers: the Q quantiles of the first target, then those
    of the second, ...

    Parameters
    ----------
    quantiles : sequence of float
        Rising, each in (0, 1).

    Examples
    --------
    >>> loss = Pinball(quantiles=(0.1, 0.5, 0.9))
    >>> prediction, target = np.array([[1.0, 2.0, 5.0]]), np.array([[4.0]])
    >>> round(loss(prediction, target), 4)
    0.4667
    >>> loss.point(prediction)
    array([[2.]])
    """

    _options = ("quantiles",)

    def __init__(self, quantiles: Sequence[float] = (0.1, 0.5, 0.9)) -> None:
        try:
            levels = np.array(quantiles, np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"quantiles must be numbers, they are {quantiles!r}") from error
        rising = levels.ndim == 1 and levels.size and bool((np.diff(levels) > 0).all())
        if not rising or not (levels[0] > 0 and levels[-1] < 1):
            raise InputError(f"quantiles must rise and lie between 0 and 1, they are {quantiles!r}")
        self.quantiles = tuple(levels.tolist())
        self.outputs_per_target = levels.size
        # the row that takes the median, or what lies between the two quantiles around it
        self._median = np.array([np.interp(0.5, levels, row) for row in np.eye(levels.size)])

    def parameters(self, prediction: Array) -> Array:
        """The quantiles as (..., O, Q)."""
        return prediction.reshape(*prediction.shape[:-1], -1, len(self.quantiles))

    def point(self, prediction: Array) -> Array:
        """The median; interpolated, or the nearest quantile, where 0.5 is not among them."""
        return np.asarray(self.parameters(prediction) @ self._median.astype(prediction.dtype))

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        error = target[..., None] - self.parameters(prediction)
        slope = np.array(self.quantiles, error.dtype) - (error < 0)  # q, or q - 1
        return (slope * error).mean(axis=-1), (slope.astype(error.dtype, copy=False),)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        (slope,) = local
        gradient = slope * (_column(scale) / -len(self.quantiles))
        return gradient.reshape(*slope.shape[:-2], -1)


class GaussianNLL(Loss):
    """Negative log-likelihood of N(μ, σ²), l = log(2π)/2 + log σ + z²/2, z = (y - μ)/σ.

    A prediction's last axis holds μ and r of the first target, then of the second, ...;
    σ = softplus(r) + ``min_scale``.

    Parameters
    ----------
    min_scale : float
        Keeps the loss finite where a series can be predicted exactly.

    Examples
    --------
    >>> loss = GaussianNLL()
    >>> prediction, target = np.array([[1.0, 0.0]]), np.array([[1.5]])
    >>> round(loss(prediction, target), 4)
    0.8126
    >>> mean, scale = loss.parameters(prediction)
    >>> mean, scale.round(4)
    (array([[1.]]), array([[0.6931]]))
    """

    outputs_per_target = 2
    _options = ("min_scale",)

    def __init__(self, min_scale: float = 1e-6) -> None:
        self.min_scale = _check_positive("min_scale", min_scale)

    def parameters(self, prediction: Array) -> tuple[Array, Array]:
        """μ and σ, each in the target's shape."""
        raw = prediction.reshape(*prediction.shape[:-1], -1, 2)
        return raw[..., 0], softplus(raw[..., 1]) + self.min_scale

    def point(self, prediction: Array) -> Array:
        """The mean."""
        return self.parameters(prediction)[0]

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        mean, scale = self.parameters(prediction)
        z = (target - mean) / scale
        entries = _HALF_LOG_TWO_PI + np.log(scale) + 0.5 * z * z
        return entries, (prediction[..., 1::2], scale, z)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        raw, deviation, z = local
        share = scale / deviation
        by_mean = -z * share
        by_raw = (1 - z * z) * softplus_slope(raw) * share
        return _interleave(by_mean, by_raw)


class StudentTNLL(Loss):
    """Negative log-likelihood of Student's t: location μ, scale σ, ν degrees of freedom.

    l = log B(ν/2, 1/2) + log(ν)/2 + log σ + (ν + 1)/2 · log(1 + z²/ν),  z = (y - μ)/σ.
    Its heavy tails forgive outliers.  A prediction's last axis holds μ, r (and s) of the first
    target, then of the second, ...; σ = softplus(r) + ``min_scale``, ν = 2 + softplus(s), so
    that the variance exists.

    Parameters
    ----------
    df : float, optional
        ν for all; learned for each target without it.
    min_scale : float

    Examples
    --------
    >>> loss = StudentTNLL(df=5)
    >>> round(loss(np.array([[1.0, 0.0]]), np.array([[1.5]])), 4)
    0.8991
    >>> StudentTNLL().outputs_per_target
    3
    """

    _options = ("df", "min_scale")

    def __init__(self, df: float | None = None, min_scale: float = 1e-6) -> None:
        self.df = None if df is None else _check_positive("df", df)
        self.min_scale = _check_positive("min_scale", min_scale)
        self.outputs_per_target = 3 if df is None else 2

    def parameters(self, prediction: Array) -> tuple[Array, Array, Array]:
        """μ, σ and ν, each in the target's shape."""
        raw = prediction.reshape(*prediction.shape[:-1], -1, self.outputs_per_target or 1)
        scale = softplus(raw[..., 1]) + self.min_scale
        if self.df is None:
            return raw[..., 0], scale, softplus(raw[..., 2]) + 2
        return raw[..., 0], scale, np.full_like(scale, self.df)

    def point(self, prediction: Array) -> Array:
        """The location: mean and median."""
        return self.parameters(prediction)[0]

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        from scipy.special import betaln

        location, scale, df = self.parameters(prediction)
        z = (target - location) / scale
        wide = df.astype(np.float64)  # in float32 the two halves of the normaliser cancel
        normaliser = (betaln(wide / 2, 0.5) + 0.5 * np.log(wide)).astype(df.dtype)
        entries = normaliser + np.log(scale) + (df + 1) / 2 * np.log1p(z * z / df)
        return entries, (prediction, scale, df, z)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        prediction, deviation, df, z = local
        per_target = self.outputs_per_target or 1
        by_z = (df + 1) * z / (df + z * z)
        share = scale / deviation
        by_raw = (1 - z * by_z) * softplus_slope(prediction[..., 1::per_target]) * share
        if self.df is not None:
            return _interleave(-by_z * share, by_raw)
        by_df = _slope_by_df(df, z) * softplus_slope(prediction[..., 2::3]) * scale
        return _interleave(-by_z * share, by_raw, by_df)


def _slope_by_df(df: Array, z: Array) -> Array:
    """∂l/∂ν, in float64 because its four terms nearly cancel for a large ν."""
    from scipy.special import digamma

    df, z, dtype = df.astype(np.float64), z.astype(np.float64), df.dtype
    normaliser = digamma(df / 2) - digamma((df + 1) / 2) + 1 / df
    tails = np.log1p(z * z / df) - (df + 1) / df * (z * z / (df + z * z))
    return np.asarray((0.5 * (normaliser + tails)).astype(dtype))


def _interleave(*columns: Array) -> Array:
    """The gradients of each target's outputs, side by side on the last axis."""
    return np.stack(columns, axis=-1).reshape(*columns[0].shape[:-1], -1)


def _check_positive(name: str, value: Any) -> float:
    number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
    if not number or not 0 < value < np.inf:
        raise InputError(f"{name} must be a number > 0, it is {value!r}")
    return float(value)
