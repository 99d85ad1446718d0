import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DivergenceError, InputError
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.train import train_step
from tests.train.networks import small, stepwise, windows


def test_plain_gradient_step_is_what_the_formula_says():
    x, y = windows(dtype=np.float64)
    net = small(dtype=np.float64)
    twin = net.copy()
    prediction, _, saved = twin.forward(x, training=True)
    error = prediction - y
    twin.zero_grad()
    twin.backward(saved, 2 * error / error.size)
    value = train_step(net, MSE(), SGD(lr=0.1), x, y)
    assert value == pytest.approx(np.mean(error**2), rel=1e-12)
    np.testing.assert_allclose(net.flat, twin.flat - 0.1 * twin.flat_grad, rtol=1e-12)


def test_old_gradients_do_not_count():
    x, y = windows()
    net, other = small(), small()
    other.flat_grad.fill(7)
    train_step(net, MSE(), SGD(lr=0.1), x, y)
    train_step(other, MSE(), SGD(lr=0.1), x, y)
    np.testing.assert_array_equal(net.flat, other.flat)


def test_the_arguments_are_named_as_the_caller_knows_them():
    x, y = windows()
    with pytest.raises(InputError, match=r"^y does not fit: target has shape \(64,\)"):
        train_step(small(), MSE(), Adam(), x, y[:, 0])
    with pytest.raises(InputError, match="^mask must be boolean"):
        train_step(small(), MSE(), Adam(), x, y, mask=np.ones(64))
    with pytest.raises(InputError, match="^x is a masked array"):
        train_step(small(), MSE(), Adam(), np.ma.masked_greater(x, 0), y)
    with pytest.raises(InputError, match="target is a masked array"):
        train_step(small(), MSE(), Adam(), x, np.ma.masked_greater(y, 0))


def test_a_class_in_place_of_an_instance_is_named():
    x, y = windows()
    with pytest.raises(InputError, match="net must be an instance of Module, it is NoneType"):
        train_step(None, MSE(), Adam(), x, y)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"loss must be an instance of Loss.*call it: MSE\(\)"):
        train_step(small(), MSE, Adam(), x, y)
    with pytest.raises(InputError, match="optimiser must be an instance of Optimiser, it is str"):
        train_step(small(), MSE(), "adam", x, y)


@pytest.mark.parametrize("limit", [{"clip_norm": 1e-3}, {"clip_value": 1e-4}])
def test_clipping_bounds_the_step(limit):
    x, y = windows(dtype=np.float64)
    net = small(dtype=np.float64)
    before = net.flat.copy()
    train_step(net, MSE(), SGD(lr=1.0), x, y, **limit)
    moved = net.flat - before
    if "clip_norm" in limit:
        assert np.linalg.norm(moved) == pytest.approx(1e-3, rel=1e-2)
    else:
        assert np.abs(moved).max() == pytest.approx(1e-4)


def test_padding_does_not_matter():
    x, _ = windows(dtype=np.float64)
    y = np.cumsum(x.mean(axis=2, keepdims=True), axis=1)
    lengths = np.arange(len(x)) % 7 + 1
    dirty_x, dirty_y = x.copy(), y.copy()
    for row, length in enumerate(lengths):
        dirty_x[row, length:] = 1e3
        dirty_y[row, length:] = -1e3
    nets = [stepwise(dtype=np.float64) for _ in range(2)]
    values = [
        train_step(net, MSE(), SGD(lr=0.1), a, b, lengths=lengths)
        for net, a, b in zip(nets, (x, dirty_x), (y, dirty_y), strict=True)
    ]
    assert values[0] == values[1]
    np.testing.assert_array_equal(nets[0].flat, nets[1].flat)


