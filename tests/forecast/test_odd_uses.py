"""Arguments of a wrong kind, odd tables and odd calls: one sentence, or the right thing."""

import array
import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.base

from gatecast import Forecaster
from gatecast.errors import GatecastError, InputError
from tests.forecast.tables import months, panel

DAYS = pd.date_range("2024-01-01", periods=40)
VALUES = 100 + np.arange(40.0) % 7


def frame(**columns):
    return pd.DataFrame({"ds": DAYS, "y": VALUES} | columns)


ARGUMENTS: list[tuple[dict[str, Any], str]] = [
    ({"past": 5}, r"past must be texts in a list, such as \['a', 'b'\], it is 5"),
    ({"future": [5]}, r"future must be texts in a list, .* it is \[5\]"),
    ({"static": {"a"}}, r"static must be texts in a list"),
    ({"missing_texts": [-999]}, r"missing_texts must be texts in a list"),
    ({"target": None}, "target must be a text, it is None"),
    ({"target": ["y"]}, "target must be a text"),
    ({"id": 5}, "id must be a text or None, it is 5"),
    ({"time": 5}, "time must be a text or None"),
    ({"date_format": 5}, "date_format must be a text or None"),
    ({"timezone": 1}, "timezone must be a text or None"),
    ({"encoding": 5}, "encoding must be a text or None"),
    ({"delimiter": 5}, "delimiter must be a text or None"),
    ({"dayfirst": "yes"}, "dayfirst must be True or False, it is 'yes'"),
    ({"calendar": 5}, "calendar must be 'auto', True, False or some of hour, .* it is 5"),
    ({"calendar": None}, "calendar must be .* it is None"),
    ({"calendar": [["hour"]]}, "calendar must be 'auto', True"),
    ({"calendar": "weekly"}, "calendar must be .* it is 'weekly'"),
    ({"horizon": 10**12}, "horizon must be at most 1000000, it is 1000000000000"),
    ({"level": "80"}, "level must lie between 0 and 100 per cent, it is '80'"),
    ({"level": 0.8}, "0.8 is less than one per cent; write 80 if that is meant"),
    ({"model": "GRU"}, "there is no model 'GRU'; did you mean 'gru'"),
    ({"model": "seasonal naive"}, "did you mean 'seasonal_naive'"),
    ({"model": "gru sequence"}, "did you mean 'gru-sequence'"),
    ({"model": "Theta "}, "did you mean 'theta'"),
    ({"model": None}, "there is no model None; it must be a Recipe, a Plan, a Model or one of"),
]


@pytest.mark.parametrize(("options", "words"), ARGUMENTS, ids=str)
def test_arguments_of_a_wrong_kind(options, words):
    with pytest.raises(InputError, match=words):
        Forecaster(**({"model": "naive", "horizon": 2} | options)).fit(frame())


def test_no_covariates_may_be_none():
    forecaster = Forecaster("naive", horizon=2, past=None)  # type: ignore[arg-type]
    assert forecaster.fit(frame()).known_.schema.layout.past == ()


def test_steps_ahead_that_no_table_holds():
    with pytest.raises(InputError, match="h must be at most 1000000"):
        Forecaster("naive", horizon=2).fit(frame()).predict(10**9)
    with pytest.raises(InputError, match="h must be at most 1000 where 2 steps were learned"):
        Forecaster("naive", horizon=2).fit(frame()).predict(1001)
    with pytest.raises(InputError, match="h must be at most 1000 where 2 steps were learned"):
        Forecaster("naive", horizon=2).cross_validation(1001, df=frame())
    with pytest.raises(InputError, match="season must be at most 1000000"):
        Forecaster("seasonal_naive", horizon=2, season=10**9).fit(frame())


def test_more_origins_than_rows_are_as_many_as_there_are():
    forecaster = Forecaster("naive", horizon=2, level=None).fit(frame())
    some = forecaster.cross_validation(n_windows=len(frame()), step_size=1)
    many = forecaster.cross_validation(n_windows=10**12, step_size=1)
    pd.testing.assert_frame_equal(many, some)


