"""``nn.check_gradients`` on every recurrent layer with every option, and on every other layer."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.kernels.contract import Array

BATCH, STEPS, FEATURES, HIDDEN = 3, 3, 2, 3
RAGGED = np.array([3, 0, 2])

COMMON: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"layer_norm": True},
    {"recurrent_dropout": 0.4},
    {"zoneout": 0.3},
    {"dropout": 0.3},
    {"layer_norm": True, "recurrent_dropout": 0.4, "zoneout": 0.3, "dropout": 0.3},
]
LSTM_ONLY: list[dict[str, Any]] = [{"peepholes": True}, {"proj_size": 2}, {"coupled": True}]
GRID: list[tuple[type[nn.RNN] | type[nn.GRU] | type[nn.LSTM], dict[str, Any]]] = [
    *((nn.RNN, {"nonlinearity": kind} | o) for kind, o in product(("tanh", "relu"), COMMON)),
    *((nn.GRU, {"reset_after": form} | o) for form, o in product((True, False), COMMON)),
    *((nn.LSTM, options) for options in [*COMMON, *LSTM_ONLY]),
    (nn.LSTM, LSTM_ONLY[0] | LSTM_ONLY[1] | LSTM_ONLY[2] | COMMON[-1]),
]


def name_of(value: Any) -> str:
    if isinstance(value, dict):
        return "-".join(f"{k}={v}" for k, v in value.items()) or "plain"
    return str(getattr(value, "__name__", value))


def sequences(
    batch: int = BATCH, steps: int = STEPS, features: int = FEATURES, seed: int = 1
) -> Array:
    return np.random.default_rng(seed).normal(size=(batch, steps, features))


def state_for(net: nn.Module, batch: int = BATCH) -> Any:
    rng = np.random.default_rng(2)
    start = net.astype(np.float64).start(batch)
    if isinstance(start, tuple):
        return tuple(rng.normal(size=part.shape) for part in start)
    return rng.normal(size=start.shape)


def assert_gradients(net: nn.Module, x: Array, **keywords: Any) -> None:
    report = nn.check_gradients(net, x, **keywords)
    assert report.ok, f"\n{report}"


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["onward", "both"])
@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])
@pytest.mark.parametrize(("kind", "options"), GRID, ids=name_of)
def test_recurrent_layers(
    kind: Any, options: dict[str, Any], lengths: Array | None, bidirectional: bool, layers: int
) -> None:
    net = kind(FEATURES, HIDDEN, layers, bidirectional=bidirectional, seed=3, **options)
    assert_gradients(net, sequences(), state=state_for(net), lengths=lengths, samples=2)


@pytest.mark.parametrize(("kind", "options"), GRID, ids=name_of)
def test_recurrent_layers_in_prediction(kind: Any, options: dict[str, Any]) -> None:
    net = kind(FEATURES, HIDDEN, seed=3, **options)
    assert_gradients(net, sequences(), training=False, samples=4)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 3), (2, 3, 2, 3)], ids=str)
def test_linear(bias: bool, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    assert_gradients(nn.Linear(3, 2, bias=bias), x, samples=None)


@pytest.mark.parametrize("shape", [(4, 5), (2, 3, 5)], ids=str)
def test_layer_norm(shape: tuple[int, ...]) -> None:
    net = nn.LayerNorm(5)
    net.flat[:] = np.random.default_rng(1).normal(size=10)
    assert_gradients(net, np.random.default_rng(0).normal(size=shape), samples=None)


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", [0, 1, 3, "same", "causal"])
@pytest.mark.parametrize("lengths", [None, np.array([7, 0, 5])], ids=["full", "ragged"])
def test_conv1d(
    kernel: int, stride: int, dilation: int, padding: int | str, lengths: Array | None
) -> None:
    stride = 1 if padding == "same" else stride
    net = nn.Conv1d(2, 3, kernel, stride=stride, dilation=dilation, padding=padding)
    state = state_for(net) if net.streams else None
    assert_gradients(net, sequences(steps=7), lengths=lengths, state=state, samples=8)


def test_conv1d_without_bias() -> None:
    assert_gradients(nn.Conv1d(2, 3, 2, bias=False), sequences(), samples=None)


@pytest.mark.parametrize(
    "layer",
    [nn.Tanh, nn.Sigmoid, nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SiLU, nn.GELU, nn.Softplus],
)
def test_activations(layer: Any) -> None:
    assert_gradients(layer(), 3 * sequences(5, 6, 7), samples=None, epsilon=1e-6)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_dropout(rate: float, training: bool) -> None:
    assert_gradients(nn.Dropout(rate), sequences(), training=training, samples=None)


@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])
def test_last(lengths: Array | None) -> None:
    assert_gradients(nn.Last(), sequences(), lengths=lengths, samples=None)


def test_repeat() -> None:
    assert_gradients(nn.Repeat(4), np.random.default_rng(0).normal(size=(3, 2)), samples=None)


PAIRS: list[tuple[Any, dict[str, Any]]] = [
    (nn.RNN, {}),
    (nn.GRU, {"reset_after": False, "num_layers": 2, "dropout": 0.3}),
    (nn.GRU, {"zoneout": 0.3}),
    (nn.LSTM, {"num_layers": 2}),
    (nn.LSTM, {"proj_size": 2, "peepholes": True, "layer_norm": True}),
]


@pytest.mark.parametrize(("kind", "options"), PAIRS, ids=name_of)
@pytest.mark.parametrize("first", ["zeros", "last"])
@pytest.mark.parametrize("forcing", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])
def test_encoder_decoder(
    kind: Any, options: dict[str, Any], first: str, forcing: float, lengths: Array | None
) -> None:
    outputs = 2
    encoder = kind(FEATURES, HIDDEN, seed=1, **options)
    decoder = kind(outputs, HIDDEN, seed=2, **options)
    head = nn.Sequential(nn.Tanh(), nn.Linear(encoder.output_size, outputs, seed=3))
    net = nn.EncoderDecoder(encoder, decoder, head, steps=3, first=first, teacher_forcing=forcing)
    keywords = {"lengths": lengths, "state": state_for(encoder), "samples": 2}
    if not forcing:
        assert_gradients(net, sequences(), **keywords)
    target = sequences(BATCH, 3, outputs, seed=5)
    assert_gradients(net, sequences(), target=target, loss=SquaredError(), **keywords)


class SquaredError:
    """A loss of our own, to keep this file apart from the losses' tests."""

    def forward(self, y: Array, target: Array) -> tuple[float, Array]:
        return float(np.mean((y - target) ** 2)), y - target

    def backward(self, saved: Array) -> Array:
        return 2 * saved / saved.size


