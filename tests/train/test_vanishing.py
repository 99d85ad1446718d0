import logging

import numpy as np
import pytest

from gatecast import nn
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.train import VanishingGradient, fit
from gatecast.train.vanishing import layer_norms, start_norms
from tests.train.networks import small, windows


def vanished(history):
    return [(e.layer, e.through) for e in history.events if isinstance(e, VanishingGradient)]


def test_a_tower_of_twenty_layers_is_told_of_once_a_layer(caplog):
    x, y = windows(steps=5)
    net = small(nn.LSTM, hidden=8, num_layers=20)
    with caplog.at_level(logging.WARNING, "gatecast.train"):
        history = fit(net, MSE(), SGD(lr=1e-2), x, y, epochs=3)
    found = vanished(history)
    assert ("0_l0", "depth") in found
    assert ("0_l19", "depth") not in found
    assert len(found) == len(set(found)) == len(caplog.records)
    assert "vanishing gradient in epoch 1: what reaches 0_l0 is" in caplog.text


def test_a_far_past_that_cannot_be_learned_is_told_of():
    x, _ = windows(rows=512, steps=60, features=1)
    y = x[:, 0].copy()
    net = small(nn.RNN, features=1)
    net.state_dict()["0.weight_hh_l0"][:] *= 0.01
    history = fit(net, MSE(), Adam(lr=1e-2), x, y, epochs=6)
    assert vanished(history) == [("0_l0", "time")]
    assert "at the first step of the sequence" in str(history)
    assert min(event.epoch for event in history.events) >= 3


@pytest.mark.parametrize("cell", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("options", [{}, {"num_layers": 3}, {"init": "keras"}])
def test_healthy_networks_are_left_in_peace(cell, options):
    series = np.sin(np.arange(400, dtype=np.float32) / 5)
    cut = np.lib.stride_tricks.sliding_window_view(series, 101)  # long, but the near past tells
    net = small(cell, features=1, hidden=8, **options)
    history = fit(net, MSE(), Adam(lr=1e-2), cut[:, :100, None], cut[:, 100:], epochs=4)
    assert history.events == []


def test_converged_networks_are_left_in_peace():
    x, y = windows(rows=32)
    net = nn.Sequential(nn.GRU(3, 16), nn.Last(), nn.Linear(16, 1), seed=0)
    history = fit(net, MSE(), Adam(lr=2e-2), x, y, epochs=300, batch_size=32)
    assert history["loss"][-1] < 1e-4
    assert history.events == []


def test_frozen_layers_are_not_judged():
    x, y = windows(steps=5)
    net = small(nn.LSTM, hidden=8, num_layers=12)
    net.freeze("0.")
    assert vanished(fit(net, MSE(), SGD(lr=1e-2), x, y, epochs=1)) == []


def test_norms_go_by_layer_and_direction():
    x, _ = windows(rows=4, dtype=np.float64)
    net = nn.LSTM(3, 5, num_layers=2, bidirectional=True, dtype=np.float64)
    y, _, saved = net.forward(x, training=True)
    net.zero_grad()
    _, dstart = net.backward(saved, np.ones_like(y))
    names = ["net_l0", "net_l0_reverse", "net_l1", "net_l1_reverse"]
    norms = layer_norms(net)
    assert list(norms) == names
    assert np.sqrt(np.sum(np.square(list(norms.values())))) == pytest.approx(
        np.linalg.norm(net.flat_grad)
    )
    starts = dict(start_norms(net, dstart))
    assert list(starts) == names
    wanted = np.sqrt((dstart[0][2] ** 2).sum() + (dstart[1][2] ** 2).sum())
    assert starts["net_l1"] == pytest.approx(wanted)
