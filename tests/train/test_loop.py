import threading

import numpy as np
import pytest

from gatecast import nn
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.nn.plateau import ReduceOnPlateau
from gatecast.nn.schedules import Cosine
from gatecast.train import Callback, EarlyStop, RateDrop, fit, train_step
from tests.train.networks import small, stepwise, windows


def test_fit_is_train_step_in_order():
    x, y = windows(rows=50)
    net, other = small(), small()
    history = fit(net, MSE(), Adam(lr=1e-2), x, y, epochs=3, batch_size=16, shuffle=False)
    optimiser = Adam(lr=1e-2)
    for epoch in history:
        values = [
            (train_step(other, MSE(), optimiser, x[i : i + 16], y[i : i + 16]), len(x[i : i + 16]))
            for i in range(0, 50, 16)
        ]
        assert epoch.loss == pytest.approx(sum(v * n for v, n in values) / 50, rel=1e-12)
    np.testing.assert_array_equal(net.flat, other.flat)


def test_every_row_once_an_epoch_in_a_new_order():
    x, y = windows(rows=20, features=1)
    x[:, :, 0] = y[:] = np.arange(20, dtype=np.float32)[:, None]
    seen = []

    class Spy(MSE):
        def forward(self, prediction, target, sample_weight=None, mask=None):
            if len(target) <= 6:
                seen.extend(target[:, 0].tolist())
            return super().forward(prediction, target, sample_weight, mask)

    seen.clear()
    fit(small(features=1), Spy(), SGD(lr=1e-9), x, y, epochs=2, batch_size=6)
    first, second = seen[-40:-20], seen[-20:]
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second != sorted(second)


def test_same_seed_same_bits_and_another_seed_others():
    x, y = windows()
    results = []
    for seed in (3, 3, 4):
        net = nn.Sequential(nn.GRU(3, 5), nn.Last(), nn.Dropout(0.3), nn.Linear(5, 1), seed=0)
        history = fit(net, MSE(), Adam(), x, y, epochs=2, seed=seed)
        results.append((net.flat.tobytes(), history["loss"]))
    assert results[0] == results[1] != results[2]


