"""Models on lags: against scikit-learn, against what made the data, and state without pickle."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from gatecast.errors import InputError
from gatecast.forecast.classical import GradientBoosting, lags, make_classical
from gatecast.forecast.classical.trees import BoostedTrees
from gatecast.forecast.history import Origins, make_history
from tests.forecast.classical.panels import driven, seasonal, without_covariates

LEARNED = ("linear", "mlp", "gradient_boosting")


@pytest.mark.parametrize("name", LEARNED)
def test_a_season_is_learned_and_levels_do_not_matter(name):
    history = seasonal()
    known = history.until(history.offsets[1:] - 6)
    model = make_classical(name).fit(known, 6, 6)
    forecasts = model.predict(known)
    truth = history.truth(Origins(np.arange(3), history.offsets[1:] - 6), 6)
    naive = np.repeat(known.target[known.offsets[1:] - 1][:, None], 6, axis=1)
    for forecast, real, last in zip(forecasts, truth, naive, strict=True):
        assert np.abs(forecast - real).mean() < 0.25 * np.abs(last - real).mean()


@pytest.mark.parametrize("name", LEARNED)
def test_scale_and_level_of_a_series_come_through(name):
    history = seasonal(series=1)
    model = make_classical(name).fit(history, 6, 6)
    moved = make_history(8.0 * history.target + 512.0)  # powers of two: scaling rounds nothing
    np.testing.assert_allclose(
        model.predict(moved), 8.0 * model.predict(history) + 512.0, rtol=1e-9
    )


@pytest.mark.parametrize("name", LEARNED)
def test_covariates_known_in_advance_are_used(name):
    history = driven()
    model = make_classical(name).fit(history, 4)
    assert model.notes_ == ("category 1: left out, over 32 categories",)
    fresh = driven(seed=1)
    origins = fresh.rolling(horizon=4, windows=60)
    truth = fresh.truth(origins, 4)
    blind = make_classical(name).fit(without_covariates(history), 4)
    blindly = np.abs(blind.predict(without_covariates(fresh), origins) - truth).mean()
    assert np.abs(model.predict(fresh, origins) - truth).mean() < 0.4 * blindly


@pytest.mark.parametrize("name", LEARNED)
def test_nothing_after_the_origin_is_looked_at(name):
    history = driven()
    origins = history.rolling(horizon=4, windows=3, step=2)
    model = make_classical(name).fit(history, 4)
    before = model.predict(history, origins)
    changed = history.target.copy()
    past = history.past.copy()
    for i in range(len(origins)):
        row, stop = origins.rows[i], history.offsets[origins.series[i] + 1]
        changed[row:stop], past[row:stop] = 1e6, -1e6
        other = type(history)(**{**vars(history), "target": changed, "past": past})
        np.testing.assert_allclose(model.predict(other, origins.take([i])), before[[i]], rtol=1e-12)
        changed[row:stop], past[row:stop] = history.target[row:stop], history.past[row:stop]


@pytest.mark.parametrize("name", LEARNED)
def test_missing_values_and_short_series_are_borne(name):
    history = seasonal(series=2, rows=60)
    values = history.target.copy()
    values[[3, 20, 21, 55, 59, 70, 119]] = np.nan
    broken = make_history([values[:60], values[60:], np.array([5.0, np.nan, 7.0])])
    model = make_classical(name).fit(broken, 6, 6)
    forecasts = model.predict(broken)
    assert forecasts.shape == (3, 6)
    assert np.isfinite(forecasts).all()
    np.testing.assert_allclose(forecasts[0], history.target[54:60], atol=1.5)


@pytest.mark.parametrize("name", LEARNED)
def test_state_brings_back_the_same_bits(name):
    history = driven()
    model = make_classical(name, seed=3).fit(history, 4)
    config, arrays = model.get_state()
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in arrays.values())
    twin = make_classical(name).set_state(config, arrays)
    np.testing.assert_array_equal(twin.predict(history), model.predict(history))
    np.testing.assert_array_equal(
        twin.refit(history).predict(history), model.refit(history).predict(history)
    )


@pytest.mark.parametrize("name", LEARNED)
def test_one_seed_gives_the_same_bits(name):
    history = seasonal(rows=50)
    first, second = (make_classical(name, seed=1).fit(history, 3, 6) for _ in range(2))
    np.testing.assert_array_equal(first.predict(history), second.predict(history))


@pytest.mark.parametrize("name", LEARNED)
def test_series_never_seen_and_no_origins(name):
    model = make_classical(name).fit(seasonal(series=2), 6, 6)
    assert np.isfinite(model.predict(seasonal(series=1, seed=9))).all()
    none = Origins(np.array([], np.intp), np.array([], np.intp))
    assert model.predict(seasonal(), none).shape == (0, 6)


@pytest.mark.parametrize("name", LEARNED)
def test_a_gap_longer_than_the_window_leaves_the_last_value(name):
    model = make_classical(name).fit(seasonal(series=1), 2)
    silent = np.concatenate([[3.0, 5.0, 4.0], np.full(30, np.nan)])
    found = model.predict(make_history([np.arange(20.0), silent]))
    np.testing.assert_array_equal(found[1], [4.0, 4.0])


@pytest.mark.parametrize("name", LEARNED)
def test_what_stands_still_stays_whatever_its_unit(name):
    still = [np.full(40, level) for level in (0.1, 1e-9, 3e12, 0.0)]
    history = make_history([*(seasonal(series=2, rows=40).series(i) for i in range(2)), *still])
    found = make_classical(name).fit(history, 3, 6).predict(history)
    np.testing.assert_allclose(found[2:], [[one[0]] * 3 for one in still], rtol=1e-12)
    alone = make_history(still[0])
    np.testing.assert_allclose(
        make_classical(name).fit(alone, 3, 6).predict(alone), [[0.1] * 3], rtol=1e-12
    )


@pytest.mark.parametrize("name", LEARNED)
def test_two_rows_do_not_tell_how_a_series_moves(name):
    model = make_classical(name).fit(make_history(np.array([3.0, 4.0])), 1)
    found = model.predict(make_history(np.array([3.0, 4.0, 5.0])))
    np.testing.assert_allclose(found, [[5.0]], atol=0.05)


def test_blocks_hold_what_a_model_makes_of_them(monkeypatch):
    history = seasonal(series=3)
    model = GradientBoosting().fit(history, 6, 6)
    origins = history.rolling(6, windows=20)
    expected = model.predict(history, origins)
    monkeypatch.setattr(lags, "ROOM", 7 * 6 * model.scheme_.width)
    cost = model._cost(model.scheme_)
    sizes = [len(block.lags) for block in model.scheme_.blocks(history, origins, cost)]
    np.testing.assert_array_equal(model.predict(history, origins), expected)
    assert sizes == [7] * 8 + [4]


def test_linear_is_the_ridge_of_scikit_learn():
    history = seasonal(series=1, rows=40, period=1)
    model = make_classical("linear").fit(history, 2)
    values, width = history.target, 8
    windows = np.lib.stride_tricks.sliding_window_view(values, width)[:-2]
    level = windows[:, -1:]
    changes = np.abs(np.diff(values))
    scale = np.array([[changes[: i + width - 1].mean()] for i in range(len(windows))])
    truth = np.stack([values[width : width + 31], values[width + 1 : width + 32]], axis=1)
    ridge = Ridge(1.0).fit((windows - level) / scale, (truth - level) / scale)
    last = values[-width:]
    unit = changes.mean()
    expected = last[-1] + unit * ridge.predict([(last - last[-1]) / unit])
    np.testing.assert_allclose(model.predict(history), expected, rtol=1e-9)


def test_boosted_trees_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(600, 5))
    inputs[rng.random(inputs.shape) < 0.1] = np.nan
    target = np.nan_to_num(inputs[:, 0]) ** 2 + rng.normal(0, 0.1, 600)
    grown = HistGradientBoostingRegressor(max_iter=30).fit(inputs, target)
    trees = BoostedTrees.of(grown)
    fresh = rng.normal(size=(200, 5))
    fresh[::7, 0] = np.nan
    np.testing.assert_array_equal(trees.predict(fresh), grown.predict(fresh))


def test_trees_of_a_series_whose_first_rows_are_missing():
    values = 100 + np.arange(60.0) % 7
    values[:30] = np.nan  # no lag of a season ago is known where windows are cut
    history = make_history(values)
    found = make_classical("gradient_boosting").fit(history, 2, 7).predict(history)
    assert np.isfinite(found).all()


def test_refusals():
    for name in LEARNED:
        with pytest.raises(InputError, match="no series is longer than the horizon of 5 rows"):
            make_classical(name).fit(make_history(np.arange(5.0)), 5)
        with pytest.raises(InputError, match="has no known value to learn from"):
            make_classical(name).fit(make_history(np.full(9, np.nan)), 2)
        model = make_classical(name).fit(seasonal(series=1), 2)
        empty = make_history([np.arange(20.0), np.full(30, np.nan)])
        with pytest.raises(InputError, match="a known value before each origin, series 1 "):
            model.predict(empty)
    sparse = make_history(np.tile([1.0, np.nan], 20))
    with pytest.raises(InputError, match="mlp needs 3 known values in a row"):
        make_classical("mlp").fit(sparse, 3)
