"""The LSTM with in-cell options, in compiled code; see ``reference/lstm_extended.py``."""

from typing import Any

from gatecast.kernels import _native
from gatecast.kernels.contract import (
    NO_MASKS,
    Array,
    ExtendedSaved,
    Masks,
    Weights,
    check_inputs,
)
from gatecast.kernels.native.extended import backward, copied_forward


def lstm_extended_forward(
    x: Array,
    h0: Array,
    c0: Array,
    weights: Weights,
    masks: Masks = NO_MASKS,
    *,
    coupled: bool = False,
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, Array, ExtendedSaved]:
    """Run one layer over all steps: y (T, B, P), h (B, P), c (B, H), saved.

    Examples
    --------
    >>> import numpy as np
    >>> weights = Weights(np.ones((16, 3)), np.ones((16, 4)), norm_ih=np.ones(16))
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, *_, saved = lstm_extended_forward(x, state, state, weights)
    >>> y.shape
    (5, 2, 4)
    """
    form = "coupled" if coupled else ""
    result: Any = _native.extended_forward(form, x, h0, c0, weights, masks, lengths, reverse)
    if result is None:
        check_inputs(
            "lstm",
            x,
            {"h0": h0, "c0": c0},
            weights,
            lengths,
            gates=3 if coupled else 4,
            masks=masks,
        )
        result = copied_forward(form, x, h0, c0, weights, masks, lengths, reverse)
    return result  # type: ignore[no-any-return]


def lstm_extended_backward(
    saved: ExtendedSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    dc: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Array, Weights]:
    """Gradients of a scalar whose derivatives by y, h and c are dy, dh and dc.

    Examples
    --------
    >>> import numpy as np
    >>> weights = Weights(np.ones((16, 3)), np.ones((16, 4)), norm_ih=np.ones(16))
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, *_, saved = lstm_extended_forward(x, state, state, weights)
    >>> dx, *_, dweights = lstm_extended_backward(saved, np.ones_like(y))
    >>> dx.shape, dweights.norm_ih.shape
    ((5, 2, 3), (16,))
    """
    return backward(saved, dy, dh, dc, into, need_dx)  # type: ignore[no-any-return]
