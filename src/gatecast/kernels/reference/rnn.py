r"""The plain recurrent network (Elman), forward and backward through time.

x (T, B, I), h (B, H); weights (H, I) and (H, H).

.. math::
    h_t = φ(W x_t + U h_{t-1} + b), \qquad φ = \tanh \text{ or } \max(0, ·)

W is ``weight_ih``, U is ``weight_hh``, b is ``bias_ih + bias_hh``.
"""

import numpy as np

from gatecast.kernels.contract import (
    Array,
    RNNSaved,
    Weights,
    check_inputs,
    check_nonlinearity,
)
from gatecast.kernels.reference.sequence import (
    active_steps,
    add_into,
    blank,
    input_products,
    outer_sum,
    outputs_of,
    steps_of,
)


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
    """Run one layer over all steps; ``nonlinearity`` is "tanh" or "relu".

    Returns
    -------
    y : (T, B, H)
    h : (B, H)
    saved : RNNSaved

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, saved = rnn_forward(x, state, np.ones((4, 3)), np.ones((4, 4)))
    >>> y.shape, bool(np.all(y[-1] == h))
    ((5, 2, 4), True)
    """
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check_nonlinearity(nonlinearity)
    check_inputs("rnn", x, {"h0": h0}, weights, lengths)
    T, B, _ = x.shape
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    x = blank(x, active)

    products = input_products(x, weight_ih, None if bias_ih is None else bias_ih + bias_hh)
    hidden = np.empty((T + 1, B, h0.shape[1]), x.dtype)
    hidden[steps[0] + before] = h0
    U = weight_hh.T

    for t in steps:
        h_before, h = hidden[t + before], hidden[t + after]
        np.matmul(h_before, U, out=h)
        h += products[t]
        if nonlinearity == "tanh":
            np.tanh(h, out=h)
        else:
            np.maximum(h, 0, out=h)
        if active is not None:  # a row that has ended keeps its state
            np.copyto(h, h_before, where=~active[t])

    h = hidden[steps[-1] + after].copy()
    saved = RNNSaved(x, hidden, weights, lengths, reverse, nonlinearity)
    return outputs_of(hidden, after, active), h, saved


def rnn_backward(
    saved: RNNSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Weights]:
    """Gradients of a scalar whose derivatives by y and h are dy and dh.

    With a for what stands inside the activation: ``da = dh φ'(a)`` and ``dh₋ = Uᵀ da``, where
    φ' is 1 - h² for tanh, and 1 where h > 0 for relu.

    Returns
    -------
    dx : (T, B, I) or None
    dh0 : (B, H)
    dweights : Weights
    """
    x, hidden, weights, lengths, reverse, nonlinearity = saved
    T, B, H = len(x), hidden.shape[1], hidden.shape[2]
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    h_before, h = hidden[before : T + before], hidden[after : T + after]

    da = 1 - h * h if nonlinearity == "tanh" else (h > 0).astype(x.dtype)
    if active is not None:  # a row that has ended passes its gradient through unchanged
        da *= active
    if dy is not None:
        dy = blank(dy, active)

    dh = np.zeros((B, H), x.dtype) if dh is None else dh.copy()
    for t in reversed(steps):
        if dy is not None:
            dh += dy[t]
        da[t] *= dh
        dh_before = da[t] @ weights.weight_hh
        dh = dh_before if active is None else np.where(active[t], dh_before, dh)

    dx = input_products(da, weights.weight_ih.T, None) if need_dx else None
    db = da.sum(axis=(0, 1)) if weights.bias_ih is not None else None
    return dx, dh, add_into(into, Weights(outer_sum(da, x), outer_sum(da, h_before), db, db))
