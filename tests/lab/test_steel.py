"""steel-usage and steel-load: windows and splits as published, nothing from the test rows."""

from typing import Any

import numpy as np
import pytest

from gatecast import datasets, metrics, nn, train
from gatecast.estimators.networks import build_network
from gatecast.forecast.baselines import make_baseline
from gatecast.interop.torch import Twin
from gatecast.lab import steel_load, steel_usage
from gatecast.lab.settings import Settings
from tests.lab.studies import TINY, known, names, run_cut

PUBLISHED = Settings("published", quick=True, epochs=1)


@pytest.fixture(scope="module")
def steel(request):
    request.getfixturevalue("reference_data")
    return datasets.load_steel_industry()


@pytest.fixture
def perturbed(steel, monkeypatch):
    """Makes every number after a row another one."""

    def perturb(row):
        other = steel.copy()
        rng = np.random.default_rng(0)
        for name in other.columns:
            if other[name].dtype == np.float64:
                values = other[name].to_numpy(copy=True)
                values[row:] = rng.normal(1000, 500, len(values) - row)
                other[name] = values
        monkeypatch.setattr(datasets, "load_steel_industry", lambda: other)

    return perturb


def test_usage_has_the_published_windows(steel):
    window7, free = steel_usage.describe(TINY).variants
    assert (len(window7.train), len(window7.test)) == (24_528, 10_505)
    assert window7.train.x.shape[1:] == (7, 9)
    usage = steel["Usage_kWh"].to_numpy()
    assert known(window7.test.index)[0] == 24_535
    assert np.array_equal(window7.test.y[:, 0], usage[24_535:])
    # the free form has another window, and the same test rows
    assert np.array_equal(known(free.test.index), known(window7.test.index))
    assert known(free.train.index)[-1] == known(window7.train.index)[-1]
    # and the same nine columns, with the time of day as a circle beside them
    assert np.array_equal(free.train.x[5:, -7:, :9], window7.train.x[10:])
    assert free.train.x.shape[1:] == (12, 9 + 2 * steel_usage.HARMONICS)


def test_the_usage_itself_is_no_input_and_the_last_value_scores_as_measured(steel):
    variant = steel_usage.describe(TINY).variants[0]
    assert "Usage_kWh" not in steel_usage.INPUTS
    forecast = make_baseline("last_value").fit(variant.train).predict(variant.test)
    assert metrics.r2(variant.test.y, forecast) == pytest.approx(0.846, abs=5e-4)
    assert metrics.mse(variant.test.y, forecast) == pytest.approx(147.43, abs=5e-3)


def test_usage_published_scales_as_published(steel):
    variant = steel_usage.describe(PUBLISHED).variants[0]
    numbers = variant.train.x[:, -1, :6]
    assert numbers.min() == 0
    assert numbers.max() == 1
    codes = variant.train.x[:, -1, 6:]
    assert np.array_equal(np.unique(codes[:, 1]), np.arange(7))  # days by their sorted names
    assert codes[0, 1] == 1  # Monday comes after Friday
    assert np.array_equal(variant.train.targets, variant.train.y.astype(np.float32))
    plans = steel_usage._published()
    assert {cell: plan.epochs for cell, plan in plans.items()} == {"rnn": 7, "lstm": 5, "gru": 10}
    assert {plan.batch_size for plan in plans.values()} == {1}


@pytest.mark.parametrize("settings", [TINY, PUBLISHED], ids=["best", "published"])
def test_usage_learns_nothing_from_the_test_rows(steel, perturbed, settings):
    before = steel_usage.describe(settings).variants[0]
    perturbed(24_535)
    after = steel_usage.describe(settings).variants[0]
    assert np.array_equal(before.train.x, after.train.x)
    assert np.array_equal(before.train.targets, after.train.targets)
    assert np.array_equal(before.test.x[0], after.test.x[0])  # rows before the border alone
    assert not np.array_equal(before.test.x[1], after.test.x[1])


def test_usage_has_the_documented_names(steel):
    result = run_cut(steel_usage.describe(TINY))
    cells = {"rnn", "lstm", "gru"}
    assert names(result, "network") == {"window7": cells, "free": cells}
    published = {s.model: s.published for s in result.summary if s.variant == "window7"}
    assert published["rnn"] == {"mse": 1043.764, "rmse": 32.30, "r2": -0.092}
    assert result.grids[0].values.shape == (10, 10)
    assert run_cut(steel_usage.describe(PUBLISHED)).summary[1].variant == "window7"


