"""RNN, GRU and LSTM against PyTorch: values and gradients of every configuration it has."""

from typing import Any

import numpy as np
import pytest
import torch

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.recurrent import Recurrent
from tests.agreement import assert_agree
from tests.parity.torch_twins import as_state, load_into, run_ours, run_twin

CELLS: dict[str, tuple[type[Recurrent], Any, dict[str, Any]]] = {
    "rnn tanh": (nn.RNN, torch.nn.RNN, {"nonlinearity": "tanh"}),
    "rnn relu": (nn.RNN, torch.nn.RNN, {"nonlinearity": "relu"}),
    "gru": (nn.GRU, torch.nn.GRU, {}),
    "lstm": (nn.LSTM, torch.nn.LSTM, {}),
    "lstm projected": (nn.LSTM, torch.nn.LSTM, {"proj_size": 2}),
}
B, T, I, H = 4, 6, 3, 5
LENGTHS = np.array([3, 6, 1, 5])  # unsorted, one of a single step

# What PyTorch says, once a process, of its own choice of implementation.
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")


def twins(cell: str, dtype: Any = np.float64, **options: Any) -> tuple[Recurrent, Any]:
    """Our layer and PyTorch's, with the same parameters: ours."""
    ours, theirs, own = CELLS[cell]
    net = ours(I, H, dtype=dtype, seed=7, **options, **own)
    kind = torch.float32 if dtype == np.float32 else torch.float64
    twin = theirs(I, H, batch_first=True, dtype=kind, **options, **own)
    load_into(twin, net)
    return net, twin


def random_parts(net: Recurrent, *, with_states: bool) -> tuple[Array, list[Array], list[Array]]:
    """Inputs, initial states (or none), and what flows into outputs and final states."""
    rng = np.random.default_rng(11)
    shapes = net._state_shapes(B)
    drawn = [rng.normal(size=shape) for shape in [(B, T, I), (B, T, net.output_size), *shapes]]
    initial = [rng.normal(size=shape) for shape in shapes] if with_states else []
    x, *weighting = [array.astype(net.dtype) for array in drawn]
    return x, [part.astype(net.dtype) for part in initial], weighting


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ragged", [False, True], ids=["even", "ragged"])
@pytest.mark.parametrize("with_states", [False, True], ids=["from zeros", "from states"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_values_and_gradients(
    cell: str,
    num_layers: int,
    bidirectional: bool,
    bias: bool,
    with_states: bool,
    ragged: bool,
    dtype: Any,
) -> None:
    net, twin = twins(cell, dtype, num_layers=num_layers, bidirectional=bidirectional, bias=bias)
    x, initial, weighting = random_parts(net, with_states=with_states)
    lengths = LENGTHS if ragged else None
    assert_agree(
        run_ours(net, x, initial, lengths, weighting),
        run_twin(twin, x, initial, lengths, weighting),
    )


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_add_up_over_passes(cell: str) -> None:
    net, twin = twins(cell, bidirectional=True)
    x, initial, weighting = random_parts(net, with_states=True)
    once = run_twin(twin, x, initial, None, weighting)
    run_ours(net, x, initial, None, weighting)
    _, _, saved = net.forward(x, as_state(initial))
    dy, *dfinal = weighting
    net.backward(saved, dy, as_state(dfinal))
    assert_agree(net.gradients(), {name: 2 * once[name] for name in net.gradients()})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cell", CELLS)
def test_state_dicts_go_both_ways(cell: str, dtype: Any) -> None:
    net, twin = twins(cell, dtype, num_layers=2, bidirectional=True)
    assert list(net.state_dict()) == list(twin.state_dict())
    other = CELLS[cell][0](I, H, 2, bidirectional=True, dtype=dtype, seed=8, **CELLS[cell][2])
    assert not np.array_equal(other.flat, net.flat)
    other.load_state_dict(twin.state_dict())
    assert np.array_equal(other.flat, net.flat)
    for name, value in twin.state_dict().items():
        assert np.array_equal(net.state_dict()[name], value.numpy()), name


def test_a_state_dict_drawn_by_torch_gives_torchs_outputs() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        twin = torch.nn.LSTM(I, H, 2, batch_first=True)
    net = nn.LSTM(I, H, 2)
    net.load_state_dict(twin.state_dict())
    x = np.random.default_rng(0).normal(size=(B, T, I)).astype(np.float32)
    assert_agree({"y": net(x)}, {"y": twin(torch.tensor(x))[0].detach().numpy()})
