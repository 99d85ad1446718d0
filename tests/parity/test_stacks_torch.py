"""Layers, directions and every kind of dropout put together, against cells written in PyTorch.

A training pass draws its masks; they are taken from what it saved and given to the oracle.
"""

from typing import Any

import numpy as np
import pytest
import torch

from gatecast import nn
from gatecast.kernels.contract import Array, Weights
from gatecast.nn.recurrent import Recurrent, RecurrentSaved
from tests.agreement import assert_agree
from tests.parity.torch_cells import Tensor, TorchMasks, run_layer
from tests.parity.torch_twins import as_list, as_state, tensor

B, T, I, H = 3, 5, 2, 4
LENGTHS = np.array([2, 5, 3])
EVERY_DROPOUT: dict[str, Any] = {"dropout": 0.4, "recurrent_dropout": 0.3, "zoneout": 0.2}
NETS: dict[str, tuple[type[Recurrent], dict[str, Any]]] = {
    "rnn": (nn.RNN, {}),
    "rnn relu, layer norm": (nn.RNN, {"nonlinearity": "relu", "layer_norm": True}),
    "gru": (nn.GRU, {}),
    "gru reset before": (nn.GRU, {"reset_after": False}),
    "gru reset before, layer norm": (nn.GRU, {"reset_after": False, "layer_norm": True}),
    "lstm": (nn.LSTM, {}),
    "lstm layer norm": (nn.LSTM, {"layer_norm": True}),
    "lstm peepholes": (nn.LSTM, {"peepholes": True}),
    "lstm coupled": (nn.LSTM, {"coupled": True}),
    "lstm all": (
        nn.LSTM,
        {"peepholes": True, "coupled": True, "proj_size": 2, "layer_norm": True},
    ),
}


def form_of(net: Recurrent) -> str:
    """The form's name in ``torch_cells.py``."""
    if isinstance(net, nn.RNN):
        return net.nonlinearity
    if isinstance(net, nn.GRU):
        return "after" if net.reset_after else "before"
    return "coupled" if getattr(net, "coupled", False) else ""


def masks_of(net: Recurrent, cell: Any) -> TorchMasks:
    """What one layer and direction drew; in prediction zoneout keeps its probability."""
    drawn = getattr(cell, "masks", None)
    P = net.fed_back_size

    def given(name: str, otherwise: Array) -> Tensor:
        mask = getattr(drawn, name, None)
        return tensor(otherwise if mask is None else mask)

    return TorchMasks(
        given("recurrent", np.ones((B, P))),
        given("zoneout_h", np.zeros((T, B, P))),
        given("zoneout_c", np.zeros((T, B, H))) if net.cell == "lstm" else None,
    )


def run_stack(
    net: Recurrent,
    x: Tensor,
    states: list[Tensor],
    learned: dict[str, Tensor],
    saved: RecurrentSaved,
    lengths: Array | None,
) -> tuple[Tensor, list[Tensor]]:
    """The whole network by the cells of ``torch_cells.py``: y (B, T, ·) and the final states."""
    counts = [T] * B if lengths is None else lengths.tolist()
    flow, finals = x.transpose(0, 1), []
    for layer in range(net.num_layers):
        outputs = []
        for direction, suffix in enumerate(("", "_reverse")[: net.directions]):
            index = layer * net.directions + direction
            weights = Weights(
                *(learned.get(f"{name}_l{layer}{suffix}") for name in Weights._fields)  # type: ignore[arg-type]
            )
            y, ends = run_layer(
                net.cell, flow, [state[index] for state in states], weights,
                masks_of(net, saved.cells[index]), form_of(net), counts, direction == 1,
            )  # fmt: skip
            outputs.append(y)
            finals.append(ends)
        flow = torch.cat(outputs, dim=2)
        drop = saved.drops[layer]
        if drop is not None:
            flow = flow * tensor(drop)
    return flow.transpose(0, 1), [torch.stack(parts) for parts in zip(*finals, strict=True)]


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["even", "ragged"])
@pytest.mark.parametrize("dropping", [{}, EVERY_DROPOUT], ids=["no dropout", "every dropout"])
@pytest.mark.parametrize("name", NETS)
def test_values_and_gradients(
    name: str, dropping: dict[str, Any], lengths: Array | None, training: bool
) -> None:
    kind, options = NETS[name]
    net = kind(I, H, 2, bidirectional=True, dtype=np.float64, seed=3, **options, **dropping)
    rng = np.random.default_rng(6)
    net.flat[:] = rng.normal(scale=0.7, size=net.num_parameters)
    x = rng.normal(size=(B, T, I))
    initial = [rng.normal(size=shape) for shape in net._state_shapes(B)]
    y, final, saved = net.forward(x, as_state(initial), lengths, training, rng)
    dy, *dfinal = weighting = [rng.normal(size=part.shape) for part in (y, *initial)]
    dx, dinitial = net.backward(saved, dy, as_state(dfinal))
    ours = {"y": y, "dx": dx}
    ours |= {f"final {i}": part for i, part in enumerate(as_list(final))}
    ours |= {f"dinitial {i}": part for i, part in enumerate(as_list(dinitial))}

    inputs, states = tensor(x, learned=True), [tensor(part, learned=True) for part in initial]
    learned = {key: tensor(value, learned=True) for key, value in net.state_dict().items()}
    outputs, ends = run_stack(net, inputs, states, learned, saved, lengths)
    parts = zip(weighting, [outputs, *ends], strict=True)
    torch.stack([(tensor(w) * part).sum() for w, part in parts]).sum().backward()
    theirs = {"y": outputs.detach().numpy(), "dx": inputs.grad.numpy()}
    theirs |= {f"final {i}": part.detach().numpy() for i, part in enumerate(ends)}
    theirs |= {f"dinitial {i}": part.grad.numpy() for i, part in enumerate(states)}
    assert_agree(
        ours | net.gradients(),
        theirs | {key: value.grad.numpy() for key, value in learned.items()},
    )
    assert_drawn(saved, drops=training and bool(dropping))


def assert_drawn(saved: RecurrentSaved, *, drops: bool) -> None:
    """Masks were drawn in training and only there, a new one for each layer and direction."""
    assert (saved.drops[0] is not None) == drops
    assert saved.drops[1] is None
    if not drops:
        return
    masks = [cell.masks for cell in saved.cells]
    for name in ("recurrent", "zoneout_h"):
        drawn = [getattr(mask, name) for mask in masks]
        assert not all(np.array_equal(drawn[0], other) for other in drawn[1:]), name
