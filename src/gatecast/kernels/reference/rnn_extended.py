r"""The plain recurrent network with its in-cell options (see ``extended.py``).

.. math::
    h'_t = φ(γ_x N(W x_t) + b + γ_h N(U (m h_{t-1})) + d), \qquad
    h_t = k h_{t-1} + (1 - k) h'_t

N: layer norm, m: dropout mask, k: zoneout.
"""

import numpy as np

from gatecast.kernels.contract import (
    NO_MASKS,
    Array,
    ExtendedSaved,
    Masks,
    Weights,
    check_inputs,
    check_nonlinearity,
)
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
    steps_of,
)


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
    """Run one layer over all steps: y (T, B, H), h (B, H), saved."""
    check_nonlinearity(nonlinearity)
    check_inputs("rnn", x, {"h0": h0}, weights, lengths, masks=masks)
    T, B, _ = x.shape
    steps, before, after = steps_of(T, reverse)
    active = active_steps(lengths, T)
    x = blank(x, active)
    keep = keep_shares(masks.zoneout_h, active, x)

    gates, normed_ih, precision_ih = input_side(x, weights)
    normed_hh = None if weights.norm_hh is None else np.empty_like(gates)
    precision_hh = None if weights.norm_hh is None else np.empty((T, B, 1), x.dtype)
    hidden = np.empty((T + 1, B, h0.shape[1]), x.dtype)
    hidden[steps[0] + before] = h0

    for t in steps:
        h_before = hidden[t + before]
        u, normed, precision = recurrent_side(
            masked(h_before, masks), weights.weight_hh, weights.norm_hh, weights.bias_hh
        )
        if normed_hh is not None and precision_hh is not None:
            normed_hh[t], precision_hh[t] = normed, precision
        a = gates[t]
        a += u
        if nonlinearity == "tanh":
            np.tanh(a, out=a)
        else:
            np.maximum(a, 0, out=a)
        hidden[t + after] = mix(a, h_before, keep, t)

    saved = ExtendedSaved(
        x, hidden, None, gates, None, normed_ih, normed_hh, precision_ih, precision_hh,
        weights, masks, lengths, reverse, nonlinearity,
    )  # fmt: skip
    return outputs_of(hidden, after, active), hidden[steps[-1] + after].copy(), saved


def rnn_extended_backward(
    saved: ExtendedSaved,
    dy: Array | None = None,
    dh: Array | None = None,
    *,
    into: Weights | None = None,
    need_dx: bool = True,
) -> tuple[Array | None, Array, Weights]:
    """Gradients of a scalar whose derivatives by y and h are dy and dh: dx, dh0, dweights."""
    weights, masks, hidden = saved.weights, saved.masks, saved.hidden
    T, B, H = len(saved.x), hidden.shape[1], hidden.shape[2]
    steps, before, _ = steps_of(T, saved.reverse)
    active = active_steps(saved.lengths, T)
    keep = keep_shares(masks.zoneout_h, active, saved.x)
    if dy is not None:
        dy = blank(dy, active)

    new = saved.gates
    da = 1 - new * new if saved.form == "tanh" else (new > 0).astype(new.dtype)
    du = da if saved.normed_hh is None else np.empty_like(da)
    dh = np.zeros((B, H), hidden.dtype) if dh is None else dh.copy()
    for t in reversed(steps):
        if dy is not None:
            dh += dy[t]
        dh_new, dh = unmix(dh, keep, t)
        da[t] *= dh_new
        if saved.normed_hh is not None and saved.precision_hh is not None:
            du[t] = recurrent_side_backward(
                da[t], weights.norm_hh, saved.normed_hh[t], saved.precision_hh[t]
            )
        dh = dh + masked(du[t] @ weights.weight_hh, masks)

    side = input_side_backward(da, saved.x, weights, saved.normed_ih, saved.precision_ih, need_dx)
    h_before = masked(hidden[before : T + before], masks)
    dweights = Weights(
        side.weight,
        outer_sum(du, h_before),
        side.bias,
        side.bias,
        norm_ih=side.gain,
        norm_hh=None if saved.normed_hh is None else (da * saved.normed_hh).sum(axis=(0, 1)),
    )
    return side.dx, dh, add_into(into, dweights)
