r"""The GRU with its in-cell options (see ``extended.py``), in both of its forms.

.. math::
    a &= γ_x N(W x_t) + b, \quad h' = m h_{t-1} && \text{N: layer norm, m: dropout mask} \\
    r_t &= σ(a_r + u_r), \quad z_t = σ(a_z + u_z) \\
    n_t &= \tanh(a_n + r_t u_n) && \text{reset after: } u = γ_h N(U h') + d \\
    n_t &= \tanh(a_n + γ_n N(U_n (r_t h')) + d_n)
        && \text{reset before: } u_{rz} = γ_{rz} N(U_{rz} h') + d_{rz} \\
    h_t &= k h_{t-1} + (1 - k) ((1 - z_t) n_t + z_t h_{t-1}) && \text{k: zoneout}
"""

import numpy as np

from gatecast.kernels.contract import NO_MASKS, Array, ExtendedSaved, Masks, Weights, check_inputs
from gatecast.kernels.reference.extended import (
    input_side,
    input_side_backward,
    keep_shares,
    masked,
    mix,
    recurrent_side,
    recurrent_side_backward,
    unmix,
)
from gatecast.kernels.reference.sequence import (
    active_steps,
    add_into,
    blank,
    outer_sum,
    outputs_of,
    sigmoid,
    steps_of,
)


def parts_of(weights: Weights, H: int) -> tuple[tuple[Array, Array | None, Array | None], ...]:
    """(U, gain, d) of the r and z gates, and of n: the reset-before form's two products."""
    U, gain, d = weights.weight_hh, weights.norm_hh, weights.bias_hh
    gates, n = slice(0, 2 * H), slice(2 * H, None)
    return tuple(
        (U[rows], None if gain is None else gain[rows], None if d is None else d[rows])
        for rows in (gates, n)
    )


def gru_extended_forward(
    x: Array,
    h0: Array,
    weights: Weights,
    masks: Masks = NO_MASKS,
    *,
    reset_after: bool = True,
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, ExtendedSaved]:
    """Run one layer over all steps: y (T, B, H), h (B, H), saved."""
    check_inputs("gru", x, {"h0": h0}, weights, lengths, masks=masks)
    T, B, _ = x.shape
    H = h0.shape[1]
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    x = blank(x, active)
    keep = keep_shares(masks.zoneout_h, active, x)

    gates, normed_ih, precision_ih = input_side(x, weights)
    has_norm = weights.norm_hh is not None
    normed_hh = np.empty_like(gates) if has_norm else None
    precision_hh = np.empty((T, B, 1 if reset_after else 2), x.dtype) if has_norm else None
    recurrent_n = np.empty((T, B, H), x.dtype) if reset_after else None
    hidden = np.empty((T + 1, B, H), x.dtype)
    hidden[steps[0] + before] = h0
    of_gates, of_n = parts_of(weights, H)

    for t in steps:
        h_before = hidden[t + before]
        fed_back = masked(h_before, masks)
        r, z, n = gates[t, :, :H], gates[t, :, H : 2 * H], gates[t, :, 2 * H :]
        rz = gates[t, :, : 2 * H]
        if recurrent_n is not None:
            u, normed, precision = recurrent_side(
                fed_back, weights.weight_hh, weights.norm_hh, weights.bias_hh
            )
            if normed_hh is not None and precision_hh is not None:
                normed_hh[t], precision_hh[t] = normed, precision
            rz += u[:, : 2 * H]
            recurrent_n[t] = u[:, 2 * H :]
            sigmoid(rz, out=rz)
            n += r * recurrent_n[t]
        else:
            u, normed, precision = recurrent_side(fed_back, *of_gates)
            rz += u
            sigmoid(rz, out=rz)
            u_n, normed_n, precision_n = recurrent_side(r * fed_back, *of_n)
            n += u_n
            if normed_hh is not None and precision_hh is not None:
                normed_hh[t, :, : 2 * H], normed_hh[t, :, 2 * H :] = normed, normed_n
                precision_hh[t, :, :1], precision_hh[t, :, 1:] = precision, precision_n
        np.tanh(n, out=n)
        hidden[t + after] = mix(n + z * (h_before - n), h_before, keep, t)

    saved = ExtendedSaved(
        x, hidden, None, gates, recurrent_n, normed_ih, normed_hh, precision_ih, precision_hh,
        weights, masks, lengths, reverse, "after" if reset_after else "before",
    )  # fmt: skip
    return outputs_of(hidden, after, active), hidden[steps[-1] + after].copy(), saved


