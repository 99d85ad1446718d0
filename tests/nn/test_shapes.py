"""Last, Repeat, and the five shapes of sequence problems, built in a few lines and trained."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array


def sequences(batch: int = 3, steps: int = 4, features: int = 2) -> Array:
    return np.random.default_rng(0).normal(size=(batch, steps, features)).astype(np.float32)


def losses_of(net: nn.Module, x: Array, target: Array, **keywords: Any) -> list[float]:
    """Twenty steps of gradient descent on the squared error, written out."""
    found = []
    for _ in range(20):
        y, _, saved = net.forward(x, training=True, rng=np.random.default_rng(0), **keywords)
        assert y.shape == target.shape
        found.append(float(np.mean((y - target) ** 2)))
        net.zero_grad()
        net.backward(saved, 2 * (y - target) / y.size, need_dx=False)
        net.flat[:] -= np.float32(0.2) * net.flat_grad
    return found


def one_to_one() -> tuple[nn.Module, Array, Array]:
    x = sequences()[:, 0]
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1, seed=1)), x, x[:, :1] ** 2


def one_to_many() -> tuple[nn.Module, Array, Array]:
    x = sequences()[:, 0]
    net = nn.Sequential(nn.Repeat(5), nn.GRU(2, 8), nn.Linear(8, 1))
    return net, x, np.cumsum(np.repeat(x[:, None, :1], 5, axis=1), axis=1) / 5


def many_to_one() -> tuple[nn.Module, Array, Array]:
    x = sequences()
    return nn.Sequential(nn.LSTM(2, 8), nn.Last(), nn.Linear(8, 1)), x, x[:, :, 0].sum(1)[:, None]


def many_to_many_in_step() -> tuple[nn.Module, Array, Array]:
    x = sequences()
    net = nn.Sequential(nn.RNN(2, 8, bidirectional=True), nn.Linear(16, 1))
    return net, x, np.cumsum(x[:, :, :1], axis=1)


def many_to_many_after_reading() -> tuple[nn.Module, Array, Array]:
    x = sequences()
    net = nn.EncoderDecoder(nn.GRU(2, 8), nn.GRU(1, 8, seed=1), nn.Linear(8, 1), steps=4)
    return net, x, x[:, ::-1, :1].copy()


SHAPES = [
    one_to_one,
    one_to_many,
    many_to_one,
    many_to_many_in_step,
    many_to_many_after_reading,
]


@pytest.mark.parametrize("build", SHAPES, ids=lambda build: build.__name__)
def test_each_shape_trains(build: Any) -> None:
    net, x, target = build()
    found = losses_of(net, x, target)
    assert found[-1] < 0.8 * found[0]
    assert net(x).shape == target.shape
    assert net(x).dtype == np.float32


@pytest.mark.parametrize("build", SHAPES, ids=lambda build: build.__name__)
def test_training_twice_from_one_seed_gives_the_same_bits(build: Any) -> None:
    results = []
    for _ in range(2):
        net, x, target = build()
        net.initialise(3)
        losses_of(net, x, target)
        results.append(net.flat)
    assert np.array_equal(*results)


@pytest.mark.parametrize(
    "build", [many_to_one, many_to_many_after_reading], ids=lambda build: build.__name__
)
def test_ragged_batches_train(build: Any) -> None:
    net, x, target = build()
    found = losses_of(net, x, target, lengths=np.array([4, 0, 2]))
    assert found[-1] < found[0]


def test_two_trainings_interleaved_do_not_disturb_each_other() -> None:
    alone, x, target = many_to_one()
    losses_of(alone, x, target)
    (one, _, _), (two, _, _) = many_to_one(), many_to_one()
    two.initialise(9)
    for _ in range(20):
        for net in (one, two):
            y, _, saved = net.forward(x)
            net.zero_grad()
            net.backward(saved, 2 * (y - target) / y.size, need_dx=False)
            net.flat[:] -= np.float32(0.2) * net.flat_grad
    assert np.array_equal(one.flat, alone.flat)


# -- Last ---------------------------------------------------------------------------------------


def test_last_takes_the_last_real_step() -> None:
    x = sequences()
    assert np.array_equal(nn.Last()(x), x[:, -1])
    y = nn.Last()(x, np.array([4, 0, 2]))
    assert np.array_equal(y, [x[0, 3], [0, 0], x[2, 1]])


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint8, np.uint64])
def test_last_takes_lengths_of_every_integer_dtype(kind: Any) -> None:
    x, lengths = sequences(), np.array([4, 0, 2], kind)
    y, _, saved = nn.Last().forward(x, lengths=lengths)
    assert np.array_equal(y, nn.Last()(x, lengths.astype(int)))
    dx, _ = nn.Last().backward(saved, y)
    assert dx is not None
    wanted = np.zeros_like(x)
    wanted[0, 3], wanted[2, 1] = x[0, 3], x[2, 1]
    assert np.array_equal(dx, wanted)


def test_last_ends_the_lengths() -> None:
    lengths = np.array([4, 1, 2])
    net = nn.Sequential(nn.GRU(2, 3), nn.Last(), nn.Linear(3, 2), nn.Repeat(5), nn.GRU(2, 3))
    y = net(sequences(), lengths)
    assert y.shape == (3, 5, 3)
    assert np.all(np.any(y != 0, axis=2))
    assert net.lengths_after(lengths) is None


def test_last_of_a_bidirectional_layer_is_its_output_at_the_last_step() -> None:
    layer, x = nn.GRU(2, 3, bidirectional=True), sequences()
    lengths = np.array([4, 1, 2])
    y = layer(x, lengths)
    found = nn.Sequential(layer, nn.Last())(x, lengths)
    assert np.array_equal(found, y[np.arange(3), lengths - 1])


@pytest.mark.parametrize(
    ("x", "lengths", "error", "message"),
    [
        (sequences()[0], None, InputError, r"x must have 3 axes .* it has shape \(4, 2\)"),
        (sequences()[:, :0], None, InputError, r"x has no time steps \(shape \(3, 0, 2\)\)"),
        (sequences().tolist(), None, DtypeError, "x must be a NumPy array of float32"),
        (sequences().astype(float), None, DtypeError, "x is float64 and the network computes in"),
        (sequences(), np.array([5, 1, 1]), InputError, r"lengths\[0\] is 5"),
        (sequences(), np.array([1, 1]), InputError, "lengths must hold one number a row"),
        (sequences(), [1, 1, 1], DtypeError, "lengths must be a NumPy array of integers"),
    ],
)
def test_what_last_refuses(x: Any, lengths: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        nn.Last()(x, lengths)


# -- Repeat -------------------------------------------------------------------------------------


def test_repeat_gives_the_vector_at_every_step() -> None:
    x = sequences()[:, 0]
    y, _, saved = nn.Repeat(5).forward(x)
    assert y.shape == (3, 5, 2)
    assert np.array_equal(y, np.stack([x] * 5, axis=1))
    assert np.array_equal(nn.Repeat(5).backward(saved, y)[0], 5 * x)  # type: ignore[arg-type]


def test_what_repeat_refuses() -> None:
    with pytest.raises(InputError, match="steps must be a whole number >= 1, it is 0"):
        nn.Repeat(0)
    with pytest.raises(InputError, match=r"x must have 2 axes .* it has shape \(3, 4, 2\)"):
        nn.Repeat(2)(sequences())
    with pytest.raises(InputError, match=r"nn.Repeat cannot be stepped"):
        nn.Repeat(2).step(sequences()[:, 0], None)
