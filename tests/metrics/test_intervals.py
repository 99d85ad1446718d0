"""Scores of intervals and distributions, against scikit-learn, utilsforecast and integrals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn import metrics as sk

from gatecast import metrics
from gatecast.errors import InputError
from tests.metrics.panel import (
    FORECAST,
    HISTORY,
    LEVEL,
    LOWER,
    PERIOD,
    SERIES,
    TRUTH,
    UPPER,
    long,
    theirs,
)

losses = pytest.importorskip("utilsforecast.losses")


@given(st.floats(1, 99), st.integers(0, 1000))
def test_the_interval_score_is_the_sum_of_two_pinball_losses(level, seed):
    draws = np.random.default_rng(seed).normal(size=(3, 20))
    truth, (lower, upper) = draws[0], np.sort(draws[1:], axis=0)
    alpha = 1 - level / 100
    pinball = sk.mean_pinball_loss(truth, lower, alpha=alpha / 2)
    pinball += sk.mean_pinball_loss(truth, upper, alpha=1 - alpha / 2)
    found = metrics.interval_score(truth, lower, upper, level=level)
    assert found == pytest.approx(2 / alpha * pinball)


def test_interval_scores_are_utilsforecasts():
    found = [
        metrics.interval_score(TRUTH[i], LOWER[i], UPPER[i], level=LEVEL) for i in range(SERIES)
    ]
    assert found == pytest.approx(theirs(losses.winkler_score, level=LEVEL))


def test_the_scaled_interval_score_is_over_the_seasonal_naive_error():
    found = metrics.scaled_interval_score(
        TRUTH[0], LOWER[0], UPPER[0], HISTORY[0], level=LEVEL, period=PERIOD
    )
    plain = metrics.interval_score(TRUTH[0], LOWER[0], UPPER[0], level=LEVEL)
    errors = theirs(losses.mae)[0]
    scaled = theirs(losses.mase, seasonality=PERIOD, train_df=long(HISTORY))[0]
    assert found == pytest.approx(plain / (errors / scaled))


def test_coverage_is_utilsforecasts_and_counts_the_bounds_in():
    found = [metrics.coverage(TRUTH[i], LOWER[i], UPPER[i]) for i in range(SERIES)]
    assert found == pytest.approx(theirs(losses.coverage, level=LEVEL))
    assert metrics.coverage([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 2.5, 1.0], [0.5, 1.0, 3.0, 2.0]) == 0.5


def test_coverage_by_step_averages_to_coverage():
    steps = metrics.coverage_by_step(TRUTH, LOWER, UPPER)
    assert steps.shape == (TRUTH.shape[1],)
    assert steps.mean() == pytest.approx(metrics.coverage(TRUTH, LOWER, UPPER))
    assert steps[2] == metrics.coverage(TRUTH[:, 2], LOWER[:, 2], UPPER[:, 2])


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_pinball_is_scikit_learns_and_utilsforecasts(quantile):
    found = metrics.pinball(TRUTH, FORECAST, quantile=quantile)
    expected = sk.mean_pinball_loss(TRUTH.ravel(), FORECAST.ravel(), alpha=quantile)
    assert found == pytest.approx(expected)
    by_series = theirs(losses.quantile_loss, models={"m": "m"}, q=quantile)
    assert found == pytest.approx(by_series.mean())


def test_the_weighted_interval_score_is_twice_utilsforecasts_multi_quantile_loss():
    shares = np.array([0.1, 0.5, 0.9])
    quantiles = np.stack([LOWER, FORECAST, UPPER], axis=-1)
    found = metrics.weighted_interval_score(TRUTH, quantiles, shares)
    names = [f"m-lo-{LEVEL}", "m", f"m-hi-{LEVEL}"]
    expected = theirs(losses.mqloss, models={"m": names}, quantiles=shares)
    assert found == pytest.approx(2 * expected.mean())


def test_the_weighted_interval_score_is_brachers():
    middle = np.abs(TRUTH - FORECAST).mean()
    score = metrics.interval_score(TRUTH, LOWER, UPPER, level=LEVEL)
    quantiles = np.stack([LOWER, FORECAST, UPPER], axis=-1)
    found = metrics.weighted_interval_score(TRUTH, quantiles, [0.1, 0.5, 0.9])
    assert found == pytest.approx((middle / 2 + 0.2 / 2 * score) / 1.5)


@pytest.mark.parametrize("truth", [-1.5, 0.0, 0.7])
def test_the_crps_of_a_normal_is_its_integral(truth):
    mean, deviation = 0.3, 1.4
    below = integrate.quad(lambda x: stats.norm.cdf(x, mean, deviation) ** 2, -12, truth)[0]
    above = integrate.quad(lambda x: stats.norm.sf(x, mean, deviation) ** 2, truth, 12)[0]
    found = metrics.crps_gaussian([truth], [mean], [deviation])
    assert found == pytest.approx(below + above, abs=1e-7)


def test_the_crps_of_quantiles_and_of_samples_tend_to_the_closed_form():
    exact = metrics.crps_gaussian([0.5], [0.0], [1.0])
    shares = (np.arange(2000) + 0.5) / 2000
    quantiles = stats.norm.ppf(shares)[None]
    found = metrics.weighted_interval_score([0.5], quantiles, shares)
    assert found == pytest.approx(exact, rel=1e-3)
    assert metrics.crps_samples([0.5], quantiles) == pytest.approx(exact, rel=1e-3)


@given(st.integers(0, 1000), st.integers(1, 12))
def test_the_crps_of_samples_is_the_sum_over_all_pairs(seed, count):
    rng = np.random.default_rng(seed)
    truth, draws = rng.normal(size=3), rng.normal(size=(3, count))
    pairs = np.abs(draws[:, :, None] - draws[:, None]).mean(axis=(1, 2))
    expected = np.mean(np.abs(draws - truth[:, None]).mean(axis=1) - pairs / 2)
    assert metrics.crps_samples(truth, draws) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.coverage([1.0], [2.0], [1.0]), "lower is above upper"),
        (lambda: metrics.interval_score([1.0], [0.0], [1.0], level=100), "between 0 and 100"),
        (lambda: metrics.pinball([1.0], [1.0], quantile=1.0), "quantile must lie between 0 and 1"),
        (lambda: metrics.coverage_by_step([1.0], [0.0], [2.0]), "must be \\(rows, horizon\\)"),
        (lambda: metrics.weighted_interval_score([1.0], [[1.0, 2.0]], [0.5]), "one entry for each"),
        (lambda: metrics.weighted_interval_score([1.0], [[1.0]], [1.5]), "levels must lie between"),
        (lambda: metrics.crps_samples([1.0, 2.0], [[1.0]]), "one more at the end"),
        (lambda: metrics.crps_gaussian([1.0], [0.0], [0.0]), "deviation must be > 0"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
