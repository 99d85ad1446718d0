"""Covariates that lack values: what was filled in is told apart from what is real."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import Forecaster, files
from gatecast.errors import InputError, TableError
from gatecast.forecast import NetworkModel, Recipe, explain_model, make_history
from gatecast.forecast.advancing import gone_on
from gatecast.forecast.columns import moments_by_column
from gatecast.forecast.layout import Layout
from gatecast.forecast.reading import read_again, read_known
from gatecast.forecast.sequence import SequenceStream
from gatecast.forecast.windowed.inputs import flags_up, rows_before
from gatecast.forecast.windowed.windows import Windows

FORMS = ("direct", "recursive", "encoder_decoder", "sequence")
QUICK: dict[str, Any] = {"hidden_size": 8, "updates": 8, "windows": (6,)}


def watched(rows: int = 260, seed: int = 0) -> pd.DataFrame:
    """Sales that follow a price, but for the days without one: then the shop is shut."""
    rng = np.random.default_rng(seed)
    price, shut = rng.normal(size=rows), rng.random(rows) < 0.3
    return pd.DataFrame(
        {
            "ds": pd.date_range("2024-01-01", periods=rows, freq="D"),
            "y": np.where(shut, 40.0, 100 + price),
            "price": np.where(shut, np.nan, price),
        }
    )


def forecaster(form: str = "direct", **options: Any) -> Forecaster:
    recipe = options.pop("recipe", Recipe(form=form, **QUICK))
    defaults: dict[str, Any] = {"missing": "mask", "season": 1, "calendar": False, "level": None}
    return Forecaster(recipe, **({"horizon": 4} | defaults | options))


@given(
    holes=st.lists(st.booleans(), min_size=4, max_size=20).filter(lambda h: not all(h)),
    kind=st.sampled_from(["past", "future"]),
)
def test_the_flag_says_where_and_the_value_stays_the_last(holes, kind):
    values = np.where(holes, np.nan, np.arange(len(holes)) + 1.0)
    table = pd.DataFrame({"y": np.arange(len(holes)) * 1.0, "price": values})
    roles: dict[str, Any] = {kind: ("price",)}
    history = read_known(table, Layout(time=None, missing="mask", **roles), False).history
    columns = getattr(history, kind)
    assert np.array_equal(columns[:, 0], table["price"].ffill().bfill())
    if any(holes):
        assert getattr(history, f"{kind}_names") == ("price", "price is missing")
        assert np.array_equal(columns[:, 1], holes)
    else:
        assert getattr(history, f"{kind}_names") == ("price",)


@pytest.mark.parametrize("rule", ["last", "interpolate"])
def test_a_rule_that_fills_in_for_good_makes_no_flag(rule):
    known = read_known(watched(40), Layout(missing=rule, past=("price",)), False)
    assert known.history.past_names == ("price",)
    assert known.history.flags == ()


def test_flags_stand_after_all_values_and_before_the_calendar():
    table = watched(60).assign(size=1.0)
    table["kind"] = pd.Series("dear", table.index).where(table["price"].notna())
    table.loc[3, "kind"] = "cheap"
    known = read_known(table, Layout(missing="mask", future=("price", "kind", "size")), ["weekday"])
    expected = ("price", "kind=cheap", "kind=dear", "size", "price is missing", "kind is missing")
    assert known.history.future_names[:6] == expected
    assert len(known.history.future_names) > 6
    shut = table["price"].isna().to_numpy()
    assert np.array_equal(known.history.future[:, 4], shut)
    assert np.array_equal(known.history.future[:, 5], np.where(np.arange(60) == 3, False, shut))
    later = table.tail(5).assign(ds=lambda t: t["ds"] + pd.Timedelta(days=5))
    again = read_again(later, known.schema, after=known)
    assert again.history.future_names == known.history.future_names
    assert again.history.future[:, 3].tolist() == [1.0] * 5  # each value in its own column


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_networks_learn_what_it_means_that_a_value_is_missing(form):
    table, steps = watched(), 12
    recipe = Recipe(form=form, residual=True, hidden_size=16, updates=250, windows=(4,), rate=0.01)
    model = forecaster(recipe=recipe, horizon=steps, future=["price"]).fit(table[:-steps])
    truth = table["y"].to_numpy()[-steps:]
    found = model.predict(future=table.tail(steps)).iloc[:, -1].to_numpy()
    shut = table["price"].isna().to_numpy()[-steps:]
    assert 2 <= shut.sum() <= 10
    # a price that stays as it was would tell of a day on which the shop is open
    assert np.abs(found - truth).mean() < 12
    assert found[~shut].min() > found[shut].max() + 20


def test_a_rare_flag_is_no_giant_and_one_that_was_never_up_is_not_seen():
    price = np.arange(1000.0)
    price[500] = np.nan
    table = pd.DataFrame({"y": np.arange(1000.0), "price": price})
    known = read_known(table, Layout(time=None, missing="mask", past=("price",)), False)
    assert moments_by_column(known.history, "past")[1] == (0.0, 1.0)
    mean, deviation = moments_by_column(known.history.until(np.array([400])), "past")[1]
    assert abs((1.0 - mean) / deviation) < 1e-20


@pytest.mark.parametrize("form", FORMS)
def test_masked_covariates_in_every_use(form, tmp_path):
    table = watched(80)
    table["size"] = table["price"].shift(3)
    model = forecaster(form, past=["size"], future=["price"], level=80)
    model.fit(table[:60])
    future = table[60:64]
    assert table["price"][60:64].isna().any()
    expected = model.predict(future=future)
    model.save(tmp_path / "m.gatecast")
    loaded = Forecaster.load(tmp_path / "m.gatecast")
    pd.testing.assert_frame_equal(loaded.predict(future=future), expected, check_exact=True)
    for each in (model, loaded):
        each.update(table[60:70])
        each.refit()
    later = loaded.predict(h=6, future=table[70:76])  # beyond the horizon
    pd.testing.assert_frame_equal(model.predict(h=6, future=table[70:76]), later, check_exact=True)
    assert np.isfinite(later.iloc[:, 1:].to_numpy()).all()
    assert np.isfinite(model.predict(new=table[:30], future=table[30:34]).iloc[:, 1:]).all(
        axis=None
    )
    explained = model.explain(future=table[70:74])
    assert {"price", "price is missing", "size", "size is missing"} <= set(explained["input"])
    total = explained.groupby("ds")["contribution"].sum().to_numpy()
    points = model.predict(future=table[70:74], level=()).iloc[:, -1].to_numpy()
    assert np.allclose(total, points)


def test_what_is_carried_on_beyond_the_present_is_flagged_too():
    table = watched(60).assign(size=np.arange(60.0))
    table.loc[0, "price"], table.loc[59, "price"] = np.nan, 3.0
    model = forecaster("recursive", past=["price", "size"], future=[]).fit(table)
    history = model.known_.history
    later = gone_on(history, np.ones((1, 2))).past[-2:]
    assert (
        later.tolist() == [[3.0, 59.0, 1.0]] * 2
    )  # the price was there in the last row, not after
    member: Any = model.model_.members_[0]  # type: ignore[attr-defined]
    windows = Windows(history, member.facts, member.recipe)
    found = rows_before(windows, history.ends()).extended(np.zeros((1, 4, 0)), flags_up(windows))
    assert (found.covariates[0, :-4, 2] == history.past[-6:, 2]).all()
    assert (found.covariates[0, -4:, 2] == 1).all()
    assert (found.covariates[0, -4:, :2] == found.covariates[0, -5, :2]).all()


def test_what_is_missing_at_prediction_only_is_said(caplog):
    whole, holes = watched(60), watched(60, seed=1)
    whole["price"] = whole["price"].fillna(0.0)
    model = forecaster(past=["price"]).fit(whole)
    assert model.known_.schema.masked == ()
    model.predict(new=holes)
    assert "'price' were filled in with the last known value, or the first" in caplog.text
    assert "and models take it for a real one: in the table of fit none was missing" in caplog.text
    later = whole.tail(5).assign(ds=lambda t: t["ds"] + pd.Timedelta(days=5), price=np.nan)
    model.update(later)
    assert any("models take it for a real one" in note for note in model.notes_)


def test_a_future_value_may_be_missing_only_where_that_could_be_learned(caplog):
    table = watched(64).assign(size=1.0)
    model = forecaster(future=["size", "price"]).fit(table[:60])
    future = table[60:64].assign(price=np.nan)
    assert np.isfinite(model.predict(future=future).iloc[:, -1]).all()
    assert "4 missing values of column 'price' filled in with the last known" in caplog.text
    by_hand = future.assign(price=table["price"][:60].ffill().iloc[-1])
    unlike = model.predict(future=by_hand).iloc[:, -1]  # the same value, given as a real one
    assert (unlike != model.predict(future=future).iloc[:, -1]).any()
    with pytest.raises(TableError, match="no value of size in the row of the series at 2024-03-01"):
        model.predict(future=future.assign(size=np.nan))
    with pytest.raises(TableError, match="no row for the series at 2024-03-03"):
        model.predict(future=future.drop(index=62))


def test_a_future_category_may_be_missing_too():
    table = watched(64)
    table["kind"] = table["price"].map(lambda price: "a" if price > 0 else "b", na_action="ignore")
    model = forecaster(future=["kind"]).fit(table[:60])
    shut = table[60:64].assign(kind=None)
    last = table["kind"][:60].ffill().iloc[-1]
    assert np.isfinite(model.predict(future=shut).iloc[:, -1]).all()
    assert not model.predict(future=shut).equals(model.predict(future=shut.assign(kind=last)))


@pytest.mark.parametrize("rule", ["last", "mask"])
def test_a_hole_at_the_beginning_is_filled_from_behind_it_and_that_is_said(rule):
    table = watched(60).assign(y=np.arange(60.0), price=np.arange(60.0))
    table.loc[30, "price"] = np.nan
    layout = Layout(missing=rule, past=("price",))
    known = read_known(table, layout, False)
    words = "or the first one where a series begins without any (a backtest from within"
    assert not any(words in note for note in known.notes)
    later = table.tail(4).assign(ds=lambda t: t["ds"] + pd.Timedelta(days=4), price=np.nan)
    assert not any(words in note for note in read_again(later, known.schema, after=known).notes)
    table.loc[:3, "price"] = np.nan
    begun = read_known(table, layout, False)
    assert begun.history.past[:5, 0].tolist() == [4.0] * 5
    assert any(words in note for note in begun.notes)


def test_a_column_by_the_name_of_a_flag_is_refused():
    table = watched(40).rename(columns={"price": "p"}).assign(**{"p is missing": 0.0})
    with pytest.raises(TableError, match="'p is missing' of the table is named as the column"):
        forecaster(past=["p", "p is missing"]).fit(table)


def test_a_file_of_before_there_were_flags_forecasts_as_it_did(tmp_path):
    model = forecaster(past=["price"], missing="last").fit(watched(60))
    model.save(tmp_path / "m.gatecast")
    arrays, config = files.read(tmp_path / "m.gatecast")
    older = json.loads(json.dumps(config))
    del older["known"]["schema"]["masked"], older["known"]["names"]["flags"]
    files.write(tmp_path / "m.gatecast", arrays, older)
    loaded = Forecaster.load(tmp_path / "m.gatecast")
    pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)


HOLED = np.where(np.arange(40) == 7, np.nan, 1.0)[:, None]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["past", "future", "static"])
def test_bare_histories_with_holes_in_covariates_are_refused(form, kind):
    wave, ahead = 10 + np.sin(np.arange(40.0)), np.ones((1, 4, 1))
    whole: Any = np.ones((1, 1)) if kind == "static" else [np.ones((40, 1))]
    holes: Any = np.full((1, 1), np.nan) if kind == "static" else [HOLED]
    more: dict[str, Any] = {"ahead": ahead} if kind == "future" else {}
    bad = make_history([wave], **{kind: holes}, **more)
    model = NetworkModel(Recipe(form=form, **QUICK))
    where = 0 if kind == "static" else "0"
    with pytest.raises(InputError, match=f"{kind} covariate 0 .* is NaN in series {where} "):
        model.fit(bad, 4)
    model.fit(make_history([wave], **{kind: whole}, **more), 4)
    with pytest.raises(InputError, match=f"{kind} covariate 0 .* fill it in and add a column"):
        model.predict(bad)
    with pytest.raises(InputError, match="is NaN in series 0"):
        explain_model(model, bad, bad.ends())


def test_a_stream_refuses_a_covariate_without_a_value():
    history = make_history(
        [np.arange(40.0)], past=[np.ones((40, 1))], future=[np.ones((40, 1))],
        ahead=np.ones((1, 2, 1)), static=np.ones((1, 1)),
    )  # fmt: skip
    model = NetworkModel(Recipe(form="sequence", **QUICK)).fit(history, 2)
    fitted = model.members_[0].fitted  # type: ignore[attr-defined]
    ahead = np.ones((3, 1))
    stream = SequenceStream(fitted, [1.0])
    with pytest.raises(InputError, match="past holds NaN"):
        stream.step(1.0, [np.nan], ahead)
    with pytest.raises(InputError, match="future holds NaN"):
        stream.step(1.0, [1.0], np.where(ahead > 0, np.nan, 1))
    assert np.isfinite(stream.step(1.0, [1.0], ahead)).all()
    with pytest.raises(InputError, match="static holds NaN"):
        SequenceStream(fitted, [np.nan])
