"""Times that may mean something else than they seem to: asked about, with what to write instead."""

import numpy as np
import pytest

from gatecast.data.dates import read_dates, read_numbers
from gatecast.errors import TableError

WHERE = "column 'ds' of x.csv"


def refusal(*texts):
    with pytest.raises(TableError) as caught:
        read_dates(texts, WHERE)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["2009-10", "2010-11", "2011-12"], "the year from 2009 on: write 2009; or pass date_"),
        (["2008/09", "2009/10"], "row 1 holds '2008/09', which may be a month, or the year from"),
        (["2024.09", "2024.1", "2024.11"], "row 2 holds '2024.1', which may be a month, or 2024-"),
        (["2023.1", "2023.2", "2023.3", "2023.4", "2024.1"], "a quarter: write 2023Q1"),
        (["Dec-67", "Jan-68"], "row 1 holds 'Dec-67', which may be of 1967 or of 2067; write"),
        (["31-Jan-24", "01-Jan-60"], "row 2 holds '01-Jan-60', which may be of 1960 or of 2060"),
        (["202451", "202452", "202501"], "row 1 holds '202451', which may be a week; write it as"),
        (["20240228", "20240229", "20240230"], "row 3 holds '20240230', which is not a date as"),
        (["13/01/24", "14/01/24"], "write years with four digits, or pass date_format=, such as"),
        (["13.1.24 06:00"], "such as '%d.%m.%y %H:%M'"),
        (["06:15", "06:30"], "it is a time of day; put it into one column with its date"),
        (["2024-01-31 06:15 CET"], "take 'CET' off, and pass timezone="),
        (["2021/22", "2022/23"], "if it is a year that begins in 2021, write 2021 alone"),
        (["45123.25", "45123.5"], "if they are days as Excel counts, pass date_format='excel'"),
        (["1700000000.5"], "if they are s since 1970, pass date_format='s'"),
        (["3Q24"], "write times as 2024-01-31, 2024-01, 2024Q1 or 2024-W05, or pass date_format"),
        (["Mär 2024"], "write times as 2024-01-31"),
    ],
)
def test_what_is_asked(texts, told):
    assert told in refusal(*texts)


@pytest.mark.parametrize(
    ("texts", "date_format", "last"),
    [
        (["2009-10", "2010-11"], "%Y-%m", "2010-11-01 00:00:00"),
        (["2024.09", "2024.1"], "%Y.%m", "2024-01-01 00:00:00"),
        (["13/01/24"], "%d/%m/%y", "2024-01-13 00:00:00"),
    ],
)
def test_what_was_asked_can_be_answered(texts, date_format, last):
    assert str(read_dates(texts, WHERE, date_format=date_format).values[-1]) == last


def test_weeks_among_whole_numbers_in_memory():
    with pytest.raises(TableError, match="row 2 holds '202452', which may be a week"):
        read_numbers(np.array([202412, 202452]), WHERE)


@pytest.mark.parametrize("texts", [["2023-11", "2024-12"], ["2009-10"], ["Jan-24"], ["2024-1"]])
def test_plain_months_are_read(texts):
    assert len(read_dates(texts, WHERE).values) == len(texts)
