"""Exponential smoothing: statsmodels is both what computes and what it is held against."""

import sys

import numpy as np
import pytest

from gatecast.errors import MissingDependencyError
from gatecast.forecast.classical import make_classical
from gatecast.forecast.history import make_history
from tests.forecast.classical.panels import seasonal


@pytest.fixture
def statsmodels():
    return pytest.importorskip("statsmodels.tsa.exponential_smoothing.ets")


def test_the_model_of_the_least_criterion_forecasts(statsmodels):
    history = seasonal(series=1, rows=60)
    values = history.target
    fits = [
        statsmodels.ETSModel(
            values, error=error, trend=trend, damped_trend=damped, seasonal=season,
            seasonal_periods=6 if season else None, initialization_method="heuristic",
        ).fit(disp=False)
        for error in ("add", "mul")
        for trend, damped in ((None, False), ("add", False), ("add", True))
        for season in (None, error)
    ]  # fmt: skip
    best = min(fits, key=lambda fit: fit.aicc)
    model = make_classical("ets").fit(history, 8, 6)
    np.testing.assert_array_equal(model.predict(history)[0], best.forecast(8))


def test_a_line_is_drawn_on(statsmodels):
    history = make_history(5.0 + 2.0 * np.arange(30.0))
    model = make_classical("ets").fit(history, 3)
    np.testing.assert_allclose(model.predict(history), [[65.0, 67.0, 69.0]], rtol=1e-3)


def test_gaps_negative_values_short_series_and_the_future(statsmodels):
    rng = np.random.default_rng(0)
    long, short = rng.normal(size=40), np.array([3.0, np.nan, 4.0])
    holed = long.copy()
    holed[[0, 10, 39]] = np.nan
    history = make_history([holed, short])
    model = make_classical("ets").fit(history, 3, 4)
    assert model.notes_ == ("1 series of fewer than 10 rows get their last value",)
    forecasts = model.predict(history)
    np.testing.assert_array_equal(forecasts[1], [4.0] * 3)
    assert np.abs(forecasts[0]).max() < 2
    origins = history.rolling(horizon=3, windows=1)
    changed = make_history([np.concatenate([holed[:37], [99.0] * 3]), short])
    np.testing.assert_array_equal(
        model.predict(changed, origins.take([0])), model.predict(history, origins.take([0]))
    )


def test_a_constant_series_stays(statsmodels):
    history = make_history(np.full(30, 7.0))
    model = make_classical("ets").fit(history, 2, 3)
    np.testing.assert_allclose(model.predict(history), [[7.0, 7.0]])


def test_without_statsmodels_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.exponential_smoothing.ets", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'gatecast\[stats\]'"):
        make_classical("ets").fit(make_history(np.ones(20)), 2)
