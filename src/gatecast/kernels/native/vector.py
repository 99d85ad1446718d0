"""The vector work in compiled code; ``reference/vector.py`` says what each function does.

What the compiled code does not take as it is (another dtype, a strided view) goes to the
reference, which also raises the errors.
"""

import math
from typing import Any

from gatecast.kernels import _native
from gatecast.kernels.contract import Array
from gatecast.kernels.reference import vector as reference


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
    """One step of Adam, or of AdamW with ``decoupled=True``, in place."""
    if not _native.adam_step(
        parameters, gradients, first, second, learning_rate, beta1, beta2, epsilon,
        weight_decay, decoupled, correction1, correction2, scale,
    ):  # fmt: skip
        reference.adam_step(
            parameters, gradients, first, second, learning_rate=learning_rate, beta1=beta1,
            beta2=beta2, epsilon=epsilon, correction1=correction1, correction2=correction2,
            weight_decay=weight_decay, decoupled=decoupled, scale=scale,
        )  # fmt: skip


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
    """One step of gradient descent, in place."""
    if not _native.sgd_step(
        parameters, gradients, velocity, learning_rate, momentum, dampening, weight_decay,
        nesterov, scale,
    ):  # fmt: skip
        reference.sgd_step(
            parameters, gradients, velocity, learning_rate=learning_rate, momentum=momentum,
            dampening=dampening, weight_decay=weight_decay, nesterov=nesterov, scale=scale,
        )  # fmt: skip


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
    """One step of RMSprop, in place."""
    if not _native.rmsprop_step(
        parameters, gradients, square, mean, velocity, learning_rate, alpha, epsilon,
        weight_decay, momentum, scale,
    ):  # fmt: skip
        reference.rmsprop_step(
            parameters, gradients, square, mean, velocity, learning_rate=learning_rate,
            alpha=alpha, epsilon=epsilon, weight_decay=weight_decay, momentum=momentum,
            scale=scale,
        )  # fmt: skip


def global_norm(vector: Array) -> float:
    """Euclidean norm of a flat vector, summed in float64 in a fixed order."""
    norm: float | None = _native.global_norm(vector)
    # squares in float32 overflow from 1e19 on and fade below 1e-19; the reference has float64's
    if norm is None or not 1e-15 < norm < math.inf:
        return reference.global_norm(vector)
    return norm


def linear_forward(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b: x (N, I), weight (O, I), bias (O,) -> (N, O)."""
    y: Array | None = _native.linear_forward(x, weight, bias)
    return reference.linear_forward(x, weight, bias) if y is None else y


def linear_backward(
    x: Array,
    weight: Array,
    dy: Array,
    *,
    into: tuple[Array, Array | None] | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Array | None]:
    """Gradients dx, dweight, dbias where dy (N, O) flows in."""
    dweight, dbias = (None, None) if into is None else into
    result: Any = _native.linear_backward(x, weight, dy, dweight, dbias, need_dx)
    if result is None:
        return reference.linear_backward(x, weight, dy, into=into, need_dx=need_dx)
    return result  # type: ignore[no-any-return]


def gather_windows(series: Array, starts: Array, width: int) -> Array:
    """Windows of a table (L, F): (N, width, F)."""
    windows: Array | None = _native.gather_windows(series, starts, width)
    return reference.gather_windows(series, starts, width) if windows is None else windows
