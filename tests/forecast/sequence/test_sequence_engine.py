"""Networks over whole series: what they learn, what they promise, how they are kept."""

from typing import Any

import numpy as np
import pytest

from gatecast import kernels
from gatecast.errors import InputError
from gatecast.forecast.chance import Chance
from gatecast.forecast.history import Array, History, Origins, make_history
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.engine import FittedSequence, fit_sequence

RECIPE = Recipe(form="sequence", residual=True, hidden_size=16, loss="smape", updates=60, rate=5e-3)


def panel(count: int = 24, seed: int = 0, level: float = 100.0) -> History:
    """Series of different lengths whose growth goes on."""
    rng = np.random.default_rng(seed)
    series = []
    for _ in range(count):
        steps, growth = int(rng.integers(20, 60)), rng.normal(scale=0.03)
        noise = 0.01 * rng.normal(size=steps)
        series.append(level * np.exp(growth * np.arange(steps) + noise) * rng.uniform(0.1, 10))
    return make_history(series)


@pytest.fixture(scope="module")
def fitted() -> FittedSequence:
    return fit_sequence(panel(), RECIPE, horizon=4, seed=1)


def percentage_error(history: History, origins: Origins, forecast: Array) -> float:
    truth = history.truth(origins, forecast.shape[1])
    return float(np.mean(200 * np.abs(truth - forecast) / (np.abs(truth) + np.abs(forecast))))


def test_it_learns_that_growth_goes_on(fitted: FittedSequence) -> None:
    new = panel(seed=5)  # series that it has never seen
    origins = new.rolling(4)
    last = np.repeat(new.target[origins.rows - 1][:, None], 4, axis=1)
    error = percentage_error(new, origins, fitted.predict(new, origins))
    assert error < 0.6 * percentage_error(new, origins, last)


def test_the_level_does_not_matter(fitted: FittedSequence) -> None:
    one, other = panel(seed=5), panel(seed=5, level=1e5)
    first = fitted.predict(one, one.ends())
    np.testing.assert_allclose(1e3 * first, fitted.predict(other, other.ends()), rtol=2e-4)


def test_many_origins_cost_one_pass_and_change_nothing(fitted: FittedSequence) -> None:
    history = panel(seed=2)
    origins = history.rolling(4, windows=5, least=8)
    together = fitted.predict(history, origins.take(np.s_[::-1]))[::-1]
    for i in range(0, len(origins), 7):
        alone = history.take([origins.series[i]])
        start = history.offsets[origins.series[i]]
        known = alone.until(np.array([origins.rows[i] - start]))
        np.testing.assert_allclose(together[i], fitted.predict(known, known.ends())[0], rtol=1e-5)


