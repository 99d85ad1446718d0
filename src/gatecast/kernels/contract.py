"""The kernels' contract: names, shapes, what a forward pass saves, what is refused.

Kernels work on bare arrays, time major. Shape letters: T steps, B batch, I inputs, H hidden,
G gates (RNN 1, GRU 3, LSTM 4; 3 when the LSTM is coupled), P = size of the hidden state that
is fed back (H, or ``proj_size`` with a projection).

========== =========== ==============================================================
array      shape       meaning
========== =========== ==============================================================
x          (T, B, I)   inputs
h0, c0     (B, P), (B, H)  states before the first step
weight_ih  (G·H, I)    input weights, gates stacked: LSTM i,f,g,o; GRU r,z,n
weight_hh  (G·H, P)    recurrent weights
bias_ih    (G·H,)      or None together with bias_hh
lengths    (B,)        integers in 0..T, or None: every row has T steps
y          (T, B, P)   hidden states after each step, zero past a row's length
h, c       (B, P), (B, H)  states after each row's last real step
========== =========== ==============================================================

``reverse=True`` runs each row from its last real step to its first; ``y[t]`` stays at the
time of ``x[t]``.  A row of length 0 yields zeros and its initial state.  NaN propagates.

Every pair is ``forward(...) -> y, states, saved`` and ``backward(saved, dy, dstates) -> dx,
dstates0, dweights``.  ``dy``, ``dh`` and ``dc`` may be None (nothing flows in there).  With
``into=weights`` the weight gradients are *added* to those arrays and that tuple is returned;
with ``need_dx=False`` no input gradient is computed and ``dx`` is None.  ``saved`` is a
NamedTuple of plain arrays, the same in every implementation, so a forward pass by one and a
backward pass by another is a valid run.  ``y`` may be a read-only view into ``saved``.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from gatecast.errors import DtypeError, InputError

Array: TypeAlias = npt.NDArray[Any]

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LAYER_NORM_EPSILON = 1e-5


class Weights(NamedTuple):
    """The learned arrays of one layer and direction, or their gradients.

    The first four are every cell's; the others belong to options and are None without them.
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array | None = None
    bias_hh: Array | None = None
    weight_hr: Array | None = None  # (P, H): the projection
    peephole: Array | None = None  # (3·H,): c to i, f, o; (2·H,): to i, o when coupled
    norm_ih: Array | None = None  # (G·H,): gain of the layer norm of weight_ih·x
    norm_hh: Array | None = None  # (G·H,): gain of the layer norm of weight_hh·h
    norm_cell: Array | None = None  # (H,): gain of the layer norm of the LSTM's cell
    norm_cell_bias: Array | None = None  # (H,): its shift


class Masks(NamedTuple):
    """What dropout drew for one layer and direction; None where it is off.

    Attributes
    ----------
    recurrent : (B, P)
        Variational dropout: factor on the fed-back hidden state, one draw for all steps.
    zoneout_h, zoneout_c : (T, B, P) and (T, B, H)
        Share of the old state that is kept: 0 or 1 in training, the probability in prediction.
        The caller may pass arrays broadcast from a scalar.
    """

    recurrent: Array | None = None
    zoneout_h: Array | None = None
    zoneout_c: Array | None = None


NO_MASKS = Masks()


class RNNSaved(NamedTuple):
    """What ``rnn_backward`` needs."""

    x: Array
    hidden: Array  # (T+1, B, H): states between the steps
    weights: Weights
    lengths: Array | None
    reverse: bool
    nonlinearity: str


class GRUSaved(NamedTuple):
    """What ``gru_backward`` needs."""

    x: Array
    hidden: Array  # (T+1, B, H)
    gates: Array  # (T, B, 3·H): r, z, n after their activation
    recurrent_n: Array | None  # (T, B, H): W_hn·h + b_hn; None when reset_after=False
    weights: Weights
    lengths: Array | None
    reverse: bool
    reset_after: bool


class LSTMSaved(NamedTuple):
    """What ``lstm_backward`` needs."""

    x: Array
    hidden: Array  # (T+1, B, H)
    cells: Array  # (T+1, B, H)
    gates: Array  # (T, B, 4·H): i, f, g, o after their activation
    weights: Weights
    lengths: Array | None
    reverse: bool


class ExtendedSaved(NamedTuple):
    """What the backward pass of a cell with in-cell options needs."""

    x: Array
    hidden: Array  # (T+1, B, P)
    cells: Array | None  # (T+1, B, H), LSTM only
    gates: Array  # (T, B, G·H) after their activation
    recurrent_n: Array | None  # (T, B, H): the GRU's recurrent share of n (reset-after form)
    normed_ih: Array | None  # (T, B, G·H): layer-normed products before their gain
    normed_hh: Array | None  # (T, B, G·H)
    precision_ih: Array | None  # (T, B, 1): 1 / standard deviation of each product
    precision_hh: Array | None  # (T, B, 1), or (T, B, 2) for the reset-before GRU (r and z, n)
    weights: Weights
    masks: Masks
    lengths: Array | None
    reverse: bool
    form: str  # RNN: "tanh" or "relu"; GRU: "after" or "before"; LSTM: "" or "coupled"


