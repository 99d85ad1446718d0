"""What the cells share: the order of the steps, ragged rows, and the sigmoid."""

import numpy as np

from gatecast.kernels.contract import Array, Weights


def steps_of(count: int, reverse: bool) -> tuple[range, int, int]:
    """Order of the steps, and where a step's states stand among the T+1 that are saved.

    Step t reads state ``t + before`` and writes state ``t + after``.

    Examples
    --------
    >>> steps_of(3, reverse=False)
    (range(0, 3), 0, 1)
    >>> steps_of(3, reverse=True)
    (range(2, -1, -1), 1, 0)
    """
    return (range(count - 1, -1, -1), 1, 0) if reverse else (range(count), 0, 1)


def active_steps(lengths: Array | None, steps: int) -> Array | None:
    """(T, B, 1) booleans: is step t within row b?  None when no row is padded."""
    if lengths is None:
        return None
    return (np.arange(steps)[:, None] < lengths)[:, :, None]


def blank(a: Array, active: Array | None) -> Array:
    """``a`` with its padded steps set to zero, so that nothing there (not even NaN) counts."""
    return a if active is None else np.where(active, a, a.dtype.type(0))


def outputs_of(hidden: Array, after: int, active: Array | None) -> Array:
    """The outputs y (T, B, H): the states after each step, zero past the row's length.

    Without padding y is a read-only view of the saved states.
    """
    y = hidden[after : len(hidden) - 1 + after]
    if active is not None:
        return np.where(active, y, y.dtype.type(0))
    y = y.view()
    y.flags.writeable = False
    return y


def sigmoid(a: Array, out: Array | None = None) -> Array:
    """σ(a) = 1 / (1 + e⁻ᵃ), written as (1 + tanh(a/2)) / 2, which cannot overflow."""
    out = np.multiply(a, a.dtype.type(0.5), out=out)
    np.tanh(out, out=out)
    out += a.dtype.type(1)
    out *= a.dtype.type(0.5)
    return out


def input_products(x: Array, weight_ih: Array, bias: Array | None) -> Array:
    """W_ih·x + bias of all steps in one product: (T, B, G·H)."""
    T, B, I = x.shape
    products: Array = x.reshape(T * B, I) @ weight_ih.T
    if bias is not None:
        products += bias
    return products.reshape(T, B, products.shape[1])


def outer_sum(da: Array, b: Array) -> Array:
    """Gradient of a weight: Σ over steps and rows of da ⊗ b, (T, B, M), (T, B, N) -> (M, N)."""
    M, N = da.shape[2], b.shape[2]
    product: Array = da.reshape(-1, M).T @ b.reshape(-1, N)
    return product


def add_into(into: Weights | None, dweights: Weights) -> Weights:
    """The gradients themselves, or ``into`` with the gradients added to its arrays."""
    if into is None:
        return dweights
    for total, part in zip(into, dweights, strict=True):
        if total is not None and part is not None:
            total += part
    return into
