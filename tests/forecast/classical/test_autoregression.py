"""Autoregressions over seasons: beside scikit-learn's ridge, and what they promise of series."""

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from gatecast.errors import InputError
from gatecast.forecast.classical import autoregression, make_classical
from gatecast.forecast.classical.autoregression import (
    cut,
    examples,
    filled,
    look_back,
    solve,
)
from gatecast.forecast.history import Array, Origins, make_history

BOTH = ("autoregression", "shared_autoregression")


def daily(rows: int = 480, seed: int = 0) -> Array:
    """Days of 12 rows that follow those before, around 0."""
    rng = np.random.default_rng(seed)
    t = np.arange(rows)
    week = np.sin(2 * np.pi * t / 12) * (1 + 0.5 * np.cos(2 * np.pi * t / 84))
    found: Array = week + rng.normal(0, 0.05, rows)
    return found


def forecast(name: str, values: Array, horizon: int, period: int) -> Array:
    history = make_history(values)
    found: Array = make_classical(name).fit(history, horizon, period).predict(history)[0]
    return found


def test_one_round_is_ridge_regression(monkeypatch):
    monkeypatch.setattr(autoregression, "_ROUNDS", 1)
    inputs, wanted = examples(daily(), 4, 20, 12, 4000)
    penalty = 0.01 * np.trace(inputs.T @ inputs) / inputs.shape[1]
    other = Ridge(penalty, fit_intercept=False).fit(inputs, wanted)
    np.testing.assert_allclose(solve(inputs, wanted), other.coef_.T, rtol=1e-8, atol=1e-10)


def test_rounds_let_errors_count_by_their_size():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(500, 1))
    wanted = 2 * inputs + rng.normal(0, 0.1, (500, 1))
    wanted[:25] += 30 * np.sign(inputs[:25])
    (weight,) = solve(inputs, wanted)
    squares = np.linalg.lstsq(inputs, wanted, rcond=None)[0][0]
    assert abs(weight - 2) < 0.1
    assert abs(squares - 2) > 0.5


def test_a_map_of_the_last_seasons_goes_on():
    t = np.arange(600)
    values = 3 + np.sin(2 * np.pi * t / 17) + np.cos(2 * np.pi * t / 40)
    found = forecast("shared_autoregression", values, 10, 1)
    later = np.arange(600, 610)
    truth = 3 + np.sin(2 * np.pi * later / 17) + np.cos(2 * np.pi * later / 40)
    np.testing.assert_allclose(found, truth, atol=0.15)


@pytest.mark.parametrize("name", BOTH)
def test_it_is_better_than_the_last_season_where_seasons_differ(name):
    errors = {}
    values = daily(504)
    history = make_history(values)
    known = history.until(np.array([420]))
    origins = history.rolling(12, 7, 12)
    truth = history.truth(origins, 12)
    for each in (name, "seasonal_naive"):
        found = make_classical(each).fit(known, 12, 12).predict(history, origins)
        errors[each] = np.abs(found - truth).mean()
    assert errors[name] < 0.5 * errors["seasonal_naive"]


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("period", [1, 12])
def test_level_and_scale_do_not_matter(name, period):
    values = daily()
    plain = forecast(name, values, 15, period)
    moved = forecast(name, 1000 * values - 5000, 15, period)
    np.testing.assert_allclose(moved, 1000 * plain - 5000, rtol=1e-6)


def test_positive_series_go_on_in_per_cent():
    values = np.exp(daily())
    plain = forecast("autoregression", values, 15, 12)
    np.testing.assert_allclose(plain, np.exp(forecast("autoregression", np.log(values), 15, 12)))
    np.testing.assert_allclose(forecast("autoregression", 50 * values, 15, 12), 50 * plain)


@pytest.mark.parametrize("name", BOTH)
@given(
    values=st.lists(st.floats(-100, 100), min_size=1, max_size=20),
    horizon=st.integers(1, 6),
    period=st.integers(1, 5),
)
def test_a_series_too_short_to_learn_from_repeats_its_last_season(name, values, horizon, period):
    if look_back(len(values), horizon, period) > 1:
        return
    given_values = np.array(values)
    expected = forecast("seasonal_naive", given_values, horizon, period)
    found = forecast(name, given_values, horizon, period)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", BOTH)
