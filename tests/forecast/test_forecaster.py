"""The forecaster: what it learns, says, keeps, takes in and measures."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatecast import Forecaster
from gatecast.errors import InputError, TableError
from gatecast.forecast import Model, NetworkModel, Recipe
from gatecast.forecast.advancing import forecast_far
from gatecast.forecast.classical import Naive
from gatecast.forecast.history import make_history
from tests.forecast.tables import months, panel, priced

TINY: dict[str, Any] = {"updates": 5, "window": 8}


# -- forecasts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gru", "lstm-recursive", "encoder-decoder", "patch", "linear"])
def test_the_same_seed_gives_the_same_bits(name):
    options: dict[str, Any] = {} if name == "linear" else TINY
    first, second = (
        Forecaster(name, horizon=3, seed=7, **options).fit(panel()).predict() for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_another_seed_gives_other_weights():
    first, second = (
        Forecaster("gru", horizon=3, seed=seed, **TINY).fit(panel()).predict()["gru"]
        for seed in (0, 1)
    )
    assert not np.array_equal(first, second)


def test_a_recipe_or_a_model_may_stand_for_a_name():
    recipe = Recipe(cell="lstm", hidden_size=4, updates=3, windows=(6,))
    assert "lstm" in Forecaster(recipe, horizon=2, level=None).fit(panel()).predict()
    model = Naive()
    assert "naive" in Forecaster(model, horizon=2, level=None).fit(panel()).predict()
    assert not hasattr(model, "horizon_"), "the one that was given is not changed"


def test_beyond_the_horizon_forecasts_are_iterated_and_that_is_said():
    forecaster = Forecaster("drift", horizon=3, level=None).fit(np.arange(30.0))
    assert forecaster.predict(h=8)["drift"].round(6).tolist() == list(range(30, 38))
    assert "h=8 is beyond the horizon of 3" in forecaster.notes_[-1]
    assert len(forecaster.predict(h=2)) == 2


def test_iterating_is_forecasting_from_the_forecasts():
    class Halves(Model):
        name = "halves"

        def predict(self, history, origins=None):
            ends = history.ends() if origins is None else origins
            return history.target[ends.rows - 1][:, None] / 2.0 ** np.arange(1, self.horizon_ + 1)

    history = make_history([np.array([64.0]), np.array([1.0, 32.0])])
    found = forecast_far(Halves().fit(history, 2), history, 5)
    assert found.tolist() == [[32, 16, 8, 4, 2], [16, 8, 4, 2, 1]]


def test_values_that_are_zero_in_the_last_rows_alone():
    stopped = months()
    stopped.loc[90:, "y"] = 0.0  # logarithms could not follow them there
    forecaster = Forecaster("gru", horizon=3, **TINY).fit(stopped)
    assert np.isfinite(forecaster.predict()["gru"]).all()
    assert len(forecaster.cross_validation(n_windows=2)) == 6


def test_series_never_seen_in_training():
    forecaster = Forecaster("gru", horizon=3, **TINY).fit(panel())
    new = panel(ids=("x",), level=500.0)
    found = forecaster.predict(new=new)
    assert found["unique_id"].tolist() == ["x"] * 3
    assert 300 < found["gru"].mean() < 700
    short = forecaster.predict(new=new.tail(2))  # shorter than the look-back
    assert np.isfinite(short["gru"]).all()
    assert forecaster.predict()["unique_id"].nunique() == 2, "the known series are kept"


def test_a_level_that_moves_moves_the_forecast_alike():
    forecaster = Forecaster("gru", horizon=3, level=None, **TINY).fit(panel())
    one = forecaster.predict(new=panel(ids=("x",), level=100.0))["gru"].to_numpy()
    many = forecaster.predict(new=panel(ids=("x",), level=100.0).assign(
        y=lambda d: d["y"] * 1000))["gru"].to_numpy()  # fmt: skip
    assert np.allclose(many, 1000 * one, rtol=1e-4)


def test_paths_hold_what_the_intervals_hold():
    forecaster = Forecaster("drift", horizon=4, interval="paths").fit(months(rows=120))
    paths = forecaster.paths(count=400)
    assert list(paths) == ["ds", "path", "drift"]
    assert len(paths) == 400 * 4
    forecast = forecaster.predict().set_index("ds")
    drawn = paths.merge(forecast, on="ds", suffixes=("_path", ""))
    inside = drawn["drift_path"].between(drawn["drift-lo-80"], drawn["drift-hi-80"])
    assert 0.75 < inside.mean() < 0.85
    pd.testing.assert_frame_equal(forecaster.paths(count=400), paths)  # the same bits
    wide = paths.pivot(index="path", columns="ds", values="drift")
    assert wide.corr().iloc[0, 1] > 0.2  # joint: what is low at one step is low at the next


def test_paths_of_a_panel_beyond_the_horizon_and_without_intervals():
    forecaster = Forecaster("naive", horizon=2).fit(panel())
    paths = forecaster.paths(count=3, h=5, new=panel(ids=("x", "y", "z")))
    assert len(paths) == 3 * 3 * 5
    assert paths.groupby("unique_id")["path"].nunique().tolist() == [3, 3, 3]
    with pytest.raises(InputError, match="count must be a whole number >= 1"):
        forecaster.paths(count=0)
    with pytest.raises(InputError, match="fitted without intervals"):
        Forecaster("naive", horizon=2, level=None).fit(panel()).paths()


@pytest.mark.parametrize("name", ["theta", "ets", "linear", "gru", "gru-sequence"])
def test_a_series_that_begins_late_or_falls_silent_does_not_refuse_the_panel(name):
    data = panel(ids=("a", "late", "silent"), rows=48)
    place = data.groupby("unique_id").cumcount()
    late = (data["unique_id"] == "late") & (place < 40)
    silent = (data["unique_id"] == "silent") & (place >= 12)
    data.loc[late | silent, "y"] = np.nan
    options = TINY if "gru" in name else {}
    forecaster = Forecaster(name, horizon=3, missing="mask", **options).fit(data)
    found = forecaster.predict()
    assert len(found) == 9
    assert np.isfinite(found.drop(columns=["unique_id", "ds"])).to_numpy().all()
    assert forecaster.evaluate(n_windows=2).series >= 2


# -- what it says --------------------------------------------------------------------------------


def test_the_share_of_statistics_is_said():
    notes = Forecaster("gru", horizon=3, level=None, **TINY).fit(months()).notes_
    assert any("50 % gru, 25 % log_theta, 25 % damped" in note for note in notes)
    alone = Forecaster("gru-direct", horizon=3, level=None, **TINY).fit(months())
    assert not any("Theta" in note for note in alone.notes_)


def stated(forecaster):
    """What a fit says of itself."""
    statement = forecaster.statement_
    assert statement is not None
    return statement


def test_the_statement_is_the_error_beside_seasonal_naive():
    forecaster = Forecaster("mean", horizon=4, level=None).fit(months())
    statement = stated(forecaster)
    assert statement.period == 12
    assert statement.skill < 0
    assert "MORE than seasonal naive (season of 12 rows)" in statement.words
    assert forecaster.notes_[-1] == statement.words
    assert {alarm.kind for alarm in statement.alarms} >= {"worse than naive"}


def test_the_alarm_of_flat_forecasts():
    wave = months(rows=200).assign(y=lambda d: 10 * np.sin(np.arange(200) / 3))
    statement = stated(Forecaster("mean", horizon=1, season=1, level=None).fit(wave))
    assert "flat" in {alarm.kind for alarm in statement.alarms}


def test_the_alarm_of_the_last_value_again():
    walk = np.cumsum(np.random.default_rng(0).normal(size=300))
    statement = stated(Forecaster("naive", horizon=1, season=1, level=None).fit(walk))
    assert "lag" in {alarm.kind for alarm in statement.alarms}
    assert "repeats the last value" in statement.words


def test_a_season_is_told_by_the_frequency_or_by_the_user():
    assert Forecaster("naive", horizon=2, level=None).fit(months()).period_ == 12
    assert Forecaster("naive", horizon=2, level=None, season=6).fit(months()).period_ == 6
    assert Forecaster("naive", horizon=2, level=None).fit(np.arange(40.0)).period_ == 1


def test_constant_series_are_said():
    data = panel().assign(y=lambda d: np.where(d["unique_id"] == "a", 5.0, d["y"]))
    forecaster = Forecaster("gru", horizon=2, **TINY).fit(data)
    assert any("Series 'a' never changes" in note for note in forecaster.notes_)
    found = forecaster.predict()
    assert np.allclose(found.loc[found["unique_id"] == "a", "gru"], 5.0, atol=0.5)


def test_its_text_shows_what_was_chosen():
    assert repr(Forecaster("lstm", 7, window=28)) == "Forecaster('lstm', horizon=7, window=28)"
    levels: Any = np.array([80, 95])
    several = repr(Forecaster("naive", level=levels))
    assert several == "Forecaster('naive', horizon=14, level=array([80, 95]))"


# -- going on ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["seasonal_naive", "gru"])
def test_rows_that_come_later(name):
    data = panel()
    cut = data["ds"].unique()[-4]
    options = TINY if name == "gru" else {}
    forecaster = Forecaster(name, horizon=3, **options).fit(data[data["ds"] < cut])
    expected = forecaster.predict(new=data)[name]
    forecaster.update(data[data["ds"] >= cut])
    found = forecaster.predict()
    assert found["ds"].min() > data["ds"].max()
    assert np.array_equal(found[name], expected), "nothing was learned, only taken in"


def test_rows_for_one_of_the_series():
    data = panel()
    forecaster = Forecaster("naive", horizon=1).fit(data)
    stamp = data["ds"].max() + pd.DateOffset(months=1)
    forecaster.update(pd.DataFrame({"unique_id": ["b"], "ds": [stamp], "y": [7.0]}))
    found = forecaster.predict(level=())
    assert found["naive"].tolist()[1] == 7.0
    assert found["ds"].tolist() == [stamp, stamp + pd.DateOffset(months=1)]


def test_refit_goes_on_from_the_present_weights():
    forecaster = Forecaster("gru", horizon=2, level=None, **TINY).fit(panel())
    before = forecaster.predict()["gru"].to_numpy()
    assert not np.array_equal(forecaster.refit().predict()["gru"], before)


@pytest.mark.parametrize("name", ["gru", "gru-sequence", "theta"])
def test_one_value_after_the_other(name):
    values = months()["y"].to_numpy()
    options = {} if name == "theta" else TINY
    forecaster = Forecaster(name, horizon=3, season=12, **options).fit(values[:-2])
    forecaster.step(values[-2])
    found = forecaster.step(values[-1])
    expected = forecaster.predict(new=values)[name]
    assert np.allclose(found, expected)
    assert np.allclose(forecaster.predict()[name], expected)


# -- covariates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["price", "kind"])
def test_what_is_known_in_advance_is_used(name):
    data = priced(300)
    forecaster = Forecaster("linear", horizon=4, future=[name], calendar=False).fit(data.head(296))
    found = forecaster.predict(future=data.tail(4))["linear"]
    assert np.abs(found - data["y"].tail(4).to_numpy()).max() < 5
    assert "linear" in forecaster.cross_validation()


def test_paths_follow_what_is_known_in_advance():
    data = priced(200)
    forecaster = Forecaster("linear", horizon=4, future=["price"], calendar=False)
    forecaster.fit(data.head(196))
    ahead = data.tail(4)
    means = forecaster.paths(1000, future=ahead).groupby("ds")["linear"].mean()
    assert np.allclose(means, forecaster.predict(future=ahead)["linear"], atol=2)
    dear = ahead["price"].to_numpy() > 1
    assert means[dear].max() < means[~dear].min() - 15


FUTURE = [
    (lambda d: None, InputError, r"covariates known in advance \(price\) .* pass future="),
    (lambda d: d.tail(4).head(3), TableError, "no row for the series at 2024-02-29"),
    (lambda d: d.tail(4).assign(price=[1, np.nan, 2, 1]), TableError,
     "no value of price in the row of the series at 2024-02-27"),
    (lambda d: pd.concat([d.tail(4), d.tail(1)]), TableError, "2024-02-29 .* more than once"),
    (lambda d: d.tail(4).drop(columns="price"), TableError, "no column 'price'"),
    (lambda d: d.tail(4).assign(price="much"), TableError, "'price' .* holds text where numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "words"), FUTURE)
def test_what_is_needed_in_advance_is_asked_for(make, kind, words):
    data = priced()
    forecaster = Forecaster("linear", horizon=4, level=None, future=["price"]).fit(data.head(56))
    with pytest.raises(kind, match=words):
        forecaster.predict(future=make(data))


def test_rows_and_columns_that_nobody_asked_for_do_not_matter():
    data = priced()
    forecaster = Forecaster("linear", horizon=4, level=None, future=["price"]).fit(data.head(56))
    expected = forecaster.predict(future=data.tail(4))
    pd.testing.assert_frame_equal(forecaster.predict(future=data), expected)


# -- choices -------------------------------------------------------------------------------------


def test_epochs_are_passes_over_the_windows():
    forecaster = Forecaster("gru-direct", horizon=2, level=None, window=6, epochs=3)
    forecaster.fit(panel(rows=66))
    # 2 series of 64 origins each are two batches of 64
    assert isinstance(forecaster.model_, NetworkModel)
    assert forecaster.model_.recipe.updates == 3 * 2


REFUSED = [
    (
        {"model": "gro"},
        "no model 'gro'; did you mean 'gru'. it must be a Recipe, a Plan, a Model or one of rnn",
    ),
    ({"horizon": 0}, "horizon must be a whole number >= 1"),
    ({"window": 1.5}, "window must be a whole number"),
    ({"level": 120}, "level must lie between 0 and 100"),
    ({"interval": "magic"}, "interval must be one of 'conformal'"),
    ({"missing": "zero"}, "missing must be one of 'error', 'mask'"),
    ({"past": ["y"]}, "column 'y' is named twice"),
    ({"categorical": ["shop"]}, "categorical names 'shop', which is not among"),
    ({"calendar": ["moon"]}, "calendar must be 'auto', True, False or some of hour"),
    ({"calendar": ["hour"]}, "calendar has 'hour', which does not vary"),
    ({"model": "naive", "window": 3}, "window=3 is a choice of networks"),
    ({"freq": "D"}, "lacks 2766 times of its frequency 'D'"),
    ({"n_jobs": 0}, "n_jobs must be a whole number >= 1"),
    ({"seed": -1}, "seed must be a whole number >= 0"),
]


@pytest.mark.parametrize(("options", "words"), REFUSED)
def test_wrong_arguments_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        Forecaster(**({"model": "mean", "horizon": 2} | options)).fit(panel())


def test_the_order_of_calls():
    for call in ("predict", "refit", "cross_validation", "evaluate"):
        with pytest.raises(InputError, match="not fitted; call fit with a table first"):
            getattr(Forecaster("naive"), call)()


LATER = [
    (lambda d: d.tail(1), "the table begins at .* give only rows that are not known yet"),
    (lambda d: d.tail(1).assign(ds="2030-01-01"), "rows lack between"),
]


@pytest.mark.parametrize(("make", "words"), LATER)
def test_rows_that_do_not_follow_are_refused(make, words):
    forecaster = Forecaster("naive", horizon=2, level=None).fit(panel())
    with pytest.raises(InputError, match=words):
        forecaster.update(make(panel()))


def test_steps_are_for_one_series_alone():
    forecaster = Forecaster("naive", horizon=2, level=None).fit(panel())
    with pytest.raises(InputError, match="one series without covariates; use update"):
        forecaster.step(3.0)
    one = Forecaster("naive", horizon=2, level=None).fit(np.arange(9.0))
    with pytest.raises(InputError, match="y must be a number, or NaN where it is missing"):
        one.step(np.inf)


def test_intervals_that_were_not_made():
    forecaster = Forecaster("naive", horizon=2, level=None).fit(panel())
    with pytest.raises(InputError, match="fitted without intervals"):
        forecaster.predict(level=80)
