"""The cells with in-cell options, written a second time: one row, one step, PyTorch's autograd.

PyTorch has no layers for these options. The equations are those of the kernels' docstrings; the
order of the steps, ragged rows and both directions are done here by walking along each row alone,
so that nothing of the kernels' bookkeeping is repeated.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import sigmoid, tanh
from torch.nn import functional

from gatecast.kernels.contract import LAYER_NORM_EPSILON

Tensor: TypeAlias = torch.Tensor
# (x, fed-back state, old state, c, weights, form) -> new states
Step: TypeAlias = Callable[[Tensor, Tensor, Tensor, Tensor | None, Any, str], tuple[Tensor, ...]]


class TorchMasks(NamedTuple):
    """As the kernels' masks, all given."""

    recurrent: Tensor  # (B, P)
    zoneout_h: Tensor  # (T, B, P)
    zoneout_c: Tensor | None  # (T, B, H)


def side(weight: Tensor, v: Tensor, gain: Tensor | None, bias: Tensor | None) -> Tensor:
    """gain · N(weight · v) + bias, each where it is."""
    product = weight @ v
    if gain is not None:
        product = gain * functional.layer_norm(product, product.shape, eps=LAYER_NORM_EPSILON)
    return product if bias is None else product + bias


def rnn_step(
    x: Tensor, fed_back: Tensor, old: Tensor, c: Tensor | None, w: Any, form: str
) -> tuple[Tensor, ...]:
    """h' = φ(a + u)."""
    a = side(w.weight_ih, x, w.norm_ih, w.bias_ih)
    u = side(w.weight_hh, fed_back, w.norm_hh, w.bias_hh)
    return (tanh(a + u) if form == "tanh" else torch.relu(a + u),)


def gru_step(
    x: Tensor, fed_back: Tensor, old: Tensor, c: Tensor | None, w: Any, form: str
) -> tuple[Tensor, ...]:
    """Reset after the recurrent product, or before it, where N acts on each product alone."""
    H = len(old)
    a_r, a_z, a_n = side(w.weight_ih, x, w.norm_ih, w.bias_ih).split(H)
    if form == "after":
        u_r, u_z, u_n = side(w.weight_hh, fed_back, w.norm_hh, w.bias_hh).split(H)
        r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
        n = tanh(a_n + r * u_n)
    else:
        U_rz, U_n = w.weight_hh[: 2 * H], w.weight_hh[2 * H :]
        gain_rz, gain_n = (None, None) if w.norm_hh is None else w.norm_hh.split(2 * H)
        d_rz, d_n = (None, None) if w.bias_hh is None else w.bias_hh.split(2 * H)
        u_r, u_z = side(U_rz, fed_back, gain_rz, d_rz).split(H)
        r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
        n = tanh(a_n + side(U_n, r * fed_back, gain_n, d_n))
    return ((1 - z) * n + z * old,)


def lstm_step(
    x: Tensor, fed_back: Tensor, old: Tensor, c: Tensor | None, w: Any, form: str
) -> tuple[Tensor, ...]:
    """Peepholes, the coupled gate, the cell's layer norm and the projection, each where it is."""
    assert c is not None
    H = len(c)
    a = side(w.weight_ih, x, w.norm_ih, w.bias_ih)
    a = a + side(w.weight_hh, fed_back, w.norm_hh, w.bias_hh)
    a_f: Tensor | None = None
    if form == "coupled":
        a_i, a_g, a_o = a.split(H)
    else:
        a_i, a_f, a_g, a_o = a.split(H)
    p = () if w.peephole is None else w.peephole.split(H)
    i = sigmoid(a_i + p[0] * c if p else a_i)
    f = 1 - i if a_f is None else sigmoid(a_f + p[1] * c if p else a_f)
    c_new = f * c + i * tanh(a_g)
    o = sigmoid(a_o + p[-1] * c_new if p else a_o)
    shown = c_new
    if w.norm_cell is not None:
        shown = functional.layer_norm(c_new, c_new.shape, eps=LAYER_NORM_EPSILON)
        shown = w.norm_cell * shown + w.norm_cell_bias
    h_new = o * tanh(shown)
    return (h_new if w.weight_hr is None else w.weight_hr @ h_new), c_new


STEPS: dict[str, Step] = {"rnn": rnn_step, "gru": gru_step, "lstm": lstm_step}


def run_layer(
    cell: str,
    x: Tensor,
    states: list[Tensor],
    weights: Any,  # Weights of tensors
    masks: TorchMasks,
    form: str,
    lengths: list[int],
    reverse: bool,
) -> tuple[Tensor, list[Tensor]]:
    """One layer and direction over x (T, B, I), row by row: y (T, B, P) and the final states."""
    T, B, _ = x.shape
    rows, ends = [], []
    for b in range(B):
        now = [state[b] for state in states]
        outputs = [torch.zeros_like(now[0])] * T
        order = range(lengths[b])
        for t in reversed(order) if reverse else order:
            fed_back = masks.recurrent[b] * now[0]
            new = STEPS[cell](x[t, b], fed_back, now[0], now[-1], weights, form)
            keeps = [masks.zoneout_h[t, b]]
            if masks.zoneout_c is not None:
                keeps.append(masks.zoneout_c[t, b])
            now = [k * o + (1 - k) * n for k, o, n in zip(keeps, now, new, strict=True)]
            outputs[t] = now[0]
        rows.append(torch.stack(outputs))
        ends.append(now)
    return torch.stack(rows, dim=1), [torch.stack(parts) for parts in zip(*ends, strict=True)]