def nests() -> dict[str, nn.Module]:
    return {
        "many to one": nn.Sequential(nn.LSTM(2, 4), nn.Last(), nn.Linear(4, 1)),
        "convolution, then two cells": nn.Sequential(
            nn.Conv1d(2, 3, 2, padding="causal"),
            nn.ReLU(),
            nn.GRU(3, 4, bidirectional=True),
            nn.LayerNorm(8),
            nn.Dropout(0.3),
            nn.RNN(8, 3),
            nn.Linear(3, 2),
        ),
        "sequentials in a sequential": nn.Sequential(
            nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Tanh(), nn.LSTM(3, 4))),
            nn.Sequential(nn.Last(), nn.Linear(4, 2)),
        ),
        "read, then write": nn.Sequential(
            nn.GRU(2, 3), nn.Last(), nn.Repeat(4), nn.GRU(3, 3), nn.Linear(3, 1)
        ),
        "shorter by the way": nn.Sequential(
            nn.Conv1d(2, 3, 2, stride=2, padding=1), nn.LSTM(3, 3, bidirectional=True), nn.Last()
        ),
    }


@pytest.mark.parametrize("name", list(nests()))
@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])
def test_sequential(name: str, lengths: Array | None) -> None:
    assert_gradients(nests()[name], sequences(), lengths=lengths, samples=8)


@pytest.mark.parametrize("name", ["many to one", "read, then write"])
def test_sequential_with_a_loss(name: str) -> None:
    net = nests()[name]
    target = np.ones_like(net.astype(np.float64)(sequences()))
    assert_gradients(net, sequences(), target=target, loss=SquaredError(), samples=8)


def test_sequential_with_initial_states() -> None:
    net = nn.Sequential(
        nn.Conv1d(2, 3, 3, padding="causal", dilation=2), nn.Tanh(), nn.LSTM(3, 4, 2), nn.GRU(4, 2)
    )
    rng = np.random.default_rng(4)
    conv, _, (h, c), gru = net.astype(np.float64).start(BATCH)
    pair = (rng.normal(size=h.shape), rng.normal(size=c.shape))
    state = (rng.normal(size=conv.shape), None, pair, rng.normal(size=gru.shape))
    for lengths in (None, RAGGED):
        assert_gradients(net, sequences(), state=state, lengths=lengths, samples=6)
