"""Columns in like units, and what a column says that never moves."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from gatecast.forecast.columns import moments_of, standardise
from gatecast.forecast.history import make_history
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe


def test_scales_are_those_of_scikit_learn():
    columns = np.random.default_rng(0).normal(5, [1.0, 1e-3, 1e6], size=(50, 3))
    columns[3, 1] = np.nan
    moments = np.array([moments_of(column) for column in columns.T]).T
    wanted = StandardScaler().fit_transform(columns)
    np.testing.assert_allclose(standardise(columns, moments), np.nan_to_num(wanted), rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e12 / 3])
def test_a_flat_column_is_flat_whatever_its_rounding(value):
    mean, deviation = moments_of(np.full(1000, value))
    assert mean == pytest.approx(value)
    assert deviation == 1.0


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_a_covariate_that_moves_for_the_first_time_breaks_no_forecast(form):
    rng = np.random.default_rng(0)
    y = 10 + rng.normal(size=1000)
    price = np.full((1000, 1), 0.1)  # its deviation is no 0 in floating point
    history = make_history([y], future=[price], ahead=np.full((1, 3, 1), 0.2))
    recipe = Recipe(form=form, hidden_size=4, updates=30, windows=(5,))
    found = NetworkModel(recipe).fit(history, 3).predict(history)
    np.testing.assert_allclose(found, 10, atol=5)
