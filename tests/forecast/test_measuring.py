"""Measuring a forecaster: scores of a table that it was never fitted to, learned anew or once."""

import pytest

from gatecast import Forecaster, metrics
from tests.forecast.tables import panel, priced


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