def gru_extended_backward(
    saved: ExtendedSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Weights]:
    """Gradients of a scalar whose derivatives by y and h are dy and dh.

    Each step undoes its equations from the last to the first; see ``gru.py`` for the plain
    part.  Returns dx, dh0, dweights.
    """
    weights, masks, hidden = saved.weights, saved.masks, saved.hidden
    T, B, H = len(saved.x), hidden.shape[1], hidden.shape[2]
    steps, before, _ = steps_of(T, saved.reverse)
    active = active_steps(saved.lengths, T)
    keep = keep_shares(masks.zoneout_h, active, saved.x)
    if dy is not None:
        dy = blank(dy, active)
    of_gates, of_n = parts_of(weights, H)

    da = np.empty_like(saved.gates)  # of the input side
    du = np.empty_like(da)  # of the recurrent side, after gain and shift
    dv = du if saved.normed_hh is None else np.empty_like(du)  # of the recurrent products
    dh = np.zeros((B, H), hidden.dtype) if dh is None else dh.copy()

    for t in reversed(steps):
        if dy is not None:
            dh += dy[t]
        dh_new, dh = unmix(dh, keep, t)
        h_before = hidden[t + before]
        r, z, n = np.split(saved.gates[t], 3, axis=1)
        normed = None if saved.normed_hh is None else saved.normed_hh[t]
        precision = None if saved.precision_hh is None else saved.precision_hh[t]

        dh = dh + dh_new * z
        da_n = dh_new * (1 - z) * (1 - n * n)
        da[t, :, 2 * H :] = da_n
        da[t, :, H : 2 * H] = dh_new * (h_before - n) * z * (1 - z)
        if saved.recurrent_n is not None:
            da[t, :, :H] = da_n * saved.recurrent_n[t] * r * (1 - r)
            du[t] = da[t]
            du[t, :, 2 * H :] *= r
            dv[t] = recurrent_side_backward(du[t], weights.norm_hh, normed, precision)
            dh += masked(dv[t] @ weights.weight_hh, masks)
        else:
            fed_back = masked(h_before, masks)
            normed_rz = None if normed is None else normed[:, : 2 * H]
            normed_n = None if normed is None else normed[:, 2 * H :]
            precision_rz = None if precision is None else precision[:, :1]
            precision_n = None if precision is None else precision[:, 1:]
            dv[t, :, 2 * H :] = recurrent_side_backward(da_n, of_n[1], normed_n, precision_n)
            dreset = dv[t, :, 2 * H :] @ of_n[0]
            da[t, :, :H] = dreset * fed_back * r * (1 - r)
            du[t] = da[t]
            dv[t, :, : 2 * H] = recurrent_side_backward(
                du[t, :, : 2 * H], of_gates[1], normed_rz, precision_rz
            )
            dh += masked(dv[t, :, : 2 * H] @ of_gates[0] + dreset * r, masks)

    side = input_side_backward(da, saved.x, weights, saved.normed_ih, saved.precision_ih, need_dx)
    fed_back = masked(hidden[before : T + before], masks)
    dU = outer_sum(dv, fed_back)
    if saved.recurrent_n is None:
        dU[2 * H :] = outer_sum(dv[:, :, 2 * H :], saved.gates[:, :, :H] * fed_back)
    dweights = Weights(
        side.weight,
        dU,
        side.bias,
        None if weights.bias_hh is None else du.sum(axis=(0, 1)),
        norm_ih=side.gain,
        norm_hh=None if saved.normed_hh is None else (du * saved.normed_hh).sum(axis=(0, 1)),
    )
    return side.dx, dh, add_into(into, dweights)
