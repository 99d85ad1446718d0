"""Running a study: every model once a seed, scores in the target's units, divergence survived."""

import numpy as np
import pytest

from gatecast import metrics, nn, train
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.running import run
from gatecast.comparison.study import Study, Variant
from gatecast.errors import InputError, MissingDependencyError
from gatecast.forecast.samples import Samples
from tests.comparison.studies import network, sine_samples, sine_variant, study


@pytest.fixture(scope="module")
def result():
    return run(study(sine_variant(2), level=80.0), jobs=1, progress=False)


def test_every_model_is_there_once_a_seed_in_the_order_of_the_study(result):
    assert [(row.model, row.kind, row.seed) for row in result.rows] == [
        ("last_value", "baseline", None),
        ("linear_regression", "baseline", None),
        ("rnn", "network", 0),
        ("rnn", "network", 1),
        ("gru", "network", 0),
        ("gru", "network", 1),
    ]
    assert [s.model for s in result.summary] == ["last_value", "linear_regression", "rnn", "gru"]
    assert set(result.models) == {
        "last_value", "linear_regression", "rnn/0", "rnn/1", "gru/0", "gru/1",
    }  # fmt: skip


def test_the_scores_are_those_of_the_predictions(result):
    truth = result.truths[0].values
    for row, prediction in zip(result.rows, result.predictions, strict=True):
        assert row.metrics["mse"] == metrics.mse(truth, prediction.forecast)
        assert row.metrics["r2"] == metrics.r2(truth, prediction.forecast)
        if prediction.lower is not None:
            covered = metrics.coverage(truth, prediction.lower, prediction.upper)
            assert row.metrics["coverage"] == covered
    assert [p.lower is None for p in result.predictions] == [True] + [False] * 5


def test_the_summary_is_the_mean_over_the_seeds(result):
    of_gru = [row.metrics["mse"] for row in result.rows if row.model == "gru"]
    line = next(s for s in result.summary if s.model == "gru")
    assert line.mean["mse"] == pytest.approx(np.mean(of_gru))
    assert line.spread["mse"] == pytest.approx(np.std(of_gru, ddof=1))
    naive = next(s for s in result.summary if s.model == "last_value")
    assert line.skill == pytest.approx(1 - line.mean["mse"] / naive.mean["mse"])
    assert naive.skill == 0


def test_the_training_is_that_of_train_fit(result):
    variant, recipe = sine_variant(2), Recipe(epochs=4, batch_size=16)
    net = network("gru", 2).build(1)
    held = variant.validation
    assert held is not None
    history = train.fit(
        net, nn.MSE(), recipe.make_optimiser(), variant.train.x, variant.train.targets,
        epochs=4, batch_size=16, schedule=recipe.make_schedule(), clip_norm=1.0,
        validation=(held.x, held.targets), seed=np.random.default_rng([1, 1]),
    )  # fmt: skip
    curve = next(c for c in result.curves if (c.model, c.seed) == ("gru", 1))
    assert curve.train == history["loss"]
    assert curve.validation == history["val_loss"]
    assert len(curve.test) == 4
    prediction = next(p for p in result.predictions if (p.model, p.seed) == ("gru", 1))
    assert (prediction.forecast == net.predict(variant.test.x)).all()


def test_processes_give_what_this_process_gives(result):
    again = run(study(sine_variant(2), level=80.0), jobs=2, progress=False)
    for here, there in zip(result.rows, again.rows, strict=True):
        assert (here.model, here.seed) == (there.model, there.seed)
        assert here.metrics == pytest.approx(there.metrics, rel=1e-5)


def test_divergence_is_named_and_survived():
    wild = Recipe(epochs=3, batch_size=16, optimiser="sgd", lr=1e6, schedule="constant",
                  clip_norm=None)  # fmt: skip
    variant = sine_variant(networks=(network("linear", recipe=wild), network("gru")))
    result = run(study(variant), jobs=1, progress=False)
    rows = {row.model: row for row in result.rows}
    assert rows["linear"].status == "diverged"
    assert "training diverged in epoch 1" in rows["linear"].note
    assert all(np.isfinite(v) for row in result.rows for v in row.metrics.values())
    line = next(s for s in result.summary if s.model == "linear")
    assert (line.diverged, line.mean, line.skill) == (2, {}, None)
    assert [a.kind for a in result.alarms if a.model == "linear"] == ["diverged"]
    assert result.best().model == "gru"


def test_all_diverged_leaves_nothing_to_conclude():
    wild = Recipe(epochs=2, optimiser="sgd", lr=1e6, schedule="constant", clip_norm=None)
    variant = sine_variant(networks=(network("linear", recipe=wild),))
    result = run(study(variant), jobs=1, progress=False)
    assert result.significance == []
    assert "nothing to conclude" in result.conclusions[0]