Saved: TypeAlias = RNNSaved | GRUSaved | LSTMSaved | ExtendedSaved


def check_inputs(
    cell: str,
    x: Array,
    states: dict[str, Array],
    weights: Weights,
    lengths: Array | None,
    *,
    gates: int | None = None,
    masks: Masks = NO_MASKS,
) -> None:
    """Refuse arrays that do not fit together, before any work.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
    x, states, weights, lengths
        As in the contract; ``states`` by name (``h0``, ``c0``).
    gates : int, optional
        Number of gates where it is not the cell's usual one.
    masks : Masks
        Of the extended cells.
    """
    if x.ndim != 3:
        raise InputError(f"x must have 3 axes (time, batch, features), it has shape {x.shape}")
    steps, batch, inputs = x.shape
    if steps == 0:
        raise InputError(f"x has no time steps (shape {x.shape}); a sequence needs at least one")
    if x.dtype not in (np.float32, np.float64):
        raise DtypeError(f"x must be float32 or float64, it is {x.dtype}")
    check_options(cell, weights)
    hidden = weights.weight_hh.shape[0] // (gates or GATES[cell])
    rows = (gates or GATES[cell]) * hidden
    fed_back = hidden if weights.weight_hr is None else weights.weight_hr.shape[0]
    wanted = {
        "weight_ih": (rows, inputs),
        "weight_hh": (rows, fed_back),
        "bias_ih": (rows,),
        "bias_hh": (rows,),
        "weight_hr": (fed_back, hidden),
        "norm_ih": (rows,),
        "norm_hh": (rows,),
        "norm_cell": (hidden,),
        "norm_cell_bias": (hidden,),
        "peephole": ((rows // hidden - 1) * hidden if hidden else 0,),
        "h0": (batch, fed_back),
        "c0": (batch, hidden),
        "recurrent": (batch, fed_back),
        "zoneout_h": (steps, batch, fed_back),
        "zoneout_c": (steps, batch, hidden),
    }
    given = weights._asdict() | states
    if masks is not NO_MASKS:
        given |= masks._asdict()
    for name, array in given.items():
        if array is None:
            continue
        if array.shape != wanted[name]:
            raise InputError(f"{name} must have shape {wanted[name]}, it has {array.shape}")
        if array.dtype != x.dtype:
            raise DtypeError(f"{name} is {array.dtype} and x is {x.dtype}; they must be the same")
    check_lengths(lengths, steps, batch)


def check_options(cell: str, weights: Weights) -> None:
    """Refuse half of a pair of weights, and the LSTM's options on another cell."""
    if cell != "lstm":
        for name in ("weight_hr", "peephole", "norm_cell", "norm_cell_bias"):
            if getattr(weights, name) is not None:
                raise InputError(f"{name} is an option of the LSTM; the {cell.upper()} has none")
    for one, other in (("bias_ih", "bias_hh"), ("norm_cell", "norm_cell_bias")):
        if (getattr(weights, one) is None) != (getattr(weights, other) is None):
            raise InputError(f"{one} and {other} come together: give both or neither")


def check_nonlinearity(name: str) -> None:
    """Refuse an activation that the plain recurrent network does not have."""
    if name not in ("tanh", "relu"):
        raise InputError(f"nonlinearity must be 'tanh' or 'relu', it is {name!r}")


def check_lengths(lengths: Array | None, steps: int, batch: int) -> None:
    """Refuse lengths that are not one integer in 0..T for each row."""
    if lengths is None:
        return
    if not isinstance(lengths, np.ndarray):
        raise DtypeError(
            f"lengths must be a NumPy array of integers, it is a {type(lengths).__name__}; "
            "convert it with np.asarray(lengths)"
        )
    if lengths.shape != (batch,):
        raise InputError(
            f"lengths must hold one number a row, shape ({batch},); it has shape {lengths.shape}"
        )
    if lengths.dtype.kind not in "iu":
        raise DtypeError(f"lengths must be integers, they are {lengths.dtype}")
    if batch and (int(lengths.min()) < 0 or int(lengths.max()) > steps):
        row = int(np.argmax((lengths < 0) | (lengths > steps)))
        raise InputError(
            f"lengths[{row}] is {lengths[row]}; it must lie between 0 and the {steps} steps of x"
        )
