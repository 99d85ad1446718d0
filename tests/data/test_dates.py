"""Dates as files write them; what the data do not prove is asked for."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data.dates import read_dates, read_numbers
from gatecast.errors import TableError

WHERE = "column 'ds' of x.csv"


def parsed(*texts, date_format=None, dayfirst=None):
    dates = read_dates(texts, WHERE, date_format=date_format, dayfirst=dayfirst)
    return [str(value) for value in dates.values]


def refusal(*texts, date_format=None, dayfirst=None):
    with pytest.raises(TableError) as caught:
        read_dates(texts, WHERE, date_format=date_format, dayfirst=dayfirst)
    return str(caught.value)


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (["2018-01-31"], "2018-01-31 00:00:00"),
        (["2018-1-5"], "2018-01-05 00:00:00"),
        (["2018/01/31"], "2018-01-31 00:00:00"),
        (["2018.01.31 18:30"], "2018-01-31 18:30:00"),
        (["2018-01-31T18:30:15"], "2018-01-31 18:30:15"),
        (["2018-01-31 18:30:00", "2018-01-31 18:30:00.5"], "2018-01-31 18:30:00.500000"),
        (["2018/01/31 18:30", "2018/01/31 18:30:01"], "2018-01-31 18:30:01"),
        (["2018-01"], "2018-01-01 00:00:00"),
        (["2018Q3"], "2018-07-01 00:00:00"),
        (["20180131"], "2018-01-31 00:00:00"),
        (["31.01.2018"], "2018-01-31 00:00:00"),
        (["01/31/2018"], "2018-01-31 00:00:00"),
        (["01/02/2018 00:15", "13/02/2018 00:15"], "2018-02-13 00:15:00"),
        (["1/31/2018 6:30 PM"], "2018-01-31 18:30:00"),
        (["01/31/2018 06:30:05PM"], "2018-01-31 18:30:05"),
        (["31 Jan 2018"], "2018-01-31 00:00:00"),
        (["Jan 2018"], "2018-01-01 00:00:00"),
        (["31-Jan-18"], "2018-01-31 00:00:00"),
        (["January 31, 2018"], "2018-01-31 00:00:00"),
        (["1700-01-01", "2500-01-01"], "2500-01-01 00:00:00"),
        (["2020-W01", "2020-W53"], "2020-12-28 00:00:00"),
        (["2020W533"], "2020-12-30 00:00:00"),
        (["2020-W01-7"], "2020-01-05 00:00:00"),
        (["Q4 2020", "Q1 2021"], "2021-01-01 00:00:00"),
        (["Q1/2020"], "2020-01-01 00:00:00"),
        (["2020M1", "2020M12"], "2020-12-01 00:00:00"),
        (["01/2020", "12/2020"], "2020-12-01 00:00:00"),
        (["20200131T1830"], "2020-01-31 18:30:00"),
        (["20200131T183015Z"], "2020-01-31 18:30:15+00:00"),
        (["2020-01-31 18"], "2020-01-31 18:00:00"),
        (["2020-01-31 18:30 GMT"], "2020-01-31 18:30:00+00:00"),
        (["2020-01-31 18:30:00+00"], "2020-01-31 18:30:00+00:00"),
        (["2020-01-31 18:30:00 -05"], "2020-01-31 23:30:00+00:00"),
        (["2020-01-31 18:30:15,250"], "2020-01-31 18:30:15.250000"),
        (["202001", "202012"], "2020-12-01 00:00:00"),
        (["2020013118"], "2020-01-31 18:00:00"),
        (["202001311830"], "2020-01-31 18:30:00"),
        (["20200131183015"], "2020-01-31 18:30:15"),
        (["202001", "202099"], "202099"),
        (["2019.0", "2020.0"], "2020"),
        (["202001.0", "202012.0"], "2020-12-01 00:00:00"),
        (["2024.9", "2024.10"], "2024-10-01 00:00:00"),
        (["17"], "17"),
        (["1999", "2000"], "2000"),
        (["20180131", "20189999"], "20189999"),
        (["2018-01-31 18:30Z"], "2018-01-31 18:30:00+00:00"),
        (["2018-01-31 18:30:00 UTC"], "2018-01-31 18:30:00+00:00"),
        (["2018-01-31T18:30:00+0200"], "2018-01-31 16:30:00+00:00"),
        (["31.01.2018 18:30 +02:00"], "2018-01-31 16:30:00+00:00"),
    ],
)
def test_what_is_understood(texts, last):
    assert parsed(*texts)[-1] == last


def test_what_proved_the_order_is_said():
    dates = read_dates(["01/02/2018", "13/02/2018"], WHERE)
    assert dates.note == "dates begin with the day, as row 2 ('13/02/2018') proves"
    assert "the month, as row 1" in read_dates(["01/13/2018"], WHERE).note
    assert "'20180131' is 2018-01-31" in read_dates(["20180131"], WHERE).note.replace(
        "20180131 is", "'20180131' is"
    )


def test_an_order_that_nothing_proves_is_asked_for():
    assert refusal("01-01-1985", "02-01-1985", "12-01-1985") == (
        "column 'ds' of x.csv does not say whether the day or the month comes first (no value is "
        "above 12), row 1 holds '01-01-1985'; pass dayfirst=True or dayfirst=False"
    )
    assert parsed("02-01-1985", dayfirst=False) == ["1985-02-01 00:00:00"]
    assert parsed("02-01-1985", dayfirst=True) == ["1985-01-02 00:00:00"]
    assert "row 1 holds '13-01-1985', which is not a date; the month was taken" in refusal(
        "13-01-1985", dayfirst=False
    )


@given(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), min_size=1))
def test_any_dates_are_read_right_or_asked_about(days):
    for style, proves in (("%d/%m/%Y", "day"), ("%m/%d/%Y", "day"), ("%Y-%m-%d", None)):
        texts = [day.strftime(style) for day in days]
        if proves and all(day.day <= 12 for day in days):
            assert "pass dayfirst" in refusal(*texts)
        else:
            assert [value.date() for value in read_dates(texts, WHERE).values] == days


def test_mixed_formats_name_the_first_two_rows_that_differ():
    assert refusal("2018-01-01", "2018-01-02", "03.01.2018") == (
        "column 'ds' of x.csv mixes date formats: row 1 holds '2018-01-01' and row 3 "
        "'03.01.2018'; write all of them in one way, as 2018-01-31 or 2018-01-31 18:00"
    )
    assert "row 2 '2018-01-02 00:15'" in refusal("2018-01-01", "2018-01-02 00:15")
    assert "row 2 '2018/01/02'" in refusal("2018-01-01", "2018/01/02")
    assert "row 2 '1/2/2018 1:00 PM'" in refusal("1/2/2018 13:00", "1/2/2018 1:00 PM")
    assert "day first, and row 2 '01/13/2018', month first" in refusal("13/01/2018", "01/13/2018")
    assert "mixes date formats" in refusal("2018-01-01 00:00", "2018-01-01 01:00+01:00")


@pytest.mark.parametrize(
    ("texts", "row"),
    [
        (["2018-02-30"], 1),
        (["2018-01-01", "soon"], 2),
        (["soon"], 1),
        (["2018-13-01"], 1),
        (["2018-01-01 25:00"], 1),
        (["01/02/18"], 1),
        (["2018-01/02"], 1),
        (["01.02-2018"], 1),
        (["31 Jan 2018", "32 Jan 2018"], 2),
        (["2020-W00"], 1),
        (["2021-W52", "2021-W53"], 2),
        (["2020M01", "2020-02"], 2),
        (["2020-01-01 24:30"], 1),
    ],
)
def test_what_is_no_date_is_named(texts, row):
    message = refusal(*texts)
    assert f"row {row} holds {texts[row - 1]!r}, which" in message
    assert "mend it" in message or "four digits" in message


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (["2020-01-31 23:00", "2020-01-31 24:00"], "2020-02-01 00:00:00"),
        (["31.12.2020 24:00:00"], "2021-01-01 00:00:00"),
        (["2020-02-28T24:00:00+01:00"], "2020-02-28 23:00:00+00:00"),
    ],
)
def test_the_hour_that_ends_a_day(texts, last):
    dates = read_dates(texts, WHERE)
    assert str(dates.values[-1]) == last
    assert "24:00 is read as 00:00 of the next day" in dates.note


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_weeks_of_iso_8601(day):
    assert read_dates([day.strftime("%G-W%V-%u")], WHERE).values[0].date() == day


@pytest.mark.parametrize(
    ("steps", "unit"),
    [
        ([1_577_836_800, 1_577_923_200], "'s'"),
        ([1_577_836_800_000, 1_577_923_200_000], "'ms'"),
        ([43_831, 43_862], "'excel'"),
        ([1, 2], None),
        ([1980, 1981], None),
    ],
)
def test_numbers_that_may_be_times_stay_steps_and_are_said(steps, unit):
    for dates in (read_dates(list(map(str, steps)), WHERE), read_numbers(np.array(steps), WHERE)):
        assert list(dates.values) == steps
        assert bool(dates.note) is bool(unit)
        assert unit is None or f"pass date_format={unit}" in dates.note


def test_numbers_in_memory_are_dates_as_texts_are():
    assert str(read_numbers(np.array([20240131]), WHERE).values[0]) == "2024-01-31 00:00:00"
    assert read_numbers(np.array([20240131, 20240132]), WHERE).values[1] == 20240132


def test_days_as_excel_counts():
    assert parsed("43831", "43831.5", date_format="excel")[1] == "2020-01-01 12:00:00"
    assert parsed("43831.04167", date_format="excel") == ["2020-01-01 01:00:00"]
    assert "does not fit date_format='excel'" in refusal("x", date_format="excel")


def test_a_missing_time_is_named():
    assert "row 2 has no time" in refusal("2018-01-01", " ")
    assert "row 1 has no time" in refusal("NaT")
    assert "row 2 has no time" in refusal("2018-01-01", "N/A")


def test_a_format_of_the_users():
    assert parsed("31|01|18", date_format="%d|%m|%y") == ["2018-01-31 00:00:00"]
    assert parsed("2018-01-01", "2018-01-01 18:00", date_format="ISO8601")[1].endswith("18:00:00")
    assert "does not fit date_format='%d|%m'" in refusal("2018", date_format="%d|%m")
    assert "is no date format" in refusal("2018", date_format="%Y%!")
    assert "would guess row by row" in refusal("2018", date_format="mixed")
    zoned = read_dates(["01.07.2018 12:00 +0200"], WHERE, date_format="%d.%m.%Y %H:%M %z")
    assert zoned.zones == ["+02:00"]


def test_seconds_since_1970():
    assert parsed("1514764800", date_format="s") == ["2018-01-01 00:00:00"]
    assert parsed("1514764800000", date_format="ms") == ["2018-01-01 00:00:00"]
    assert parsed("1514764800000000", date_format="us") == ["2018-01-01 00:00:00"]
    assert parsed("1514764800000000999", date_format="ns") == ["2018-01-01 00:00:00"]
    assert parsed("-62135596800", date_format="s") == ["0001-01-01 00:00:00"]
    assert parsed("1514764800.25", date_format="s") == ["2018-01-01 00:00:00.250000"]
    assert "row 1 holds 'x', which does not fit date_format='s'" in refusal("x", date_format="s")
    assert "does not fit date_format='s'" in refusal("1514764800000", date_format="s")
    assert "too large a number for a time" in refusal("1", "9" * 20)


def test_steps_are_whole_numbers():
    values = read_dates(["1", "2"], WHERE).values
    assert isinstance(values, np.ndarray)
    assert values.dtype == np.int64


def test_the_unit_is_the_same_for_all():
    for texts in (["2018-01-31"], ["20180131"], ["31.01.2018"], ["2018Q1"], ["31 Jan 2018"]):
        values = read_dates(texts, WHERE).values
        assert isinstance(values, pd.DatetimeIndex)
        assert values.unit == "us"
