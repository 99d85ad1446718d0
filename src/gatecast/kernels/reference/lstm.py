r"""The LSTM, forward and backward through time.

x (T, B, I), h (B, H), c (B, H); weights (4·H, I) and (4·H, H), gates stacked i, f, g, o.

.. math::
    i_t &= σ(W_i x_t + U_i h_{t-1} + b_i)    && \text{input gate: how much is written} \\
    f_t &= σ(W_f x_t + U_f h_{t-1} + b_f)    && \text{forget gate: how much is kept} \\
    g_t &= \tanh(W_g x_t + U_g h_{t-1} + b_g) && \text{what is written} \\
    o_t &= σ(W_o x_t + U_o h_{t-1} + b_o)    && \text{output gate: how much is shown} \\
    c_t &= f_t c_{t-1} + i_t g_t \\
    h_t &= o_t \tanh(c_t)

W is ``weight_ih``, U is ``weight_hh``, b is ``bias_ih + bias_hh``.
"""

import numpy as np

from gatecast.kernels.contract import Array, LSTMSaved, Weights, check_inputs
from gatecast.kernels.reference.sequence import (
    active_steps,
    add_into,
    blank,
    input_products,
    outer_sum,
    outputs_of,
    sigmoid,
    steps_of,
)


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
    """Run one layer over all steps.

    Returns
    -------
    y : (T, B, H)
    h, c : (B, H)
    saved : LSTMSaved

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, c, saved = lstm_forward(x, state, state, np.ones((16, 3)), np.ones((16, 4)))
    >>> y.shape, bool(np.all(y[-1] == h))
    ((5, 2, 4), True)
    """
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("lstm", x, {"h0": h0, "c0": c0}, weights, lengths)
    T, B, _ = x.shape
    H = h0.shape[1]
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    x = blank(x, active)

    gates = input_products(x, weight_ih, None if bias_ih is None else bias_ih + bias_hh)
    hidden = np.empty((T + 1, B, H), x.dtype)
    cells = np.empty((T + 1, B, H), x.dtype)
    first = steps[0] + before
    hidden[first], cells[first] = h0, c0
    U = weight_hh.T

    for t in steps:
        a = gates[t]
        a += hidden[t + before] @ U
        i, f, g, o = a[:, :H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]
        sigmoid(a[:, : 2 * H], out=a[:, : 2 * H])
        np.tanh(g, out=g)
        sigmoid(o, out=o)
        c, h = cells[t + after], hidden[t + after]
        np.multiply(f, cells[t + before], out=c)
        c += i * g
        np.tanh(c, out=h)
        h *= o
        if active is not None:  # a row that has ended keeps its state
            np.copyto(h, hidden[t + before], where=~active[t])
            np.copyto(c, cells[t + before], where=~active[t])

    last = steps[-1] + after
    saved = LSTMSaved(x, hidden, cells, gates, weights, lengths, reverse)
    return outputs_of(hidden, after, active), hidden[last].copy(), cells[last].copy(), saved


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

    With d for the derivative of that scalar and a for what stands inside an activation::

        do = dh tanh(c)                    dc += dh o (1 - tanh(c)²)
        di = dc g      df = dc c₋      dg = dc i
        da_i = di i(1-i)   da_f = df f(1-f)   da_g = dg (1-g²)   da_o = do o(1-o)
        dh₋ = Uᵀ da        dc₋ = dc f

    All factors that do not depend on dh and dc are computed for every step at once; the loop
    holds only what runs backward through time.

    Returns
    -------
    dx : (T, B, I) or None
    dh0, dc0 : (B, H)
    dweights : Weights
    """
    x, hidden, cells, gates, weights, lengths, reverse = saved
    T, B, H = len(x), hidden.shape[1], hidden.shape[2]
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    h_before = hidden[before : T + before]
    c_before, c = cells[before : T + before], cells[after : T + after]
    i, f, g, o = np.moveaxis(gates.reshape(T, B, 4, H), 2, 0)

    da = np.empty((T, B, 4, H), x.dtype)  # first the local derivatives, then da itself
    tanh_c = np.tanh(c)
    np.subtract(1, gates.reshape(T, B, 4, H), out=da)
    da *= gates.reshape(T, B, 4, H)  # i(1-i) f(1-f) · o(1-o)
    da[:, :, 0] *= g
    da[:, :, 1] *= c_before
    da[:, :, 2] = i * (1 - g * g)
    da[:, :, 3] *= tanh_c
    into_c = o * (1 - tanh_c * tanh_c)
    if active is not None:  # a row that has ended passes its gradients through unchanged
        da *= active[..., None]
        into_c = blank(into_c, active)
        f = np.where(active, f, x.dtype.type(1))
    if dy is not None:
        dy = blank(dy, active)

    dh = np.zeros((B, H), x.dtype) if dh is None else dh.copy()
    dc = np.zeros((B, H), x.dtype) if dc is None else dc.copy()
    for t in reversed(steps):
        if dy is not None:
            dh += dy[t]
        dc += dh * into_c[t]
        da_t = da[t]
        da_t[:, :3] *= dc[:, None]
        da_t[:, 3] *= dh
        dh_before = da_t.reshape(B, 4 * H) @ weights.weight_hh
        dh = dh_before if active is None else np.where(active[t], dh_before, dh)
        dc *= f[t]

    dgates = da.reshape(T, B, 4 * H)
    dx = input_products(dgates, weights.weight_ih.T, None) if need_dx else None
    db = dgates.sum(axis=(0, 1)) if weights.bias_ih is not None else None
    dweights = Weights(outer_sum(dgates, x), outer_sum(dgates, h_before), db, db)
    return dx, dh, dc, add_into(into, dweights)
