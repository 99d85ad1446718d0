"""Tables as people have them: ugly files go in, typed columns or one clear sentence come out."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data import delimited
from gatecast.data.tables import Missing, read_table
from gatecast.errors import InputError
from tests.data.refusals import refusal

PLAIN = "ds,y,shop\n2024-01-01,1.5,north\n2024-01-02,2,south\n"


def test_a_plain_file(write):
    table = read_table(write(PLAIN), time="ds", target="y")
    assert table.frame["ds"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]
    assert table.frame["ds"].dtype == "datetime64[us]"
    assert table.frame["y"].tolist() == [1.5, 2.0]
    assert table.features == ("shop",)
    assert table.categorical == ("shop",)
    assert table.notes == ()
    assert table.missing == {}
    assert len(table) == 2
    assert repr(table) == (
        "Table(sales.csv: 2 rows, time='ds', target='y', features=['shop'], id=None)"
    )


@given(
    rows=st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.text(min_size=1)), min_size=1
    )
)
def test_what_pandas_writes_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tables") / "x.csv"
    names = [name for _, name in rows]
    written = pd.DataFrame({"y": [value for value, _ in rows], "id": names})
    if any("\0" in name or "\r" in name or not name.strip() for name in names):
        return
    try:
        written.to_csv(path, index=False)
    except UnicodeEncodeError:  # lone surrogates
        return
    table = read_table(path, target="y", id="id", decimal=".")
    assert table.frame["y"].tolist() == written["y"].tolist()
    assert table.frame["id"].tolist() == names


def test_wrong_names_suggest_the_near_one(write):
    path = write("Date,Sales,store\n2024-01-01,1,a\n")
    assert refusal(path, target="sale") == (
        "sales.csv has no column 'sale'; did you mean 'Sales'? (it has 'Date', 'Sales', 'store')"
    )
    assert "did you mean 'Date'?" in refusal(path, time="date")
    assert "did you mean" not in refusal(path, target="xyzzy")
    assert "is a header missing?" in refusal(write("1,2.5\n3,4\n"), target="y")
    assert "no column 'Stor'" in refusal(path, features=["Stor"])


def test_columns_that_clash(write):
    assert "two columns called 'y', the 1. and the 3." in refusal(write("y,x,y\n1,2,3\n"))
    path = write("ds,y\n2024-01-01,1\n")
    assert "column 'y' is named twice" in refusal(path, target="y", features=["y"])
    assert "no columns in use" in refusal(path, features=[])
    with pytest.raises(InputError, match="lists of names, not one text"):
        read_table(path, features="y")
    with pytest.raises(InputError, match=r"decimal must be '\.' or ','"):
        read_table(path, decimal=":")


def test_an_index_without_a_name_is_left_out(write):
    table = read_table(write(",y\n0,5\n1,6\n"), target="y")
    assert table.features == ()
    assert table.notes == ("column 1 has no name and was left out",)


def test_only_the_columns_in_use_are_read(write):
    path = write("ds,y,junk\n2024-01-01,1,inf\n2024-01-02,2,x\n")
    assert list(read_table(path, time="ds", target="y", features=()).frame) == ["ds", "y"]


def test_the_names_are_checked_before_the_file_is_read(write, monkeypatch):
    def never(*_arguments):
        raise AssertionError("the file was read")

    monkeypatch.setattr(delimited.DelimitedFile, "pieces", never)
    assert "no column 'z'" in refusal(write(PLAIN), target="z")


def test_missing_values_are_reported(write):
    path = write("ds,y,shop\n2024-01-01,1,\n2024-01-02,,NA\n2024-01-03,NaN,b\n2024-01-04,?,c\n")
    table = read_table(path, time="ds", target="y", missing=["?"])
    assert table.missing == {"y": Missing(3, 2), "shop": Missing(1, 1)}
    # NA is a word (and a country) in a column of text
    assert table.frame["shop"].tolist() == [None, "NA", "b", "c"]
    assert "row 4 holds '?', which is not a number" in refusal(path, target="y")
    assert read_table(write("y,x\n,1\nNA,2\n"), target="y").missing == {"y": Missing(2, 1)}


def test_text_and_infinity_among_numbers(write):
    assert refusal(write("y\n1\n2\nabc\n")) == (
        "column 'y' of sales.csv, row 3 holds 'abc', which is not a number; mend it, or pass "
        "missing=['abc'] if it means 'no value', or categorical=['y'] if the column holds "
        "categories"
    )
    assert "row 2 holds '-inf'; infinity cannot" in refusal(write("y\n1\n-inf\n"))
    for bad in ("1_000", "0x1F", "12%", "$5", "1e", "1 2", "1,23,45", "--1", "٣"):
        assert f"row 2 holds {bad!r}" in refusal(write(f'y\n7\n"{bad}"\n'))
    table = read_table(write("y,code\n1,17\n2,A3\n"), target="y", categorical=["code"])
    assert table.frame["code"].tolist() == ["17", "A3"]


def test_series_without_names(write):
    path = write("id,y\na,1\n,2\n")
    assert refusal(path, target="y", id="id") == "column 'id' of sales.csv, row 2 names no series"
    names = read_table(write("id,y\n007,1\nNA,2\n"), target="y", id="id").frame["id"].tolist()
    assert names == ["007", "NA"]


def test_a_large_file_comes_in_pieces(write, monkeypatch):
    monkeypatch.setattr(delimited, "ROWS_A_PIECE", 3)
    rows = "".join(f"{i},{i / 4},x{i}\n" for i in range(10))
    table = read_table(write("ds,y,name\n" + rows), time="ds", target="y")
    assert table.frame["y"].tolist() == [i / 4 for i in range(10)]
    assert table.frame["ds"].tolist() == list(range(10))
    assert table.frame["name"].iloc[-1] == "x9"
    assert "row 8 holds 'x'" in refusal(write("y\n" + "1.5\n" * 7 + "x\n"))
    # a sign that is proved only in the last piece counts for the first
    table = read_table(write("y;z\n1.234;1\n5;1\n6;1\n7,5;1\n"), target="y")
    assert table.frame["y"].tolist() == [1234.0, 5.0, 6.0, 7.5]
