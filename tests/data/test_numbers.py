"""Numbers as files write them: what proves a decimal sign, and what is never guessed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data.tables import read_table
from gatecast.errors import TableError


def column(tmp_path, *values, delimiter=";", decimal=None):
    path = tmp_path / "x.csv"
    rows = "".join(f'"{value}"{delimiter}1\n' for value in values)
    path.write_text(f"y{delimiter}z\n{rows}")
    return read_table(path, target="y", decimal=decimal).frame["y"].tolist()


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1.5", "2"], [1.5, 2.0]),
        (["1,5", "2"], [1.5, 2.0]),
        (["1,234.5", "1,234"], [1234.5, 1234.0]),
        (["1.234,5", "1.234"], [1234.5, 1234.0]),
        (["1,234,567", "1,234"], [1234567.0, 1234.0]),
        (["1.234.567", "1.234"], [1234567.0, 1234.0]),
        (["0.125", "1.125"], [0.125, 1.125]),
        (["0,125", "1,125"], [0.125, 1.125]),
        (["1 234,5", "12"], [1234.5, 12.0]),
        (["1\u202f234.5", "1\u00a0000"], [1234.5, 1000.0]),
        (["1'234.567", "1'000'000"], [1234.567, 1e6]),
        (["1234.567"], [1234.567]),
        (["-1,5", "+2,5", "\u22123,5"], [-1.5, 2.5, -3.5]),
        (["1e5", "-2.5E-3", ".5", "5."], [1e5, -0.0025, 0.5, 5.0]),
        ([" 1.5 ", "007"], [1.5, 7.0]),
        (["12,34,567.8", "99,999"], [1234567.8, 99999.0]),
        (["1,00,000", "-1,23,45,678"], [1e5, -12345678.0]),
        (["1\u2007234,5"], [1234.5]),
    ],
)
def test_what_the_values_prove(tmp_path, texts, values):
    assert column(tmp_path, *texts) == values


@pytest.mark.parametrize("text", ["1,234", "1.234", "-12,345", "999.999"])
def test_what_they_do_not_prove_is_asked(tmp_path, text):
    with pytest.raises(TableError) as caught:
        column(tmp_path, "7", text)
    assert f"column 'y' of x.csv, row 2 holds {text!r}, which may mean" in str(caught.value)
    plain = text.replace(",", ".")
    grouped = text.replace(",", "").replace(".", "")
    sign, other = (",", ".") if "," in text else (".", ",")
    assert f"pass decimal={sign!r} for the first or decimal={other!r}" in str(caught.value)
    assert column(tmp_path, "7", text, decimal=sign) == [7.0, float(plain)]
    assert column(tmp_path, "7", text, decimal=other) == [7.0, float(grouped)]


def test_another_column_settles_it(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a;b;c\n1,5;1.234;2\n2,5;2.345;3\n")
    frame = read_table(path).frame
    assert frame["b"].tolist() == [1234.0, 2345.0]
    path.write_text("a;b;c\n1,5;1.234;2.5\n")
    with pytest.raises(TableError, match="column 'b' of x.csv, row 1 holds .1.234."):
        read_table(path)


def test_between_commas_a_point_is_decimal(tmp_path):
    assert column(tmp_path, "1.234", delimiter=",") == [1.234]
    with pytest.raises(TableError, match="row 1 holds '1,234'"):
        column(tmp_path, "1,234", delimiter=",")


def test_contradictions_are_named(tmp_path):
    with pytest.raises(TableError, match=r"row 2 holds '2\.5', and row 3 '3,5': decimal points"):
        column(tmp_path, "1", "2.5", "3,5")
    with pytest.raises(TableError, match=r"row 1 holds '1,5', which does not fit decimal='\.'"):
        column(tmp_path, "1,5", decimal=".")
    with pytest.raises(TableError, match="row 1 holds '1.5', which does not fit decimal=','"):
        column(tmp_path, "1.5", decimal=",")


def test_texts_in_a_table_in_memory_are_asked_about_too():
    import pandas as pd

    with pytest.raises(TableError, match="column 'y' of the table, row 1 holds '1.234'"):
        read_table(pd.DataFrame({"y": ["1.234"]}), target="y")


@given(
    values=st.lists(
        st.decimals(-(10**6), 10**6, places=2, allow_nan=False).filter(lambda d: d % 1 != 0),
        min_size=1,
    ),
    style=st.sampled_from(["{:.2f}", "{:,.2f}"]),
    comma=st.booleans(),
)
def test_numbers_of_two_places_survive_every_style(tmp_path_factory, values, style, comma):
    texts = [style.format(value) for value in values]
    if comma:
        texts = [text.translate(str.maketrans(".,", ",.")) for text in texts]
    found = column(tmp_path_factory.mktemp("numbers"), *texts)
    np.testing.assert_array_equal(found, [float(value) for value in values])


def test_decimal_commas_are_said(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("y;z\n1,5;1\n")
    assert read_table(path, target="y").notes == ("column 'y' has decimal commas",)


def test_a_second_line_of_the_header_is_told(tmp_path):
    with pytest.raises(TableError, match=r"row 1 holds 'kWh', .* second line of the header"):
        column(tmp_path, "kWh", "1.5", "2.5")
    with pytest.raises(TableError) as caught:
        column(tmp_path, "1.5", "kWh")
    assert "header" not in str(caught.value)
