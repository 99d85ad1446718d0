"""The vector work around the recurrences, in NumPy: optimiser steps, norms, the head.

Optimiser steps change flat vectors in place, in PyTorch's order of operations.  ``scale``
multiplies the gradients first: with it, clipping costs no pass of its own.
"""

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array


def adam_step(
    parameters: Array,
    gradients: Array,
    first: Array,
    second: Array,
    *,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    correction1: float,
    correction2: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    scale: float = 1.0,
) -> None:
    """One step of Adam, or of AdamW with ``decoupled=True``.

    ``correction1`` is 1 - β1ᵗ, ``correction2`` 1 - β2ᵗ; ``first`` and ``second`` hold the moments.

    Examples
    --------
    >>> p, g, m, v = np.ones(1), np.ones(1), np.zeros(1), np.zeros(1)
    >>> adam_step(p, g, m, v, learning_rate=0.1, beta1=0.9, beta2=0.999, epsilon=1e-8,
    ...           correction1=0.1, correction2=0.001)
    >>> float(p[0].round(6))
    0.9
    """
    g = gradients if scale == 1 else gradients * parameters.dtype.type(scale)
    if weight_decay and decoupled:
        parameters *= 1 - learning_rate * weight_decay
    elif weight_decay:
        g = g + weight_decay * parameters
    first += (g - first) * (1 - beta1)
    second *= beta2
    second += (1 - beta2) * g * g
    spread = np.sqrt(second)
    spread /= correction2**0.5
    spread += epsilon
    parameters -= first * (learning_rate / correction1) / spread


def sgd_step(
    parameters: Array,
    gradients: Array,
    velocity: Array | None = None,
    *,
    learning_rate: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    scale: float = 1.0,
) -> None:
    """One step of gradient descent; ``velocity`` holds the momentum, None is without.

    PyTorch does not dampen its first step: pass ``dampening=0`` there.

    Examples
    --------
    >>> p = np.ones(2)
    >>> sgd_step(p, np.ones(2), learning_rate=0.25)
    >>> p
    array([0.75, 0.75])
    """
    g = gradients if scale == 1 else gradients * parameters.dtype.type(scale)
    if weight_decay:
        g = g + weight_decay * parameters
    if velocity is not None:
        velocity *= momentum
        velocity += (1 - dampening) * g
        g = g + momentum * velocity if nesterov else velocity
    parameters -= learning_rate * g


def rmsprop_step(
    parameters: Array,
    gradients: Array,
    square: Array,
    mean: Array | None = None,
    velocity: Array | None = None,
    *,
    learning_rate: float,
    alpha: float = 0.99,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    scale: float = 1.0,
) -> None:
    """One step of RMSprop; ``mean`` makes it the centred form, ``velocity`` holds the momentum.

    Examples
    --------
    >>> p, square = np.ones(1), np.zeros(1)
    >>> rmsprop_step(p, np.ones(1), square, learning_rate=0.1, alpha=0.75)
    >>> float(p[0].round(6))
    0.8
    """
    g = gradients if scale == 1 else gradients * parameters.dtype.type(scale)
    if weight_decay:
        g = g + weight_decay * parameters
    square *= alpha
    square += (1 - alpha) * g * g
    spread = square
    if mean is not None:
        mean += (g - mean) * (1 - alpha)
        spread = np.maximum(square - mean * mean, 0)  # rounding may leave it just below 0
    move = g / (np.sqrt(spread) + epsilon)
    if velocity is not None:
        velocity *= momentum
        velocity += move
        move = velocity
    parameters -= learning_rate * move


def global_norm(vector: Array) -> float:
    """Euclidean norm of a flat vector, summed in float64.

    Examples
    --------
    >>> global_norm(np.array([3.0, 4.0]))
    5.0
    """
    wide = vector.astype(np.float64, copy=False)
    return float(np.sqrt(wide @ wide))


def linear_forward(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b: x (N, I), weight (O, I), bias (O,) -> (N, O).

    Examples
    --------
    >>> linear_forward(np.ones((1, 2)), np.ones((3, 2)), np.zeros(3))
    array([[2., 2., 2.]])
    """
    check_linear(x, weight, bias)
    y: Array = x @ weight.T
    if bias is not None:
        y += bias
    return y


def linear_backward(
    x: Array,
    weight: Array,
    dy: Array,
    *,
    into: tuple[Array, Array | None] | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Array | None]:
    """Gradients dx (N, I) or None, dweight (O, I), dbias (O,) where dy (N, O) flows in.

    ``into=(dweight, dbias)`` adds to those arrays (dbias may be None).

    Examples
    --------
    >>> dx, dweight, dbias = linear_backward(np.ones((1, 2)), np.ones((3, 2)), np.ones((1, 3)))
    >>> dx, dbias
    (array([[3., 3.]]), array([1., 1., 1.]))
    """
    check_linear(x, weight, None, dy)
    dx = dy @ weight if need_dx else None
    dweight, dbias = dy.T @ x, dy.sum(axis=0)
    if into is None:
        return dx, dweight, dbias
    total, total_bias = into
    total += dweight
    if total_bias is not None:
        total_bias += dbias
    return dx, total, total_bias


def check_linear(x: Array, weight: Array, bias: Array | None, dy: Array | None = None) -> None:
    """Refuse arrays of a linear map that do not fit together."""
    if x.ndim != 2 or weight.ndim != 2 or x.shape[1] != weight.shape[1]:
        raise InputError(f"x (N, I) and weight (O, I) do not fit: {x.shape} and {weight.shape}")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise InputError(f"bias must have shape {weight.shape[:1]}, it has {bias.shape}")
    if dy is not None and dy.shape != (len(x), len(weight)):
        raise InputError(f"dy must have shape {(len(x), len(weight))}, it has {dy.shape}")
    if any(a is not None and a.dtype != x.dtype for a in (weight, bias, dy)):
        raise InputError(f"all arrays must be {x.dtype} as x is")


def gather_windows(series: Array, starts: Array, width: int) -> Array:
    """Windows of a table (L, F): (N, width, F).

    Examples
    --------
    >>> gather_windows(np.arange(5.0)[:, None], np.array([0, 2]), 3)[..., 0]
    array([[0., 1., 2.],
           [2., 3., 4.]])
    """
    if series.ndim != 2:
        raise InputError(f"series must have shape (time, features), it has {series.shape}")
    outside = (starts < 0) | (starts > len(series) - width)
    if width < 0 or outside.any():
        raise InputError(
            f"a window of {width} steps from {starts[outside][:1]} leaves the "
            f"{len(series)} steps of the series"
        )
    windows: Array = series[starts[:, None] + np.arange(width)]
    return windows