def test_more_paths_than_memory_holds():
    with pytest.raises(InputError, match="count must be at most 1000000"):
        Forecaster("naive", horizon=2).fit(frame()).paths(10**10)


@pytest.mark.parametrize("number", [np.int8(3), np.int64(3)])
def test_numbers_of_numpy(number):
    forecaster = Forecaster("naive", horizon=number, season=number).fit(frame())
    expected = Forecaster("naive", horizon=3, season=3).fit(frame()).predict()
    steps: Any = np.int16(3)
    pd.testing.assert_frame_equal(forecaster.predict(steps), expected)


@pytest.mark.parametrize(
    ("role", "name"),
    [("target", "naive"), ("time", "naive"), ("id", "cutoff"), ("time", "path"), ("id", "path")],
)
def test_columns_with_the_names_of_forecasts(role, name):
    columns = {"id": "unique_id", "time": "ds", "target": "y"}
    data = frame(unique_id="a").rename(columns={columns[role]: name})
    options: dict[str, Any] = {role: name}
    with pytest.raises(InputError, match=f"{role}='{name}' is a name that a column of the forecas"):
        Forecaster("naive", horizon=2, **options).fit(data)


def test_a_calendar_of_rows_that_are_only_counted():
    with pytest.raises(InputError, match="calendar has 'weekday', which does not vary at the"):
        Forecaster("naive", horizon=2, calendar=["weekday"]).fit(VALUES)


@pytest.mark.parametrize("name", ["gru", "gru-sequence"])
def test_a_look_back_longer_than_every_series(name):
    options: dict[str, Any] = {"updates": 2, "level": None}
    forecaster = Forecaster(name, horizon=2, window=10**9, **options).fit(months())
    whole = Forecaster(name, horizon=2, window=len(months()), **options).fit(months())
    pd.testing.assert_frame_equal(forecaster.predict(), whole.predict())


@pytest.mark.parametrize(
    ("name", "said"),
    [("theta", True), ("statistics", True), ("shared_autoregression", True), ("linear", False)],
)
def test_covariates_that_a_model_cannot_see_are_said(name, said):
    forecaster = Forecaster(name, horizon=2, past=["price"], level=None).fit(frame(price=1.0))
    assert any("sees no covariates" in note for note in forecaster.notes_) is said


def test_series_too_short_for_a_backtest_are_said(caplog):
    data = pd.concat([panel(ids=("a", "b")), panel(ids=("z",)).head(2)])
    found = Forecaster("naive", horizon=3, level=None).fit(data).cross_validation(n_windows=1)
    assert found["unique_id"].unique().tolist() == ["a", "b"]
    assert "series 'z' was left out of the backtest: it needs more than 3 rows" in caplog.text


# -- what stands for one series ------------------------------------------------------------------


@pytest.mark.parametrize(
    "index",
    [DAYS, DAYS.astype(str), DAYS.date, DAYS.to_period("D"), pd.Index(DAYS.date, dtype=object)],
    ids=["dates", "texts", "objects", "periods", "index of objects"],
)
def test_the_index_of_a_series_holds_the_times(index):
    found = Forecaster("naive", horizon=1, level=None).fit(pd.Series(VALUES, index)).predict()
    assert found["ds"].tolist() == [pd.Timestamp("2024-02-10")]