def test_long_series_are_run_in_pieces(
    fitted: FittedSequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = panel(count=5, seed=2)
    origins = history.rolling(4, windows=12)
    whole = fitted.predict(history, origins)
    monkeypatch.setattr("gatecast.forecast.sequence.engine._CELLS_AT_ONCE", 7)
    np.testing.assert_allclose(fitted.predict(history, origins), whole, rtol=1e-6)


def test_nobody_asks_for_nothing(fitted: FittedSequence) -> None:
    nobody = Origins(np.zeros(0, np.intp), np.zeros(0, np.intp))
    assert fitted.predict(panel(), nobody).shape == (0, 4)


def test_one_seed_gives_the_same_bits(fitted: FittedSequence) -> None:
    again = fit_sequence(panel(), RECIPE, horizon=4, seed=1)
    assert np.array_equal(fitted.net.flat, again.net.flat)
    assert not np.array_equal(
        fitted.net.flat, fit_sequence(panel(), RECIPE, horizon=4, seed=2).net.flat
    )


def test_it_comes_back_from_its_state_with_the_same_bits(fitted: FittedSequence) -> None:
    history = panel(seed=3)
    back = FittedSequence.from_state(*fitted.get_state())
    expected = fitted.predict(history, history.ends())
    assert np.array_equal(back.predict(history, history.ends()), expected)
    assert np.array_equal(back.losses, fitted.losses)


def test_its_losses_are_kept_and_fall(fitted: FittedSequence) -> None:
    updates, losses = fitted.losses.T
    assert np.array_equal(updates, np.arange(3, 61, 3))
    assert losses[-5:].mean() < losses[:5].mean()


def test_learning_on_begins_with_the_weights_of_before(fitted: FittedSequence) -> None:
    still = fit_sequence(panel(seed=9), RECIPE.changed(rate=1e-12), 4, start=fitted)
    np.testing.assert_allclose(still.net.flat, fitted.net.flat, atol=1e-6)
    assert still.losses[-1, 0] == 15  # updates, a quarter of the 60
    other = make_history([np.arange(1.0, 30)], past=[np.ones((29, 1))])
    with pytest.raises(InputError, match="fitted with 0 past covariates, here are 1"):
        fit_sequence(other, RECIPE, 4, start=fitted)


@pytest.mark.parametrize(
    "choices",
    [
        {"loss": "mae"}, {"loss": "mse"}, {"loss": "huber"}, {"loss": "mape"},
        {"loss": "quantiles"}, {"loss": "gaussian"}, {"loss": "student_t"},
        {"cell": "lstm", "num_layers": 2}, {"cell": "rnn", "skip": False}, {"dropout": 0.2},
        {"transform": "none"}, {"averaging": 0.0}, {"horizon_weights": (1.0, 1.0, 0.5, 0.25)},
    ],
    ids=str,
)  # fmt: skip
def test_every_choice_learns(choices: dict[str, Any]) -> None:
    history = panel()
    recipe = RECIPE.changed(hidden_size=8, updates=80, **choices)
    fitted = fit_sequence(history, recipe, horizon=4)
    origins = history.rolling(4)
    last = np.repeat(history.target[origins.rows - 1][:, None], 4, axis=1)
    error = percentage_error(history, origins, fitted.predict(history, origins))
    assert error < 0.9 * percentage_error(history, origins, last)


def test_series_that_are_not_positive() -> None:
    rng = np.random.default_rng(0)
    waves = [np.sin(np.arange(80) / 4 + shift) for shift in rng.uniform(0, 6, 12)]
    history = make_history(waves)
    fitted = fit_sequence(history, RECIPE.changed(updates=150), horizon=3)
    found = fitted.predict(history, history.rolling(3))
    error = np.abs(found - history.truth(history.rolling(3), 3)).mean()
    assert error < 0.15


def test_a_season_is_found_and_forecast() -> None:
    rng = np.random.default_rng(1)
    pattern = np.array([1.0, 1.8, 0.6, 1.2, 1.0, 0.5])
    series = [
        np.resize(pattern, 48) * rng.uniform(1, 9) * np.exp(0.02 * rng.normal(size=48))
        for _ in range(8)
    ]
    history = make_history(series)
    fitted = fit_sequence(history, RECIPE.changed(updates=30), horizon=6, period=6)
    origins = history.rolling(6)
    assert percentage_error(history, origins, fitted.predict(history, origins)) < 5


def test_a_covariate_known_in_advance_is_used() -> None:
    rng = np.random.default_rng(2)
    marks = [(rng.random(60) < 0.3).astype(float)[:, None] for _ in range(16)]
    values = [10 + 5 * mark[:, 0] for mark in marks]
    history = make_history(values, future=marks)
    recipe = RECIPE.changed(updates=200, transform="none", loss="mae")
    fitted = fit_sequence(history, recipe, horizon=3)
    origins = history.rolling(3)
    error = np.abs(fitted.predict(history, origins) - history.truth(origins, 3)).mean()
    assert error < 1.0


def test_it_learns_what_a_category_says() -> None:
    rng = np.random.default_rng(0)
    slopes = np.array([1.0, -1.0] * 10)
    series = [100 + slope * np.arange(30) + rng.normal(size=30) for slope in slopes]
    kinds = 50_000  # as many as there may be series: none of them costs an input
    codes = np.where(slopes > 0, 7, kinds - 1)[:, None]
    history = make_history(series, codes=codes, code_sizes=(kinds,))
    recipe = RECIPE.changed(updates=150, transform="none", loss="mae", windows=(1,))
    fitted = fit_sequence(history, recipe, horizon=4)
    assert fitted.view.features == 4  # a change, the volatility, the age, the category
    moves = fitted.predict(history, history.ends())[:, -1] - [values[-1] for values in series]
    assert (np.sign(moves) == slopes).mean() > 0.9


def test_a_weight_of_nothing_that_is_known() -> None:
    history = make_history(np.array([1.0, 2.0]))
    recipe = RECIPE.changed(updates=2, horizon_weights=(0.0, 1.0))
    fitted = fit_sequence(history, recipe, horizon=2)
    assert np.isnan(fitted.losses[:, 1]).all()
    np.testing.assert_allclose(fitted.predict(history, history.ends()), [[2.0, 2.0]])


def test_gaps_short_series_and_beginnings() -> None:
    series = [np.arange(1.0, 30), np.array([5.0]), np.array([np.nan, 3.0, np.nan, 4.0])]
    history = make_history(series)
    fitted = fit_sequence(history, RECIPE.changed(updates=5), horizon=2)
    assert np.isfinite(fitted.predict(history, history.ends())).all()
    at_start = Origins(np.array([0, 2]), np.array([0, 31]))
    assert np.isnan(fitted.predict(history, at_start)).all()


def test_few_long_series_are_learned_from_in_parts() -> None:
    rng = np.random.default_rng(3)
    history = make_history([100 * np.exp(0.01 * rng.normal(size=1500).cumsum())])
    fitted = fit_sequence(history, RECIPE.changed(updates=20), horizon=5)
    assert np.isfinite(fitted.predict(history, history.rolling(5, windows=700))).all()


def test_scales_are_in_the_units_of_the_target() -> None:
    history = panel()
    fitted = fit_sequence(history, RECIPE.changed(updates=2), horizon=2)
    values = history.series(0)
    found = fitted.scales(history, history.ends())[0]
    assert found == pytest.approx(np.abs(np.diff(np.log(values))).mean() * values[-1], rel=0.1)


def test_reference_kernels_agree(fitted: FittedSequence) -> None:
    history = panel(seed=4)
    expected = fitted.predict(history, history.ends())
    with kernels.use("reference"):
        found = fitted.predict(history, history.ends())
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_dropout_can_stay_on() -> None:
    history = panel()
    fitted = fit_sequence(history, RECIPE.changed(dropout=0.3), horizon=2)
    chance = Chance(100, seed=0)
    repeated = fitted.predict(history, chance.repeated(history.ends()), chance)
    draws = repeated.reshape(len(history), 100, 2).swapaxes(0, 1)
    calm = fitted.predict(history, history.ends())
    assert np.std(draws, axis=0).min() > 0
    np.testing.assert_allclose(np.mean(draws, axis=0), calm, rtol=0.05)


def test_a_history_of_other_columns_is_refused() -> None:
    values = [np.arange(1.0, 30)]
    marked = make_history(values, future=[np.ones((29, 1))], codes=[[1]], code_sizes=(2,))
    fitted = fit_sequence(marked, RECIPE.changed(updates=1), horizon=2)
    plain = make_history(values)
    with pytest.raises(InputError, match="fitted with 1 covariates known in advance, here are 0"):
        fitted.predict(plain, plain.ends())
    with pytest.raises(InputError, match="needed for 2 steps after each origin"):
        fitted.predict(marked, marked.ends())
    other = make_history(values, future=[np.ones((29, 1))], codes=[[2]], code_sizes=(3,))
    with pytest.raises(InputError, match=r"category column 0 holds 2.* 0 … 1"):
        fitted.predict(other, other.rolling(2))


def test_what_cannot_be_learned_from_is_refused() -> None:
    for lonely in ([1.0], [1.0, np.nan], []):
        with pytest.raises(InputError, match="no series has two known values"):
            fit_sequence(make_history([np.array(lonely), np.ones(1)]), RECIPE, horizon=2)
    with pytest.raises(InputError, match="y has no values to learn from"):
        fit_sequence(make_history([np.full(20, np.nan)]), RECIPE, horizon=2)
    with pytest.raises(InputError, match="horizon_weights must be 2 numbers.*there are 1"):
        fit_sequence(panel(), RECIPE.changed(horizon_weights=(1.0,)), horizon=2)
