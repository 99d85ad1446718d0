"""Measuring a forecaster: what backtests show, and their scores."""

import numpy as np
import pytest

from gatecast import Forecaster, metrics
from tests.forecast.tables import panel, priced


def test_cross_validation_has_cutoffs_and_the_truth():
    data = panel()
    found = Forecaster("naive", horizon=3).cross_validation(n_windows=2, df=data)
    assert list(found)[:5] == ["unique_id", "ds", "cutoff", "y", "naive"]
    truth = found.merge(data, on=["unique_id", "ds"], suffixes=("", "_table"))
    assert len(truth) == len(found) == 2 * 2 * 3
    assert np.array_equal(truth["y"], truth["y_table"])
    last = found.merge(data, left_on=["unique_id", "cutoff"], right_on=["unique_id", "ds"])
    assert np.array_equal(last["naive"], last["y_y"])


@pytest.mark.parametrize("refit", [True, False, 2])
def test_cross_validation_is_fit_and_predict_at_each_cutoff(refit):
    data = panel()
    forecaster = Forecaster("linear", horizon=3, level=None)
    found = forecaster.cross_validation(n_windows=3, refit=refit, df=data)
    for number, (cutoff, rows) in enumerate(found.groupby("cutoff")):
        learned = cutoff if refit is True else sorted(found["cutoff"].unique())[
            number // int(refit) * int(refit) if refit else 0
        ]  # fmt: skip
        alone = Forecaster("linear", horizon=3, level=None).fit(data[data["ds"] <= learned])
        expected = alone.predict(new=data[data["ds"] <= cutoff])["linear"]
        # the calendar's cycles are chosen from all rows in the one, from those known in the other
        assert np.allclose(rows["linear"], expected, rtol=0.2), cutoff


def test_cross_validation_beyond_the_horizon():
    forecaster = Forecaster("drift", horizon=2, level=None)
    line = np.arange(40.0)
    found = forecaster.cross_validation(h=5, n_windows=2, step_size=1, df=line)
    assert np.allclose(found["drift"], found["y"])


def test_evaluate_scores_what_cross_validation_shows():
    forecaster = Forecaster("drift", horizon=3).fit(panel())
    found, scores = forecaster.cross_validation(), forecaster.evaluate()
    assert scores.metrics["mae"] == pytest.approx(metrics.mae(found["y"], found["drift"]))
    assert scores.metrics["smape"] == pytest.approx(metrics.smape(found["y"], found["drift"]))
    inside = (found["y"] >= found["drift-lo-80"]) & (found["y"] <= found["drift-hi-80"])
    assert scores.coverage[80.0] == pytest.approx(100 * inside.mean())
    assert len(scores.by_step["mae"]) == 3
    assert "seasonal naive" in str(scores)


@pytest.mark.parametrize("refit", [True, False])
def test_a_table_that_was_never_fitted_is_scored_as_it_is_backtested(refit):
    forecaster = Forecaster("linear", horizon=3, level=None)
    scores = forecaster.evaluate(n_windows=2, refit=refit, df=panel())
    found = forecaster.cross_validation(n_windows=2, refit=refit, df=panel())
    assert scores.metrics["mae"] == pytest.approx(metrics.mae(found["y"], found["linear"]))
    assert not hasattr(forecaster, "known_")


def test_learning_anew_at_every_origin_learns_from_what_came_since():
    data = priced(80)
    late = slice(60, None)  # from here on people buy more of what is dearer
    data.loc[late, "y"] = 50 + 30 * data.loc[late, "price"]
    forecaster = Forecaster("linear", horizon=2, level=None, calendar=False, future=["price"])
    once, anew = (
        forecaster.evaluate(n_windows=8, refit=refit, df=data).metrics["mae"]
        for refit in (False, True)
    )
    assert anew < 0.9 * once
