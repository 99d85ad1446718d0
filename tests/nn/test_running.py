"""What forward, backward and predict promise, on networks of one's own too."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError
from tests.nn.networks import Tagger, sequences, small, train_once


def test_a_network_of_ones_own_runs_learns_and_streams() -> None:
    net, x = Tagger(), sequences()
    assert nn.check_gradients(net, x).ok
    assert net(x).shape == (5, 6, 2)
    y, state = net.run(x, lengths=np.array([6, 0, 3, 1, 6]))
    assert y.shape == (5, 6, 2)
    assert state.shape == (1, 5, 4)
    assert nn.check_gradients(nn.Sequential(net, nn.Last()), x).ok
    before = net.flat.copy()
    train_once(net, x)
    assert not np.array_equal(net.flat, before)


def test_gradients_add_up_until_they_are_cleared() -> None:
    net, x = small(dtype=np.float64), sequences(np.float64)
    y, _, saved = net.forward(x)
    net.backward(saved, y)
    once = net.flat_grad.copy()
    assert np.any(once)
    net.backward(saved, y)
    assert np.allclose(net.flat_grad, 2 * once, rtol=1e-12, atol=0)
    net.zero_grad()
    assert not np.any(net.flat_grad)


@pytest.mark.parametrize("build", [small, Tagger])
def test_nothing_is_cached_between_forward_and_backward(build: Any) -> None:
    net, rng = build(dtype=np.float64), np.random.default_rng(1)
    first, second = sequences(np.float64), rng.normal(size=(2, 9, 3))
    y, _, saved = net.forward(first)
    dx, _ = net.backward(saved, y)
    alone = net.flat_grad.copy()

    net.zero_grad()
    y, _, saved = net.forward(first)
    other = net.forward(second)
    again, _ = net.backward(saved, y)
    assert np.array_equal(again, dx)
    assert np.array_equal(net.flat_grad, alone)
    net.backward(other[2], other[0])


def test_without_need_dx_the_parameters_gradients_are_the_same() -> None:
    for net in (small(), Tagger()):
        y, _, saved = net.forward(sequences())
        net.backward(saved, y)
        whole = net.flat_grad.copy()
        net.zero_grad()
        assert net.backward(saved, y, need_dx=False)[0] is None
        assert np.array_equal(net.flat_grad, whole)


@pytest.mark.parametrize(
    "net",
    [nn.Last(), nn.Dropout(0.5), nn.Tanh(), nn.LSTM(3, 4), nn.Sequential(nn.Dropout(0.1))],
    ids=lambda net: type(net).__name__,
)
def test_predictions_belong_to_the_caller(net: nn.Module) -> None:
    x = sequences()
    before = x.copy()
    for y in (net(x), net.run(x)[0], net.predict(x), net.predict(x, batch_size=2)):
        assert y.flags.writeable
        y[...] = 7
        assert np.array_equal(x, before)


def test_predict_in_parts_is_predict_at_once() -> None:
    net, x = small(), sequences()
    lengths = np.array([6, 0, 2, 5, 1])
    for size in (1, 2, 5, 100):
        assert np.allclose(net.predict(x, batch_size=size), net(x), atol=1e-6)
        found = net.predict(x, lengths, batch_size=size)
        assert np.allclose(found, net(x, lengths), atol=1e-6)
    assert net.predict(x[:0]).shape == (0, 2)


def test_predict_refuses_before_any_work() -> None:
    net, x = small(), sequences()
    with pytest.raises(InputError, match="batch_size must be a whole number >= 1, it is 0"):
        net.predict(x, batch_size=0)
    with pytest.raises(InputError, match="lengths must hold one number a row, shape"):
        net.predict(x, np.ones(6, int), batch_size=5)
    with pytest.raises(DtypeError, match="lengths must be a NumPy array of integers, it is a int"):
        net.predict(x, 6)  # type: ignore[arg-type]
    with pytest.raises(DtypeError, match="x must be a NumPy array of float32, it is a list"):
        net.predict(x.tolist())


@pytest.mark.parametrize("net", [small(), nn.GRU(3, 4), nn.Last()], ids=repr)
def test_masked_arrays_are_refused(net: nn.Module) -> None:
    hidden = np.ma.masked_greater(sequences(), 0)
    for refused in (net, net.run, net.predict, net.forward):
        with pytest.raises(InputError, match="x is a masked array, and what it hides would count"):
            refused(hidden)


def test_masked_arrays_cannot_be_stepped() -> None:
    net = nn.GRU(3, 4)
    with pytest.raises(InputError, match="x is a masked array"):
        net.step(np.ma.masked_greater(sequences()[:, 0], 0), net.start(5))


def test_a_remedy_is_code_that_runs() -> None:
    net, x = nn.GRU(3, 4), sequences()
    with pytest.raises(DtypeError, match=r"state h is float64 .* convert it with \.astype"):
        net.run(x, np.zeros((1, 5, 4)))
    with pytest.raises(DtypeError, match=r"state h must be .*np\.asarray\(\.\.\., dtype="):
        net.run(x, [[0.0]])


def test_the_base_class_computes_nothing() -> None:
    with pytest.raises(NotImplementedError, match=r"Module has no forward\(\)"):
        nn.Module()(sequences())
    with pytest.raises(NotImplementedError, match=r"Module has no backward\(\); there is no auto"):
        nn.Module().backward(None, None)


@pytest.mark.parametrize(
    "net",
    [
        nn.Linear(3, 3),
        nn.LayerNorm(3),
        nn.Tanh(),
        nn.Dropout(0.5),
        nn.Last(),
        nn.Conv1d(3, 3, 2),
        nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Last(), nn.Linear(3, 3)),
    ],
    ids=lambda net: type(net).__name__,
)
def test_where_nothing_flows_in_nothing_flows_out(net: nn.Module) -> None:
    _, _, saved = net.forward(sequences())
    dx, _ = net.backward(saved, None)
    assert dx is None or not np.any(dx)
    assert not np.any(net.flat_grad)


def test_a_gradient_by_the_final_state_alone() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.LSTM(3, 4), nn.Linear(4, 4), nn.GRU(4, 2), nn.Tanh())
    y, state, saved = net.forward(sequences())
    _, pair, _, gru, _ = state
    dstate = (None, pair, None, gru, None)
    dx, _ = net.backward(saved, None, dstate)
    alone = net.flat_grad.copy()
    net.zero_grad()
    other, _ = net.backward(saved, np.zeros_like(y), dstate)
    assert np.any(alone)
    assert np.allclose(alone, net.flat_grad, rtol=0, atol=1e-6)
    assert dx is not None
    assert other is not None
    assert np.allclose(dx, other, rtol=0, atol=1e-6)
