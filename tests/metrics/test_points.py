"""Scores of points, against scikit-learn, utilsforecast and what competitions published."""

import numpy as np
import pytest
from sklearn import metrics as sk

from gatecast import metrics
from gatecast.errors import InputError
from tests.metrics.panel import FORECAST, HISTORY, PERIOD, SERIES, TRUTH, long, theirs

losses = pytest.importorskip("utilsforecast.losses")


@pytest.mark.parametrize(
    ("ours", "sklearns"),
    [
        (metrics.mse, sk.mean_squared_error),
        (metrics.rmse, sk.root_mean_squared_error),
        (metrics.mae, sk.mean_absolute_error),
        (metrics.r2, sk.r2_score),
        (metrics.mape, lambda y, f: 100 * sk.mean_absolute_percentage_error(y, f)),
    ],
)
def test_scores_are_scikit_learns(ours, sklearns):
    assert ours(TRUTH, FORECAST) == pytest.approx(sklearns(TRUTH.ravel(), FORECAST.ravel()))


@pytest.mark.parametrize(
    ("ours", "name", "factor"),
    [
        (metrics.mse, "mse", 1),
        (metrics.rmse, "rmse", 1),
        (metrics.mae, "mae", 1),
        (metrics.mape, "mape", 100),  # theirs is a share
        (metrics.smape, "smape", 200),  # theirs has half the competitions' and is a share
    ],
)
def test_scores_are_utilsforecasts(ours, name, factor):
    found = [ours(TRUTH[i], FORECAST[i]) for i in range(SERIES)]
    assert found == pytest.approx(factor * theirs(getattr(losses, name)))


@pytest.mark.parametrize(("ours", "name"), [(metrics.mase, "mase"), (metrics.rmsse, "rmsse")])
@pytest.mark.parametrize("period", [1, PERIOD])
def test_scaled_errors_are_utilsforecasts(ours, name, period):
    found = [ours(TRUTH[i], FORECAST[i], HISTORY[i], period=period) for i in range(SERIES)]
    expected = theirs(getattr(losses, name), seasonality=period, train_df=long(HISTORY))
    assert found == pytest.approx(expected)


def test_zeros_count_as_in_the_competitions():
    assert metrics.smape([0.0, 1.0], [0.0, -1.0]) == 100.0


@pytest.mark.parametrize(
    ("smape", "mase", "naive2", "published"),
    [  # M4's "Evaluation and Ranks": sMAPE and MASE of the winner and of Theta, and of Naive2
        (9.328, 0.893, (18.383, 2.395), 0.440),
        (7.817, 2.356, (9.161, 2.777), 0.851),
        (18.138, 2.455, (18.383, 2.395), 1.006),
        (9.093, 2.637, (9.161, 2.777), 0.971),
    ],
)
def test_owa_is_m4s(smape, mase, naive2, published):
    found = metrics.owa(smape, mase, naive2_smape=naive2[0], naive2_mase=naive2[1])
    assert found == pytest.approx(published, abs=5.1e-4)


def test_the_scale_is_the_seasonal_naive_error():
    history = HISTORY[0]
    steps = [abs(history[t] - history[t - PERIOD]) for t in range(PERIOD, len(history))]
    assert metrics.naive_scale(history, period=PERIOD) == pytest.approx(np.mean(steps))
    squared = metrics.naive_scale(history, period=PERIOD, power=2)
    assert squared == pytest.approx(np.mean(np.square(steps)))


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
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], period=0), "period must be a whole number"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], period=-1), "period must be a whole"),
        (
            lambda: metrics.rmsse([1.0], [1.0], [1.0, 2.0], period=1.5),  # type: ignore[arg-type]
            "period must be a whole",
        ),
        (lambda: metrics.skill(1.0, 0.0), "naive error > 0"),
        (lambda: metrics.rmsse([1.0], [1.0], [[1.0, 2.0]]), "a history of one axis"),
        (lambda: metrics.mape([1.0, 0.0], [1.0, 1.0]), "the truth is 0 at"),
        (
            lambda: metrics.owa(1.0, 1.0, naive2_smape=0.0, naive2_mase=1.0),
            "naive2_smape must be > 0",
        ),
        (
            lambda: metrics.owa(1.0, 1.0, naive2_smape=1.0, naive2_mase=0.0),
            "naive2_mase must be > 0",
        ),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
