"""The plain recurrent network with in-cell options; see ``reference/rnn_extended.py``."""

from typing import Any

from gatecast.kernels import _native
from gatecast.kernels.contract import (
    NO_MASKS,
    Array,
    ExtendedSaved,
    Masks,
    Weights,
    check_inputs,
    check_nonlinearity,
)
from gatecast.kernels.native.extended import backward, copied_forward


def rnn_extended_forward(
    x: Array,
    h0: Array,
    weights: Weights,
    masks: Masks = NO_MASKS,
    *,
    nonlinearity: str = "tanh",
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, ExtendedSaved]:
    """Run one layer over all steps: y (T, B, H), h (B, H), saved.

    Examples
    --------
    >>> import numpy as np
    >>> weights = Weights(np.ones((4, 3)), np.ones((4, 4)), norm_ih=np.ones(4))
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, *_, saved = rnn_extended_forward(x, state, weights)
    >>> y.shape
    (5, 2, 4)
    """
    form = nonlinearity
    result: Any = _native.extended_forward(form, x, h0, None, weights, masks, lengths, reverse)
    if result is None:
        check_nonlinearity(nonlinearity)
        check_inputs("rnn", x, {"h0": h0}, weights, lengths, masks=masks)
        result = copied_forward(form, x, h0, None, weights, masks, lengths, reverse)
    return result  # type: ignore[no-any-return]


def rnn_extended_backward(
    saved: ExtendedSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Weights]:
    """Gradients of a scalar whose derivatives by y and h are dy and dh.

    Examples
    --------
    >>> import numpy as np
    >>> weights = Weights(np.ones((4, 3)), np.ones((4, 4)), norm_ih=np.ones(4))
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, *_, saved = rnn_extended_forward(x, state, weights)
    >>> dx, *_, dweights = rnn_extended_backward(saved, np.ones_like(y))
    >>> dx.shape, dweights.norm_ih.shape
    ((5, 2, 3), (4,))
    """
    return backward(saved, dy, dh, None, into, need_dx)  # type: ignore[no-any-return]
