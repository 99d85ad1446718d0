"""Averaged smoothing against statsmodels, and what it promises of any series."""

import numpy as np
import pytest
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing

from gatecast.forecast.history import Array
from gatecast.forecast.smoothing import TRIED, Smoother, fades, shares


def walk(seed: int, steps: int = 40) -> Array:
    rng = np.random.default_rng(seed)
    found: Array = 100 + np.cumsum(rng.normal(size=steps).cumsum() * 0.1 + rng.normal(size=steps))
    return found


def smoothed(values: Array, horizon: int) -> Smoother:
    smoother = Smoother(1, horizon)
    for value in values:
        smoother.add(np.array([value]))
    return smoother


def by_statsmodels(values: Array, alpha: float, beta: float, phi: float) -> tuple[Array, Array]:
    """Levels and trends after each value; the first value is the first level."""
    # theirs begin one step before the first value
    if not phi:
        simple = SimpleExpSmoothing(values, "known", initial_level=values[0])
        fit = simple.fit(smoothing_level=alpha, optimized=False)
        return fit.level, np.zeros(len(values))
    holt = Holt(
        values, damped_trend=True, initialization_method="known",
        initial_level=values[0], initial_trend=0.0,
    )  # fmt: skip
    fit = holt.fit(alpha, beta / alpha, damping_trend=phi, optimized=False)
    return fit.level, fit.trend


@pytest.mark.parametrize("horizon", [1, 5])
def test_it_is_the_mean_of_statsmodels_runs_by_their_errors_ahead(horizon: int) -> None:
    values = walk(horizon)
    errors, forecasts = np.zeros(len(TRIED)), np.zeros((len(TRIED), horizon))
    for i, (alpha, beta, phi) in enumerate(TRIED):
        level, trend = by_statsmodels(values, alpha, beta, phi)
        for k in range(1, horizon + 1):
            reach = (phi ** np.arange(1, k + 1)).sum()
            ahead = level + reach * trend
            errors[i] += ((values[k:] - ahead[:-k]) ** 2).sum() / k
            forecasts[i, k - 1] = ahead[-1]
    smoother = smoothed(values, horizon)
    np.testing.assert_allclose(smoother.errors[0], errors, rtol=1e-10)
    expected = shares(errors[None], np.array([len(values)]))[0] @ forecasts
    np.testing.assert_allclose(smoother.ahead(np.arange(1, horizon + 1))[0], expected, rtol=1e-10)


def test_series_that_begin_later_or_end_sooner_are_as_each_alone() -> None:
    late, short = walk(1), walk(2)
    together = np.full((2, 50), np.nan)
    together[0, 10:], together[1, :40] = late, short
    smoother = Smoother(2, 4)
    for row in together.T:
        smoother.add(row)
    found = smoother.ahead(np.arange(1, 7))
    for values, row in zip((late, short), found, strict=True):
        np.testing.assert_allclose(row, smoothed(values, 4).ahead(np.arange(1, 7))[0], rtol=1e-12)


def test_a_far_horizon_is_judged_at_some_of_its_steps() -> None:
    smoother = smoothed(walk(3, 120), 90)
    assert len(smoother.judged) == 24
    assert (smoother.judged[0], smoother.judged[-1]) == (1, 90)
    assert np.isfinite(smoother.ahead(np.arange(1, 91))).all()


def test_what_foretold_better_counts_more_the_more_rows_there_are() -> None:
    errors = np.repeat([[1.0, 2.0]], 3, axis=0)
    found = shares(errors, np.array([0, 5, 500]))
    assert found[0].tolist() == [0.5, 0.5]
    assert 0.5 < found[1, 0] < 0.9
    assert found[2, 0] == pytest.approx(1.0)


@pytest.mark.parametrize("value", [0.0, 7.3, -1e12])
def test_a_constant_stays(value: float) -> None:
    np.testing.assert_allclose(smoothed(np.full(30, value), 3).ahead(np.arange(1, 4)), value)


def test_a_trend_fades_by_its_damping() -> None:
    expected = [[0.9, 0.5], [0.9 + 0.81, 0.75]]
    np.testing.assert_allclose(fades(np.array([1, 2]), [0.9, 0.5]), expected)
