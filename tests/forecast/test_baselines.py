"""Baselines: by hand where they are naive, by scikit-learn where they learn."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from gatecast.errors import InputError
from gatecast.forecast.baselines import BASELINES, make_baseline
from gatecast.forecast.samples import Samples


def numbers(n: int = 60, horizon: int = 3, width: int = 5) -> Samples:
    rng = np.random.default_rng(0)
    past = rng.normal(10, 3, size=(n, width))
    x = np.stack([(past - 10) / 3, rng.normal(size=past.shape)], axis=2)
    y = past[:, -1:] + rng.normal(size=(n, horizon))
    return Samples(x, y, past, base=past[:, -1:], scale=3.0)


def classes(n: int = 90) -> Samples:
    rng = np.random.default_rng(1)
    past = rng.integers(3, size=(n, 4))
    x = np.eye(3)[past] + rng.normal(0, 0.1, size=(n, 4, 3))
    return Samples(x, past[:, -1], past)


def test_the_naive_forecasts():
    past = np.array([[1.0, 3.0, 2.0, 7.0]])
    samples = Samples(past[..., None], np.zeros((1, 3)), past)
    expected = {
        "last_value": [7, 7, 7],
        "naive": [7, 7, 7],
        "seasonal_naive": [2, 7, 2],
        "drift": [9, 11, 13],
        "mean": [0, 0, 0],
    }
    for name, forecast in expected.items():
        baseline = make_baseline(name, period=2)
        assert baseline.naive
        assert baseline.fit(samples).predict(samples).tolist() == [forecast]


def test_the_mean_is_that_of_the_training_rows():
    samples = numbers()
    train, test = samples.take(slice(0, 40)), samples.take(slice(40, None))
    forecast = make_baseline("mean").fit(train).predict(test)
    assert forecast.shape == (20, 3)
    assert np.allclose(forecast, train.y.mean())


def test_linear_regression_is_least_squares_in_the_units_of_the_target():
    samples = numbers()
    train, test = samples.take(slice(0, 40)), samples.take(slice(40, None))
    # the scaled window holds (past - 10) / 3, so least squares on the differences is the same
    model = LinearRegression().fit(train.x.reshape(40, -1), train.y - train.base)
    expected = model.predict(test.x.reshape(20, -1)) + test.base
    found = make_baseline("linear_regression").fit(train).predict(test)
    assert np.allclose(found, expected)


def test_gradient_boosting_is_scikit_learns_one_model_a_step():
    samples = numbers(horizon=2)
    train, test = samples.take(slice(0, 40)), samples.take(slice(40, None))
    past = test.past
    assert past is not None
    found = make_baseline("gradient_boosting").fit(train).predict(test)
    for step in range(2):
        model = HistGradientBoostingRegressor(max_iter=300, learning_rate=0.05, random_state=0)
        model.fit(train.flat, train.targets[:, step])
        assert np.allclose(found[:, step], model.predict(test.flat) * 3 + past[:, -1])


@pytest.mark.parametrize("name", BASELINES["classes"])
def test_classes_are_predicted_with_probabilities_that_fit(name):
    samples = classes()
    train, test = samples.take(slice(0, 60)), samples.take(slice(60, None))
    baseline = make_baseline(name, classes=True).fit(train)
    predicted, chances = baseline.predict(test), baseline.probabilities(test)
    if name != "most_frequent":
        assert (predicted == test.y).mean() > 0.9
    if name == "same_as_last":
        assert chances is None
    else:
        assert chances is not None
        assert np.allclose(chances.sum(axis=1), 1)
        assert (chances.argmax(axis=1) == predicted).all()


def test_a_class_that_the_training_rows_lack_has_no_chance():
    samples = classes()
    train = Samples(samples.x[samples.y != 1], samples.y[samples.y != 1])
    for name in ("most_frequent", "logistic_regression", "gradient_boosting"):
        chances = make_baseline(name, classes=True).fit(train).probabilities(samples)
        assert chances is not None
        assert chances.shape == (90, 3)
        assert (chances[:, 1] == 0).all()


def test_the_target_comes_back_from_what_networks_learn():
    samples = numbers()
    assert np.allclose(samples.restore(samples.targets), samples.y)
    part = samples.take([3, 1])
    assert np.allclose(part.restore(part.targets), samples.y[[3, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make_baseline("arima"), "no baseline 'arima' of numbers; choose from naive"),
        (lambda: make_baseline("drift", classes=True), "no baseline 'drift' of classes"),
        (lambda: make_baseline("seasonal_naive"), "give period="),
        (lambda: make_baseline("seasonal_naive", period=0), "period must be a whole number"),
        (
            lambda: make_baseline("seasonal_naive", period=9).fit(numbers()).predict(numbers()),
            "needs 9 past values of the target in each window, there are 5",
        ),
        (lambda: Samples(np.zeros((2, 3)), np.zeros((2, 1))), "x must be"),
        (lambda: Samples(np.zeros((2, 3, 1)), np.zeros(2)), "y must be"),
        (lambda: Samples(np.zeros((2, 3, 1)), np.zeros((3, 1))), "y must have one row for each"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
