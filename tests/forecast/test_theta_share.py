"""Theta's share in the forecasts of a network."""

import numpy as np
import pandas as pd
import pytest

from gatecast import Forecaster
from gatecast.errors import InputError
from gatecast.forecast.catalogue import Facts, choose_recipe
from gatecast.forecast.classical import make_classical
from gatecast.forecast.explanation.gradients import has_gradients
from gatecast.forecast.history import make_history
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe

QUICK = Recipe(hidden_size=4, updates=10, windows=(12,))


def seasonal(rows, level, seed=0):
    t = np.arange(rows)
    wave = np.sin(2 * np.pi * t / 12) + np.random.default_rng(seed).normal(0, 0.2, rows)
    return level + 3 * wave


@pytest.mark.parametrize("level", [50.0, 0.0])
def test_it_is_a_mean_of_logarithms_where_all_is_positive_and_of_values_elsewhere(level):
    history = make_history([seasonal(80, level), seasonal(60, level, seed=1)])
    alone = NetworkModel(QUICK).fit(history, 6, 12).predict(history)
    theta = make_classical("theta").fit(history, 6, 12).predict(history)
    found = NetworkModel(QUICK.changed(theta=0.25)).fit(history, 6, 12).predict(history)
    if level:
        wanted = np.exp(0.75 * np.log(alone) + 0.25 * np.log(theta))
    else:
        wanted = 0.75 * alone + 0.25 * theta
    assert np.allclose(found, wanted)


def test_quantiles_and_draws_move_with_the_forecast():
    history = make_history(seasonal(80, 50.0))
    recipe = QUICK.changed(loss="quantiles", dropout=0.2)
    levels, rng = np.array([0.1, 0.5, 0.9]), np.random.default_rng
    alone = NetworkModel(recipe).fit(history, 6, 12)
    shared = NetworkModel(recipe.changed(theta=0.5)).fit(history, 6, 12)
    shift = shared.predict(history) - alone.predict(history)
    assert np.abs(shift).max() > 0
    before, after = alone.quantiles(history, levels), shared.quantiles(history, levels)
    assert before is not None
    assert after is not None
    assert np.allclose(after - before, shift[..., None])
    drawn = shared.draw_dropout(history, 5, rng(0)) - alone.draw_dropout(history, 5, rng(0))
    assert np.allclose(drawn, shift[:, None])


def test_a_network_with_it_is_not_explained_by_gradients():
    history = make_history(seasonal(80, 50.0))
    assert has_gradients(NetworkModel(QUICK).fit(history, 3, 12))
    assert not has_gradients(NetworkModel(QUICK.changed(theta=0.5)).fit(history, 3, 12))


@pytest.mark.parametrize(("rows", "covariates", "share"), [(100, False, 0.5), (100, True, 0.0),
                                                           (1200, False, 0.0)])  # fmt: skip
def test_little_data_without_covariates_gives_it_half(rows, covariates, share):
    facts = Facts(series=1, length=rows, horizon=12, period=12, covariates=covariates)
    assert choose_recipe("gru", facts).theta == share


def test_a_share_outside_0_to_1_is_refused():
    with pytest.raises(InputError, match=r"theta must lie in 0 to 1, it is 1\.5"):
        Recipe(theta=1.5)


def test_it_is_the_same_after_saving(tmp_path):
    dates = pd.date_range("2015-01-01", periods=90, freq="MS")
    table = pd.DataFrame({"ds": dates, "y": seasonal(90, 20.0)})
    made = Forecaster("gru", horizon=6, updates=10).fit(table)
    made.save(tmp_path / "model.gatecast")
    again = Forecaster.load(tmp_path / "model.gatecast")
    pd.testing.assert_frame_equal(made.predict(), again.predict())
