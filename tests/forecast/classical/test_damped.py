"""The damped trend: what it promises of any series; its smoothing is tested by itself."""

import numpy as np
import pytest

from gatecast.forecast.classical.damped import Damped, latest
from gatecast.forecast.history import Array, make_history
from gatecast.forecast.smoothing import Smoother


def walk(seed: int, steps: int = 60) -> Array:
    rng = np.random.default_rng(seed)
    found: Array = 100 + np.cumsum(rng.normal(size=steps).cumsum() * 0.1 + rng.normal(size=steps))
    return found


def test_without_a_season_it_is_the_smoothing_from_the_last_value() -> None:
    values = walk(0)
    history = make_history(values)
    found = Damped().fit(history, horizon=8).predict(history)[0]
    smoother = Smoother(1, 8)
    for value in values:
        smoother.add(np.array([value]))
    np.testing.assert_allclose(found, smoother.ahead(np.arange(1, 9))[0], rtol=1e-12)


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


@pytest.mark.parametrize("less", [0, 200])
def test_a_season_is_taken_out_and_put_back(less: float) -> None:
    season = 100 * np.array([0.5, 1.0, 1.5, 1.0]) - less
    history = make_history(np.resize(season, 40))
    found = Damped().fit(history, horizon=4, period=4).predict(history)[0]
    np.testing.assert_allclose(found, season, rtol=1e-6)


def test_a_season_that_may_be_chance_is_taken_out_in_part() -> None:
    rng = np.random.default_rng(0)
    values = 100 + np.resize([3.0, -3.0], 40) + 3 * rng.normal(size=40)
    history = make_history(values)
    found = np.diff(Damped().fit(history, horizon=4, period=2).predict(history)[0])
    means = values.reshape(-1, 2).mean(axis=0)
    assert 0 < -found[0] < means[0] - means[1]


def test_a_single_value_stays() -> None:
    history = make_history(np.array([7.0]))
    found = Damped().fit(history, horizon=2).predict(history)
    np.testing.assert_allclose(found, 7.0, rtol=1e-12)


def test_only_the_last_rows_of_a_long_series_count() -> None:
    values = walk(1, 1200)
    other = values.copy()
    other[:200] += 50
    one, two = (
        Damped().fit(history, horizon=3).predict(history)
        for history in (make_history(values), make_history(other))
    )
    assert np.array_equal(one, two)


def test_the_latest_values_of_series_of_different_lengths() -> None:
    values = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, np.nan]])
    found = latest(values, np.array([4, 3]), most=2)
    assert found.tolist() == [[3.0, 4.0], [6.0, 7.0]]
