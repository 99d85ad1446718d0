"""The ONNX operators RNN, GRU and LSTM run by our kernels: an adapter between two layouts.

ONNX's default layout is time major as the kernels' is. What differs: a leading axis of
directions on weights and states, Y as (T, directions, B, H), both biases in one array, and the
order of the gates: LSTM i, o, f, c and GRU z, r, h. ONNX's z keeps the old state, as ours does.
Its peepholes stand in our order, i, o, f aside.
https://onnx.ai/onnx/operators/onnx__LSTM.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gatecast import kernels
from gatecast.errors import InputError
from gatecast.kernels.contract import Array, Masks, Weights

# Where our i, f, g, o and r, z, n stand among ONNX's gates.
GATE_ORDER: dict[str, tuple[int, ...]] = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
PEEPHOLE_ORDER = (0, 2, 1)  # our i, f, o among ONNX's i, o, f
USUAL: dict[str, tuple[str, ...]] = {
    "RNN": ("tanh",),
    "GRU": ("sigmoid", "tanh"),
    "LSTM": ("sigmoid", "tanh", "tanh"),
}
KNOWN = {
    "affine", "elu", "hardsigmoid", "leakyrelu", "relu", "scaledtanh", "sigmoid", "softplus",
    "softsign", "tanh", "thresholdedrelu",
}  # fmt: skip
NO_CLIP = 100.0  # ONNX Runtime's tests write 999 and 9999 for none


class ForeignError(Exception):
    """The operator asks for what gatecast's cells do not have."""


class Direction(NamedTuple):
    """One direction's share of an operator."""

    activations: tuple[str, ...]
    reverse: bool
    weights: Weights


def run_operator(
    op: str, attributes: Mapping[str, Any], inputs: Sequence[Array | None]
) -> list[Array]:
    """Y, Y_h and, for the LSTM, Y_c.

    Raises
    ------
    InputError
        For what the operator itself does not allow.
    ForeignError
        For what it allows and our cells do not have.
    """
    padded: list[Array | None] = [*inputs, *(None for _ in range(8 - len(inputs)))]
    X, W, R, B, lengths, *states = padded
    assert X is not None and W is not None and R is not None  # noqa: PT018
    batch_first = bool(attributes.get("layout", 0))
    if batch_first:
        X = X.swapaxes(0, 1)
        turned = [part if part is None else part.swapaxes(0, 1) for part in states[:2]]
        states = [*turned, *states[2:]]
    peepholes = states[2] if op == "LSTM" else None
    initial = initial_states(op, X, R, states)
    found: list[list[Array]] = []
    coupled = bool(attributes.get("input_forget", 0))
    for d, (names, reverse) in enumerate(directions_of(op, attributes)):
        weights = weights_of(op, d, W, R, B, peepholes, coupled)
        found.append(
            run_direction(
                op, np.ascontiguousarray(X), [part[d] for part in initial], names,
                weights, coupled, attributes, lengths, reverse,
            )
        )  # fmt: skip
    Y, *finals = [np.stack(parts) for parts in zip(*found, strict=True)]
    if batch_first:
        return [Y.transpose(2, 1, 0, 3), *(part.swapaxes(0, 1) for part in finals)]
    return [Y.swapaxes(0, 1), *finals]


def directions_of(op: str, attributes: Mapping[str, Any]) -> list[tuple[tuple[str, ...], bool]]:
    """Activations and order of each direction; refuses unknown names, and what is foreign."""
    direction = attributes.get("direction", "forward")
    orders = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[direction]
    count = len(USUAL[op])
    names = [name.lower() for name in attributes.get("activations", USUAL[op] * len(orders))]
    for name in names:
        if name not in KNOWN:
            raise InputError(f"activations holds {name!r}, which ONNX does not know")
    if 0 < attributes.get("clip", 0) < NO_CLIP:
        raise ForeignError("a real clip")
    groups = [tuple(names[d * count : (d + 1) * count]) for d in range(len(orders))]
    for group in groups:
        if group != USUAL[op] and not (op == "RNN" and group == ("relu",)):
            raise ForeignError("foreign activations")
    return list(zip(groups, orders, strict=True))


def initial_states(op: str, X: Array, R: Array, states: Sequence[Array | None]) -> list[Array]:
    """The given states (D, B, H), or zeros."""
    shape = (len(R), X.shape[1], R.shape[2])
    given = states[: 2 if op == "LSTM" else 1]
    return [np.zeros(shape, X.dtype) if part is None else part for part in given]


def weights_of(
    op: str, d: int, W: Array, R: Array, B: Array | None, P: Array | None, coupled: bool
) -> Weights:
    """One direction's arrays in our order of the gates."""
    H = R.shape[2]
    order = [gate for i, gate in enumerate(GATE_ORDER[op]) if not (coupled and i == 1)]

    def gates(array: Array, wanted: Sequence[int] = order) -> Array:
        return np.concatenate([array[g * H : (g + 1) * H] for g in wanted])

    bias_ih, bias_hh = (None, None) if B is None else np.split(B[d], 2)
    peephole = None
    if P is not None:
        peephole = gates(
            P[d], [p for i, p in enumerate(PEEPHOLE_ORDER) if not (coupled and i == 1)]
        )
    return Weights(
        gates(W[d]),
        gates(R[d]),
        None if bias_ih is None else gates(bias_ih),
        None if bias_hh is None else gates(bias_hh),
        peephole=peephole,
    )


def run_direction(
    op: str,
    X: Array,
    initial: list[Array],
    names: tuple[str, ...],
    weights: Weights,
    coupled: bool,
    attributes: Mapping[str, Any],
    lengths: Array | None,
    reverse: bool,
) -> list[Array]:
    """y (T, B, H) and the final states, by the plain kernels where these will do."""
    ragged: dict[str, Any] = {"lengths": lengths, "reverse": reverse}
    if op == "RNN":
        results = kernels.rnn_forward(X, *initial, *weights[:4], nonlinearity=names[0], **ragged)
    elif op == "GRU":
        after = bool(attributes.get("linear_before_reset", 0))
        results = kernels.gru_forward(X, *initial, *weights[:4], reset_after=after, **ragged)
    elif coupled or weights.peephole is not None:
        results = kernels.lstm_extended_forward(
            X, *initial, weights, Masks(), coupled=coupled, **ragged
        )
    else:
        results = kernels.lstm_forward(X, *initial, *weights[:4], **ragged)
    return list(results[:-1])
