"""The peer: the same weights, batches and masks give the same training, in float64 to the digit."""

import numpy as np
import pytest

from gatecast import nn, train
from gatecast.errors import InputError
from gatecast.estimators import build_network
from gatecast.interop.torch import Twin

rng = np.random.default_rng(0)
X = rng.normal(size=(70, 6, 3))
Y = np.stack([X[:, -1, 0], X[:, 0, 1] * X[:, 2, 2]], axis=1)
LABELS = np.digitize(X[:, -1, 0], [-0.5, 0.5])


def trained(net, loss, make_optimiser, y, **options):
    """Weights and histories of ours and of the peer, from the same start."""
    twin = Twin(net)
    schedule = options.pop("schedule", lambda: None)
    common = {"epochs": 5, "batch_size": 16, "seed": 3} | options
    theirs = twin.fit(loss, make_optimiser(), X, y, schedule=schedule(), **common)
    ours = train.fit(net, loss, make_optimiser(), X, y, schedule=schedule(), **common)
    return ours, theirs, twin


def agree(net, ours, theirs, twin, tolerance=1e-9):
    assert np.allclose(ours["loss"], theirs["loss"], rtol=tolerance, atol=0)
    assert np.allclose(ours["gradient_norm"], theirs["gradient_norm"], rtol=tolerance * 100)
    for name, value in twin.state_dict().items():
        assert np.allclose(net.state_dict()[name], value, rtol=tolerance * 100, atol=tolerance)
    assert np.allclose(net.predict(X), twin.predict(X), atol=tolerance * 10)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(("layers", "dropout"), [(1, 0.0), (2, 0.0), (3, 0.3)])
def test_every_cell_and_depth_with_its_dropout(cell, layers, dropout):
    net = build_network(
        cell, 3, 2, hidden_size=5, num_layers=layers, dropout=dropout, dtype=np.float64
    )
    agree(net, *trained(net, nn.MSE(), lambda: nn.Adam(lr=1e-2), Y, clip_norm=0.5))


@pytest.mark.parametrize(
    "make_optimiser",
    [
        lambda: nn.SGD(lr=0.01, momentum=0.9, nesterov=True),
        lambda: nn.AdamW(lr=1e-2, weight_decay=0.1),
        lambda: nn.RMSprop(lr=1e-3, centered=True),
        lambda: nn.Adam(lr=1e-2, weight_decay=1e-3),
    ],
)
def test_every_optimiser_under_a_schedule(make_optimiser):
    net = build_network("gru", 3, 2, hidden_size=5, dtype=np.float64)
    agree(
        net,
        *trained(net, nn.Huber(0.5), make_optimiser, Y, schedule=lambda: nn.OneCycle(max_lr=1e-2)),
    )


@pytest.mark.parametrize(
    "loss", [nn.CrossEntropy(), nn.CrossEntropy((1.0, 2.0, 0.5), label_smoothing=0.1)]
)
def test_classes(loss):
    net = build_network("lstm", 3, 3, hidden_size=5, dropout=0.2, dtype=np.float64)
    agree(net, *trained(net, loss, lambda: nn.Adam(lr=1e-2), LABELS))


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (nn.MSE(), Y),
        (nn.CrossEntropy(), LABELS),
        (nn.CrossEntropy((1.0, 2.0, 0.5), label_smoothing=0.1), LABELS),
    ],
)
def test_rows_that_count_more(loss, y):
    net = build_network("gru", 3, 2 if y.ndim == 2 else 3, hidden_size=5, dtype=np.float64)
    weights = 0.9 ** np.arange(len(X))[::-1]
    agree(net, *trained(net, loss, lambda: nn.SGD(lr=0.05), y, sample_weight=weights))


def test_validation_and_patience_end_both_at_the_same_epoch():
    net = build_network("gru", 3, 2, hidden_size=12, dtype=np.float64)
    held = rng.normal(size=(20, 6, 3)), rng.normal(size=(20, 2))
    options = {"epochs": 100, "patience": 2, "validation": held, "shuffle": False}
    ours, theirs, twin = trained(net, nn.MSE(), lambda: nn.Adam(lr=2e-2), Y, **options)
    assert ours.stopped == theirs.stopped == "early"
    assert ours.best_epoch == theirs.best_epoch
    assert np.allclose(ours["val_loss"], theirs["val_loss"], rtol=1e-6)
    agree(net, ours, theirs, twin, tolerance=1e-7)


def test_other_layers():
    net = nn.Sequential(
        nn.Conv1d(3, 4, 2, stride=2, dtype=np.float64),
        nn.LayerNorm(4, dtype=np.float64),
        nn.ReLU(dtype=np.float64),
        nn.GRU(4, 5, bidirectional=True, dtype=np.float64),
        nn.Last(dtype=np.float64),
        nn.Linear(10, 2, dtype=np.float64),
        seed=1,
    )
    agree(net, *trained(net, nn.MAE(), lambda: nn.Adam(lr=1e-3), Y, clip_value=0.01))


def test_float32_stays_float32():
    net = build_network("lstm", 3, 2, hidden_size=5)
    twin = Twin(net, threads=1)
    x, y = X.astype(np.float32), Y.astype(np.float32)
    theirs = twin.fit(nn.MSE(), nn.Adam(lr=1e-2), x, y, epochs=2)
    ours = train.fit(net, nn.MSE(), nn.Adam(lr=1e-2), x, y, epochs=2)
    assert twin.predict(x).dtype == np.float32
    assert np.allclose(ours["loss"], theirs["loss"], rtol=1e-4)


def test_divergence_is_told_and_survived():
    net = build_network("linear", 3, 2, steps=6)
    twin = Twin(net)
    before = twin.predict(X.astype(np.float32))
    history = twin.fit(
        nn.MSE(), nn.SGD(lr=1e30), X.astype(np.float32), Y.astype(np.float32), epochs=9
    )
    assert history.stopped == "diverged"
    assert "diverged" in str(history.events[-1])
    assert np.allclose(twin.predict(X.astype(np.float32)), before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Twin(nn.LSTM(1, 2)), "net must be an nn.Sequential"),
        (lambda: Twin(nn.Sequential(nn.GRU(1, 2, reset_after=False))), "PyTorch has no such"),
        (lambda: Twin(nn.Sequential(nn.LSTM(1, 2, peepholes=True))), "PyTorch has no such"),
        (lambda: Twin(nn.Sequential(nn.Repeat(3))), "no twin of Repeat"),
        (
            lambda: Twin(build_network("gru", 3, 2)).fit(nn.GaussianNLL(), nn.Adam(), X, Y),
            "no twin of the loss",
        ),
    ],
)
def test_what_has_no_twin_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
