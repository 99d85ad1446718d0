"""The damped trend against statsmodels, and what it promises of any series."""

import numpy as np
import pytest
from statsmodels.tsa.holtwinters import Holt

from gatecast.forecast.classical.damped import _TRIED, Damped, damped_trend
from gatecast.forecast.history import Array, make_history


def walk(seed: int, steps: int = 60) -> Array:
    rng = np.random.default_rng(seed)
    found: Array = 100 + np.cumsum(rng.normal(size=steps).cumsum() * 0.1 + rng.normal(size=steps))
    return found


def by_statsmodels(values: Array, alpha: float, beta: float, phi: float) -> tuple[float, Array]:
    """Squared error and forecasts of a damped trend with these weights, from our beginning."""
    level, trend = values[0], (values[3] - values[0]) / 3
    # our first value is the first level; theirs is one step before it
    model = Holt(
        values[1:], damped_trend=True, initialization_method="known",
        initial_level=level, initial_trend=trend,
    )  # fmt: skip
    fit = model.fit(alpha, beta / alpha, damping_trend=phi, optimized=False)
    return float(fit.sse), fit.forecast(8)


@pytest.mark.parametrize("seed", range(3))
def test_the_weights_are_the_best_of_those_tried_and_the_forecast_theirs(seed: int) -> None:
    values = walk(seed)
    history = make_history(values)
    found = Damped().fit(history, horizon=8).predict(history)[0]
    runs = [by_statsmodels(values, *tried) for tried in _TRIED]
    _, expected = min(runs, key=lambda run: run[0])
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_the_trend_fades() -> None:
    history = make_history(np.arange(30.0) * 2)
    found = Damped().fit(history, horizon=40).predict(history)[0]
    steps = np.diff(found)
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()


def test_many_series_are_as_each_alone() -> None:
    rows = [walk(seed, steps) for seed, steps in enumerate((60, 20, 3, 1, 45))]
    history = make_history(rows)
    together = Damped().fit(history, horizon=5, period=4).predict(history)
    for values, found in zip(rows, together, strict=True):
        one = make_history(values)
        alone = Damped().fit(one, horizon=5, period=4).predict(one)[0]
        np.testing.assert_allclose(found, alone, rtol=1e-9)


def test_a_season_is_taken_out_and_put_back() -> None:
    season = np.array([0.5, 1.0, 1.5, 1.0])
    history = make_history(np.resize(season, 40) * 100)
    found = Damped().fit(history, horizon=4, period=4).predict(history)[0]
    np.testing.assert_allclose(found, 100 * season, rtol=1e-6)


def test_a_single_value_stays() -> None:
    level, trend, _ = damped_trend(np.array([[7.0]]), np.array([1]))
    assert level.tolist() == [7.0]
    assert trend.tolist() == [0.0]
