"""Ensembles of networks as one model: how they are combined, kept, drawn from."""

import itertools

import numpy as np
import pytest

from gatecast import errors
from gatecast.forecast.history import Origins, make_history
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe
from tests.forecast.windowed.panels import quick, waves

LEVELS = np.array([0.1, 0.5, 0.9])


def fitted(seed: int = 0, **choices):
    return NetworkModel(quick(**choices), "net", seed).fit(waves(), 4, 6)


@pytest.mark.parametrize("form", ["direct", "recursive", "encoder_decoder", "sequence"])
def test_every_form_is_one_model(form):
    history = waves()
    model = fitted(form=form, ensemble=2)
    forecast = model.predict(history)
    assert forecast.shape == (3, 4)
    assert model.name == "net"
    assert model.learns
    config, arrays = model.get_state()
    again = NetworkModel(Recipe()).set_state(config, arrays)
    np.testing.assert_array_equal(again.predict(history), forecast)
    model.refit(waves((70, 50), seed=2))
    assert not np.array_equal(model.predict(history), forecast)
    np.testing.assert_array_equal(again.predict(history), forecast)


def test_seeds_by_their_median_look_backs_by_their_mean():
    history = waves()
    model = fitted(windows=(6, 10), ensemble=3)
    assert [member.window for member in model.members_] == [6, 6, 6, 10, 10, 10]
    every = np.stack([member.predict(history, history.ends()) for member in model.members_])
    assert len({forecast.tobytes() for forecast in every}) == 6
    wanted = (np.median(every[:3], axis=0) + np.median(every[3:], axis=0)) / 2
    np.testing.assert_allclose(model.predict(history), wanted, rtol=1e-12)


def test_seeds_of_neighbouring_models_do_not_overlap():
    one, other = fitted(0, ensemble=3), fitted(1, ensemble=3)
    flats = [member.net.flat.tobytes() for model in (one, other) for member in model.members_]
    assert len(set(flats)) == 6


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_quantiles_are_averaged(form):
    history = waves()
    model = fitted(form=form, loss="quantiles", ensemble=2)
    found = model.quantiles(history, LEVELS)
    parts = [member.quantiles(history, LEVELS, history.ends()) for member in model.members_]
    np.testing.assert_allclose(found, np.mean(parts, axis=0))
    assert fitted(form=form).quantiles(history, LEVELS) is None


def test_paths_come_from_every_network():
    history = waves()
    model = fitted(form="recursive", loss="gaussian", ensemble=2)
    paths = model.sample(history, 5, np.random.default_rng(0))
    assert paths.shape == (3, 5, 4)
    assert fitted().sample(history, 5, np.random.default_rng(0)) is None
    assert fitted(form="sequence").sample(history, 5, np.random.default_rng(0)) is None


def test_dropout_draws():
    history = waves()
    model = fitted(dropout=0.3, ensemble=2)
    draws = model.draw_dropout(history, 7, np.random.default_rng(0))
    assert draws.shape == (3, 7, 4)
    assert draws.std(axis=1).min() > 0
    again = model.draw_dropout(history, 7, np.random.default_rng(0))
    np.testing.assert_array_equal(draws, again)
    with pytest.raises(errors.InputError, match="no dropout to draw with"):
        fitted().draw_dropout(history, 7, np.random.default_rng(0))


@pytest.mark.parametrize("form", ["direct", "recursive", "sequence"])
def test_dropout_draws_lie_about_the_forecast_of_their_own_series(form):
    history = waves()  # of levels 50, 100 and 150
    model = fitted(form=form, dropout=0.1)
    draws = model.draw_dropout(history, 60, np.random.default_rng(0))
    np.testing.assert_allclose(draws.mean(axis=1), model.predict(history), rtol=0.01)


@pytest.mark.parametrize("form", ["direct", "recursive", "sequence"])
def test_nobody_and_series_of_which_nothing_is_known(form):
    model = fitted(form=form, ensemble=2)
    history = make_history([np.ones(9), np.array([np.nan, np.nan, 2.0, np.nan])])
    rows = np.array([9, 12])
    assert model.predict(history, Origins(np.array([0, 1]), rows)).shape == (2, 4)
    assert model.predict(history, Origins(rows[:0], rows[:0])).shape == (0, 4)
    with pytest.raises(errors.InputError, match=r"net needs a known value.*series 1 .*row 11"):
        model.predict(history, Origins(np.array([0, 1]), rows - [0, 1]))


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_a_refit_needs_something_to_learn_from(form):
    with pytest.raises(errors.InputError, match="no series has two known values"):
        fitted(form=form).refit(make_history([np.ones(1), np.array([2.0, np.nan])]))


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_a_refit_that_fails_changes_nothing(form, monkeypatch):
    history = waves()
    model = fitted(form=form, ensemble=2)
    before = model.predict(history)

    norms = itertools.chain([1.0] * 4, itertools.repeat(np.nan))  # the first comes to its end
    monkeypatch.setattr("gatecast.nn.clip_norm", lambda net, max_norm: next(norms))
    with pytest.raises(errors.DivergenceError, match="try a lower rate"):
        model.refit(waves((70, 50), seed=2))
    np.testing.assert_array_equal(model.predict(history), before)


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_a_shop_that_is_shut_on_sundays_keeps_its_week(form):
    rng = np.random.default_rng(0)
    week = np.array([5.0, 6.0, 7.0, 9.0, 14.0, 20.0, 20.0])
    series = [level * week[np.arange(147) % 7] * np.exp(0.02 * rng.normal(size=147))
              for level in rng.uniform(1, 9, size=6)]  # fmt: skip
    truth = np.stack([values[-7:-1] for values in series])
    history = make_history([np.where(np.arange(140) % 7 == 6, np.nan, v[:-7]) for v in series])
    model = NetworkModel(quick(form=form, windows=(14,), updates=2)).fit(history, 7, 7)
    error = np.abs(model.predict(history)[:, :6] / truth - 1)  # from the end, a Sunday
    assert error.mean() < 0.03
    assert error.max() < 0.1


def test_what_has_no_meaning_is_refused():
    with pytest.raises(errors.InputError, match='needs form="direct"'):
        NetworkModel(quick(form="recursive", front="patch", decoder="segments"))
    with pytest.raises(errors.InputError, match='use front="patch"'):
        NetworkModel(quick(decoder="segments"))
    with pytest.raises(errors.InputError, match="net is not fitted"):
        NetworkModel(quick(), "net").predict(waves())
    with pytest.raises(errors.InputError, match="net is not fitted"):
        NetworkModel(quick(), "net").refit(waves())
