"""The plain recurrent network in compiled code; read ``reference/rnn.py`` for the equations."""

from typing import Any

from gatecast.errors import InputError
from gatecast.kernels import _native
from gatecast.kernels.contract import (
    Array,
    RNNSaved,
    Weights,
    check_inputs,
    check_nonlinearity,
)
from gatecast.kernels.native.arrays import check_gradients, plain, plain_lengths, plain_parts
from gatecast.kernels.reference.sequence import add_into


def rnn_forward(
    x: Array,
    h0: Array,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None = None,
    bias_hh: Array | None = None,
    *,
    nonlinearity: str = "tanh",
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, RNNSaved]:
    """Run one layer over all steps: y (T, B, H), h (B, H), saved.

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, saved = rnn_forward(x, state, np.ones((4, 3)), np.ones((4, 4)))
    >>> y.shape, bool(np.all(y[-1] == h))
    ((5, 2, 4), True)
    """
    result: Any = _native.rnn_forward(
        x, h0, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity, lengths, reverse
    )
    if result is not None:
        return result  # type: ignore[no-any-return]
    check_nonlinearity(nonlinearity)
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("rnn", x, {"h0": h0}, weights, lengths)
    arrays = map(plain, (x, h0, *weights[:4]))
    arguments: Any = (*arrays, nonlinearity, plain_lengths(lengths), reverse)
    result = _native.rnn_forward(*arguments)
    if result is None:
        raise InputError("the arrays do not fit together")
    return result  # type: ignore[no-any-return]


def rnn_backward(
    saved: RNNSaved,
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
    >>> y, h, saved = rnn_forward(x, state, np.ones((4, 3)), np.ones((4, 4)))
    >>> dx, dh0, dweights = rnn_backward(saved, dh=np.ones_like(h))
    >>> dx.shape, dweights.weight_hh.shape
    ((5, 2, 3), (4, 4))
    """
    result: Any = _native.rnn_backward(saved, dy, dh, into, need_dx)
    if result is not None:
        return result  # type: ignore[no-any-return]
    outputs = saved.x.shape[:2] + saved.hidden.shape[2:]
    check_gradients(outputs, saved.x, {"dy": (dy, True), "dh": (dh, False)})
    saved = saved._replace(
        x=plain(saved.x),
        hidden=plain(saved.hidden),
        weights=plain_parts(saved.weights),
        lengths=plain_lengths(saved.lengths),
    )
    result = _native.rnn_backward(saved, plain(dy), plain(dh), None, need_dx)
    if result is None:
        raise InputError("saved was not made by rnn_forward")
    dx, dh0, dweights = result
    return dx, dh0, add_into(into, dweights)