def test_the_peer_learns_the_same_from_the_same_batches():
    result = run(study(sine_variant()), jobs=1, torch=True, progress=False)
    lines = {s.model: s for s in result.summary}
    for cell in ("rnn", "gru"):
        assert lines[f"torch_{cell}"].kind == "peer"
        assert lines[f"torch_{cell}"].mean["mse"] == pytest.approx(lines[cell].mean["mse"], 1e-3)
    assert any("from PyTorch's MSE" in sentence for sentence in result.conclusions)
    assert not any("torch_" in sentence.split()[0] for sentence in result.conclusions)


def test_without_torch_the_peer_is_refused_before_any_work(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("gatecast.interop.torch")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingDependencyError, match="gatecast\\[torch\\]"):
        run(study(sine_variant()), jobs=1, torch=True)


def class_samples(start: int, stop: int) -> Samples:
    labels = (np.arange(400) // 3) % 3
    rows = np.arange(start + 8, stop)
    past = labels[rows[:, None] + np.arange(-8, 0)]
    return Samples(np.eye(3, dtype=np.float32)[past], labels[rows], past, index=rows)


def test_classes_are_scored_with_their_confusions():
    recipe = Recipe(epochs=20, batch_size=16)
    variant = Variant(
        "",
        class_samples(0, 250),
        class_samples(300, 400),
        (network("gru", 3, 3, loss=nn.CrossEntropy(), recipe=recipe),),
        (),
        class_samples(250, 300),
        classes=("a", "b", "c"),
    )
    result = run(study(variant, task="classify"), jobs=1, progress=False)
    row = result.rows[0]
    assert row.metrics["accuracy"] > 0.9
    assert set(row.metrics) == {
        "accuracy", "balanced_accuracy", "macro_f1", "log_loss", "train_loss", "test_loss",
        "train_accuracy",
    }  # fmt: skip
    assert row.metrics["test_loss"] == pytest.approx(row.metrics["log_loss"], rel=1e-4)
    grid = result.grids[0]
    assert (grid.kind, grid.rows) == ("confusion", ("a", "b", "c"))
    assert grid.values.sum() == 2 * len(variant.test)
    assert len(result.curves[0].test_accuracy) == len(result.curves[0].train_accuracy) == 20


def every_step(samples: Samples) -> np.ndarray:
    """The value one step later, at every step."""
    return np.concatenate([samples.x[:, 1:], samples.targets[:, None]], axis=1)


def build_sequence(seed: int) -> nn.Sequential:
    return nn.Sequential(nn.GRU(1, 6), nn.Linear(6, 1), seed=seed)


def test_networks_may_learn_more_than_they_are_asked_for():
    from gatecast.comparison.study import Network

    asked = Network(
        "gru", build_sequence, nn.MSE(), Recipe(epochs=30, batch_size=16),
        targets=every_step, forecast=lambda predict, x: predict(x)[:, -1],
    )  # fmt: skip
    result = run(study(sine_variant(networks=(asked,))), jobs=1, progress=False)
    assert result.summary[-1].skill is not None
    assert result.summary[-1].skill > 0.5


def test_variants_stand_beside_each_other():
    result = run(
        study(sine_variant(1, name="one"), sine_variant(3, name="three")), jobs=1, progress=False
    )
    assert [t.variant for t in result.truths] == ["one", "three"]
    assert {s.variant for s in result.summary} == {"one", "three"}
    assert any(sentence.startswith("three: ") for sentence in result.conclusions)


def test_the_bar_is_drawn_where_it_is_wanted(capfd):
    run(study(sine_variant(networks=())), jobs=1, progress=True)
    shown = capfd.readouterr()
    assert shown.out == ""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: study(), "at least one variant"),
        (lambda: study(sine_variant(), sine_variant()), "names of their own"),
        (lambda: study(sine_variant(), task="cluster"), "task must be one of"),
        (lambda: Study("e", "t", "forecast", "y", (sine_variant(),), seeds=()), "one seed"),
        (lambda: study(sine_variant(networks=(network("rnn"),) * 2)), "two models 'rnn'"),
        (lambda: sine_variant(validation=sine_samples(0, 8)), "has no windows"),
        (lambda: run(study(sine_variant()), jobs=0), "jobs must be a whole number"),
        (lambda: run(study(sine_variant(networks=(), baselines=())), jobs=1), "neither networks"),
        (lambda: Recipe(optimiser="lion"), "optimiser must be one of"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
