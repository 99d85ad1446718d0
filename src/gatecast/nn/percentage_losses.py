"""Losses in per cent of the values themselves: sMAPE and MAPE, of values or of their logarithms."""

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.losses import Loss, Scale

_LARGEST = 30.0  # e³⁰ is a ratio that no forecast means, and far from float32's end


class _Percentage(Loss):
    """Base of both: ``logs``, and entries whose slope is all that the gradient needs."""

    _options = ("logs",)

    def __init__(self, logs: bool = False) -> None:
        self.logs = bool(logs)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        (slope,) = local
        return slope * scale


class SMAPE(_Percentage):
    """Symmetric percentage error, l = 200·|y - ŷ| / (|y| + |ŷ|), from 0 to 200; 0/0 is 0.

    With ``logs``, prediction and target are logarithms (or both less the same number): the
    same loss is then exactly 200·tanh(|ŷ - y| / 2).

    Parameters
    ----------
    logs : bool

    Examples
    --------
    >>> prediction, target = np.array([[1.0], [6.0]]), np.array([[1.0], [2.0]])
    >>> SMAPE()(prediction, target)
    50.0
    >>> round(SMAPE(logs=True)(np.log(prediction), np.log(target)), 6)
    50.0
    """

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        error = prediction - target
        if self.logs:
            half = np.tanh(error * error.dtype.type(0.5))
            return 200 * np.abs(half), (100 * np.sign(half) * (1 - half * half),)
        both = np.abs(target) + np.abs(prediction)
        share = np.divide(1, both, out=np.zeros_like(both), where=both > 0)
        size = np.abs(error) * share
        slope = (np.sign(error) - size * np.sign(prediction)) * share
        return 200 * size, (200 * slope,)


class MAPE(_Percentage):
    """Absolute percentage error, l = 100·|y - ŷ| / |y|; where y is 0 nothing is counted.

    With ``logs``, prediction and target are logarithms: l = 100·|exp(ŷ - y) - 1|.

    Parameters
    ----------
    logs : bool

    Examples
    --------
    >>> prediction, target = np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]])
    >>> MAPE()(prediction, target)
    25.0
    >>> round(MAPE(logs=True)(np.log(prediction), np.log(target)), 6)
    25.0
    """

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        error = prediction - target
        if self.logs:
            excess = np.expm1(np.minimum(error, error.dtype.type(_LARGEST)))
            return 100 * np.abs(excess), (100 * np.sign(excess) * (excess + 1),)
        size = np.abs(target)
        share = np.divide(100, size, out=np.zeros_like(size), where=size > 0)
        return np.abs(error) * share, (np.sign(error) * share,)
