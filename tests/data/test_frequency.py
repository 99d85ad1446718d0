"""Frequencies: pandas' names for pandas' ranges, and back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecast.data.frequency import infer_frequency, parse_frequency
from gatecast.errors import InputError, TableError

ALIASES = (
    *("min", "15min", "h", "6h", "D", "2D", "B", "W-SUN", "W-WED", "2W-FRI", "s", "100ms"),
    *("MS", "ME", "2MS", "QS-JAN", "QS-FEB", "QS-MAR", "QE-DEC", "QE-NOV", "QE-OCT"),
    *("YS-JAN", "YS-JUL", "YE-DEC", "YE-JUN", "2YS-JAN"),
    *("BMS", "BME", "BQS-JAN", "BQE-DEC", "BYE-DEC", "2BME"),
)


def stamps(alias, periods=40, start="2021-03-03"):
    return pd.date_range(start, periods=periods, freq=alias).to_numpy().astype("datetime64[us]")


@pytest.mark.parametrize("alias", ALIASES)
def test_pandas_ranges_are_named_as_pandas_does(alias):
    moments = stamps(alias)
    found = infer_frequency(moments, np.ones(39, dtype=bool), "ds")
    assert found.name == alias
    again = parse_frequency(alias)
    assert (again.kind, again.size) == (found.kind, found.size)
    assert found.fits(moments).all()
    numbers = found.number(moments)
    assert (np.diff(numbers) == found.size).all()
    np.testing.assert_array_equal(found.stamp(numbers), moments)


@pytest.mark.parametrize("alias", ALIASES)
@settings(max_examples=30)
@given(data=st.data())
def test_gaps_do_not_change_the_frequency(alias, data):
    lost = data.draw(st.sets(st.integers(1, 38), max_size=6))
    kept = np.setdiff1d(np.arange(40), list(lost))
    found = infer_frequency(stamps(alias)[kept], np.ones(len(kept) - 1, dtype=bool), "ds")
    assert found.name == alias


@pytest.mark.parametrize(
    ("alias", "later", "name"),
    [
        ("MS", "14D", "MS+14D"),
        ("MS", "27D 8h", "MS+27D8h"),
        ("ME", "23h 59min 59s", "ME+23h59min59s"),
        ("QS-FEB", "14D", "QS-FEB+14D"),
        ("YS-JAN", "45min", "YS-JAN+45min"),
        ("BME", "17h", "BME+17h"),
        ("B", "17h 30min", "B+17h30min"),
        ("D", "8h", "D"),
    ],
)
def test_rows_that_come_later_in_the_month_or_the_day(alias, later, name):
    moments = stamps(alias) + pd.Timedelta(later).to_timedelta64()
    found = infer_frequency(moments, np.ones(39, dtype=bool), "ds")
    assert found.name == name
    assert found.fits(moments).all()
    again = parse_frequency(name)
    numbers = again.number(moments)
    assert (np.diff(numbers) == again.size).all()
    if name != alias:
        np.testing.assert_array_equal(again.stamp(numbers), moments)


OLDER = {
    "H": "h",
    "15T": "15min",
    "S": "s",
    "M": "ME",
    "2M": "2ME",
    "Q": "QE",
    "Q-NOV": "QE-NOV",
    "A": "YE",
    "Y": "YE",
    "A-JUN": "YE-JUN",
    "AS": "YS",
    "BM": "BME",
    "d": "D",
    "w-sun": "W-SUN",
}


@pytest.mark.parametrize("alias", list(OLDER))
def test_names_of_older_pandas(alias):
    found = parse_frequency(alias)
    assert found == parse_frequency(OLDER[alias].replace("W-SUN", found.name))
    assert found.name.upper() == OLDER[alias].upper()


def test_numbered_steps():
    found = infer_frequency(np.array([2, 4, 8]), np.array([True, True]), "ds")
    assert (found.name, found.kind, found.size) == ("2", "steps", 2)
    assert parse_frequency(2) == found


def test_borders_between_series_do_not_count():
    moments = np.concatenate([stamps("h", 3), stamps("h", 3, "2024-01-01")])
    assert infer_frequency(moments, np.array([1, 1, 0, 1, 1], dtype=bool), "ds").name == "h"


def test_a_single_row_shows_no_frequency():
    with pytest.raises(TableError, match="ds does not show how often rows come .* pass freq="):
        infer_frequency(stamps("h", 1), np.array([], dtype=bool), "ds")


@pytest.mark.parametrize(
    "freq",
    [
        "fortnight",
        0,
        -1,
        True,
        1.5,
        None,
        "-1D",
        "bh",
        "SMS",
        "0h",
        "MS+",
        "MS+1",
        "MS+1D+2D",
        "h+5min",
        "+14D",
    ],
)
def test_what_is_no_frequency_is_refused(freq):
    with pytest.raises(InputError, match="freq"):
        parse_frequency(freq)
