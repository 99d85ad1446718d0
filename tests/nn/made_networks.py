"""Networks and batches that hypothesis makes up, and running them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent

sizes = st.integers(1, 4)
flags = st.booleans()
seeds = st.integers(0, 2**32 - 1)
rates = st.sampled_from([0.0, 0.3])
F64: dict[str, Any] = {"dtype": np.float64}


class Batch(NamedTuple):
    """Numbers for one run: what goes in, and what flows into outputs and final state."""

    x: Array
    state: Any
    lengths: Array | None
    dy: Array
    dstate: Any


@st.composite
def recurrent_layers(
    draw: st.DrawFn, *, inputs: int = 2, both_ways: bool = True, most_layers: int = 2
) -> Recurrent:
    """Any cell with any options, in float64; ``both_ways`` allows bidirectional ones."""
    hidden = draw(sizes)
    shared: dict[str, Any] = F64 | {
        "num_layers": draw(st.integers(1, most_layers)),
        "bias": draw(flags),
        "bidirectional": both_ways and draw(flags),
        "dropout": draw(rates),
        "recurrent_dropout": draw(rates),
        "layer_norm": draw(flags),
        "zoneout": draw(rates),
        "seed": draw(seeds),
    }
    cell = draw(st.sampled_from([nn.RNN, nn.GRU, nn.LSTM]))
    if cell is nn.RNN:
        form = draw(st.sampled_from(["tanh", "relu"]))
        return nn.RNN(inputs, hidden, nonlinearity=form, **shared)
    if cell is nn.GRU:
        return nn.GRU(inputs, hidden, reset_after=draw(flags), **shared)
    return nn.LSTM(
        inputs,
        hidden,
        peepholes=draw(flags),
        proj_size=draw(st.integers(0, hidden - 1)),
        coupled=draw(flags),
        **shared,
    )


@st.composite
def chains(draw: st.DrawFn, *, both_ways: bool = True) -> nn.Sequential:
    """Layers before and after a recurrent one, causal convolutions among them; 2 inputs."""
    width = draw(sizes)
    kinds: dict[str, Callable[[], list[Module]]] = {
        "linear": lambda: [nn.Linear(2, width, **F64), nn.GELU(**F64)],
        "conv": lambda: [nn.Conv1d(2, width, 3, padding="causal", dilation=2, **F64)],
        "norm": lambda: [nn.LayerNorm(2, **F64), nn.SiLU(**F64), nn.Linear(2, width, **F64)],
    }
    before = kinds[draw(st.sampled_from(list(kinds)))]()
    middle = draw(recurrent_layers(inputs=width, both_ways=both_ways, most_layers=1))
    size = middle.output_size
    after = [nn.Dropout(0.2, **F64), nn.LayerNorm(size, **F64), nn.Linear(size, 2, **F64)]
    return nn.Sequential(*before, middle, *after, seed=draw(seeds))


def networks(*, both_ways: bool = True) -> st.SearchStrategy[Module]:
    """A recurrent layer alone, or one among other layers; 2 inputs."""
    return st.one_of(recurrent_layers(both_ways=both_ways), chains(both_ways=both_ways))


@st.composite
def networks_with_batches(
    draw: st.DrawFn, *, both_ways: bool = True, ragged: bool = True
) -> tuple[Module, Batch]:
    """A network and a batch for it, with empty rows where it is ragged."""
    net = draw(networks(both_ways=both_ways))
    B, T = draw(sizes), draw(st.integers(1, 6))
    lengths = None
    if ragged:
        lengths = np.array(draw(st.lists(st.integers(0, T), min_size=B, max_size=B)))
    rng = np.random.default_rng(draw(seeds))

    def random_like(part: Array) -> Array:
        return rng.normal(size=part.shape)

    x, state = rng.normal(size=(B, T, 2)), mapped(random_like, net.start(B))
    y, final = net.run(x, state, lengths)
    return net, Batch(x, state, lengths, random_like(y), mapped(random_like, final))


def mapped(change: Callable[[Array], Array], state: Any) -> Any:
    """``change`` applied to every array of a state."""
    if state is None:
        return None
    if isinstance(state, tuple):
        return tuple(mapped(change, part) for part in state)
    return change(state)


def rows_of(net: Module, state: Any, rows: Any) -> Any:
    """Those rows of a network's state; only recurrent layers' have a first axis of layers."""
    if isinstance(net, nn.Sequential):
        return tuple(rows_of(layer, part, rows) for layer, part in zip(net, state, strict=True))
    if isinstance(net, Recurrent):
        return mapped(lambda part: part[:, rows], state)
    return mapped(lambda part: part[rows], state)


def named(prefix: str, state: Any) -> dict[str, Array]:
    """The arrays of a state by name."""
    if state is None:
        return {}
    if not isinstance(state, tuple):
        return {prefix: state}
    return {
        name: part
        for i, inner in enumerate(state)
        for name, part in named(f"{prefix}.{i}", inner).items()
    }


class Result(NamedTuple):
    """Values and gradients of one run."""

    y: Array
    final: Any
    dx: Array
    dinitial: Any
    gradients: dict[str, Array]

    def by_name(self) -> dict[str, Array]:
        """Everything, for a comparison."""
        found = {"y": self.y, "dx": self.dx} | named("final", self.final)
        return found | named("dinitial", self.dinitial) | self.gradients


def run(net: Module, batch: Batch) -> Result:
    """Forward and backward, in prediction."""
    net.zero_grad()
    y, final, saved = net.forward(batch.x, batch.state, batch.lengths)
    dx, dinitial = net.backward(saved, batch.dy, batch.dstate)
    assert dx is not None
    return Result(y, final, dx, dinitial, {k: g.copy() for k, g in net.gradients().items()})
