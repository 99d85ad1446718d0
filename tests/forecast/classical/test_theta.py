"""The Theta method against statsmodels, and what it promises of any series."""

import numpy as np
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel

from gatecast.errors import InputError
from gatecast.forecast.classical.theta import LogTheta, Theta, smoothed
from gatecast.forecast.history import Array, Origins, make_history


def walk(seed: int, steps: int = 80, period: int = 12) -> Array:
    rng = np.random.default_rng(seed)
    season = np.resize(np.exp(0.2 * rng.normal(size=period)), steps)
    level = 200 * np.exp(0.01 * np.arange(steps) + 0.05 * rng.normal(size=steps).cumsum())
    found: Array = level * season
    return found


@pytest.mark.parametrize("seed", range(6))
def test_without_a_season_it_is_the_model_of_statsmodels(seed: int) -> None:
    values = walk(seed, period=1)
    history = make_history(values)
    found = Theta().fit(history, horizon=6).predict(history)[0]
    expected = ThetaModel(values, period=1, deseasonalize=False).fit().forecast(6)
    np.testing.assert_allclose(found, expected, rtol=0.03)


def test_a_season_is_taken_out_and_put_back() -> None:
    season = np.array([0.5, 1.0, 1.5, 1.0])
    values = np.resize(season, 40) * 100
    history = make_history(values)
    found = Theta().fit(history, horizon=4, period=4).predict(history)[0]
    np.testing.assert_allclose(found, 100 * season, rtol=1e-6)
    below = make_history(values - 100)  # differences, where ratios mean nothing
    found = Theta().fit(below, horizon=4, period=4).predict(below)[0]
    np.testing.assert_allclose(found, 100 * season - 100, atol=1e-6)


def test_theta_of_logarithms_is_theta_of_them_where_values_are_positive() -> None:
    values = walk(4, period=1)
    history, logs = make_history(values), make_history(np.log(values))
    found = LogTheta().fit(history, horizon=5).predict(history)
    expected = Theta().fit(logs, horizon=5).predict(logs)
    np.testing.assert_allclose(found, np.exp(expected), rtol=1e-9)
    below = make_history(values - values.mean())
    found = LogTheta().fit(below, horizon=5).predict(below)
    assert np.array_equal(found, Theta().fit(below, horizon=5).predict(below))


def test_many_series_are_as_each_alone() -> None:
    rows = [walk(seed, steps) for seed, steps in enumerate((80, 30, 50, 1, 2))]
    history = make_history(rows)
    together = Theta().fit(history, horizon=5, period=12).predict(history)
    for values, found in zip(rows, together, strict=True):
        one = make_history(values)
        alone = Theta().fit(one, horizon=5, period=12).predict(one)[0]
        np.testing.assert_allclose(found, alone, rtol=1e-9)


def test_an_origin_sees_nothing_behind_it() -> None:
    values = walk(3)
    history = make_history([values, values])
    origins = Origins(np.array([1, 0]), np.array([80 + 50, 40]))
    found = Theta().fit(history, horizon=3, period=12).predict(history, origins)
    for row, stop in zip(found, (50, 40), strict=True):
        known = make_history(values[:stop])
        expected = Theta().fit(known, horizon=3, period=12).predict(known)[0]
        np.testing.assert_allclose(row, expected, rtol=1e-12)


def test_missing_values_are_carried_on() -> None:
    values = walk(5)
    values[[0, 1, 20, 21]] = np.nan
    history = make_history(values)
    found = Theta().fit(history, horizon=3, period=12).predict(history)
    filled = walk(5)[2:]
    filled[18:20] = filled[17]
    whole = make_history(filled)
    expected = Theta().fit(whole, horizon=3, period=12).predict(whole)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, rtol=0.05)


def test_a_series_without_a_value_is_refused() -> None:
    history = make_history([np.array([1.0, 2.0]), np.array([np.nan])])
    with pytest.raises(InputError, match="theta needs a known value before each origin, series 1"):
        Theta().fit(history, horizon=1).predict(history)


@pytest.mark.parametrize("values", [[4.0], [4.0, 4.0], [0.0, 0.0, 0.0], [-3.0] * 9])
def test_constants_stay(values: list[float]) -> None:
    history = make_history(np.array(values))
    found = Theta().fit(history, horizon=2, period=2).predict(history)
    np.testing.assert_allclose(found, values[0], atol=1e-9)


def test_the_smoothing_weight_is_the_best_of_a_fine_grid() -> None:
    values = walk(2)[None]
    found = smoothed(values, np.array([80]))[0]
    best = min((_error(values[0], weight), weight) for weight in np.linspace(0.01, 0.99, 999))[1]
    assert found == pytest.approx(_level(values[0], best), rel=2e-3)


def _run(values: Array, weight: float) -> tuple[Array, Array, float]:
    """Errors from a first level of 0, their slopes by it, and the last level."""
    level, share, errors, slopes = 0.0, 1.0, [], []
    for value in values:
        errors.append(value - level)
        slopes.append(share)
        level += weight * (value - level)
        share *= 1 - weight
    return np.array(errors), np.array(slopes), level


def _error(values: Array, weight: float) -> float:
    errors, slopes, _ = _run(values, weight)
    first = (errors @ slopes) / (slopes @ slopes)
    return float(((errors - first * slopes) ** 2).sum())


def _level(values: Array, weight: float) -> float:
    errors, slopes, level = _run(values, weight)
    return level + (errors @ slopes) / (slopes @ slopes) * (1 - weight) ** len(values)
