r"""The LSTM with its in-cell options (see ``extended.py`` for those of every cell).

.. math::
    a &= γ_x N(W x_t) + b + γ_h N(U (m h_{t-1})) + d && \text{N: layer norm, m: dropout mask} \\
    i_t &= σ(a_i + p_i c_{t-1}), \quad f_t = σ(a_f + p_f c_{t-1}) && \text{p: peepholes} \\
    g_t &= \tanh(a_g) \\
    c'_t &= f_t c_{t-1} + i_t g_t && \text{coupled: } f_t = 1 - i_t \text{, gates i, g, o} \\
    o_t &= σ(a_o + p_o c'_t) \\
    h'_t &= R (o_t \tanh(γ_c N(c'_t) + β_c)) && \text{R: projection to P values} \\
    c_t &= k_c c_{t-1} + (1 - k_c) c'_t, \quad h_t = k_h h_{t-1} + (1 - k_h) h'_t
    && \text{k: zoneout}
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
from gatecast.kernels.reference.layer_norm import normalise, normalise_backward
from gatecast.kernels.reference.sequence import (
    active_steps,
    add_into,
    blank,
    outer_sum,
    outputs_of,
    sigmoid,
    steps_of,
)


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
    """Run one layer over all steps: y (T, B, P), h (B, P), c (B, H), saved."""
    gate_count = 3 if coupled else 4
    states = {"h0": h0, "c0": c0}
    check_inputs("lstm", x, states, weights, lengths, gates=gate_count, masks=masks)
    T, B, _ = x.shape
    P, H = h0.shape[1], c0.shape[1]
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    x = blank(x, active)
    keep_h = keep_shares(masks.zoneout_h, active, x)
    keep_c = keep_shares(masks.zoneout_c, active, x)

    gates, normed_ih, precision_ih = input_side(x, weights)
    normed_hh = None if weights.norm_hh is None else np.empty_like(gates)
    precision_hh = None if weights.norm_hh is None else np.empty((T, B, 1), x.dtype)
    hidden = np.empty((T + 1, B, P), x.dtype)
    cells = np.empty((T + 1, B, H), x.dtype)
    first = steps[0] + before
    hidden[first], cells[first] = h0, c0

    for t in steps:
        h_before, c_before = hidden[t + before], cells[t + before]
        u, normed, precision = recurrent_side(
            masked(h_before, masks), weights.weight_hh, weights.norm_hh, weights.bias_hh
        )
        if normed_hh is not None and precision_hh is not None:
            normed_hh[t], precision_hh[t] = normed, precision
        gates[t] += u
        i, f, g, o = split(gates[t], H, coupled)
        if weights.peephole is not None:
            i += weights.peephole[:H] * c_before
            if not coupled:
                f += weights.peephole[H : 2 * H] * c_before
        sigmoid(i, out=i)
        f = 1 - i if coupled else sigmoid(f, out=f)
        np.tanh(g, out=g)
        c_new = f * c_before + i * g
        if weights.peephole is not None:
            o += weights.peephole[-H:] * c_new
        sigmoid(o, out=o)
        h_new = o * np.tanh(shown_cell(c_new, weights)[0])
        if weights.weight_hr is not None:
            h_new = h_new @ weights.weight_hr.T
        hidden[t + after] = mix(h_new, h_before, keep_h, t)
        cells[t + after] = mix(c_new, c_before, keep_c, t)

    last = steps[-1] + after
    saved = ExtendedSaved(
        x, hidden, cells, gates, None, normed_ih, normed_hh, precision_ih, precision_hh,
        weights, masks, lengths, reverse, "coupled" if coupled else "",
    )  # fmt: skip
    return outputs_of(hidden, after, active), hidden[last].copy(), cells[last].copy(), saved


def split(a: Array, H: int, coupled: bool) -> tuple[Array, Array, Array, Array]:
    """Views of the four gates; the coupled cell has no forget gate (an empty view)."""
    if coupled:
        return a[:, :H], a[:, :0], a[:, H : 2 * H], a[:, 2 * H :]
    return a[:, :H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]


def shown_cell(c: Array, weights: Weights) -> tuple[Array, Array | None, Array | None]:
    """The cell as the output gate sees it: layer-normed where that option is on."""
    if weights.norm_cell is None:
        return c, None, None
    normed, precision = normalise(c)
    return normed * weights.norm_cell + weights.norm_cell_bias, normed, precision


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

    Each step undoes its equations from the last to the first; see ``lstm.py`` for the plain
    part.  Returns dx, dh0, dc0, dweights.
    """
    weights, masks, coupled = saved.weights, saved.masks, saved.form == "coupled"
    hidden, cells = saved.hidden, saved.cells
    assert cells is not None  # the LSTM always saves them
    T, B, P, H = len(saved.x), hidden.shape[1], hidden.shape[2], cells.shape[2]
    steps, before, _ = steps_of(T, saved.reverse)
    active = active_steps(saved.lengths, T)
    keep_h = keep_shares(masks.zoneout_h, active, saved.x)
    keep_c = keep_shares(masks.zoneout_c, active, saved.x)
    if dy is not None:
        dy = blank(dy, active)

    da = np.empty_like(saved.gates)
    du = da if saved.normed_hh is None else np.empty_like(da)
    totals = Weights._make(None if w is None else np.zeros_like(w) for w in weights)
    dh = np.zeros((B, P), hidden.dtype) if dh is None else dh.copy()
    dc = np.zeros((B, H), hidden.dtype) if dc is None else dc.copy()

    for t in reversed(steps):
        if dy is not None:
            dh += dy[t]
        dh_new, dh = unmix(dh, keep_h, t)
        dc_new, dc = unmix(dc, keep_c, t)
        c_before = cells[t + before]
        i, f, g, o = split(saved.gates[t], H, coupled)
        f = 1 - i if coupled else f
        da_i, da_f, da_g, da_o = split(da[t], H, coupled)

        c_new = f * c_before + i * g
        shown, normed_c, precision_c = shown_cell(c_new, weights)
        tanh_c = np.tanh(shown)
        if weights.weight_hr is not None:
            assert totals.weight_hr is not None
            totals.weight_hr[:] += dh_new.T @ (o * tanh_c)
            dh_new = dh_new @ weights.weight_hr
        dshown = dh_new * o * (1 - tanh_c * tanh_c)
        if normed_c is not None and precision_c is not None:
            assert totals.norm_cell is not None and totals.norm_cell_bias is not None
            totals.norm_cell[:] += (dshown * normed_c).sum(axis=0)
            totals.norm_cell_bias[:] += dshown.sum(axis=0)
            dshown = normalise_backward(dshown * weights.norm_cell, normed_c, precision_c)
        dc_new = dc_new + dshown
        da_o[:] = dh_new * tanh_c * o * (1 - o)
        if weights.peephole is not None:
            dc_new += da_o * weights.peephole[-H:]

        df = dc_new * c_before
        da_i[:] = (dc_new * g - (df if coupled else 0)) * i * (1 - i)
        if not coupled:
            da_f[:] = df * f * (1 - f)
        da_g[:] = dc_new * i * (1 - g * g)
        dc = dc + dc_new * f
        if weights.peephole is not None:
            assert totals.peephole is not None
            dc += da_i * weights.peephole[:H]
            totals.peephole[:H] += (da_i * c_before).sum(axis=0)
            totals.peephole[-H:] += (da_o * c_new).sum(axis=0)
            if not coupled:
                dc += da_f * weights.peephole[H : 2 * H]
                totals.peephole[H : 2 * H] += (da_f * c_before).sum(axis=0)

        if saved.normed_hh is not None and saved.precision_hh is not None:
            du[t] = recurrent_side_backward(
                da[t], weights.norm_hh, saved.normed_hh[t], saved.precision_hh[t]
            )
        dh = dh + masked(du[t] @ weights.weight_hh, masks)

    side = input_side_backward(da, saved.x, weights, saved.normed_ih, saved.precision_ih, need_dx)
    h_before = masked(hidden[before : T + before], masks)
    dweights = totals._replace(
        weight_ih=side.weight,
        weight_hh=outer_sum(du, h_before),
        bias_ih=side.bias,
        bias_hh=side.bias,
        norm_ih=side.gain,
        norm_hh=None if saved.normed_hh is None else (da * saved.normed_hh).sum(axis=(0, 1)),
    )
    return side.dx, dh, dc, add_into(into, dweights)
