"""Rows that come later: gaps at their beginning, zeros, and series that are new."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatecast import Forecaster
from gatecast.errors import InputError
from gatecast.forecast import Plan, Recipe
from tests.forecast.tables import panel, priced

TINY: dict[str, Any] = {"updates": 3, "window": 8}


def later(data, rows, **columns):
    """The rows after the end of every series."""
    parts = []
    for name, one in data.groupby("unique_id"):
        stamps = pd.date_range(one["ds"].max(), periods=rows + 1, freq="MS")[1:]
        parts.append(pd.DataFrame({"unique_id": name, "ds": stamps} | columns))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("name", ["seasonal_naive", "gru", "gru-sequence"])
def test_a_new_series_is_taken_in_and_said(name):
    data = panel(ids=("a", "b"))
    new = panel(ids=("a", "b", "z")).query("unique_id == 'z'")
    tiny = TINY if name.startswith("gru") else {}
    forecaster = Forecaster(name, horizon=3, **tiny).fit(data)
    before = forecaster.predict()
    alone = forecaster.predict(new=new)
    forecaster.update(new)
    found = forecaster.predict()
    assert found["unique_id"].unique().tolist() == ["a", "b", "z"]
    pd.testing.assert_frame_equal(found.head(len(before)), before)
    pd.testing.assert_frame_equal(found.tail(3).reset_index(drop=True), alone)
    assert "series 'z' is new: it is forecast, and nothing was learned from it" in forecaster.notes_
    forecaster.update(later(pd.concat([data, new]), 2, y=60.0)).refit()
    assert len(forecaster.predict()) == 9
    assert len(forecaster.cross_validation(n_windows=1)) == 9


def test_a_new_series_with_a_start_and_a_category_of_its_own():
    data = panel(ids=("a", "b")).assign(size=1.0, kind="x")
    new = data[data["unique_id"] == "a"].assign(
        unique_id="z", size=7.0, ds=lambda t: t["ds"] + pd.DateOffset(months=9)
    )
    forecaster = Forecaster("gru", horizon=2, static=["size", "kind"], **TINY).fit(data)
    found = forecaster.update(new).predict()
    assert found["ds"].iloc[-1] == new["ds"].iloc[-1] + pd.DateOffset(months=2)
    assert forecaster.known_.history.static.ravel().tolist() == [1.0, 1.0, 7.0]
    with pytest.raises(InputError, match="'kind' of the table holds 'y', a category that the"):
        forecaster.update(new.assign(unique_id="q", kind="y"))


@pytest.mark.parametrize(
    ("rule", "expected"), [("last", [7.0, 7.0, 10.0]), ("interpolate", [8.0, 9.0, 10.0])]
)
def test_a_hole_at_the_beginning_is_filled_from_what_was_known_before(rule, expected):
    data = panel(ids=("a", "b"))
    data.loc[data.groupby("unique_id").tail(1).index, "y"] = 7.0
    forecaster = Forecaster("naive", horizon=1, level=None, missing=rule).fit(data)
    rows = later(data, 3)
    rows["y"] = [np.nan, np.nan, 10.0] * 2
    forecaster.update(rows)
    assert forecaster.known_.history.series(0)[-3:].tolist() == expected
    assert forecaster.known_.history.series(1)[-3:].tolist() == expected


@pytest.mark.parametrize(("rule", "end"), [("last", 5.0), ("mask", np.nan), ("interpolate", 5.0)])
def test_rows_without_any_value(rule, end):
    data = panel(ids=("a",))
    data.loc[data.index[-1], "y"] = 5.0
    forecaster = Forecaster("naive", horizon=2, level=None, missing=rule).fit(data)
    forecaster.update(later(data, 2, y=np.nan))
    np.testing.assert_equal(forecaster.known_.history.target[-2:], [end, end])
    assert forecaster.predict()["naive"].tolist() == [5.0, 5.0]


def test_covariates_keep_their_last_value_too():
    data = priced().assign(unique_id="a")
    options: dict[str, Any] = {"past": ["price"], "future": ["kind"], "missing": "last"}
    forecaster = Forecaster("linear", horizon=1, level=None, **options).fit(data)
    stamps = pd.date_range(data["ds"].max(), periods=3, freq="D")[1:]
    rows = pd.DataFrame(
        {"unique_id": "a", "ds": stamps, "y": 1.0, "price": [None, 1.5], "kind": [None, "dear"]}
    )
    history = forecaster.update(rows).known_.history
    assert history.past[-2:, 0].tolist() == [data["price"].iloc[-1], 1.5]
    assert history.future[-2, :2].tolist() == history.future[-3, :2].tolist()


def test_a_new_series_without_any_value_is_refused():
    forecaster = Forecaster("naive", horizon=1, level=None, missing="last").fit(panel())
    stranger = later(panel(), 2, y=np.nan).assign(unique_id="z").head(2)
    with pytest.raises(InputError, match="no value at all in series 'z'"):
        forecaster.update(pd.concat([later(panel(), 2, y=1.0), stranger]))


@pytest.mark.parametrize("name", ["gru", "gru-sequence", "lstm-recursive"])
def test_zeros_after_a_positive_past_are_said(name):
    data = panel(ids=("a", "b"))
    forecaster = Forecaster(name, horizon=2, **TINY).fit(data)
    assert not any("logarithms" in note for note in forecaster.notes_)
    forecaster.update(later(data, 2, y=0.0))
    assert sum("count as the least positive one" in note for note in forecaster.notes_) == 1
    assert np.isfinite(forecaster.predict()[name]).all()
    zeros = data.assign(y=lambda t: t["y"] * (t.index % 7 > 0))
    assert np.isfinite(forecaster.predict(new=zeros)[name]).all()
    assert np.isfinite(forecaster.refit().predict()[name]).all()


def test_a_stream_goes_on_through_zeros():
    values = panel(ids=("a",))["y"].to_numpy()
    forecaster = Forecaster("gru-sequence", horizon=2, **TINY).fit(values)
    for value in (0.0, -1.0, 50.0):
        assert np.isfinite(forecaster.step(value)).all()


@pytest.mark.parametrize("value", [np.inf, 1e300, True, "5", None])
def test_values_that_cannot_come_next(value):
    forecaster = Forecaster("naive", horizon=2, level=None).fit(np.arange(9.0))
    with pytest.raises(InputError, match="y must be a number, .* not beyond 1e\\+15; it is"):
        forecaster.step(value)


def test_a_static_covariate_that_changes_is_refused():
    data = panel(ids=("a", "b")).assign(size=1.0, kind="x")
    data.loc[data["unique_id"] == "b", "kind"] = "y"
    forecaster = Forecaster("naive", horizon=2, static=["size", "kind"]).fit(data)
    rows = later(data, 1, y=1.0, size=1.0, kind="x")
    with pytest.raises(InputError, match="column 'kind' of series 'b' has another value than in"):
        forecaster.update(rows)
    with pytest.raises(InputError, match="column 'size' of series 'a' has another value than in"):
        forecaster.update(rows.assign(size=2.0))
    assert len(forecaster.known_.ids) == 2


def test_a_new_series_that_looks_like_a_known_one_is_refused():
    data = panel(ids=("a", "b"))
    forecaster = Forecaster("naive", horizon=2).fit(data)
    with pytest.raises(InputError, match="series 'a ' is new, and differs from 'a' by white space"):
        forecaster.update(later(data, 1, y=1.0).replace({"unique_id": {"a": "a "}}))


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("mixed", [False, True])
def test_after_a_refit_notes_tell_of_the_model_as_it_is_now(loaded, mixed, tmp_path):
    rng = np.random.default_rng(0)
    plan = Plan((Recipe(updates=2, windows=(8,)),), (("statistics", 0.5),))
    forecaster = Forecaster(plan if mixed else "statistics", horizon=7, season=7, level=None)
    forecaster.fit(100 + rng.normal(size=150).cumsum())
    words = "Statistics, by a backtest of past origins: "
    assert words + "100 % smoothing." in forecaster.notes_
    if loaded:
        forecaster.save(tmp_path / "m.gatecast")
        forecaster = Forecaster.load(tmp_path / "m.gatecast")
    forecaster.update(np.tile(rng.uniform(1, 20, size=14), 30)).refit()
    told = [note for note in forecaster.notes_ if note.startswith(words)]
    assert told == [words + "100 % autoregression."]
    assert any("err" in note for note in forecaster.notes_)  # what else was said stays
