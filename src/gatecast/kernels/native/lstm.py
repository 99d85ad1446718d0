"""The LSTM in compiled code; read ``reference/lstm.py`` for the equations."""

from typing import Any

from gatecast.errors import InputError
from gatecast.kernels import _native
from gatecast.kernels.contract import Array, LSTMSaved, Weights, check_inputs
from gatecast.kernels.native.arrays import check_gradients, plain, plain_lengths, plain_parts
from gatecast.kernels.reference.sequence import add_into


def lstm_forward(
    x: Array,
    h0: Array,
    c0: Array,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None = None,
    bias_hh: Array | None = None,
    *,
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, Array, LSTMSaved]:
    """Run one layer over all steps: y (T, B, H), h and c (B, H), saved.

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, c, saved = lstm_forward(x, state, state, np.ones((16, 3)), np.ones((16, 4)))
    >>> y.shape, bool(np.all(y[-1] == h))
    ((5, 2, 4), True)
    """
    result: Any = _native.lstm_forward(
        x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, lengths, reverse
    )
    if result is not None:
        return result  # type: ignore[no-any-return]
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("lstm", x, {"h0": h0, "c0": c0}, weights, lengths)
    arrays = map(plain, (x, h0, c0, *weights[:4]))
    arguments: Any = (*arrays, plain_lengths(lengths), reverse)
    result = _native.lstm_forward(*arguments)
    if result is None:
        raise InputError("the arrays do not fit together")
    return result  # type: ignore[no-any-return]


def lstm_backward(
    saved: LSTMSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    dc: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Array, Weights]:
    """Gradients of a scalar whose derivatives by y, h and c are dy, dh and dc.

    Returns dx (T, B, I) or None, dh0 and dc0 (B, H), dweights.

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, c, saved = lstm_forward(x, state, state, np.ones((16, 3)), np.ones((16, 4)))
    >>> dx, dh0, dc0, dweights = lstm_backward(saved, dh=np.ones_like(h))
    >>> dx.shape, dweights.weight_hh.shape
    ((5, 2, 3), (16, 4))
    """
    result: Any = _native.lstm_backward(saved, dy, dh, dc, into, need_dx)
    if result is not None:
        return result  # type: ignore[no-any-return]
    outputs = saved.gates.shape[:2] + saved.hidden.shape[2:]
    check_gradients(outputs, saved.x, {"dy": (dy, True), "dh": (dh, False), "dc": (dc, False)})
    saved = saved._replace(
        x=plain(saved.x),
        hidden=plain(saved.hidden),
        cells=plain(saved.cells),
        gates=plain(saved.gates),
        weights=plain_parts(saved.weights),
        lengths=plain_lengths(saved.lengths),
    )
    result = _native.lstm_backward(saved, plain(dy), plain(dh), plain(dc), None, need_dx)
    if result is None:
        raise InputError("saved was not made by lstm_forward")
    dx, dh0, dc0, dweights = result
    return dx, dh0, dc0, add_into(into, dweights)
