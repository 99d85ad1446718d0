"""grades: the split, the two forms, the spreadsheets."""

import numpy as np
import pandas as pd
import pytest

from gatecast import lab, metrics, nn
from gatecast.lab import grades, writing
from gatecast.lab.settings import Settings
from tests.lab.studies import TINY, names, run_cut

PUBLISHED = Settings("published", quick=True, epochs=1)


@pytest.fixture(scope="module", autouse=True)
def _data(reference_data):
    """Every test here needs the file."""


def test_the_split_is_the_published_one():
    for settings in (TINY, PUBLISHED):
        one, four = grades.describe(settings).variants
        assert (len(one.train), len(one.test)) == (135, 34)
        assert one.train.x.shape[1:] == (1, 4)
        assert four.train.x.shape[1:] == (4, 1)
        assert np.array_equal(one.train.x[:, 0], four.train.x[..., 0])
        assert np.array_equal(one.test.y, four.test.y)


def test_the_baselines_score_as_measured():
    variant = grades.describe(TINY).variants[0]
    scores = {
        b.name: metrics.mse(variant.test.y, b.fit(variant.train).predict(variant.test))
        for b in variant.baselines
    }
    assert scores["linear_regression"] == pytest.approx(0.1859, abs=5e-5)
    assert scores["last_value"] == pytest.approx(0.3197, abs=5e-5)


def test_the_scaling_is_of_the_training_rows():
    variant = grades.describe(TINY).variants[0]
    assert np.allclose(variant.train.x.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(variant.train.x.std(axis=0), 1, atol=1e-6)
    assert variant.train.base == pytest.approx(variant.train.y.mean())


def test_the_published_network_is_one_full_batch_of_a_thousand_epochs():
    network = grades.describe(Settings("published")).variants[0].networks[0]
    assert network.recipe.epochs == 1000
    assert network.recipe.batch_size == 135
    net = network.build(0)
    assert isinstance(net, nn.Sequential)
    assert [type(layer).__name__ for layer in net] == ["RNN", "Last", "Linear", "ReLU"]


def test_the_spreadsheets_hold_the_test_rows_and_what_was_predicted(tmp_path):
    result = run_cut(grades.describe(TINY))
    assert names(result, "network") == {
        "published": {"rnn", "gru", "lstm"}, "four-step": {"rnn", "gru", "lstm"},
    }  # fmt: skip
    page = lab.write(result, tmp_path / "run")
    rows = pd.read_excel(tmp_path / "run" / "test_rows.xlsx", index_col="row")
    scores = pd.read_excel(tmp_path / "run" / "predicted_scores.xlsx", index_col="row")
    assert page.exists()
    assert len(rows) == len(scores) == 34
    assert np.allclose(scores["5th"], rows["5th"])
    assert np.allclose(scores["last_value (published)"], rows["4th"])
    models = {path.name for path in (tmp_path / "run" / "models").iterdir()}
    assert "rnn-four-step-0.gatecast" in models


def test_without_openpyxl_they_are_csv_with_a_word_about_it(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "_has_openpyxl", lambda: False)
    result = run_cut(grades.describe(Settings(cells=("rnn",), quick=True, epochs=1)))
    page = lab.write(result, tmp_path / "run")
    assert len(pd.read_csv(tmp_path / "run" / "predicted_scores.csv")) == 34
    assert "openpyxl is not installed" in page.read_text(encoding="utf-8")
    assert not any("openpyxl" in note for note in result.notes)
