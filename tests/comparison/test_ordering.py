"""Days that close with a 00:00 of their own date, and tables of several series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.comparison.ordering import check_one_series, mend_midnights
from gatecast.comparison.reading import read_columns
from gatecast.data.tables import read_table
from gatecast.errors import InputError, TableError


def meter(days: int, minutes: int, zone: str | None = None) -> pd.DataFrame:
    """Rows as a meter writes them: 00:15, …, 23:45, 00:00 under one date."""
    times = pd.date_range("2018-01-01", periods=days * 1440 // minutes, freq=f"{minutes}min")
    times = times + pd.Timedelta(minutes=minutes)
    closing = times.normalize() == times
    written = times.where(~closing, times - pd.Timedelta(days=1)).tz_localize(zone)
    return pd.DataFrame({"ds": written, "y": np.arange(float(len(times)))})


def table(frame: pd.DataFrame):
    return read_table(frame, time="ds", target="y")


@given(st.integers(1, 5), st.sampled_from([15, 30, 60, 360]), st.sampled_from([None, "UTC"]))
def test_the_midnight_that_closes_a_day_is_the_next_days(days, minutes, zone):
    read = table(meter(days, minutes, zone))
    for rule in ("error", "sort"):  # sorting would scramble the rows and say nothing
        with pytest.raises(TableError, match=f"closes {days} of its days.*'next_day'"):
            mend_midnights(read, rule)
    mended = mend_midnights(read, "next_day")
    steps = mended.frame["ds"].diff().dropna()
    assert (steps == pd.Timedelta(minutes=minutes)).all()
    assert mended.frame["y"].tolist() == list(range(len(read)))
    assert f"{days} rows of 00:00" in mended.notes[-1]


def test_nothing_else_is_taken_for_such_a_midnight():
    hours = pd.date_range("2024-01-01", periods=72, freq="h")
    shuffled = hours[np.random.default_rng(0).permutation(72)]
    for times in (hours, hours[::-1], shuffled, hours.normalize()):
        read = table(pd.DataFrame({"ds": times, "y": np.arange(72.0)}))
        assert mend_midnights(read, "sort") is read
    numbered = table(pd.DataFrame({"ds": [1, 0], "y": [1.0, 2.0]}))
    assert mend_midnights(numbered, "error") is numbered


def test_a_comparison_reads_such_a_file_as_a_series():
    columns = read_columns(
        meter(3, 15), target="y", time=None, features=None, task="forecast", unsorted="next_day"
    )
    assert columns.season == 96
    assert columns.stamps[95] == np.datetime64("2018-01-02")
    assert any("closed their day" in note for note in columns.notes)


def test_several_series_are_refused_and_one_doubled_row_is_not():
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    one = pd.DataFrame({"ds": days, "y": np.arange(30.0)})
    panel = table(pd.concat([one, one]))
    with pytest.raises(TableError, match="has 30 times in 60 rows: it seems to hold several"):
        check_one_series(panel, "error")
    check_one_series(panel, "mean")
    check_one_series(table(pd.concat([one, one[-1:]])), "error")


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="unsorted must be one of 'error', 'sort', 'next_day'"):
        mend_midnights(table(meter(1, 60)), "shuffle")
