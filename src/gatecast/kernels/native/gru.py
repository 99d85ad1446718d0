"""The GRU in compiled code; read ``reference/gru.py`` for the equations."""

from typing import Any

from gatecast.errors import InputError
from gatecast.kernels import _native
from gatecast.kernels.contract import Array, GRUSaved, Weights, check_inputs
from gatecast.kernels.native.arrays import check_gradients, plain, plain_lengths, plain_parts
from gatecast.kernels.reference.sequence import add_into


def gru_forward(
    x: Array,
    h0: Array,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None = None,
    bias_hh: Array | None = None,
    *,
    reset_after: bool = True,
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, GRUSaved]:
    """Run one layer over all steps: y (T, B, H), h (B, H), saved.

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, saved = gru_forward(x, state, np.ones((12, 3)), np.ones((12, 4)))
    >>> y.shape, bool(np.all(y[-1] == h))
    ((5, 2, 4), True)
    """
    result: Any = _native.gru_forward(
        x, h0, weight_ih, weight_hh, bias_ih, bias_hh, reset_after, lengths, reverse
    )
    if result is not None:
        return result  # type: ignore[no-any-return]
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("gru", x, {"h0": h0}, weights, lengths)
    arrays = map(plain, (x, h0, *weights[:4]))
    arguments: Any = (*arrays, reset_after, plain_lengths(lengths), reverse)
    result = _native.gru_forward(*arguments)
    if result is None:
        raise InputError("the arrays do not fit together")
    return result  # type: ignore[no-any-return]


def gru_backward(
    saved: GRUSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Weights]:
    """Gradients of a scalar whose derivatives by y and h are dy and dh.

    Returns dx (T, B, I) or None, dh0 (B, H), dweights.

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, saved = gru_forward(x, state, np.ones((12, 3)), np.ones((12, 4)))
    >>> dx, dh0, dweights = gru_backward(saved, dh=np.ones_like(h))
    >>> dx.shape, dweights.weight_hh.shape
    ((5, 2, 3), (12, 4))
    """
    result: Any = _native.gru_backward(saved, dy, dh, into, need_dx)
    if result is not None:
        return result  # type: ignore[no-any-return]
    outputs = saved.gates.shape[:2] + saved.hidden.shape[2:]
    check_gradients(outputs, saved.x, {"dy": (dy, True), "dh": (dh, False)})
    saved = saved._replace(
        x=plain(saved.x),
        hidden=plain(saved.hidden),
        gates=plain(saved.gates),
        recurrent_n=plain(saved.recurrent_n),
        weights=plain_parts(saved.weights),
        lengths=plain_lengths(saved.lengths),
    )
    result = _native.gru_backward(saved, plain(dy), plain(dh), None, need_dx)
    if result is None:
        raise InputError("saved was not made by gru_forward")
    dx, dh0, dweights = result
    return dx, dh0, add_into(into, dweights)
