"""What comes to 0 after a network learned from logarithms."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import Forecaster
from gatecast.forecast.history import make_history
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.positives import LOW_WORDS, least_of, logarithms
from gatecast.forecast.recipe import Recipe

VALUES = st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0, 7.0, np.nan]), min_size=1, max_size=12)


@given(first=VALUES, second=VALUES)
def test_what_is_shown_is_the_least_value_so_far_of_the_same_series(first, second):
    found = np.exp(logarithms(make_history([first, second]), least=3.0))
    expected = []
    for series in (first, second):
        for row, value in enumerate(series):
            before = [v for v in series[:row] if v > 0]
            expected.append(value if not value <= 0 else min(before, default=3.0))
    np.testing.assert_allclose(found, expected)


def test_the_least_value_of_all():
    assert least_of(np.array([0.0, np.nan])) == 1.0
    assert least_of(np.array([0.25, -1.0, 4.0])) == 0.25


@pytest.mark.parametrize("form", ["direct", "recursive", "encoder_decoder", "sequence"])
def test_networks_forecast_from_zeros_and_learn_on(form):
    positive = 20 + np.sin(np.arange(60.0))
    recipe = Recipe(form=form, updates=3, hidden_size=4)
    model = NetworkModel(recipe).fit(make_history(positive), horizon=3)
    assert model.logs
    for values in (np.append(positive, [0.0, -4.0]), np.zeros(8), np.append(np.zeros(3), positive)):
        history = make_history(values)
        found = model.predict(history)
        assert np.isfinite(found).all()
        assert (found > 0).all()
    assert np.isfinite(model.refit(history).predict(history)).all()


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_what_follows_an_origin_does_not_tell_what_a_zero_before_it_counts_as(form):
    rng = np.random.default_rng(0)
    values = 5 + rng.random(60)
    values[[20, 41]] = 0.0
    recipe = Recipe(form=form, updates=3, hidden_size=4)
    model = NetworkModel(recipe).fit(make_history(5 + rng.random(60)), horizon=2)
    history = make_history(values)
    origins = history.rolling(horizon=2, windows=15)
    later = np.append(values[: origins.rows[0]], np.full(60, 0.01))
    known = model.predict(history, origins.take(slice(1)))
    other = model.predict(make_history(later), origins.take(slice(1)))
    np.testing.assert_array_equal(known, other)


@pytest.mark.parametrize("name", ["log_theta", "gru"])
def test_nothing_is_said_of_logarithms_that_no_network_learned_from(name):
    # log_theta takes them of each series by itself, and helps gru where there is little
    sales = np.tile([0.0, 3.0, 8.0, 5.0], 12)
    choices: dict[str, Any] = {"updates": 2} if name == "gru" else {}
    forecaster = Forecaster(name, horizon=3, level=None, **choices).fit(sales)
    forecaster.step(0.0)
    assert not [note for note in forecaster.notes_ if "ogarithm" in note]


def test_a_zero_that_comes_after_logarithms_were_learned_from_is_told():
    sales = np.tile([2.0, 3.0, 8.0, 5.0], 12)
    forecaster = Forecaster("gru-direct", horizon=3, level=None, updates=2).fit(sales)
    forecaster.step(0.0)
    assert forecaster.notes_[-1] == LOW_WORDS
