"""Explanations: they sum to the forecast, are exact where the model is linear, and find causes."""

import numpy as np
import pytest

from gatecast.errors import InputError
from gatecast.forecast.classical import Drift, SeasonalNaive, Theta
from gatecast.forecast.explanation import explain_model, gradients, walks
from gatecast.forecast.explanation.explanation import together
from gatecast.forecast.history import History, make_history
from gatecast.forecast.mixture import Mixture
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.member import Member

H = 3


def waves(count: int = 4, positive: bool = True, covariates: bool = True) -> History:
    rng = np.random.default_rng(0)
    t = np.arange(70)
    price = rng.normal(size=(count, 70 + H))
    values = 20 * positive + np.sin(t / 2) + 0.1 * rng.normal(size=(count, 70)) + price[:, :70]
    return make_history(
        list(values),
        future=[one[:70, None] for one in price] if covariates else None,
        ahead=price[:, 70:, None] if covariates else None,
        past=[rng.normal(size=(70, 1)) for _ in range(count)] if covariates else None,
        static=rng.normal(size=(count, 1)),
        codes=np.arange(count)[:, None] % 2,
        code_sizes=(2,),
    )


RECIPES = {
    "direct": Recipe(windows=(12,)),
    "mean level, no logs": Recipe(windows=(12,), level="mean", transform="none", scaled=False),
    "season": Recipe(windows=(24,), reference="season", level="season"),
    "encoder_decoder": Recipe(form="encoder_decoder", windows=(12,)),
    "segments": Recipe(front="patch", decoder="segments", windows=(12,)),
    "attention": Recipe(pooling="attention", windows=(12,), cell="lstm"),
    "quantiles": Recipe(loss="quantiles", windows=(12,)),
    "student_t": Recipe(loss="student_t", windows=(12,), cell="rnn"),
    "look-backs": Recipe(windows=(8, 12)),
    "sequence": Recipe(form="sequence", residual=True),
    "around a smoothing": Recipe(form="sequence", reference="smoothing"),
    "sequence without logs": Recipe(form="sequence", transform="none", loss="quantiles"),
}


def network(recipe: Recipe, history: History, period: int = 1) -> NetworkModel:
    small = recipe.changed(hidden_size=8, updates=60, rate=1e-2)
    return NetworkModel(small, "gru").fit(history, H, period)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("gaps", [False, True])
def test_contributions_by_gradients_sum_to_the_forecast(name, gaps):
    history = waves()
    if gaps:
        history.target[[5, 66, 67, 130]] = np.nan
    model = network(RECIPES[name], history, period=12)
    found = explain_model(model, history, history.ends().take(slice(2)), method="gradients")
    told = found.forecast - found.baseline
    assert np.abs(told).max() > 0.05
    assert found.remainder == pytest.approx(np.zeros((2, H)), abs=5e-3 * np.abs(told).max())
    forecast = model.predict(history)[:2]
    assert found.forecast == pytest.approx(forecast, rel=1e-4)
    again = model.predict(history)[:2]
    assert (forecast == again).all()


@pytest.mark.parametrize("name", ["direct", "sequence"])
def test_gradients_and_walks_agree_on_what_the_price_does(name):
    history = waves(30)
    model = network(RECIPES[name].changed(updates=400), history)
    origins = history.ends().take(slice(6))
    steps = np.arange(H)
    truth = history.future_of(origins, H)[:, :, 0]
    for method in ("gradients", "walks"):
        found = explain_model(model, history, origins, method=method, walks=6)
        places = {column: i for i, column in enumerate(found.columns)}
        own = [places["future 0", int(step) + 1] for step in steps]
        told = found.contributions[:, steps, own]
        assert np.corrcoef(told.ravel(), truth.ravel())[0, 1] > 0.9


class Lags(Model):
    """Linear in the last four values and in two covariates: known contributions."""

    name = "lags"
    weights = np.array([0.1, -0.4, 0.5, 0.8])

    def predict(self, history, origins=None):
        origins = history.ends() if origins is None else origins
        seen = history.target[origins.rows[:, None] + np.arange(-4, 0)]
        ahead = 3.0 * history.future_of(origins, self.horizon_)[:, :, 0]
        last = history.past[origins.rows - 1]
        return (seen @ self.weights)[:, None] + ahead + 2.0 * last


def test_a_linear_model_is_explained_exactly_by_one_walk():
    history = waves()
    origins = history.rolling(H, windows=2)
    model = Lags().fit(history, H)
    found = explain_model(model, history, origins, lags=8, walks=1)
    at = {column: i for i, column in enumerate(found.columns)}
    seen = history.target[origins.rows[:, None] + np.arange(-8, 0)]
    expected = np.concatenate([np.zeros(4), model.weights]) * (seen - seen[:, -1:])
    for step in range(H):
        lags = [at["y", k] for k in range(-8, 0)]
        assert found.contributions[:, step, lags] == pytest.approx(expected)
        ahead = history.future_of(origins, H)[:, step, 0] - history.future.mean()
        assert found.contributions[:, step, at["future 0", step + 1]] == pytest.approx(3 * ahead)
        last = history.past[origins.rows - 1, 0] - history.past.mean()
        assert found.contributions[:, step, at["past 0", -1]] == pytest.approx(2 * last)
    assert found.remainder == pytest.approx(np.zeros(found.forecast.shape))


