"""electric: windows, scaling, baselines."""

import numpy as np
import pytest

from gatecast import datasets, metrics
from gatecast.lab import electric
from gatecast.lab.classical import HoltWinters
from gatecast.lab.settings import Settings
from tests.lab.studies import TINY, known, names, run_cut

PUBLISHED = Settings("published", quick=True, epochs=1)


@pytest.fixture(scope="module", autouse=True)
def _data(reference_data):
    """Every test here needs the file."""


def test_the_published_windows_fit_the_published_batches():
    variants = {v.name: v for v in electric.describe(PUBLISHED).variants}
    assert list(variants) == ["one", "four", "four-14", "gru256"]
    assert len(variants["one"].train) == 226
    assert -(-226 // 32) == -(-len(variants["four-14"].train) // 32) + 1 == 8
    assert len(variants["one"].test) == 147
    assert variants["four-14"].test.y.shape == (134, 14)
    assert variants["one"].train.x.max() == 1
    assert variants["one"].train.x.min() == 0


def test_targets_are_the_values_after_each_look_back():
    series = datasets.load_electric_production()["production"].to_numpy()
    for variant in electric.describe(PUBLISHED).variants:
        restored = variant.test.restore(variant.test.x[..., 0])
        assert np.allclose(restored, known(variant.test.past), rtol=1e-5)
        horizon = variant.horizon
        assert np.array_equal(variant.test.y[3], series[253 : 253 + horizon])
        assert np.array_equal(known(variant.test.past)[3], series[229:253])


def test_best_learns_what_is_added_to_the_season_before_and_to_the_change_since():
    variant = electric.describe(TINY).variants[0]
    for part in (variant.train, variant.test):
        past = known(part.past)
        base = past[:, 12] + 0.5 * (past[:, -1] - past[:, 11])
        assert np.allclose(np.asarray(part.base)[:, 0], base)
        assert np.allclose(part.restore(part.targets), part.y, rtol=1e-5)
        assert np.allclose(part.x[:, 12], 0)  # inputs are relative to the season alone


@pytest.mark.parametrize("settings", [TINY, PUBLISHED], ids=["best", "published"])
def test_nothing_is_learned_from_the_test_rows(settings, monkeypatch):
    before = electric.describe(settings).variants
    other = datasets.load_electric_production()
    other.loc[250:, "production"] *= 7
    monkeypatch.setattr(datasets, "load_electric_production", lambda: other)
    for one, two in zip(before, electric.describe(settings).variants, strict=True):
        assert np.array_equal(one.train.x, two.train.x)
        assert np.array_equal(one.train.targets, two.train.targets)
        assert np.array_equal(one.test.x[0], two.test.x[0])


def test_the_baselines_score_as_measured():
    variant = electric.describe(TINY).variants[0]
    scores = {
        b.name: metrics.rmse(variant.test.y, b.fit(variant.train).predict(variant.test))
        for b in variant.baselines
    }
    assert scores["seasonal_naive"] == pytest.approx(4.03, abs=5e-3)
    assert scores["linear_regression"] == pytest.approx(3.44, abs=5e-3)
    assert scores["holt_winters"] < scores["seasonal_naive"]


def test_holt_winters_forecasts_from_the_rows_before_alone():
    variant = electric.describe(PUBLISHED).variants[2]
    smoother = variant.baselines[-1]
    assert isinstance(smoother, HoltWinters)
    smoother.fit(variant.train)
    before = smoother.predict(variant.test)
    smoother.series = smoother.series.copy()
    smoother.series[300:] = 1e6
    after = smoother.predict(variant.test)
    known = np.arange(len(before)) + 250 <= 300  # the first target row is forecast from before it
    assert np.array_equal(before[known], after[known])
    assert not np.array_equal(before[51], after[51])


def test_the_table_has_the_documented_names():
    best = run_cut(electric.describe(TINY), rows=200)
    assert names(best, "network") == {"best": {"rnn", "gru", "lstm"}}
    assert {"naive", "seasonal_naive", "linear_regression", "holt_winters"} <= names(best)["best"]
    published = run_cut(electric.describe(PUBLISHED), rows=200)
    assert names(published, "network") == {
        "one": {"rnn"}, "four": {"lstm"}, "four-14": {"lstm"}, "gru256": {"gru"},
    }  # fmt: skip
    lines = {s.variant: s.published for s in published.summary if s.kind == "network"}
    assert lines["gru256"] == {"train_loss": 0.0114}
    told = electric.finish(published, electric.describe(PUBLISHED), PUBLISHED).conclusions[-1]
    assert told.startswith("gru256: gru ends at a training loss of")
    assert told.endswith("published 0.0114.")
    assert all("train_loss" in r.metrics for r in published.rows if r.kind == "network")
