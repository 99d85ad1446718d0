"""Scores, against scikit-learn and the formulae that competitions are scored with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from gatecast import metrics
from gatecast.errors import InputError

rng = np.random.default_rng(0)
TRUTH, FORECAST = rng.normal(3, 2, size=(40, 3)), rng.normal(3, 2, size=(40, 3))
LABELS, PREDICTED = rng.integers(4, size=60), rng.integers(5, size=60)
CHANCES = rng.dirichlet(np.ones(4), size=60)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.mse, sk.mean_squared_error),
        (metrics.rmse, sk.root_mean_squared_error),
        (metrics.mae, sk.mean_absolute_error),
        (metrics.r2, sk.r2_score),
    ],
)
def test_scores_of_points_are_scikit_learns(ours, theirs):
    assert ours(TRUTH, FORECAST) == pytest.approx(theirs(TRUTH.ravel(), FORECAST.ravel()))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.accuracy, sk.accuracy_score),
        (metrics.macro_f1, lambda y, p: sk.f1_score(y, p, average="macro", zero_division=0)),
    ],
)
def test_scores_of_classes_are_scikit_learns(ours, theirs):
    assert ours(LABELS, PREDICTED) == pytest.approx(theirs(LABELS, PREDICTED))


def test_balanced_accuracy_is_scikit_learns():
    known = np.minimum(PREDICTED, 3)  # scikit-learn warns of classes that the truth has not
    expected = sk.balanced_accuracy_score(LABELS, known)
    assert metrics.balanced_accuracy(LABELS, known) == pytest.approx(expected)


def test_log_loss_is_scikit_learns():
    expected = sk.log_loss(LABELS, CHANCES, labels=range(4))
    assert metrics.log_loss(LABELS, CHANCES) == pytest.approx(expected)
    sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert metrics.log_loss([0, 0], sure) == pytest.approx(sk.log_loss([0, 0], sure, labels=[0, 1]))


def test_the_confusion_matrix_is_scikit_learns():
    expected = sk.confusion_matrix(LABELS, PREDICTED, labels=range(5))
    assert (metrics.confusion(LABELS, PREDICTED, 5) == expected).all()


def test_smape_is_the_competitions():
    error, size = np.abs(TRUTH - FORECAST), np.abs(TRUTH) + np.abs(FORECAST)
    assert metrics.smape(TRUTH, FORECAST) == pytest.approx(np.mean(200 * error / size))
    assert metrics.smape([0.0, 1.0], [0.0, -1.0]) == 100.0


@pytest.mark.parametrize("period", [1, 4])
def test_mase_is_scaled_by_the_seasonal_naive_error(period):
    history = rng.normal(size=30)
    scale = np.mean([abs(history[t] - history[t - period]) for t in range(period, 30)])
    found = metrics.mase(TRUTH, FORECAST, history, period=period)
    assert found == pytest.approx(np.mean(np.abs(TRUTH - FORECAST)) / scale)


@given(st.floats(1, 99), st.integers(0, 1000))
def test_the_interval_score_is_the_sum_of_two_pinball_losses(level, seed):
    draws = np.random.default_rng(seed).normal(size=(3, 20))
    truth, (lower, upper) = draws[0], np.sort(draws[1:], axis=0)
    alpha = 1 - level / 100
    pinball = sk.mean_pinball_loss(truth, lower, alpha=alpha / 2)
    pinball += sk.mean_pinball_loss(truth, upper, alpha=1 - alpha / 2)
    found = metrics.interval_score(truth, lower, upper, level=level)
    assert found == pytest.approx(2 / alpha * pinball)


def test_coverage_counts_the_bounds_in():
    assert metrics.coverage([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 2.5, 1.0], [0.5, 1.0, 3.0, 2.0]) == 0.5


def test_skill():
    assert metrics.skill(0.0, 4.0) == 1
    assert metrics.skill(4.0, 4.0) == 0
    assert metrics.skill(6.0, 4.0) == -0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.mse([1.0, 2.0], [1.0]), "truth has shape"),
        (lambda: metrics.mse([], []), "truth is empty"),
        (lambda: metrics.mse([np.nan], [1.0]), "truth must be finite, it is nan at"),
        (lambda: metrics.mse(["a"], [1.0]), "truth must hold numbers"),
        (lambda: metrics.r2([1.0, 1.0], [1.0, 2.0]), "the truth is constant"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 1.0, 1.0]), "repeats itself exactly"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], period=2), "longer than its period 2"),
        (lambda: metrics.skill(1.0, 0.0), "naive error > 0"),
        (lambda: metrics.coverage([1.0], [2.0], [1.0]), "lower is above upper"),
        (lambda: metrics.interval_score([1.0], [0.0], [1.0], level=100), "between 0 and 100"),
        (lambda: metrics.accuracy([0, 1], [0]), "truth has 2 rows and predicted 1"),
        (lambda: metrics.accuracy([], []), "one axis of classes"),
        (lambda: metrics.accuracy([0.5], [0]), "one axis of classes"),
        (lambda: metrics.log_loss([0, 2], CHANCES[:2, :2]), "truth must lie in 0 … 1"),
        (lambda: metrics.log_loss([0], [[0.5, 0.1]]), "sum to 1"),
        (lambda: metrics.log_loss([0.0], [[0.5, 0.5]]), "whole class numbers"),
        (lambda: metrics.confusion([0, 2], [0, 1], 2), "must lie in 0 … 1"),
        (lambda: metrics.confusion(["a"], ["b"], 2), "encode the labels"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
