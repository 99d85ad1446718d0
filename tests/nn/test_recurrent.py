"""Recurrent layers: shapes, states, streaming, initial weights, and every bad input by name."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.kernels.contract import Array

KINDS = [nn.RNN, nn.GRU, nn.LSTM]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def sequences(batch: int = 4, steps: int = 6, features: int = 3, dtype: Any = np.float64) -> Array:
    return np.random.default_rng(0).normal(size=(batch, steps, features)).astype(dtype)


def parts(state: Any) -> list[Array]:
    return list(state) if isinstance(state, tuple) else [state]


@every_kind
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_shapes_and_dtypes(kind: Any, bidirectional: bool, layers: int, dtype: Any) -> None:
    net = kind(3, 5, layers, bidirectional=bidirectional, dtype=dtype)
    y, state = net.run(sequences(dtype=dtype))
    directions = 2 if bidirectional else 1
    assert y.shape == (4, 6, 5 * directions)
    assert net.output_size == 5 * directions
    assert [p.shape for p in parts(state)] == [(layers * directions, 4, 5)] * len(parts(state))
    assert [p.shape for p in parts(net.start(4))] == [p.shape for p in parts(state)]
    assert {a.dtype for a in [y, *parts(state)]} == {np.dtype(dtype)}


def test_projection_shapes() -> None:
    net = nn.LSTM(3, 5, 2, proj_size=2, bidirectional=True, dtype=np.float64)
    y, (h, c) = net.run(sequences())
    assert (y.shape, h.shape, c.shape) == ((4, 6, 4), (4, 4, 2), (4, 4, 5))


@every_kind
def test_the_final_state_is_the_last_real_output(kind: Any) -> None:
    net = kind(3, 5, 2, bidirectional=True, dtype=np.float64)
    lengths = np.array([6, 1, 3, 0])
    y, state = net.run(sequences(), lengths=lengths)
    h = parts(state)[0]
    for row, length in enumerate(lengths[:3]):
        assert np.array_equal(y[row, length - 1, :5], h[2, row])
        assert np.array_equal(y[row, 0, 5:], h[3, row])
        assert not np.any(y[row, length:])
    assert not np.any(y[3])
    assert not np.any(h[:, 3])


@every_kind
def test_a_ragged_batch_is_its_rows_alone(kind: Any) -> None:
    net = kind(3, 5, 3, bidirectional=True, dtype=np.float64)
    x, lengths = sequences(), np.array([6, 1, 3, 5])
    y, state = net.run(x, lengths=lengths)
    for row, length in enumerate(lengths):
        alone, end = net.run(x[row : row + 1, :length])
        assert np.allclose(y[row, :length], alone[0], rtol=0, atol=1e-12)
        for part, own in zip(parts(state), parts(end), strict=True):
            assert np.allclose(part[:, row], own[:, 0], rtol=0, atol=1e-12)


STREAMS: list[tuple[Any, dict[str, Any]]] = [
    (nn.RNN, {"nonlinearity": "relu"}),
    (nn.GRU, {"num_layers": 2}),
    (nn.GRU, {"reset_after": False, "zoneout": 0.2}),
    (nn.LSTM, {"num_layers": 3, "layer_norm": True}),
    (nn.LSTM, {"proj_size": 2, "peepholes": True, "coupled": True, "recurrent_dropout": 0.3}),
]


@pytest.mark.parametrize(("kind", "options"), STREAMS)
def test_stepping_is_the_whole_run(kind: Any, options: dict[str, Any]) -> None:
    net = kind(3, 5, dtype=np.float64, **options)
    x = sequences()
    whole, end = net.run(x)
    state, steps = net.start(4), []
    for t in range(6):
        y, state = net.step(x[:, t], state)
        steps.append(y)
    assert np.allclose(np.stack(steps, axis=1), whole, rtol=0, atol=1e-12)
    for a, b in zip(parts(state), parts(end), strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-12)


@every_kind
def test_a_run_in_two_parts_is_one_run(kind: Any) -> None:
    net, x = kind(3, 5, 2, dtype=np.float64), sequences()
    whole, end = net.run(x)
    first, state = net.run(x[:, :2])
    second, state = net.run(x[:, 2:], state)
    assert np.allclose(np.concatenate([first, second], axis=1), whole, rtol=0, atol=1e-12)
    for a, b in zip(parts(state), parts(end), strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-12)


def test_running_does_not_change_the_given_state() -> None:
    net = nn.LSTM(3, 5, dtype=np.float64)
    state = net.run(sequences())[1]
    before = [part.copy() for part in state]
    net.run(sequences(), state)
    net.step(sequences()[:, 0], state)
    assert all(np.array_equal(a, b) for a, b in zip(state, before, strict=True))


@every_kind
def test_a_batch_of_no_rows_runs_and_learns(kind: Any) -> None:
    net = kind(3, 5, 2, bidirectional=True, dtype=np.float64)
    y, _, saved = net.forward(sequences(batch=0))
    assert y.shape == (0, 6, 10)
    dx, _ = net.backward(saved, y)
    assert dx.shape == (0, 6, 3)
    assert not np.any(net.flat_grad)


@every_kind
def test_inputs_may_be_views_of_any_order(kind: Any) -> None:
    net, x = kind(3, 5, dtype=np.float64), sequences()
    wanted = net(x)
    for other in (np.asfortranarray(x), np.repeat(x, 2, axis=2)[:, :, ::2], x[::-1][::-1]):
        y, _, saved = net.forward(other)
        assert np.array_equal(y, wanted)
        net.backward(saved, np.asfortranarray(y))


# -- initial weights ----------------------------------------------------------------------------


@every_kind
def test_pytorchs_initial_weights(kind: Any) -> None:
    values = kind(3, 100, 2, dtype=np.float64).flat
    assert np.abs(values).max() <= 0.1
    assert np.abs(values).max() > 0.0999
    assert abs(values.mean()) < 0.001
    assert values.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.01)


def test_kerass_initial_weights() -> None:
    state = nn.LSTM(30, 50, init="keras", dtype=np.float64).state_dict()
    bound = np.sqrt(6 / (30 + 200))
    assert 0.99 * bound < np.abs(state["weight_ih_l0"]).max() <= bound
    recurrent = state["weight_hh_l0"]
    assert np.allclose(recurrent.T @ recurrent, np.eye(50), atol=1e-12)
    forget = np.zeros(200)
    forget[50:100] = 1
    assert np.array_equal(state["bias_ih_l0"], forget)
    assert not np.any(state["bias_hh_l0"])
    coupled = nn.LSTM(3, 5, coupled=True, init="keras").state_dict()
    assert not np.any(coupled["bias_ih_l0"])
    assert not np.any(nn.GRU(3, 5, init="keras").state_dict()["bias_ih_l0"])


def test_layer_norm_starts_as_ones_and_zeros() -> None:
    state = nn.LSTM(3, 5, layer_norm=True).state_dict()
    for name in ("norm_ih_l0", "norm_hh_l0", "norm_cell_l0"):
        assert np.all(state[name] == 1)
    assert not np.any(state["norm_cell_bias_l0"])


def test_layers_and_directions_start_differently() -> None:
    state = nn.GRU(5, 5, 2, bidirectional=True).state_dict()
    kinds = [
        state[f"weight_hh_l{layer}{suffix}"] for layer in (0, 1) for suffix in ("", "_reverse")
    ]
    assert all(not np.array_equal(a, b) for i, a in enumerate(kinds) for b in kinds[:i])
