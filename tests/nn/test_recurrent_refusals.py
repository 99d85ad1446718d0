"""What recurrent layers refuse, before any work, with the name of the argument."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError

KINDS = [nn.RNN, nn.GRU, nn.LSTM]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
X = np.zeros((4, 6, 3), np.float32)


@every_kind
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5), "input_size must be a whole number >= 1, it is 0"),
        ((3, 0), "hidden_size must be a whole number >= 1, it is 0"),
        ((3, -2), "hidden_size must be a whole number >= 1, it is -2"),
        ((3, 2.5), "hidden_size must be a whole number >= 1, it is 2.5"),
        ((3, True), "hidden_size must be a whole number >= 1, it is True"),
        ((3, "5"), "hidden_size must be a whole number >= 1, it is '5'"),
        ((3, 5, 0), "num_layers must be a whole number >= 1, it is 0"),
    ],
)
def test_sizes(kind: Any, arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        kind(*arguments)


@every_kind
@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout", "zoneout"])
@pytest.mark.parametrize("rate", [-0.1, 1, 1.0, 1.5, np.nan, "0.5", True, None])
def test_rates(kind: Any, name: str, rate: Any) -> None:
    with pytest.raises(InputError, match=rf"{name} must lie in \[0, 1\), it is"):
        kind(3, 5, 2, **{name: rate})


@every_kind
def test_choices(kind: Any) -> None:
    with pytest.raises(InputError, match="init must be one of 'pytorch', 'keras', it is 'he'"):
        kind(3, 5, init="he")
    with pytest.raises(TypeError, match="unexpected keyword argument 'hidden'"):
        kind(3, 5, hidden=4)


def test_choices_of_one_cell() -> None:
    with pytest.raises(InputError, match="nonlinearity must be one of 'tanh', 'relu', it is 'elu'"):
        nn.RNN(3, 5, nonlinearity="elu")
    for size in (5, 6):
        with pytest.raises(InputError, match=r"proj_size must be smaller than hidden_size \(5\)"):
            nn.LSTM(3, 5, proj_size=size)
    with pytest.raises(InputError, match="proj_size must be a whole number >= 0, it is -1"):
        nn.LSTM(3, 5, proj_size=-1)


@every_kind
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (X.tolist(), DtypeError, "x must be a NumPy array of float32, it is a list"),
        (None, DtypeError, "x must be a NumPy array of float32, it is a NoneType"),
        (X.astype(np.float64), DtypeError,
         r"x is float64 and the network computes in float32; convert it with x.astype"),
        (X.astype(int), DtypeError, "x is int64 and the network computes in float32"),
        (X[0], InputError, r"x must have 3 axes .* shape \(6, 3\); one sequence is x\[None\]"),
        (X[None], InputError, r"x must have 3 axes .* it has shape \(1, 4, 6, 3\)"),
        (X[:, :, :2], InputError, r"x must have 3 features in its last axis, .* \(4, 6, 2\)"),
        (X[:, :0], InputError, r"x has no time steps \(shape \(4, 0, 3\)\)"),
    ],
)  # fmt: skip
def test_x(kind: Any, x: Any, error: Any, message: str) -> None:
    net = kind(3, 5)
    for run in (net, net.run, net.forward):
        with pytest.raises(error, match=message):
            run(x)


@every_kind
@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        (np.array([1, 2, 3]), InputError, r"lengths must hold one number a row, shape \(4,\)"),
        (np.array([1, 2, 3, 7]), InputError, r"lengths\[3\] is 7; it must lie between 0 and the 6"),
        (np.array([-1, 2, 3, 6]), InputError, r"lengths\[0\] is -1; it must lie between 0"),
        (np.array([1.0, 2, 3, 4]), DtypeError, "lengths must be integers, they are float64"),
        ([1, 2, 3, 4], DtypeError, "lengths must be a NumPy array of integers, it is a list"),
    ],
)
def test_lengths(kind: Any, lengths: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        kind(3, 5)(X, lengths)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU])
def test_a_single_state(kind: Any) -> None:
    net, good = kind(3, 5, 2), np.zeros((2, 4, 5), np.float32)
    for wrong in (good[:1], good[:, :3], good[:, :, :4], good[0]):
        with pytest.raises(InputError, match=r"state h must have shape \(2, 4, 5\) .*it has"):
            net.run(X, wrong)
    with pytest.raises(DtypeError, match="state h is float64 and the network computes in float32"):
        net.run(X, good.astype(np.float64))
    with pytest.raises(DtypeError, match="state h must be a NumPy array of float32, it is a tuple"):
        net.run(X, (good, good))


def test_a_pair_of_states() -> None:
    net, good = nn.LSTM(3, 5, proj_size=2), np.zeros((1, 4, 5), np.float32)
    h = good[:, :, :2]
    for wrong in (good, (h,), (h, good, good), {"h": h, "c": good}):
        with pytest.raises(InputError, match=r"state of an LSTM must be a pair \(h, c\)"):
            net.run(X, wrong)
    with pytest.raises(InputError, match=r"state h must have shape \(1, 4, 2\)"):
        net.run(X, (good, good))
    with pytest.raises(InputError, match=r"state c must have shape \(1, 4, 5\)"):
        net.run(X, (h, h))
    _, _, saved = net.forward(X)
    with pytest.raises(InputError, match=r"dstate c must have shape \(1, 4, 5\)"):
        net.backward(saved, None, (h, h))


@every_kind
@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout", "zoneout"])
@pytest.mark.parametrize("rng", [None, 0, np.random.RandomState(0)])
def test_dropout_in_training_needs_a_generator(kind: Any, option: str, rng: Any) -> None:
    net = kind(3, 5, 2, **{option: 0.2})
    with pytest.raises(InputError, match=r"rng must be a numpy Generator because dropout is on"):
        net.forward(X, training=True, rng=rng)
    net.forward(X)


@every_kind
def test_what_cannot_be_stepped(kind: Any) -> None:
    with pytest.raises(InputError, match=r"a bidirectional \w+ cannot be stepped: it needs the"):
        kind(3, 5, bidirectional=True).step(X[:, 0], None)
    net = kind(3, 5)
    with pytest.raises(InputError, match=r"x of a step must be \(batch, features\), .*\(4, 6, 3\)"):
        net.step(X, net.start(4))
    with pytest.raises(InputError, match=r"x must have 3 features in its last axis"):
        net.step(X[:, 0, :2], net.start(4))
    with pytest.raises(InputError, match="batch must be a whole number >= 0, it is -1"):
        net.start(-1)


def test_a_refused_call_changes_nothing() -> None:
    net = nn.LSTM(3, 5)
    before = net.flat.copy()
    with pytest.raises(InputError):
        net(X[:, :0])
    assert np.array_equal(net.flat, before)
    assert not np.any(net.flat_grad)
