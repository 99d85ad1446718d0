"""Whole networks in one native call; see ``kernels/program.py`` for what a program is.

Every function returns None where the arrays are not exactly what the program takes; the layers
one by one then say what is wrong, or convert.
"""

from typing import Any

from gatecast.kernels import _native
from gatecast.kernels.contract import Array


def predict(table: Array, flat: Array, x: Array) -> Array | None:
    """Outputs (B, O) or (B, T, O) of x (B, T, I)."""
    y: Array | None = _native.program_predict(table, flat, x)
    return y


def step(table: Array, flat: Array, x: Array, state: Any) -> tuple[Array, Any] | None:
    """One time step: outputs (B, O) of x (B, I), and the next state, built as ``state`` is."""
    ran: tuple[Array, Any] | None = _native.program_step(table, flat, x, state)
    return ran


def forward(table: Array, flat: Array, x: Array) -> tuple[Array, Array] | None:
    """Outputs, and the memory that :func:`backward` needs."""
    ran: tuple[Array, Array] | None = _native.program_forward(table, flat, x)
    return ran


def backward(table: Array, flat: Array, x: Array, memory: Array, dy: Array, grads: Array) -> bool:
    """Write the gradient by every parameter to ``grads``; whether the arrays fitted."""
    return bool(_native.program_backward(table, flat, x, memory, dy, grads))


def mse(table: Array, flat: Array, x: Array, y: Array, grads: Array) -> float | None:
    """The mean squared error, its gradient by every parameter written to ``grads``."""
    value: Any = _native.program_mse(table, flat, x, y, grads)
    return value  # type: ignore[no-any-return]
