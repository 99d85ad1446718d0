"""Layer normalisation over the last axis (Ba, Kiros, Hinton 2016), as the cells use it."""

import numpy as np

from gatecast.kernels.contract import LAYER_NORM_EPSILON, Array


def normalise(a: Array) -> tuple[Array, Array]:
    """(a - mean) / √(variance + ε) and the factor 1 / √(variance + ε), which backward needs."""
    centred = a - a.mean(axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1, keepdims=True)
    precision = 1 / np.sqrt(variance + a.dtype.type(LAYER_NORM_EPSILON))
    return centred * precision, precision


def normalise_backward(dnormed: Array, normed: Array, precision: Array) -> Array:
    """Gradient by ``a``: what remains of dnormed after its mean and its part along normed."""
    along = np.mean(dnormed * normed, axis=-1, keepdims=True)
    da: Array = precision * (dnormed - dnormed.mean(axis=-1, keepdims=True) - normed * along)
    return da
