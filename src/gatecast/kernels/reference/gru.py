r"""The GRU, forward and backward through time, in both of its forms.

x (T, B, I), h (B, H); weights (3·H, I) and (3·H, H), gates stacked r, z, n.

.. math::
    r_t &= σ(W_r x_t + b_r + U_r h_{t-1} + d_r)   && \text{reset gate} \\
    z_t &= σ(W_z x_t + b_z + U_z h_{t-1} + d_z)   && \text{update gate: how much is kept} \\
    n_t &= \tanh(W_n x_t + b_n + r_t (U_n h_{t-1} + d_n)) && \text{reset after the product} \\
    n_t &= \tanh(W_n x_t + b_n + U_n (r_t h_{t-1}) + d_n) && \text{reset before the product} \\
    h_t &= (1 - z_t) n_t + z_t h_{t-1}

W is ``weight_ih``, U is ``weight_hh``, b is ``bias_ih``, d is ``bias_hh``.  The reset-after
form is PyTorch's and Keras's default; the reset-before form is the paper's (Cho et al. 2014).
"""

import numpy as np

from gatecast.kernels.contract import Array, GRUSaved, Weights, check_inputs
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
    """Run one layer over all steps.

    Returns
    -------
    y : (T, B, H)
    h : (B, H)
    saved : GRUSaved

    Examples
    --------
    >>> import numpy as np
    >>> x, state = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> y, h, saved = gru_forward(x, state, np.ones((12, 3)), np.ones((12, 4)))
    >>> y.shape, bool(np.all(y[-1] == h))
    ((5, 2, 4), True)
    """
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("gru", x, {"h0": h0}, weights, lengths)
    T, B, _ = x.shape
    H = h0.shape[1]
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    x = blank(x, active)

    gates = input_products(x, weight_ih, bias_ih)
    hidden = np.empty((T + 1, B, H), x.dtype)
    hidden[steps[0] + before] = h0
    recurrent_n = np.empty((T, B, H), x.dtype) if reset_after else None
    U, U_n = weight_hh[: 2 * H].T, weight_hh[2 * H :].T
    d, d_n = (0, 0) if bias_hh is None else (bias_hh[: 2 * H], bias_hh[2 * H :])
    if bias_hh is not None:
        gates[:, :, : 2 * H] += d

    for t in steps:
        h_before, h = hidden[t + before], hidden[t + after]
        a = gates[t]
        rz, r, z, n = a[:, : 2 * H], a[:, :H], a[:, H : 2 * H], a[:, 2 * H :]
        rz += h_before @ U
        sigmoid(rz, out=rz)
        if recurrent_n is not None:
            np.matmul(h_before, U_n, out=recurrent_n[t])
            recurrent_n[t] += d_n
            n += r * recurrent_n[t]
        else:
            n += (r * h_before) @ U_n
            n += d_n
        np.tanh(n, out=n)
        np.subtract(h_before, n, out=h)  # h = n + z (h₋ - n)
        h *= z
        h += n
        if active is not None:  # a row that has ended keeps its state
            np.copyto(h, h_before, where=~active[t])

    h = hidden[steps[-1] + after].copy()
    saved = GRUSaved(x, hidden, gates, recurrent_n, weights, lengths, reverse, reset_after)
    return outputs_of(hidden, after, active), h, saved


def gru_backward(
    saved: GRUSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Weights]:
    """Gradients of a scalar whose derivatives by y and h are dy and dh.

    With d for the derivative of that scalar and a for what stands inside an activation::

        da_n = dh (1-z) (1-n²)           da_z = dh (h₋ - n) z(1-z)
        reset after:   da_u = da_n r     da_r = da_n (U_n h₋ + d_n) r(1-r)
                       dh₋ = dh z + Uᵀ [da_r, da_z, da_u]
        reset before:  dv = U_nᵀ da_n    da_r = dv h₋ r(1-r)
                       dh₋ = dh z + dv r + U_rzᵀ [da_r, da_z]

    where u = U_n h₋ + d_n and v = r h₋.

    Returns
    -------
    dx : (T, B, I) or None
    dh0 : (B, H)
    dweights : Weights
    """
    x, hidden, gates, recurrent_n, weights, lengths, reverse, _ = saved
    T, B, H = len(x), hidden.shape[1], hidden.shape[2]
    steps, before, _ = steps_of(T, reverse)
    active = active_steps(lengths, T)
    h_before = hidden[before : T + before]
    r, z, n = np.moveaxis(gates.reshape(T, B, 3, H), 2, 0)

    # Local derivatives of every step at once; in the loop they become da = (r, z, u, n).
    da = np.empty((T, B, 4, H), x.dtype)
    to_r, to_z, to_u, to_n = np.moveaxis(da, 2, 0)
    np.multiply(1 - z, 1 - n * n, out=to_n)
    np.multiply((h_before - n) * z, 1 - z, out=to_z)
    np.multiply(r, 1 - r, out=to_r)
    if recurrent_n is not None:
        to_r *= recurrent_n * to_n
        np.multiply(to_n, r, out=to_u)
    else:
        to_r *= h_before
        to_u[:] = to_n
    keep = z
    if active is not None:  # a row that has ended passes its gradient through unchanged
        da *= active[..., None]
        keep = np.where(active, z, x.dtype.type(1))
    if dy is not None:
        dy = blank(dy, active)

    U, U_rz, U_n = weights.weight_hh, weights.weight_hh[: 2 * H], weights.weight_hh[2 * H :]
    dh = np.zeros((B, H), x.dtype) if dh is None else dh.copy()
    for t in reversed(steps):
        if dy is not None:
            dh += dy[t]
        da_t = da[t]
        if recurrent_n is not None:
            da_t *= dh[:, None]
            through = da_t[:, :3].reshape(B, 3 * H) @ U
        else:
            da_t[:, 1:] *= dh[:, None]
            dv = da_t[:, 3] @ U_n
            da_t[:, 0] *= dv
            through = da_t[:, :2].reshape(B, 2 * H) @ U_rz
            through += dv * r[t]
        dh *= keep[t]
        dh += through

    da_x, da_h = da[:, :, [0, 1, 3]].reshape(T, B, 3 * H), da[:, :, :3].reshape(T, B, 3 * H)
    dx = input_products(da_x, weights.weight_ih.T, None) if need_dx else None
    dU = outer_sum(da_h, h_before)
    if recurrent_n is None:
        dU[2 * H :] = outer_sum(to_n, r * h_before)
    has_bias = weights.bias_ih is not None
    db = da_x.sum(axis=(0, 1)) if has_bias else None
    dd = da_h.sum(axis=(0, 1)) if has_bias else None
    return dx, dh, add_into(into, Weights(outer_sum(da_x, x), dU, db, dd))