@pytest.mark.parametrize("make", [Theta, Drift, SeasonalNaive])
def test_walks_sum_to_the_forecast_of_any_model(make):
    history = waves(2, covariates=False)
    model = make().fit(history, H, 6)
    found = explain_model(model, history, walks=5)
    assert found.remainder == pytest.approx(np.zeros((2, H)), abs=1e-9)
    assert found.forecast == pytest.approx(model.predict(history))
    assert found.method == "walks"


def test_a_recursive_network_is_explained_by_walks():
    history = waves()
    model = network(Recipe(form="recursive", windows=(6,)), history)
    origins = history.ends().take(slice(1))
    found = explain_model(model, history, origins, lags=6, walks=2)
    assert found.method == "walks"
    assert found.remainder == pytest.approx(np.zeros((1, H)), abs=1e-6)
    with pytest.raises(InputError, match="feeds its forecasts back"):
        explain_model(model, history, origins, method="gradients")


def test_of_a_mean_of_models_each_is_explained_by_itself():
    history = waves(2)
    parts = (network(RECIPES["direct"], history), Lags().fit(history, H))
    model = Mixture([(0.7, parts[0]), (0.3, parts[1])])
    model.horizon_, model.period_ = H, 1
    found = explain_model(model, history, lags=4, walks=1)
    assert found.method == "gradients and walks"
    assert found.forecast == pytest.approx(model.predict(history), rel=1e-6)
    first, second = explain_model(parts[0], history), explain_model(parts[1], history, lags=4)
    assert found.baseline == pytest.approx(0.7 * first.baseline + 0.3 * second.baseline)
    for name, place in (("y", -1), ("y", -9), ("future 0", 2), ("past 0", -1)):
        told = np.zeros((2, H))
        for share, part in ((0.7, first), (0.3, second)):
            if (name, place) in part.columns:
                told += share * part.contributions[:, :, part.columns.index((name, place))]
        assert found.contributions[:, :, found.columns.index((name, place))] == pytest.approx(told)
    lags = [place for name, place in found.columns if name == "y"]
    assert lags == list(range(-12, 0))
    with pytest.raises(InputError, match="lags has no gradients"):
        explain_model(model, history, method="gradients")


@pytest.mark.parametrize("name", ["sequence", "look-backs"])
def test_long_series_are_explained_in_parts(name, monkeypatch):
    history = waves(2)
    model = network(RECIPES[name], history)
    method = "gradients" if name == "sequence" else "walks"
    whole = explain_model(model, history, method=method, walks=3)
    monkeypatch.setattr(gradients, "ROOM", 70 * 9)
    monkeypatch.setattr(walks, "ROOM", 70 * 9)
    parts = explain_model(model, history, method=method, walks=3)
    scale = np.abs(whole.contributions).max()
    assert parts.contributions == pytest.approx(whole.contributions, abs=1e-5 * scale)
    assert parts.baseline == pytest.approx(whole.baseline, rel=1e-6)


def test_explaining_leaves_no_gradients_behind():
    history = waves()
    model = network(RECIPES["direct"], history)
    explain_model(model, history)
    (member,) = model.members_
    assert isinstance(member, Member)
    assert all((grad == 0).all() for grad in member.net.gradients().values())


def test_names_come_from_the_history_and_rows_make_a_table():
    history = waves(2)
    found = explain_model(Lags().fit(history, H), history, lags=4, walks=1)
    assert set(found.by_name()) == {"y", "past 0", "future 0", "static 0"}
    rows = found.to_rows()
    assert len(rows) == 2 * H * len(found.columns)
    assert rows[0].keys() == {"origin", "step", "input", "place", "contribution"}
    both = together([found, found])
    assert both.contributions == pytest.approx(found.contributions)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, h: explain_model(m, h, method="magic"), "method must be one of"),
        (lambda m, h: explain_model(m, h, method="gradients"), "has no gradients"),
        (lambda m, h: explain_model(m, h, walks=0), "walks must be"),
        (lambda m, h: explain_model(m, h, lags=0), "lags must be"),
        (lambda m, h: explain_model(m, h, h.ends().take(slice(0))), "there are no origins"),
    ],
)
def test_wrong_input_is_refused(call, message):
    history = waves(2, covariates=False)
    with pytest.raises(InputError, match=message):
        call(Drift().fit(history, H), history)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_series_shorter_than_the_lags_that_a_network_looks_at(rows):
    history = waves(covariates=False)
    model = network(RECIPES["sequence"].changed(windows=(6,)), history)
    short = history.until(history.offsets[:-1] + rows)
    found = explain_model(model, short, method="gradients")
    np.testing.assert_allclose(found.forecast, model.predict(short), rtol=1e-4)
    told = np.abs(found.forecast - found.baseline).max()
    np.testing.assert_allclose(found.remainder, 0.0, atol=1e-2 * max(told, 1.0))