def test_two_threads_do_not_disturb_each_other():
    x, y = windows()

    def train(seed, into):
        net = small(seed=seed)
        fit(net, MSE(), Adam(), x, y, epochs=5, seed=seed)
        into[seed] = net.flat.tobytes()

    alone: dict[int, bytes] = {}
    together: dict[int, bytes] = {}
    for seed in (1, 2):
        train(seed, alone)
    threads = [threading.Thread(target=train, args=(seed, together)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alone == together


def test_read_only_views_are_trained_on_and_left_alone():
    series = np.sin(np.arange(80, dtype=np.float64) / 3)
    cut = np.lib.stride_tricks.sliding_window_view(series, 8)
    before = series.copy()
    net = small(features=1, dtype=np.float64)
    by_view = fit(net, MSE(), Adam(), cut[:, :7, None], cut[:, 7:], epochs=2)
    copied = np.ascontiguousarray(cut)
    other = small(features=1, dtype=np.float64)
    by_copy = fit(other, MSE(), Adam(), copied[:, :7, None], copied[:, 7:], epochs=2)
    assert by_view["loss"] == by_copy["loss"]
    np.testing.assert_array_equal(series, before)


def test_validation_fraction_is_the_last_rows():
    x, y = windows(rows=50)
    nets = [small(), small()]
    held = fit(nets[0], MSE(), Adam(), x, y, epochs=2, validation=0.2)
    given = fit(nets[1], MSE(), Adam(), x[:40], y[:40], epochs=2, validation=(x[40:], y[40:]))
    assert held["val_loss"] == given["val_loss"]
    assert held["loss"] == given["loss"]
    final = np.mean((nets[0].predict(x[40:]).astype(np.float64) - y[40:]) ** 2)
    assert min(held["val_loss"]) == pytest.approx(final, rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_epoch_loss_is_the_mean_over_what_counts(weighted):
    x, _ = windows(rows=23, dtype=np.float64)
    y = x.mean(axis=2, keepdims=True)
    rng = np.random.default_rng(1)
    lengths = rng.integers(0, 8, 23)
    lengths[0] = 7
    weight = rng.random((23, 7)) if weighted else None
    mask = rng.random((23, 7)) < 0.6
    mask[:4] = False  # a batch in which nothing counts
    mask[4:6] = True
    net = stepwise(dtype=np.float64)
    prediction = net(x, lengths)
    history = fit(
        net, MSE(), SGD(lr=1e-12), x, y, epochs=1, batch_size=4, shuffle=False,
        lengths=lengths, sample_weight=weight, mask=mask,
        validation=(x, y, lengths, weight, mask), metrics={"rows": lambda truth, _: len(truth)},
    )  # fmt: skip
    counts = mask & (np.arange(7) < lengths[:, None])
    share = counts * (1.0 if weight is None else weight)
    wanted = np.sum((prediction - y)[..., 0] ** 2 * share) / share.sum()
    assert history["loss"] == pytest.approx([wanted], rel=1e-8)
    assert history["val_loss"] == pytest.approx([wanted], rel=1e-8)
    assert history["rows"] == [counts.sum()]


def test_class_weights_count_in_the_epoch_loss():
    x, _ = windows(rows=10)
    y = np.array([0, 1, 2, 0, 0, 1, 2, 2, 1, 0])
    loss = CrossEntropy(class_weights=np.array([1.0, 5.0, 0.5]))
    net = nn.Sequential(nn.GRU(3, 4), nn.Last(), nn.Linear(4, 3), seed=0)
    wanted = loss(net(x), y)
    history = fit(net, loss, SGD(lr=1e-12), x, y, epochs=1, batch_size=4, shuffle=False)
    assert history["loss"] == pytest.approx([wanted], rel=1e-6)


class WorseFrom(Callback):
    """Pushes the weights away from epoch ``start`` on."""

    def __init__(self, start):
        self.start, self.seen = start, {}

    def on_epoch_start(self, run):
        if run.epoch >= self.start:
            run.net.flat[:] += 2.0

    def on_epoch_end(self, run):
        self.seen[run.epoch] = run.net.flat.copy()


@pytest.mark.parametrize("validation", [None, 0.25])
def test_early_stopping_restores_the_best(validation):
    x, y = windows()
    net, spoiler = small(), WorseFrom(4)
    history = fit(
        net, MSE(), Adam(lr=1e-2), x, y, epochs=50, patience=3, validation=validation,
        callbacks=[spoiler],
    )  # fmt: skip
    assert history.stopped == "early"
    assert len(history) == 6
    assert history.best_epoch == history.weights_epoch == 3
    assert history.events == [EarlyStop(6, 3, 3)]
    np.testing.assert_array_equal(net.flat, spoiler.seen[3])


def test_without_restore_best_the_last_weights_stay():
    x, y = windows()
    net, spoiler = small(), WorseFrom(3)
    history = fit(
        net, MSE(), SGD(lr=1e-2), x, y, epochs=9, patience=2, restore_best=False,
        callbacks=[spoiler],
    )  # fmt: skip
    assert (history.best_epoch, history.weights_epoch) == (2, 4)
    np.testing.assert_array_equal(net.flat, spoiler.seen[4])


def test_min_delta_is_what_an_improvement_must_exceed():
    x, y = windows()
    history = fit(small(), MSE(), SGD(lr=1e-4), x, y, epochs=9, patience=2, min_delta=10.0)
    assert (len(history), history.best_epoch) == (3, 1)


def test_several_metrics_on_validation_or_training_rows():
    x, y = windows()
    metrics = {
        "mae": lambda truth, point: np.abs(truth - point).mean(),
        "rows": lambda truth, _: len(truth),
    }
    net = small()
    history = fit(net, MSE(), Adam(), x, y, epochs=1, validation=0.25, metrics=metrics)
    assert history["rows"] == [16]
    assert history["mae"] == pytest.approx([np.abs(net.predict(x[48:]) - y[48:]).mean()], rel=1e-6)
    assert fit(small(), MSE(), Adam(), x, y, epochs=1, metrics=metrics)["rows"] == [64]


def test_schedule_moves_the_rate_and_the_optimiser_gets_its_own_back():
    x, y = windows()
    optimiser = SGD(lr=0.1)
    history = fit(small(), MSE(), optimiser, x, y, epochs=4, batch_size=16, schedule=Cosine())
    made = 4 * np.arange(1, 5) - 1  # the last of each epoch's four steps
    assert history["lr"] == pytest.approx(0.05 * (1 + np.cos(np.pi * made / 16)))
    assert optimiser.lr == 0.1


def test_plateau_is_an_event():
    x, y = windows()
    schedule = ReduceOnPlateau(factor=0.5, patience=0, threshold=0.9)
    history = fit(small(), MSE(), SGD(lr=1e-5), x, y, epochs=3, schedule=schedule)
    assert history.events == [RateDrop(2, 1e-5, 5e-6), RateDrop(3, 5e-6, 2.5e-6)]
    assert history["lr"] == pytest.approx([1e-5, 1e-5, 5e-6])


def test_gradient_norm_is_that_before_clipping():
    x, y = windows()
    free = fit(small(), MSE(), SGD(lr=1e-9), x, y, epochs=1, batch_size=64)
    clipped = fit(small(), MSE(), SGD(lr=1e-9), x, y, epochs=1, batch_size=64, clip_norm=1e-3)
    assert clipped["gradient_norm"] == pytest.approx(free["gradient_norm"], rel=1e-5)
    assert clipped["gradient_norm"][0] > 1e-2


def test_frozen_layers_stay_and_do_not_count_in_the_norm():
    x, y = windows()
    net = small()
    net.freeze("0.")
    before = net.state_dict()["0.weight_ih_l0"].copy()
    history = fit(net, MSE(), Adam(lr=1e-2), x, y, epochs=1, batch_size=64)
    np.testing.assert_array_equal(net.state_dict()["0.weight_ih_l0"], before)
    head = np.linalg.norm([*net.gradients()["2.weight"].ravel(), *net.gradients()["2.bias"]])
    assert history["gradient_norm"] == pytest.approx([head], rel=1e-5)