def test_an_index_of_numbers_counts_steps_unless_it_only_counts_rows():
    sliced = pd.Series(VALUES, range(100, 140))
    forecaster = Forecaster("naive", horizon=1, level=None).fit(sliced)
    assert forecaster.predict()["ds"].tolist() == [140]
    plain = Forecaster("naive", horizon=1, level=None).fit(pd.Series(VALUES))
    assert plain.update(pd.Series([1.0, 2.0], [40, 41])).predict()["ds"].tolist() == [42]
    with pytest.raises(GatecastError, match=r"is not in order: row 2 \(38\) comes after row 1"):
        Forecaster("naive", horizon=1).fit(pd.Series(VALUES, range(39, -1, -1)))
    with pytest.raises(GatecastError, match="lacks 5 times"):
        Forecaster("naive", horizon=1).fit(pd.Series(VALUES, [*range(20), *range(25, 45)]))
    with pytest.raises(GatecastError, match="row 1 holds 'a', which is not a date"):
        Forecaster("naive", horizon=1).fit(pd.Series(VALUES, list("abcd") * 10))


@pytest.mark.parametrize(
    "data",
    [list(VALUES), tuple(VALUES), range(40), [None, *VALUES[1:]], [np.nan, *VALUES[1:]]],
    ids=["list", "tuple", "range", "None", "NaN"],
)
def test_lists_of_numbers(data):
    found = Forecaster("naive", horizon=1, level=None, missing="last").fit(data).predict()
    assert found["naive"].tolist() == [data[-1]]


LISTS: list[tuple[Any, str]] = [
    ([[1.0, 2.0], [3.0]], "this one holds lists of different lengths"),
    ([[1.0, 2.0], [3.0, 4.0]], "must be one series of numbers"),
    (["1", "2"], "must be one series of numbers"),
    ([{"y": 1.0}], "must be one series of numbers"),
    (array.array("d", [1.0]), "must be the path of a file or a pandas, polars or pyarrow table"),
]


@pytest.mark.parametrize(("data", "words"), LISTS, ids=str)
def test_lists_that_are_no_series(data, words):
    with pytest.raises(InputError, match=words):
        Forecaster("naive", horizon=1).fit(data)


# -- covariates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["past", "static"])
def test_covariates_too_large_to_compute_with(role):
    options: dict[str, Any] = {role: ["price"]}
    with pytest.raises(InputError, match="'price' .* row 1 holds 1e.300, too large to compute"):
        Forecaster("linear", horizon=2, **options).fit(frame(price=1e300))


def test_a_covariate_that_is_the_target_itself_is_said():
    forecaster = Forecaster("linear", horizon=2, future=["same"], level=None)
    notes = forecaster.fit(frame(same=VALUES)).notes_
    assert any("'same' holds the target itself" in note for note in notes)


def test_numbers_where_categories_were():
    forecaster = Forecaster("linear", horizon=1, level=None, future=["kind"])
    forecaster.fit(frame(kind=["x", "y"] * 20))
    ahead = pd.DataFrame({"ds": ["2024-02-10"], "kind": [1.0]})
    with pytest.raises(InputError, match=r"holds '1\.0', a category that the training rows"):
        forecaster.predict(future=ahead)


# -- what comes back -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [2**63 + 5, -5, 7])
def test_whole_numbers_of_any_size_as_names(name):
    data = frame(unique_id=np.array([name] * 40, dtype=np.uint64 if name > 0 else np.int64))
    found = Forecaster("naive", horizon=1, level=None).fit(data).predict()
    assert found["unique_id"].tolist() == [name]


def test_levels_in_a_range_are_saved(tmp_path):
    forecaster = Forecaster("naive", horizon=1, level=range(80, 90, 5)).fit(frame())
    forecaster.save(tmp_path / "m.gatecast")
    again = Forecaster.load(tmp_path / "m.gatecast")
    pd.testing.assert_frame_equal(again.predict(), forecaster.predict())


@pytest.mark.parametrize("path", [None, 5])
def test_paths_that_are_none(path):
    forecaster = Forecaster("naive", horizon=1, level=None).fit(frame())
    with pytest.raises(InputError, match="path must be the name of a file"):
        forecaster.save(path)
    with pytest.raises(InputError, match="path must be the name of a file"):
        Forecaster.load(path)