def test_load_windows_each_side_by_itself(steel):
    study = steel_load.describe(TINY)
    assert [v.name for v in study.variants] == [
        "1h",
        "2h",
        "3h",
        "4h",
        "5h",
        "6h",
        steel_load.WITH_PAST,
    ]
    for variant, width in zip(study.variants, (4, 9, 14, 19, 24, 29), strict=False):
        assert (len(variant.train), len(variant.test)) == (7_008 - width, 28_032 - width)
        assert variant.train.x.shape[1:] == (width, 1 + 2 * steel_load.HARMONICS)
        assert known(variant.test.index)[0] == 7_008 + width
        forecast = (
            make_baseline("same_as_last", classes=True).fit(variant.train).predict(variant.test)
        )
        assert metrics.accuracy(variant.test.y, forecast) == pytest.approx(0.946, abs=5e-4)


def test_only_one_variant_of_load_sees_the_past_classes(steel):
    *plain, with_past = steel_load.describe(TINY).variants
    first = plain[0]
    assert with_past.train.x.shape[2] == first.train.x.shape[2] + 3
    assert np.array_equal(with_past.train.x[..., -3:].argmax(axis=2), known(with_past.train.past))
    assert np.array_equal(with_past.train.x[..., :-3], first.train.x)


def test_load_sees_the_time_of_day_as_a_circle_and_counts_the_latest_days_most(steel):
    first = steel_load.describe(TINY).variants[0]
    circle = first.train.x[:, -1, 1:3]
    assert np.allclose((circle**2).sum(axis=1), 1, atol=1e-6)
    noon = known(first.train.index) % 96 == 48  # its last row is 12:00
    assert np.allclose(circle[noon], [0, -1], atol=1e-6)
    weights = first.networks[0].recipe.weights(len(first.train))
    assert weights is not None
    assert weights[-1] == 1
    assert weights[-1 - 3 * 96] == pytest.approx(0.25)
    published = steel_load.describe(PUBLISHED).variants[0]
    assert published.train.x.shape[2] == 9
    assert published.networks[0].recipe.half_life is None


def test_load_learns_nothing_from_the_test_rows(steel, perturbed):
    before = steel_load.describe(TINY).variants[0]
    perturbed(7_008)
    after = steel_load.describe(TINY).variants[0]
    assert np.array_equal(before.train.x, after.train.x)


def test_load_has_the_documented_names_and_a_matrix_for_each_model(steel):
    result = run_cut(steel_load.describe(TINY), rows=300)
    for models in names(result, "network").values():
        assert models == {"rnn", "lstm", "gru"}
    lines = {(s.model, s.variant): s.published for s in result.summary}
    assert lines["gru", "4h"] == {
        "train_loss": 0.113, "test_loss": 0.538, "train_accuracy": 0.9575, "accuracy": 0.8453,
    }  # fmt: skip
    assert lines["rnn", "3h"] == {"accuracy": 0.5121}
    row = next(r for r in result.rows if r.model == "lstm")
    assert {"accuracy", "train_accuracy", "train_loss", "test_loss"} <= set(row.metrics)
    assert sum(grid.kind == "confusion" for grid in result.grids) == len(result.summary)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_load_trains_as_pytorch_does_from_the_same_weights_and_batches(steel, cell):
    windows = steel_load.describe(TINY).variants[0].train.take(slice(640))
    x = windows.x.astype(np.float64)
    net = build_network(cell, x.shape[2], 3, hidden_size=32, dtype=np.float64, seed=1)
    twin = Twin(net)
    options: dict[str, Any] = {"epochs": 5, "batch_size": 32, "clip_norm": 1.0, "seed": 2}
    sgd: dict[str, Any] = {"lr": 0.01, "momentum": 0.9}
    theirs = twin.fit(nn.CrossEntropy(), nn.SGD(**sgd), x, windows.y, **options)
    ours = train.fit(net, nn.CrossEntropy(), nn.SGD(**sgd), x, windows.y, **options)
    assert np.allclose(ours["loss"], theirs["loss"], rtol=1e-9, atol=0)