@pytest.mark.parametrize("mask_axes", [1, 2, 3])
def test_own_mask_and_lengths_both_hold(mask_axes):
    x, _ = windows(rows=4, dtype=np.float64)
    y = x.mean(axis=2, keepdims=True)
    lengths = np.array([7, 3, 5, 1])
    mask = np.random.default_rng(0).random((4, 7, 1)[:mask_axes]) < 0.7
    mask[0] = True
    net = stepwise(dtype=np.float64)
    prediction = net(x, lengths)
    counts = np.zeros(y.shape, bool)
    for row, length in enumerate(lengths):
        counts[row, :length] = True
    counts &= mask.reshape(mask.shape + (1,) * (3 - mask.ndim))
    value = train_step(net, MSE(), SGD(lr=0.1), x, y, lengths=lengths, mask=mask)
    assert value == pytest.approx(np.mean((prediction - y)[counts] ** 2), rel=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_loss_is_raised_before_the_weights_move(bad):
    x, y = windows()
    net, optimiser = small(), Adam()
    train_step(net, MSE(), optimiser, x, y)
    before = net.flat.copy()
    y[3] = bad
    with pytest.raises(DivergenceError, match="weights have not moved"):
        train_step(net, MSE(), optimiser, x, y)
    np.testing.assert_array_equal(net.flat, before)


def test_overflow_is_an_error_and_not_a_warning():
    x, y = windows()
    net = small(nn.RNN, nonlinearity="relu")
    net.flat[:] = 1e15
    with pytest.raises(DivergenceError):
        train_step(net, MSE(), SGD(lr=0.1), np.abs(x), y)


def test_dropout_without_a_generator_is_refused():
    x, y = windows()
    net = nn.Sequential(nn.GRU(3, 5), nn.Last(), nn.Dropout(0.5), nn.Linear(5, 1))
    with pytest.raises(InputError, match="rng must be a numpy Generator"):
        train_step(net, MSE(), SGD(lr=0.1), x, y)
    train_step(net, MSE(), SGD(lr=0.1), x, y, rng=np.random.default_rng(0))


def test_target_of_one_axis_too_few_is_refused():
    x, y = windows()
    with pytest.raises(InputError, match=r"target\[:, None\]"):
        train_step(small(), MSE(), SGD(lr=0.1), x, y[:, 0])


def test_initial_state_counts():
    x, y = windows()
    state = (np.ones((1, 64, 5), np.float32), None, None)
    plain, started = small(), small()
    first = train_step(plain, MSE(), SGD(lr=0.1), x, y)
    assert train_step(started, MSE(), SGD(lr=0.1), x, y, state=state) != first


def test_teacher_forcing_gets_the_target():
    x, _ = windows(rows=8)
    net = nn.EncoderDecoder(
        nn.GRU(3, 4), nn.GRU(1, 4), nn.Linear(4, 1), steps=3, teacher_forcing=1.0, seed=0
    )
    y = x[:, :3, :1].copy()
    free = net.copy()
    free.teacher_forcing = 0.0
    rng = np.random.default_rng(0)
    forced = train_step(net, MSE(), SGD(lr=0.1), x, y, rng=rng)
    assert forced != train_step(free, MSE(), SGD(lr=0.1), x, y, rng=rng)


def test_two_trainings_interleaved_do_not_disturb_each_other():
    x, y = windows()
    alone = []
    for seed in (1, 2):
        net, optimiser = small(seed=seed), Adam(lr=1e-2)
        alone.append([train_step(net, MSE(), optimiser, x, y) for _ in range(10)])
    pairs = [(small(seed=seed), Adam(lr=1e-2)) for seed in (1, 2)]
    together = [[train_step(n, MSE(), o, x, y) for n, o in pairs] for _ in range(10)]
    assert together == [list(row) for row in zip(*alone, strict=True)]


def test_weights_count_alike_by_a_program_and_layer_by_layer():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 5, 2)).astype(np.float32)
    y = rng.normal(size=(40, 1)).astype(np.float32)
    weights = rng.random(40).astype(np.float32)
    weights[::4] = 0
    ends = []
    for mask in (None, np.ones(40, bool)):  # a mask, even of nothing, goes layer by layer
        net = nn.Sequential(nn.GRU(2, 6), nn.Last(), nn.Linear(6, 1), seed=1)
        for _ in range(5):
            train_step(net, MSE(), SGD(lr=0.1), x, y, sample_weight=weights, mask=mask)
        ends.append(net.flat.copy())
    assert np.allclose(ends[0], ends[1], rtol=1e-5, atol=1e-6)
