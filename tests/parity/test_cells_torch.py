"""The kernels with in-cell options against cells written in PyTorch: values and gradients."""

import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from gatecast import kernels
from gatecast.kernels.contract import GATES, Array, Masks, Weights
from tests.agreement import assert_agree
from tests.parity.torch_cells import TorchMasks, run_layer
from tests.parity.torch_twins import tensor

T, B, I, H = 5, 3, 2, 4
RAGGED = np.array([2, 5, 0])


class Options(NamedTuple):
    """One cell with its options on or off."""

    cell: str
    form: str
    layer_norm: bool
    recurrent_dropout: bool
    zoneout: bool
    peepholes: bool = False
    projection: bool = False

    def __str__(self) -> str:
        on = [name for name, value in self._asdict().items() if value is True]
        return " ".join([self.cell, self.form, *on])


SWITCH = (False, True)
GRID = [
    *(
        Options("rnn", f, *on)
        for f in ("tanh", "relu")
        for on in itertools.product(SWITCH, repeat=3)
    ),
    *(
        Options("gru", f, *on)
        for f in ("after", "before")
        for on in itertools.product(SWITCH, repeat=3)
    ),
    *(
        Options("lstm", f, *on)
        for f in ("", "coupled")
        for on in itertools.product(SWITCH, repeat=5)
    ),
]
RUNS = {
    "forward": (True, False, None),
    "ragged": (True, False, RAGGED),
    "backward ragged without bias": (False, True, RAGGED),
}


class Drawn(NamedTuple):
    """Random numbers for one run."""

    x: Array
    states: list[Array]
    weights: Weights
    masks: Masks
    weighting: list[Array]  # what flows into y and the final states


def draw(options: Options, bias: bool) -> Drawn:
    """Everything a kernel takes, in float64."""
    rng = np.random.default_rng(5)
    coupled = options.form == "coupled"
    gates = GATES[options.cell] - coupled
    rows = gates * H
    P = H - 1 if options.projection else H
    lstm = options.cell == "lstm"
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, I), "weight_hh": (rows, P)}
    if bias:
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    if options.projection:
        shapes["weight_hr"] = (P, H)
    if options.peepholes:
        shapes["peephole"] = ((gates - 1) * H,)
    if options.layer_norm:
        shapes |= {"norm_ih": (rows,), "norm_hh": (rows,)}
        shapes |= {"norm_cell": (H,), "norm_cell_bias": (H,)} if lstm else {}
    masks = Masks(
        2.0 * (rng.random((B, P)) < 0.5) if options.recurrent_dropout else None,
        (rng.random((T, B, P)) < 0.3).astype(float) if options.zoneout else None,
        rng.random((T, B, H)) if options.zoneout and lstm else None,
    )
    states = [rng.normal(size=(B, size)) for size in ((P, H) if lstm else (P,))]
    return Drawn(
        rng.normal(size=(T, B, I)),
        states,
        Weights(**{name: rng.normal(size=shape) for name, shape in shapes.items()}),
        masks,
        [rng.normal(size=a.shape) for a in (np.empty((T, B, P)), *states)],
    )


FORMS = {"rnn": "nonlinearity", "gru": "reset_after", "lstm": "coupled"}


def run_kernel(options: Options, drawn: Drawn, lengths: Array | None, reverse: bool) -> Any:
    """Values and gradients by the kernels that run now."""
    form: Any = options.form
    if options.cell != "rnn":
        form = form in ("after", "coupled")
    pair = kernels.active()._asdict()
    y, *ends, saved = pair[f"{options.cell}_extended_forward"](
        drawn.x, *drawn.states, drawn.weights, drawn.masks,
        **{FORMS[options.cell]: form}, lengths=lengths, reverse=reverse,
    )  # fmt: skip
    backward = pair[f"{options.cell}_extended_backward"]
    dx, *dstates, dweights = backward(saved, *drawn.weighting)
    return named(y, ends, dx, dstates, dweights)


def named(y: Any, ends: Any, dx: Any, dstates: Any, dweights: Weights) -> dict[str, Any]:
    """The results by name."""
    found = {"y": y, "dx": dx}
    found |= {f"final {i}": part for i, part in enumerate(ends)}
    found |= {f"dinitial {i}": part for i, part in enumerate(dstates)}
    return found | {name: part for name, part in dweights._asdict().items() if part is not None}


def run_torch(options: Options, drawn: Drawn, lengths: Array | None, reverse: bool) -> Any:
    """The same by the cells of ``torch_cells.py`` and autograd."""
    x = tensor(drawn.x, learned=True)
    states = [tensor(part, learned=True) for part in drawn.states]
    learned: list[Any] = [
        None if part is None else tensor(part, learned=True) for part in drawn.weights
    ]
    given = drawn.masks
    P, lstm = drawn.states[0].shape[1], options.cell == "lstm"
    masks = TorchMasks(
        tensor(np.ones((B, P)) if given.recurrent is None else given.recurrent),
        tensor(np.zeros((T, B, P)) if given.zoneout_h is None else given.zoneout_h),
        tensor(np.zeros((T, B, H)) if given.zoneout_c is None else given.zoneout_c)
        if lstm
        else None,
    )
    counts = [T] * B if lengths is None else lengths.tolist()
    y, ends = run_layer(
        options.cell, x, states, Weights(*learned), masks, options.form, counts, reverse
    )
    parts = zip(drawn.weighting, [y, *ends], strict=True)
    torch.stack([(tensor(w) * part).sum() for w, part in parts]).sum().backward()
    gradients: list[Any] = [None if part is None else part.grad.numpy() for part in learned]
    values = [part.detach().numpy() for part in ends]
    return named(
        y.detach().numpy(),
        values,
        x.grad.numpy(),
        [s.grad.numpy() for s in states],
        Weights(*gradients),
    )


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("options", GRID, ids=str)
def test_values_and_gradients(options: Options, run: str) -> None:
    bias, reverse, lengths = RUNS[run]
    drawn = draw(options, bias)
    assert_agree(
        run_kernel(options, drawn, lengths, reverse), run_torch(options, drawn, lengths, reverse)
    )


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(
    ("cell", "form"),
    [("rnn", "tanh"), ("rnn", "relu"), ("gru", "after"), ("gru", "before"), ("lstm", "")],
)
def test_the_plain_cells_are_the_cells_without_options(cell: str, form: str, run: str) -> None:
    """Among them the reset-before GRU, which PyTorch has no layer for."""
    bias, reverse, lengths = RUNS[run]
    options = Options(cell, form, False, False, False)
    drawn = draw(options, bias)
    pair = kernels.active()._asdict()
    keywords: dict[str, dict[str, Any]] = {
        "rnn": {"nonlinearity": form}, "gru": {"reset_after": form == "after"}, "lstm": {}
    }  # fmt: skip
    y, *ends, saved = pair[f"{cell}_forward"](
        drawn.x,
        *drawn.states,
        *drawn.weights[:4],
        **keywords[cell],
        lengths=lengths,
        reverse=reverse,
    )
    dx, *dstates, dweights = pair[f"{cell}_backward"](saved, *drawn.weighting)
    assert_agree(named(y, ends, dx, dstates, dweights), run_torch(options, drawn, lengths, reverse))