def test_the_future_is_not_looked_at(name):
    values = daily()
    values[[5, 100, 101, 299, 300]] = np.nan
    other = values.copy()
    other[300:] = 77.0
    origins = Origins(np.zeros(3, np.intp), np.array([1, 60, 300]))
    one, two = make_history(values), make_history(other)
    model = make_classical(name).fit(one.until(np.array([280])), 15, 12)
    np.testing.assert_array_equal(model.predict(one, origins), model.predict(two, origins))


def test_each_origin_is_the_end_of_what_was_known():
    history = make_history([daily(), daily(300, seed=1)])
    origins = history.rolling(10, 3, 7)
    model = make_classical("autoregression").fit(history, 10, 12)
    found = model.predict(history, origins)
    for series, row, one in zip(origins.series, origins.rows, found, strict=True):
        values = history.target[history.offsets[series] : row]
        np.testing.assert_array_equal(one, forecast("autoregression", values, 10, 12))


def test_shared_weights_serve_other_series_and_come_back_from_a_file():
    history = make_history([daily(), 40 * daily(seed=1), np.array([1.0, 2.0])])
    model = make_classical("shared_autoregression").fit(history, 15, 12)
    other = make_history([daily(60, seed=2)])
    again = make_classical("shared_autoregression").set_state(*model.get_state())
    assert model.predict(other).shape == (1, 15)
    np.testing.assert_array_equal(again.predict(other), model.predict(other))


def test_many_origins_are_forecast_from_in_parts(monkeypatch):
    history = make_history([daily(), daily(seed=1)])
    model = make_classical("shared_autoregression").fit(history, 15, 12)
    origins = history.rolling(15, 30)
    whole = model.predict(history, origins)
    monkeypatch.setattr(autoregression, "_BLOCK", 500)
    np.testing.assert_allclose(model.predict(history, origins), whole, rtol=1e-12)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("values", [np.full(200, 3.0), np.zeros(200), np.resize([1.0, 2.0], 200)])
def test_series_without_surprises_go_on_as_they_are(name, values):
    np.testing.assert_allclose(forecast(name, values, 4, 2), values[:4], atol=1e-6)


@pytest.mark.parametrize("name", BOTH)
def test_no_forecast_lies_far_beyond_what_was_seen(name):
    values = np.exp(np.arange(150) / 3)  # grows faster and faster
    seen = np.log(values) if name == "autoregression" else values
    seen = seen[-look_back(150, 10, 1) :]
    found = forecast(name, values, 10, 1)
    most = 2 * seen[-1] - seen[0]
    assert (found <= (np.exp(most) if name == "autoregression" else most) * (1 + 1e-9)).all()


def test_gaps_are_as_a_season_before():
    values = np.array([np.nan, 1.0, 2.0, np.nan, 4.0])
    assert filled(values[1:], 2).tolist() == [1.0, 2.0, 1.0, 4.0]
    assert cut(values[1:3], np.array([2]), 2, 2).tolist() == [[[1.0, 2.0], [1.0, 2.0]]]
    with pytest.raises(InputError, match="autoregression needs a known value before each origin"):
        forecast("autoregression", np.array([np.nan, np.nan]), 1, 1)


@pytest.mark.parametrize("name", BOTH)
def test_any_number_of_threads_gives_the_same_bits(name):
    walks = np.random.default_rng(0).normal(size=(4, 3000)).cumsum(axis=1)
    history = make_history(list(walks))
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(make_classical(name).fit(history, 13).predict(history))
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize("name", BOTH)
def test_what_costs_time_is_done_once_for_all_series(name, monkeypatch):
    done: list[str] = []

    def counted(costly: str) -> None:
        real = getattr(autoregression, costly)

        def once_more(*given: Any) -> Any:
            done.append(costly)
            return real(*given)

        monkeypatch.setattr(autoregression, costly, once_more)

    counted("_one_thread")
    counted("next_known")
    history = make_history([daily(120, seed) for seed in range(9)])
    model = make_classical(name).fit(history, 4, 12)
    done.clear()
    model.predict(history, history.rolling(4, 2))
    assert sorted(done) == ["_one_thread", "next_known"]


def test_origins_in_any_order_are_forecast_as_in_theirs():
    history = make_history([daily(120, seed) for seed in range(4)])
    model = make_classical("shared_autoregression").fit(history, 4, 12)
    origins = history.rolling(4, 3)
    mixed = np.random.default_rng(0).permutation(len(origins))
    found = model.predict(history, origins.take(mixed))
    np.testing.assert_allclose(found, model.predict(history, origins)[mixed], rtol=1e-12)
