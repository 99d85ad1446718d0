"""What real files bring: refused with one sentence that says where and what to do, or said."""

import logging
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatecast import Forecaster
from gatecast.errors import GatecastError

DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=30)]
ROWS = [(day, float(number)) for number, day in enumerate(DAYS)]
HOURS = pd.date_range("2024-03-30", periods=60, freq="h")
AUTUMN = pd.date_range("2024-10-26", periods=60, freq="h", tz="Europe/Berlin")


def text(rows, head="ds,y", sign=","):
    lines = [head.replace(",", sign), *(sign.join(map(str, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def changed(place, row):
    return [*ROWS[:place], row, *ROWS[place + 1 :]]


def several(*names, extra=()):
    rows = [(day, value, name) for name in names for day, value in ROWS]
    return text([*rows, *extra], "ds,y,unique_id")


FILES = {
    "an empty file": (b"", "is empty; a header and rows are needed"),
    "a header alone": (text([]), "has a header and no rows"),
    "zero bytes": (b"ds,y\n2024-01-01,\0\n", "has zero bytes: it is no text, or UTF-16"),
    "another name of y": (text(ROWS, "ds,Y"), r"no column 'y'; did you mean 'Y'\?"),
    "another name of ds": (text(ROWS, "date,y"), "no column 'ds'"),
    "a column for each series": (
        text([(day, value, value) for day, value in ROWS], "ds,north,south"),
        "no column 'y' .* name the column of the target with target=, or put series that are col",
    ),
    "a title": (b"Sales\n" + text(ROWS), "line 2 has it: take .* first \\(it has 'Sales'\\)$"),
    "business years": (
        text([(f"20{n:02}-{n + 1:02}", 1) for n in range(5, 12)]),
        "row 1 holds '2005-06', which may be a month, or the year from 2005 on",
    ),
    "a date and a time": (
        text([("2024-01-01", f"{hour:02}:00", hour) for hour in range(24)], "ds,time,y"),
        "if another column holds the time of day, put both into one",
    ),
    "no header": (text(ROWS[1:], "2024-01-01,0"), "no column 'ds'"),
    "a column twice": (text([(a, b, b) for a, b in ROWS], "ds,y,y"), "two columns called 'y'"),
    "a line too short": (text(changed(5, (DAYS[5],))), "line 7 has 1 value and the header 2"),
    "a line too long": (text(changed(5, (DAYS[5], 1, 2))), "line 7 has 3 values"),
    "text among numbers": (
        text(changed(5, (DAYS[5], "n.v."))),
        r"'y' of t.csv, row 6 holds 'n.v.', which is not a number; .* missing_texts=\['n.v.'\]",
    ),
    "text for numbers": (text([(d, "low") for d in DAYS]), "'y' .* holds text, as 'low' in row 1"),
    "a header in the midst": (
        text([*ROWS[:5], ("ds", "y"), *ROWS[5:]]),
        "row 6 holds 'y', the column's own name: is",
    ),
    "money": (
        text([(d, f"${v}") for d, v in ROWS]),
        r"as '\$0.0' in row 1.*; write 0.0 without '\$'",
    ),
    "one with a unit": (
        text(changed(5, (DAYS[5], "5 kg"))),
        "'5 kg', .*; write 5 without 'kg', or",
    ),
    "names that white space tells apart": (
        several("a", "a "),
        "series 'a' and 'a ', which differ by white space alone",
    ),
    "a frequency between": (
        text([(f"2024-{m:02d}-{d}", 1) for m in range(1, 9) for d in (4, 19)]),
        r"does not fit the frequency .* or pass freq= if it is another, or time=None to number",
    ),
    "infinity": (text(changed(5, (DAYS[5], "inf"))), "row 6 holds 'inf'; infinity cannot"),
    "too large": (text(changed(5, (DAYS[5], "1e99"))), "row 6 holds 1e.99, too large"),
    "1.234, which may be 1234": (
        text([(d, f"1.{n:03d}") for n, d in enumerate(DAYS)], sign=";"),
        "may mean .* pass decimal=",
    ),
    "two decimal signs": (
        text([(d, ("0.5", "0,5")[n % 2]) for n, d in enumerate(DAYS)], sign=";"),
        "decimal points and decimal commas in one column",
    ),
    "01/02/2024": (
        text([(f"0{1 + n}/01/2024", n) for n in range(9)]),
        "whether the day or the month comes first .* pass dayfirst=",
    ),
    "two ways of dates": (text(changed(5, ("06.01.2024", 1))), "mixes date formats: row 1 holds"),
    "no such day": (text(changed(5, ("2024-02-31", 1))), "row 6 holds '2024-02-31', which is not"),
    "no time": (text(changed(5, ("", 1))), "row 6 has no time; fill it in or take the row out"),
    "two zones": (
        text([(f"{day}T00:00:00+0{1 + n % 2}:00", n) for n, day in enumerate(DAYS)]),
        r"mixes time zones \(\+01:00, \+02:00\); pass timezone=",
    ),
    "a day twice": (
        text([*ROWS[:10], ROWS[9], *ROWS[10:]]),
        "2024-01-10 00:00:00 twice, in row 10 and row 11 .* pass duplicates='mean'",
    ),
    "days that lack": (
        text([*ROWS[:10], *ROWS[12:]]),
        "lacks 2 times of its frequency 'D', the first 2024-01-11 .* pass gaps='insert'",
    ),
    "rows out of order": (
        text([*ROWS[:10], ROWS[11], ROWS[10], *ROWS[12:]]),
        "row 12 .* comes after row 11 .* pass unsorted='sort'",
    ),
    "several series without id": (
        text([(d, v, n) for n in "ab" for d, v in ROWS], "ds,y,shop"),
        "row 31 .* comes after row 30 .* or id= if the table holds several series",
    ),
    "a time off the grid": (
        text([(f"{day} 00:00", n) for n, day in enumerate(DAYS[:9])] + [("2024-01-10 07:00", 1.0)]),
        r"row 10 \(2024-01-10 07:00:00\) does not fit the frequency 'D'",
    ),
    "an hour that clocks skip": (
        text([(h, n) for n, h in enumerate(HOURS) if "31 02:" not in str(h)]),
        r"lacks 1 time .*\(clocks change in such a night: .* pass timezone=",
    ),
    "an hour that clocks repeat": (
        text([(str(h)[:19], n) for n, h in enumerate(AUTUMN)]),
        r"2024-10-27 02:00:00 twice.* pass timezone=",
    ),
    "a value that lacks": (
        text(changed(5, (DAYS[5], ""))),
        "has 1 missing value, the first in the series at its row 6; .* missing='mask'",
    ),
    "no values": (
        text([(day, "") for day in DAYS]),
        "no value at all in the series; name a column that has some",
    ),
    "one row": (text(ROWS[:1]), "does not show how often rows come .* pass freq="),
    "a row without a series": (several("a", extra=[(DAYS[0], 1, "")]), "row 31 names no series"),
    "one bad series": (several("a", "b", extra=[(DAYS[0], "x", "c")]), "row 61 holds 'x'"),
    "one empty series": (
        several("a", "b", extra=[(DAYS[0], "", "c"), (DAYS[1], "", "c")]),
        "no value at all in series 'c'; take it out of the table",
    ),
    "one series with a hole": (
        several("a", "b", extra=[(DAYS[0], 1, "c"), (DAYS[1], "", "c"), (DAYS[2], 1, "c")]),
        "1 missing value, the first in series 'c' at its row 2",
    ),
}


@pytest.mark.parametrize("case", list(FILES))
def test_files_that_cannot_be_read_in_one_way_only(case, tmp_path):
    content, words = FILES[case]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(GatecastError, match=words) as caught:
        Forecaster("gru", horizon=2).fit(path)
    assert "\n" not in str(caught.value)


def frame(**columns):
    return pd.DataFrame({"ds": pd.to_datetime(DAYS), "y": np.arange(30.0)} | columns)


OBJECTS = {
    "a dict": ({"y": [1]}, "must be the path of a file or a pandas, polars or pyarrow table"),
    "nothing": (None, "must be the path of a file"),
    "a plan": (pl.LazyFrame({"y": [1.0]}), "it is a polars.*LazyFrame"),
    "a matrix": (np.zeros((3, 3)), "an array must be one series of numbers"),
    "texts": (np.array(["a", "b"]), "an array must be one series of numbers"),
    "no numbers": (np.zeros(0), "the array is empty"),
    "complex numbers": (np.zeros(5, complex), "an array must be one series of numbers"),
    "an infinite number": (np.array([1.0, np.inf]), "row 2 holds inf; infinity cannot"),
    "numbers with holes": (np.array([1.0, np.nan, 2.0]), "1 missing value"),
    "nullable numbers with holes": (
        frame(y=pd.array([1.0, None] * 15, dtype="Float64")), "15 missing values",
    ),
    "truths": (frame(y=[True, False] * 15), "'y' of the table holds text, as 'True' in row 1"),
    "dates for y": (frame(y=pd.to_datetime(DAYS)), "holds dates; only the time column may"),
    "fractions for times": (frame(ds=np.arange(30) / 2), "times are dates or whole numbers"),
    "no time in one row": (frame(ds=[pd.NaT, *pd.to_datetime(DAYS[1:])]), "row 1 has no time"),
    "an empty table": (pd.DataFrame({"ds": [], "y": []}), "has a header and no rows"),
    "names of two levels": (
        pd.DataFrame(np.zeros((2, 1)), columns=pd.MultiIndex.from_tuples([("a", "b")])),
        "must be named by text",
    ),
    "an index of two levels": (
        pd.Series([1.0], index=pd.MultiIndex.from_tuples([(1, 2)])), "an index of several levels",
    ),
    "a file that is not there": ("nowhere.csv", "nowhere.csv does not exist"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(OBJECTS))
def test_what_is_no_table(case):
    data, words = OBJECTS[case]
    with pytest.raises(GatecastError, match=words):
        Forecaster("gru", horizon=2).fit(data)


COVARIATES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a covariate that is not there": ({"past": ["price"]}, {}, "no column 'price'"),
    "a hole in a covariate": (
        {"future": ["price"]},
        {"price": [np.nan, *range(29)]},
        "'price' .* 1 missing value, the first in the series at its row 1",
    ),
    "a static covariate that changes": (
        {"static": ["size"]},
        {"size": np.arange(30.0)},
        "'size' .* changes in the series, and a static covariate has one value",
    ),
    "a static covariate without a value": (
        {"static": ["size"]}, {"size": [np.nan] * 30}, "'size' .* has no value in the series",
    ),
    "an infinite covariate": ({"past": ["price"]}, {"price": [np.inf] * 30}, "infinity cannot"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(COVARIATES))
def test_covariates_that_cannot_be_used(case):
    options, columns, words = COVARIATES[case]
    forecaster = Forecaster("linear", horizon=2, **options)
    with pytest.raises(GatecastError, match=words):
        forecaster.fit(frame(**columns))


def test_a_covariate_with_more_categories_than_columns_that_make_sense():
    data = pd.DataFrame({"y": np.arange(60.0), "kind": [f"k{n}" for n in range(60)]})
    with pytest.raises(GatecastError, match="60 different texts, more than 50; leave it out"):
        Forecaster("linear", horizon=2, time=None, past=["kind"]).fit(data)


def test_a_category_that_was_never_seen():
    data = frame(kind=["a", "b"] * 15)
    forecaster = Forecaster("linear", horizon=2, level=None, future=["kind"]).fit(data)
    ahead = pd.DataFrame({"ds": ["2024-01-31", "2024-02-01"], "kind": ["a", "c"]})
    with pytest.raises(GatecastError, match="'kind' .* holds 'c', a category that the training"):
        forecaster.predict(future=ahead)


def test_a_zone_that_comes_and_goes():
    forecaster = Forecaster("naive", horizon=2, level=None).fit(frame())
    zoned = frame(ds=pd.to_datetime(DAYS).tz_localize("Europe/Berlin"))
    with pytest.raises(GatecastError, match="has Europe/Berlin, in fit it had no time zone"):
        forecaster.predict(new=zoned)


def test_covariates_ahead_that_nobody_named():
    forecaster = Forecaster("naive", horizon=2, level=None).fit(frame())
    with pytest.raises(GatecastError, match="made without covariates known in advance"):
        forecaster.predict(future=frame())


@pytest.mark.parametrize("rows", [2, 3, 9])
@pytest.mark.parametrize("name", ["gru", "gru-sequence", "linear"])
def test_series_too_short_to_learn_from(name, rows):
    words = f"the longest series has {rows} rows, too few for {name} to learn to forecast 8 steps"
    with pytest.raises(GatecastError, match=words):
        Forecaster(name, horizon=8).fit(np.arange(float(rows)))


def test_one_short_series_among_others_is_said():
    data = pd.concat([frame(unique_id="a"), frame(unique_id="b").head(1)])
    forecaster = Forecaster("gru", horizon=3, updates=2).fit(data)
    assert any("Series 'b' has fewer than 4 rows" in note for note in forecaster.notes_)
    assert np.isfinite(forecaster.predict()["gru"]).all()


# -- repaired, and said --------------------------------------------------------------------------


def test_decimal_commas_and_thousands(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(text([(d, f"1.{int(v):03d},5") for d, v in ROWS], sign=";"))
    forecaster = Forecaster("naive", horizon=1, level=None).fit(path)
    assert forecaster.predict()["naive"].iloc[0] == 1029.5
    assert "Column 'y' has decimal commas." in forecaster.notes_


def test_other_encodings(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(several("Köln").decode().encode("cp1252"))
    forecaster = Forecaster("naive", horizon=1, level=None).fit(path)
    assert forecaster.predict()["unique_id"].iloc[0] == "Köln"
    assert "Windows-1252" in forecaster.notes_[0]
    path.write_bytes(several("Köln").decode().encode("utf-16"))
    assert Forecaster("naive", horizon=1).fit(path).predict()["unique_id"].iloc[0] == "Köln"


SAID = [
    ({"duplicates": "mean"}, text([*ROWS[:10], ROWS[9], *ROWS[10:]]), "came more than once"),
    ({"unsorted": "sort"}, text(ROWS[::-1]), "all were sorted by time"),
    ({"gaps": "insert", "missing": "last"}, text([*ROWS[:9], *ROWS[12:]]), "were put in"),
    ({"missing": "mask"}, text(changed(5, (DAYS[5], ""))), "was masked: nothing is learned"),
    ({"missing_texts": ["n.v."], "missing": "last"}, text(changed(5, (DAYS[5], "n.v."))), "filled"),
]


@pytest.mark.parametrize(("options", "content", "words"), SAID)
@pytest.mark.parametrize("name", ["gru", "mean"])
def test_repairs_are_said(name, options, content, words, tmp_path, caplog):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    tiny: dict[str, Any] = {"updates": 2} if name == "gru" else {}
    with caplog.at_level(logging.WARNING):
        forecaster = Forecaster(name, horizon=2, **tiny, **options).fit(path)
    assert any(words in note for note in forecaster.notes_)
    assert words in caplog.text
    assert np.isfinite(forecaster.predict()[name]).all()


def test_another_frequency_than_the_rows_have_is_compared_with_them():
    with pytest.raises(GatecastError, match=r"\(by their own times, rows come every 'D'\)"):
        Forecaster("naive", horizon=2, freq="h").fit(frame())
    with pytest.raises(GatecastError, match=r"\(by their own times, rows come every 'D'\)"):
        Forecaster("naive", horizon=2, freq="W").fit(frame())


def test_what_was_settled_in_fit_is_no_remedy_any_more():
    forecaster = Forecaster("naive", horizon=2, level=None).fit(frame())
    hours = frame(ds=pd.date_range("2024-01-01", periods=30, freq="h"))
    with pytest.raises(
        GatecastError, match="frequency 'D' of the rows before .*; mend the time, as in fit$"
    ):
        forecaster.predict(new=hours)
    weeks = frame(ds=pd.date_range("2024-01-01", periods=30, freq="W"))
    with pytest.raises(
        GatecastError,
        match="make the Forecaster with gaps='insert' to put in rows without values, as in fit$",
    ):
        forecaster.predict(new=weeks)
