"""Mixtures: the mean of models, around which their quantiles and draws move."""

import numpy as np
import pandas as pd
import pytest

from gatecast import Forecaster
from gatecast.errors import InputError
from gatecast.forecast.classical import Drift, Naive, make_classical
from gatecast.forecast.explanation import explain_model
from gatecast.forecast.history import make_history
from gatecast.forecast.making import make_planned
from gatecast.forecast.mixture import Mixture
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.plans import Plan
from gatecast.forecast.recipe import Recipe

QUICK = Recipe(hidden_size=4, updates=10, windows=(12,))


def seasonal(rows, level, seed=0):
    t = np.arange(rows)
    wave = np.sin(2 * np.pi * t / 12) + np.random.default_rng(seed).normal(0, 0.2, rows)
    return level + 3 * wave


def helped(recipe=QUICK, share=0.5):
    return make_planned(Plan((recipe,), (("theta", share),)), "gru")


def test_it_is_the_mean_by_shares():
    history = make_history([seasonal(80, 50.0), seasonal(60, 50.0, seed=1)])
    alone = NetworkModel(QUICK).fit(history, 6, 12).predict(history)
    theta = make_classical("theta").fit(history, 6, 12).predict(history)
    found = helped(share=0.25).fit(history, 6, 12).predict(history)
    assert np.allclose(found, 0.75 * alone + 0.25 * theta)


def test_recipes_of_a_plan_count_by_their_look_backs():
    history = make_history(seasonal(80, 50.0))
    recipes = (QUICK.changed(windows=(6, 12)), QUICK.changed(loss="mse"))
    both = make_planned(Plan(recipes), "gru").fit(history, 6, 12).predict(history)
    first, second = (NetworkModel(r).fit(history, 6, 12).predict(history) for r in recipes)
    assert np.allclose(both, (2 * first + second) / 3)


def test_quantiles_and_draws_move_with_the_forecast():
    history = make_history(seasonal(80, 50.0))
    recipe = QUICK.changed(loss="quantiles", dropout=0.2)
    levels, rng = np.array([0.1, 0.5, 0.9]), np.random.default_rng
    alone = NetworkModel(recipe).fit(history, 6, 12)
    shared = helped(recipe).fit(history, 6, 12)
    shift = shared.predict(history) - alone.predict(history)
    assert np.abs(shift).max() > 0
    before, after = alone.quantiles(history, levels), shared.quantiles(history, levels)
    assert before is not None
    assert after is not None
    assert np.allclose(after - before, shift[..., None])
    drawn = shared.draw_dropout(history, 5, rng(0)) - alone.draw_dropout(history, 5, rng(0))
    assert np.allclose(drawn, shift[:, None])


def test_paths_come_from_networks_by_their_shares():
    history = make_history(seasonal(80, 50.0))
    drawing = QUICK.changed(form="recursive", loss="gaussian")
    parts = [(0.5, NetworkModel(drawing)), (0.25, NetworkModel(drawing, seed=1)), (0.25, Naive())]
    model = Mixture(parts).fit(history, 6, 12)
    rng = np.random.default_rng(0)
    paths = model.sample(history, 9, rng)
    assert paths is not None
    assert paths.shape == (1, 9, 6)
    assert Mixture([(1.0, Naive())]).fit(history, 6).sample(history, 9, rng) is None


def test_methods_without_quantiles_or_draws_have_none_together():
    history = make_history(seasonal(80, 50.0))
    both = Mixture([(0.5, Naive()), (0.5, Drift())]).fit(history, 3)
    assert both.quantiles(history, np.array([0.5])) is None
    assert both.draw_dropout(history, 3, np.random.default_rng(0)) is None
    assert not both.learns


def test_companions_that_learn_draw_nothing():
    history = make_history(seasonal(200, 50.0))
    plan = Plan((QUICK.changed(dropout=0.2),), (("shared_autoregression", 0.5),))
    model = make_planned(plan, "gru").fit(history, 6, 12)
    drawn = model.draw_dropout(history, 5, np.random.default_rng(0))
    assert drawn is not None
    assert drawn.shape == (1, 5, 6)


def test_each_part_is_explained_in_its_own_way():
    history = make_history(seasonal(80, 50.0))
    found = explain_model(helped().fit(history, 3, 12), history, walks=4, lags=6)
    assert found.method == "gradients and walks"
    model = Mixture([(0.5, Naive()), (0.5, Drift())]).fit(history, 3, 12)
    assert explain_model(model, history, walks=4, lags=6).method == "walks"
    with pytest.raises(InputError, match="has no gradients"):
        explain_model(model, history, method="gradients")


def test_its_note_says_who_has_a_share():
    model = helped(share=0.25).fit(make_history(seasonal(80, 50.0)), 3, 12)
    assert model.notes_[0].startswith("The forecast is a mean: 75 % gru, 25 % theta")


def test_the_note_names_each_part_by_its_own_name():
    history = make_history(seasonal(80, 50.0))
    both = Mixture([(0.5, Naive()), (0.5, make_classical("linear"))], "both").fit(history, 3, 12)
    assert both.notes_[0].startswith("The forecast is a mean: 50 % naive, 50 % linear")
    plain = Mixture([(0.25, Naive()), (0.75, Drift())]).fit(history, 3, 12)
    assert plain.notes_[0] == "The forecast is a mean: 25 % naive, 75 % drift."


def test_a_refit_that_fails_changes_nothing(monkeypatch):
    history = make_history(seasonal(80, 50.0))
    model = helped().fit(history, 3, 12)
    before = model.predict(history)

    def fail(self, history):
        raise InputError("no more")

    monkeypatch.setattr(type(model.parts[1][1]), "refit", fail)
    with pytest.raises(InputError, match="no more"):
        model.refit(history)
    assert np.array_equal(model.predict(history), before)


@pytest.mark.parametrize("shares", [(), (0.5,), (1.5, -0.5)])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(InputError, match="must come to 1"):
        Mixture([(share, Naive()) for share in shares])


@pytest.mark.parametrize(
    "model",
    [
        "gru",
        Plan((QUICK, QUICK.changed(loss="mse")), (("theta", 0.2), ("damped", 0.2))),
        Mixture([(0.5, Naive()), (0.5, NetworkModel(QUICK))], "both"),
    ],
    ids=["preset", "plan", "model"],
)
def test_it_is_the_same_after_saving(tmp_path, model):
    dates = pd.date_range("2015-01-01", periods=90, freq="MS")
    table = pd.DataFrame({"ds": dates, "y": seasonal(90, 20.0)})
    updates = None if isinstance(model, Mixture) else 10
    made = Forecaster(model, horizon=6, updates=updates).fit(table)
    made.save(tmp_path / "model.gatecast")
    again = Forecaster.load(tmp_path / "model.gatecast")
    pd.testing.assert_frame_equal(made.predict(), again.predict())
    again.fit(table)  # what it was made with came back too
    pd.testing.assert_frame_equal(made.predict(), again.predict())


def test_refit_learns_on():
    history = make_history(seasonal(80, 50.0))
    model = helped().fit(history, 3, 12)
    before = model.predict(history)
    assert not np.array_equal(model.refit(history).predict(history), before)


def test_processes_train_the_same_networks():
    history = make_history([seasonal(80, 50.0), seasonal(60, 50.0, seed=1)])
    recipe = QUICK.changed(ensemble=2)
    one, two = (NetworkModel(recipe, n_jobs=n).fit(history, 6, 12) for n in (None, 2))
    assert np.array_equal(one.predict(history), two.predict(history))