def test_clones():
    forecaster = Forecaster("naive", horizon=2, past=["price"], level=(50,))
    again = sklearn.base.clone(forecaster)
    assert again is not forecaster
    assert again.get_params() == forecaster.get_params()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
@pytest.mark.parametrize("name", ["theta", "gru", "gru-sequence"])
def test_copies_go_their_own_way(copied, name):
    options: dict[str, Any] = {} if name == "theta" else {"updates": 2}
    forecaster = Forecaster(name, horizon=2, **options).fit(VALUES)
    forecaster.step(103.0)
    other = copied(forecaster)
    np.testing.assert_array_equal(forecaster.step(104.0), other.step(104.0))
    before = other.predict()
    forecaster.update([1.0, 2.0])
    pd.testing.assert_frame_equal(other.predict(), before)


def test_several_threads_forecast_at_once():
    forecaster = Forecaster("gru", horizon=2, updates=2).fit(months())
    expected = forecaster.predict()
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: forecaster.predict(), range(8)):
            pd.testing.assert_frame_equal(found, expected)


def test_a_fit_that_fails_leaves_the_one_before():
    forecaster = Forecaster("naive", horizon=2).fit(frame())
    expected = forecaster.predict()
    with pytest.raises(InputError):
        forecaster.fit(frame(y=np.inf))
    pd.testing.assert_frame_equal(forecaster.predict(), expected)


@pytest.mark.parametrize("change", ["update", "predict"])
def test_a_table_that_is_refused_changes_nothing(change):
    forecaster = Forecaster("gru", horizon=2, updates=2).fit(frame())
    expected, notes = forecaster.predict(), forecaster.notes_
    late = frame().tail(2).assign(ds=DAYS[-1] + pd.to_timedelta([1, 2], "D"), y=[1.0, np.inf])
    with pytest.raises(InputError):
        getattr(forecaster, change)(**{"df" if change == "update" else "new": late})
    pd.testing.assert_frame_equal(forecaster.predict(), expected)
    assert forecaster.notes_ == notes


@pytest.mark.parametrize("data", [frame(), VALUES.copy(), pd.Series(VALUES, DAYS)], ids=type)
def test_what_is_handed_in_is_neither_changed_nor_kept(data):
    before = copy.deepcopy(data)
    forecaster = Forecaster("gru", horizon=2, updates=2).fit(data)
    expected = forecaster.predict()
    assert (data == before).all(axis=None)
    if isinstance(data, pd.DataFrame):
        data["y"] = 0.0
    else:
        data[:] = 0.0
    pd.testing.assert_frame_equal(forecaster.predict(), expected)


def test_series_of_a_row_or_three_leave_the_others_their_intervals(tmp_path):
    rng = np.random.default_rng(0)
    rows = {"a": 60, "b": 40, "one": 1, "two": 2, "three": 3}
    parts = []
    for name, count in rows.items():
        y = 50 + 10 * np.sin(np.arange(count) / 7 * 2 * np.pi) + rng.normal(0, 1, count)
        days = pd.date_range("2024-01-01", periods=count)
        parts.append(pd.DataFrame({"unique_id": name, "ds": days, "y": y}))
    forecaster = Forecaster("theta", horizon=7, level=80).fit(pd.concat(parts))
    alone = Forecaster("theta", horizon=7, level=80).fit(pd.concat(parts[:2]))

    def widths(found):
        table = found.predict().groupby("unique_id")[["theta-lo-80", "theta-hi-80"]].mean()
        return table["theta-hi-80"] - table["theta-lo-80"]

    among, own = widths(forecaster), widths(alone)
    np.testing.assert_allclose(among[["a", "b"]], own[["a", "b"]], rtol=0.3)
    assert among["one"] > among["a"]  # of one row next to nothing is known
    forecaster.save(tmp_path / "m.gatecast")
    again = Forecaster.load(tmp_path / "m.gatecast")
    pd.testing.assert_frame_equal(again.predict(), forecaster.predict())
