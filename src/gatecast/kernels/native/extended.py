"""What the compiled cells with in-cell options share: the slow way in, and the way back."""

from typing import Any

from gatecast.errors import InputError
from gatecast.kernels import _native
from gatecast.kernels.contract import Array, ExtendedSaved, Masks, Weights
from gatecast.kernels.native.arrays import check_gradients, plain, plain_lengths, plain_parts
from gatecast.kernels.reference.sequence import add_into


def copied_forward(
    form: str,
    x: Array,
    h0: Array,
    c0: Array | None,
    weights: Weights,
    masks: Masks,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    """The forward pass with arrays brought into the form that the compiled code takes."""
    result: Any = _native.extended_forward(
        form, plain(x), plain(h0), plain(c0), plain_parts(weights), plain_parts(masks),
        plain_lengths(lengths), reverse,
    )  # fmt: skip
    if result is None:
        raise InputError("the arrays do not fit together")
    return result


def backward(
    saved: ExtendedSaved,
    dy: Array | None,
    dh: Array | None,
    dc: Array | None,
    into: Weights | None,
    need_dx: bool,
) -> Any:
    """The backward pass of any cell: dx, dh0, for the LSTM dc0, and dweights."""
    result: Any = _native.extended_backward(saved, dy, dh, dc, into, need_dx)
    if result is not None:
        return result
    outputs = saved.gates.shape[:2] + saved.hidden.shape[2:]
    check_gradients(outputs, saved.x, {"dy": (dy, True), "dh": (dh, False)})
    if saved.cells is not None:
        check_gradients(saved.cells.shape, saved.x, {"dc": (dc, False)})
    arrays = {name: plain(getattr(saved, name)) for name in ExtendedSaved._fields[:9]}
    saved = saved._replace(
        **arrays,
        weights=plain_parts(saved.weights),
        masks=plain_parts(saved.masks),
        lengths=plain_lengths(saved.lengths),
    )
    result = _native.extended_backward(saved, plain(dy), plain(dh), plain(dc), None, need_dx)
    if result is None:
        raise InputError("saved was not made by the forward pass of this cell")
    *parts, dweights = result
    return (*parts, add_into(into, dweights))
