"""Every kind of dropout: its expectation, what is shared over time, and its use in prediction."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def counter(**options: Any) -> nn.RNN:
    """A relu layer of 500 units that passes its state on and ignores its inputs."""
    net = nn.RNN(1, 500, nonlinearity="relu", bias=False, dtype=np.float64, **options)
    net.flat[:] = 0
    net.state_dict()["weight_hh_l0"][:] = np.eye(500)
    return net


# -- nn.Dropout ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_its_rate_and_keeps_the_expectation(rate: float, dtype: Any) -> None:
    x = np.ones((100, 1000), dtype)
    y = nn.Dropout(rate, dtype=dtype).forward(x, training=True, rng=generator())[0]
    assert y.dtype == dtype
    assert set(np.unique(y)) == {0, dtype(1 / (1 - rate))}
    assert np.mean(y == 0) == pytest.approx(rate, abs=0.01)
    assert y.mean(dtype=np.float64) == pytest.approx(1, abs=0.05)


def test_dropout_does_nothing_in_prediction_or_at_rate_zero() -> None:
    x = generator().normal(size=(3, 4))
    assert np.array_equal(nn.Dropout(0.9, dtype=np.float64)(x), x)
    y = nn.Dropout(0, dtype=np.float64).forward(x, training=True)[0]
    assert np.array_equal(y, x)


def test_the_backward_pass_uses_the_same_mask() -> None:
    net, x = nn.Dropout(0.5, dtype=np.float64), np.ones((20, 30))
    y, _, saved = net.forward(x, training=True, rng=generator())
    dx, _ = net.backward(saved, np.ones_like(x))
    assert np.array_equal(dx, y)  # type: ignore[arg-type]


def test_the_generator_decides() -> None:
    net, x = nn.Dropout(0.5), np.ones((20, 30), np.float32)
    one, two, other = (net.forward(x, training=True, rng=generator(seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1, np.nan, "0.5", True])
def test_a_rate_that_is_none_is_refused(rate: Any) -> None:
    with pytest.raises(InputError, match=r"rate must lie in \[0, 1\), it is"):
        nn.Dropout(rate)


def test_what_running_refuses() -> None:
    x = np.ones((2, 3), np.float32)
    with pytest.raises(InputError, match="rng must be a numpy Generator because dropout is on"):
        nn.Dropout(0.5).forward(x, training=True)
    with pytest.raises(DtypeError, match="x is float64 and the network computes in float32"):
        nn.Dropout(0.5)(x.astype(np.float64))


# -- between layers -----------------------------------------------------------------------------


def test_dropout_between_layers_is_not_applied_after_the_last() -> None:
    net, x = nn.GRU(1, 50, 2, dropout=0.9), generator().normal(size=(4, 6, 1)).astype(np.float32)
    y, _, saved = net.forward(x, training=True, rng=generator())
    assert not np.any(y == 0)
    assert [drop is None for drop in saved.drops] == [False, True]
    assert np.mean(saved.drops[0] == 0) == pytest.approx(0.9, abs=0.05)


def test_dropout_between_layers_equals_dropout_layers() -> None:
    stacked = nn.LSTM(3, 4, 2, dropout=0.5, dtype=np.float64)
    apart = nn.Sequential(
        nn.LSTM(3, 4, dtype=np.float64),
        nn.Dropout(0.5, dtype=np.float64),
        nn.LSTM(4, 4, dtype=np.float64),
    )
    apart.flat[:] = stacked.flat
    x = generator().normal(size=(5, 7, 3))
    assert np.allclose(stacked(x), apart(x), rtol=0, atol=1e-12)
    draws = [nn.monte_carlo(net, x, samples=200).mean(axis=(0, 1)) for net in (stacked, apart)]
    assert np.allclose(draws[0], draws[1], atol=0.02)


# -- recurrent dropout --------------------------------------------------------------------------


def test_the_recurrent_mask_is_one_over_time() -> None:
    net = counter(recurrent_dropout=0.5)
    x, state = np.zeros((3, 6, 1)), np.ones((1, 3, 500))
    y = net.forward(x, state, training=True, rng=generator())[0]
    kept = y[:, 0] > 0
    assert np.mean(kept) == pytest.approx(0.5, abs=0.05)
    powers = 2.0 ** np.arange(1, 7)  # a kept unit doubles at each step, a dropped one is gone
    assert np.array_equal(y, kept[:, None, :] * powers[:, None])
    assert not np.array_equal(kept[0], kept[1])


def test_recurrent_dropout_is_off_in_prediction() -> None:
    net, plain = (nn.LSTM(3, 4, recurrent_dropout=rate) for rate in (0.5, 0.0))
    x = generator().normal(size=(5, 7, 3)).astype(np.float32)
    assert np.allclose(net(x), plain(x), rtol=0, atol=1e-6)


# -- zoneout ------------------------------------------------------------------------------------


def test_zoneout_keeps_units_at_its_rate_in_training() -> None:
    net = counter(zoneout=0.3)
    net.state_dict()["weight_hh_l0"][:] = 2 * np.eye(500)  # an update doubles
    y = net.forward(np.zeros((3, 6, 1)), np.ones((1, 3, 500)), training=True, rng=generator())[0]
    steps = np.log2(np.concatenate([np.ones((3, 1, 500)), y], axis=1))
    updated = np.diff(steps, axis=1)
    assert set(np.unique(updated)) == {0, 1}
    assert np.mean(updated == 0) == pytest.approx(0.3, abs=0.02)
    assert not np.array_equal(updated[:, 0], updated[:, 1])


def test_prediction_with_zoneout_is_the_expectation_of_training() -> None:
    net = counter(zoneout=0.3)
    net.state_dict()["weight_hh_l0"][:] = 2 * np.eye(500)
    x, state = np.zeros((3, 4, 1)), np.ones((1, 3, 500))
    y = net.run(x, state)[0]
    assert np.allclose(y[0, :, 0], 1.7 ** np.arange(1, 5), rtol=1e-12)
    drawn = net.forward(x, state, training=True, rng=generator())[0]
    assert np.allclose(drawn.mean(axis=(0, 2)), y[0, :, 0], rtol=0.05)


def test_zoneout_mixes_the_states_of_an_lstm_in_prediction() -> None:
    net, plain = (nn.LSTM(3, 4, zoneout=rate, dtype=np.float64) for rate in (0.3, 0.0))
    x, state = generator().normal(size=(5, 7, 3)), net.start(5)
    mixed = state
    for t in range(7):
        new = plain.step(x[:, t], mixed)[1]
        mixed = tuple(0.3 * a + 0.7 * b for a, b in zip(mixed, new, strict=True))
    found = net.run(x, state)[1]
    for a, b in zip(found, mixed, strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("option", ["recurrent_dropout", "zoneout"])
def test_the_next_batch_draws_anew(option: str) -> None:
    net, rng = nn.GRU(3, 4, **{option: 0.5}), generator()  # type: ignore[arg-type]
    x = generator().normal(size=(5, 7, 3)).astype(np.float32)
    one, two = (net.forward(x, training=True, rng=rng)[0] for _ in range(2))
    assert not np.array_equal(one, two)


# -- Monte-Carlo --------------------------------------------------------------------------------


def sampled(rate: float) -> nn.Sequential:
    return nn.Sequential(nn.GRU(2, 8), nn.Last(), nn.Dropout(rate), nn.Linear(8, 3))


def test_monte_carlo_spreads_around_the_prediction() -> None:
    net, x = sampled(0.3), generator().normal(size=(4, 5, 2)).astype(np.float32)
    draws = nn.monte_carlo(net, x, samples=2000)
    assert draws.shape == (2000, 4, 3)
    assert draws.dtype == np.float32
    error = draws.std(axis=0) / np.sqrt(2000)  # the head is linear: the mean is the prediction
    assert np.all(np.abs(draws.mean(axis=0) - net(x)) < 5 * error)
    assert np.all(error > 0)


def test_monte_carlo_by_seed() -> None:
    net, x = sampled(0.3), np.ones((4, 5, 2), np.float32)
    one, two, other = (nn.monte_carlo(net, x, samples=3, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_monte_carlo_takes_lengths_and_leaves_the_network_alone() -> None:
    net, x = sampled(0.3), generator().normal(size=(4, 5, 2)).astype(np.float32)
    before, lengths = net.flat.copy(), np.array([5, 1, 3, 2])
    dirty = x.copy()
    dirty[np.arange(5) >= lengths[:, None]] = np.nan
    draws = nn.monte_carlo(net, dirty, samples=3, lengths=lengths)
    assert np.isfinite(draws).all()
    assert np.array_equal(net.flat, before)
    assert not np.any(net.flat_grad)


def test_monte_carlo_refuses_what_would_look_like_certainty() -> None:
    net, x = sampled(0.0), np.ones((4, 5, 2), np.float32)
    for seed in (0, np.random.Generator(np.random.MT19937(0))):
        with pytest.raises(InputError, match="net draws nothing in training"):
            nn.monte_carlo(net, x, samples=3, seed=seed)
    one_layer = nn.GRU(2, 4, dropout=0.5)  # there is no second layer to drop the inputs of
    with pytest.raises(InputError, match="dropout= acts between two layers only"):
        nn.monte_carlo(one_layer, x)
    for layer in (nn.GRU(2, 4, zoneout=0.5), nn.GRU(2, 4, recurrent_dropout=0.5)):
        assert nn.monte_carlo(layer, x, samples=3).std(axis=0).any()
    assert nn.monte_carlo(sampled(0.5), x[:0], samples=3).shape == (3, 0, 3)


def test_monte_carlo_takes_one_sample_or_more() -> None:
    net, x = sampled(0.5), np.ones((4, 5, 2), np.float32)
    with pytest.raises(InputError, match="samples must be a whole number >= 1, it is 0"):
        nn.monte_carlo(net, x, samples=0)
