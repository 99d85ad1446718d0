"""Sequential: states, streaming, lengths, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array


def stack() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(3, 4, 3, padding="causal"),
        nn.Tanh(),
        nn.LSTM(4, 5, 2),
        nn.LayerNorm(5),
        nn.Dropout(0.5),
        nn.GRU(5, 2),
        nn.Linear(2, 1),
        seed=0,
    ).astype(np.float64)


def sequences() -> Array:
    return np.random.default_rng(0).normal(size=(4, 7, 3))


def leaves(state: Any) -> list[Array]:
    if state is None:
        return []
    return (
        [leaf for part in state for leaf in leaves(part)] if isinstance(state, tuple) else [state]
    )


def test_it_is_its_layers_one_after_the_other() -> None:
    net, x = stack(), sequences()
    flow = x
    for layer in net:
        flow = layer(flow)
    assert np.array_equal(net(x), flow)
    assert len(net) == 7
    assert isinstance(net[-1], nn.Linear)


def test_stepping_is_the_whole_run() -> None:
    net, x = stack(), sequences()
    whole, end = net.run(x)
    state, steps = net.start(4), []
    for t in range(7):
        y, state = net.step(x[:, t], state)
        steps.append(y)
    assert np.allclose(np.stack(steps, axis=1), whole, rtol=0, atol=1e-12)
    for a, b in zip(leaves(state), leaves(end), strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-12)


def test_a_network_with_last_streams_too() -> None:
    net = nn.Sequential(nn.GRU(3, 4), nn.Last(), nn.Linear(4, 1)).astype(np.float64)
    x, state = sequences(), net.start(4)
    for t in range(7):
        y, state = net.step(x[:, t], state)
        assert np.allclose(y, net(x[:, : t + 1]), rtol=0, atol=1e-12)


def test_a_run_in_two_parts_is_one_run() -> None:
    net, x = stack(), sequences()
    first, state = net.run(x[:, :3])
    second, _ = net.run(x[:, 3:], state)
    joined = np.concatenate([first, second], axis=1)
    assert np.allclose(joined, net(x), rtol=0, atol=1e-12)


def test_lengths_reach_every_layer() -> None:
    net, x = stack(), sequences()
    lengths = np.array([7, 1, 0, 4])
    y, state = net.run(x, lengths=lengths)
    for row, length in enumerate(lengths):
        if length:
            alone, end = net.run(x[row : row + 1, :length])
            assert np.allclose(y[row, :length], alone[0], rtol=0, atol=1e-12)
            for part, own in zip(leaves(state), leaves(end), strict=True):
                axis = 0 if part.shape[0] == 4 else 1
                assert np.allclose(part.take(row, axis), own.take(0, axis), rtol=0, atol=1e-12)


def test_lengths_shrink_with_the_sequence() -> None:
    net = nn.Sequential(nn.Conv1d(3, 2, 3, stride=2), nn.GRU(2, 2), nn.Conv1d(2, 1, 2))
    lengths = np.array([7, 3, 2, 0])
    found = net.lengths_after(lengths)
    assert found is not None
    assert found.tolist() == [2, 0, 0, 0]
    assert net(sequences().astype(np.float32), lengths).shape == (4, 2, 1)


def test_what_the_constructor_refuses() -> None:
    with pytest.raises(InputError, match=r"nn\.Sequential needs at least one layer"):
        nn.Sequential()
    with pytest.raises(InputError, match="layer 1 must be a module, it is a function"):
        nn.Sequential(nn.Tanh(), lambda x: x)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="layer 0 must be a module, it is a list"):
        nn.Sequential([nn.Tanh()])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="layer 0 must be a module, it is a type"):
        nn.Sequential(nn.Tanh)  # type: ignore[arg-type]


def test_what_running_refuses() -> None:
    net, x = stack(), sequences()
    for wrong in (np.zeros((1, 4, 5)), (None,) * 6, {"h": None}):
        with pytest.raises(InputError, match="state of a Sequential must be a tuple of 7 entries"):
            net.run(x, wrong)
        with pytest.raises(InputError, match="state of a Sequential must be a tuple of 7 entries"):
            net.step(x[:, 0], wrong)
    _, _, saved = net.forward(x)
    with pytest.raises(InputError, match="dstate of a Sequential must be a tuple of 7 entries"):
        net.backward(saved, None, (None,))
    with pytest.raises(DtypeError, match="x must be a NumPy array of float64, it is a list"):
        net(x.tolist())
    with pytest.raises(InputError, match="x must have 3 features in its last axis"):
        net(x[:, :, :2])
    for lengths in ([7, 1, 0, 4], np.array([7, 1]), np.array([8, 1, 1, 1]), np.ones(4)):
        with pytest.raises(InputError, match="lengths"):
            net(x, lengths)  # type: ignore[arg-type]
