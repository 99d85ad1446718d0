"""Days that close with a 00:00 of their own date, and tables of several series."""

import numpy as np
import pandas as pd
import pytest

from gatecast.comparison.ordering import check_one_series
from gatecast.comparison.reading import read_columns
from gatecast.data.tables import read_table
from gatecast.errors import TableError
from tests.data.meters import meter


def table(frame: pd.DataFrame):
    return read_table(frame, time="ds", target="y")


def test_a_comparison_reads_such_a_file_as_a_series():
    columns = read_columns(
        meter(3, 15), target="y", time=None, features=None, task="forecast", unsorted="next_day"
    )
    assert columns.season == 96
    assert columns.stamps[95] == np.datetime64("2018-01-02")
    assert any("closes 3 days" in note for note in columns.notes)


def test_several_series_are_refused_and_one_doubled_row_is_not():
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    one = pd.DataFrame({"ds": days, "y": np.arange(30.0)})
    panel = table(pd.concat([one, one]))
    with pytest.raises(TableError, match="has 30 times in 60 rows: it seems to hold several"):
        check_one_series(panel, "error")
    check_one_series(panel, "mean")
    check_one_series(table(pd.concat([one, one[-1:]])), "error")
