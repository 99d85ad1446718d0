import math
from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DivergenceError
from gatecast.nn.losses import MAE, MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.train import Callback, Divergence, fit
from gatecast.train.divergence import Guard, find_layer
from tests.train.networks import small, windows


def told(caught):
    """The history and the event that the error carries."""
    error: Any = caught.value
    return error.history, error.event


def relu(dtype):
    return small(nn.RNN, hidden=32, nonlinearity="relu", init="keras", dtype=dtype)


def diverging(kind, dtype=np.float32):
    """Trainings that really diverge: network, optimiser, data."""
    x, y = windows(rows=256, steps=20, dtype=dtype)
    if kind == "relu RNN, large rate":
        return relu(dtype), SGD(lr=1.0), x, y
    if kind == "momentum, large rate":
        return small(nn.GRU, dtype=dtype), SGD(lr=2.0, momentum=0.95), x, y * 3
    if kind == "targets not scaled":
        return small(nn.LSTM, dtype=dtype), SGD(lr=1.0), x, y * 1e3 + 5e3
    return relu(dtype), Adam(lr=3.0), x, y


KINDS = ["relu RNN, large rate", "momentum, large rate", "targets not scaled", "relu RNN, Adam"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_real_divergence_stops_and_restores_good_weights(kind, dtype):
    net, optimiser, x, y = diverging(kind, dtype)
    untrained = MSE()(net.predict(x), y)
    with pytest.raises(DivergenceError, match=r"in epoch .* Try .*lr=") as caught:
        fit(net, MSE(), optimiser, x, y, epochs=30)
    history, event = told(caught)
    assert history.stopped == "diverged"
    assert history.events[-1] is event
    assert str(event) == str(caught.value)
    assert history.epochs[-1].epoch == event.epoch
    assert not history.epochs[-1].complete
    assert event.layer in net.state_dict()
    assert np.isfinite(net.flat).all()
    restored = MSE()(net.predict(x), y)
    assert restored < 20 * max(untrained, float(np.mean(y.astype(float) ** 2)))


def test_an_epoch_without_a_gradient_has_no_gradient_norm():
    x, y = windows()
    history = fit(small(), MSE(), Adam(), x, y * np.float32(1e38), on_divergence="report")
    assert not history.epochs[0].complete
    assert math.isnan(history["gradient_norm"][0])
    assert math.isnan(history["gradient_norm_max"][0])


def test_report_ends_without_raising():
    net, optimiser, x, y = diverging(KINDS[0])
    history = fit(net, MSE(), optimiser, x, y, epochs=30, on_divergence="report")
    assert history.stopped == "diverged"
    assert isinstance(history.events[-1], Divergence)
    assert "clip_norm=1.0" in str(history)
    assert 'nonlinearity="tanh" in place of "relu"' in history.events[-1].advice


def test_the_advice_helps():
    net, optimiser, x, y = diverging(KINDS[0])
    history = fit(net, MSE(), SGD(lr=optimiser.lr / 10), x, y, epochs=5, clip_norm=1.0)
    assert history.stopped == "finished"
    assert history["loss"][-1] < history["loss"][0]


class Poison(Callback):
    """Sets a weight after so many updates."""

    def __init__(self, epoch, batch, value):
        self.epoch, self.batch, self.value = epoch, batch, value
        self.before = None

    def on_batch_end(self, run):
        if (run.epoch, run.batch) == (self.epoch, self.batch - 2):
            self.before = run.net.flat.copy()
        if (run.epoch, run.batch) == (self.epoch, self.batch - 1):
            run.net.state_dict()["0.weight_hh_l0"][0, 0] = self.value


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_stops_at_that_batch_with_the_last_good_weights(value):
    x, y = windows()
    net, poison = small(), Poison(2, 3, value)
    with pytest.raises(DivergenceError) as caught:
        fit(net, MSE(), Adam(), x, y, epochs=5, batch_size=8, callbacks=[poison])
    event = told(caught)[1]
    assert (event.epoch, event.batch) == (2, 3)
    assert not math.isfinite(event.loss)
    assert 0 < event.gradient_norm < 10
    np.testing.assert_array_equal(net.flat, poison.before)


def test_a_gradient_that_overflows_is_divergence():
    class Steep(MSE):
        def backward(self, saved):
            return super().backward(saved) * np.float32(1e38)

    x, y = windows()
    net = small()
    before = net.flat.copy()
    with pytest.raises(DivergenceError, match=r"gradient norm is (inf|nan)") as caught:
        fit(net, Steep(), SGD(lr=1e-3), x * 100, y * 100, epochs=1)
    assert told(caught)[1].layer in net.state_dict()
    np.testing.assert_array_equal(net.flat, before)


def test_divergence_in_the_very_last_update_is_seen():
    x, y = windows()
    net = small()
    before = net.flat.copy()
    with pytest.raises(DivergenceError, match="after the last update"):
        fit(net, MSE(), SGD(lr=1e9), x, y, epochs=1, batch_size=64)
    np.testing.assert_array_equal(net.flat, before)


def test_validation_that_is_not_finite_is_divergence():
    class Bounded(MSE):
        def __call__(self, prediction, target, sample_weight=None, mask=None):
            value = super().__call__(prediction, target, sample_weight, mask)
            return math.nan if len(target) == 9 else value

    x, y = windows()
    with pytest.raises(DivergenceError, match="validation loss is nan"):
        fit(small(), Bounded(), SGD(lr=1e-3), x, y, epochs=1, validation=(x[:9], y[:9]))


@pytest.mark.parametrize("loss", [MSE(), MAE()])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_outliers_in_noisy_batches_of_one_are_no_divergence(loss, seed):
    rng = np.random.default_rng(seed)
    x, y = windows(rows=300, steps=3, seed=seed)
    y += rng.standard_t(1.2, y.shape).astype(np.float32)  # no variance at all
    y[100:103] = 1e3
    x[200, 0, 0] = 1e3
    history = fit(
        small(nn.LSTM), loss, Adam(), x, y, epochs=2, batch_size=1, clip_norm=1.0, shuffle=False
    )
    assert history.stopped == "finished"


def test_demand_that_begins_late_is_no_divergence():
    x, y = windows(rows=600)
    x[:400] = y[:400] = 0
    net = small()
    net.flat.fill(0)  # the first losses are exactly zero
    history = fit(net, MSE(), Adam(lr=1e-2), x, y, epochs=2, batch_size=4, shuffle=False)
    assert history.stopped == "finished"


def test_likelihoods_below_zero_are_no_divergence():
    from gatecast.nn.distribution_losses import GaussianNLL

    x, y = windows(rows=256)
    net = nn.Sequential(nn.GRU(3, 5), nn.Last(), nn.Linear(5, 2), seed=0)
    history = fit(net, GaussianNLL(), Adam(lr=2e-2), x, y, epochs=20, clip_norm=1.0)
    assert history.stopped == "finished"
    assert history["loss"][-1] < 0


def test_all_zero_targets_and_predictions_are_no_divergence():
    x, y = windows()
    net = small()
    net.flat.fill(0)
    assert fit(net, MSE(), Adam(), x, np.zeros_like(y), epochs=1).stopped == "finished"


def test_one_or_two_large_losses_are_borne():
    guard = Guard(small(), reference=1.0, untrained=1.0)
    assert not guard.exploded(5e3)
    assert not guard.exploded(5e3)
    assert not guard.exploded(11.0)  # not calm, not exploded: the count begins anew
    assert not guard.exploded(5e3)
    assert not guard.exploded(5e3)
    assert "exploded to 5e+03, above 1e+03 3 times" in guard.exploded(5e3)


def test_the_layer_is_the_first_that_is_not_finite_else_the_largest():
    net = small()
    net.zero_grad()
    net.gradients()["2.bias"][:] = 4
    net.gradients()["0.bias_hh_l0"][:] = 1
    assert find_layer(net) == "2.bias"
    net.gradients()["0.bias_hh_l0"][3] = np.nan
    assert find_layer(net) == "0.bias_hh_l0"
    net.freeze("0.")
    assert find_layer(net) == "2.bias"


def test_divergence_before_any_update_is_told_by_its_own_gradients():
    class Spoil(Callback):
        def on_fit_start(self, run):
            run.net.state_dict()["2.bias"][:] = np.nan

    x, y = windows()
    net = small()
    before = net.flat.copy()
    with pytest.raises(DivergenceError, match="in epoch 1, batch 1: the loss is nan") as caught:
        fit(net, MSE(), Adam(), x, y, callbacks=[Spoil()])
    assert told(caught)[1].layer in net.state_dict()
    np.testing.assert_array_equal(net.flat, before)


def test_clipping_by_value_keeps_a_training_together():
    net, optimiser, x, y = diverging("targets not scaled")
    history = fit(net, MSE(), optimiser, x, y, epochs=2, clip_value=0.01)
    assert history.stopped == "finished"
