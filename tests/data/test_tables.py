"""Tables as people have them: ugly files go in, typed columns or one clear sentence come out."""

import bz2
import contextlib
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from gatecast.data import delimited
from gatecast.data.series import to_panel
from gatecast.data.tables import Missing, read_table
from gatecast.errors import InputError, MissingDependencyError, TableError

PLAIN = "ds,y,shop\n2024-01-01,1.5,north\n2024-01-02,2,south\n"


@pytest.fixture
def write(tmp_path):
    def write(content, name="sales.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(source, **options):
    """The one sentence that a table is refused with."""
    with pytest.raises(TableError) as caught:
        read_table(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


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


# Encodings, compressions, delimiters


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "was read as UTF-16"),
        ("utf-32", "was read as UTF-32"),
        ("cp1252", "was read as Windows-1252"),
    ],
)
def test_encodings_are_found_out_and_said(write, encoding, note):
    path = write("Größe,y\nmünchen,1\nköln,2\n".encode(encoding))
    table = read_table(path, target="y")
    assert table.frame["Größe"].tolist() == ["münchen", "köln"]
    assert [n for n in table.notes if note and note in n] == list(table.notes)
    assert bool(table.notes) == bool(note)


def test_a_late_byte_of_another_encoding(write, monkeypatch, caplog):
    monkeypatch.setattr(delimited, "_HEAD", 10)
    monkeypatch.setattr(delimited, "ROWS_A_PIECE", 7)
    text = "y,city\n" + "1,a\n" * 20_000 + "2,Köln\n"
    table = read_table(write(text.encode("cp1252")), target="y")
    assert table.frame["city"].iloc[-1] == "Köln"
    assert len(table) == 20_001
    assert table.frame["y"].sum() == 20_002
    assert "not UTF-8 and was read as Windows-1252" in caplog.text


def test_encodings_that_are_refused(write):
    path = write("y\n1\nß\n".encode("utf-16-le"))
    assert "encoding='utf-16-le' if it is" in refusal(path)
    assert read_table(path, encoding="utf-16-le", categorical=["y"]).frame["y"][1] == "ß"
    assert "is not utf-8: invalid start byte" in refusal(write(b"y\n\xff\n"), encoding="utf-8")
    assert "neither UTF-8 nor Windows-1252" in refusal(write(b"y\n\x81\n"))
    assert "encoding='klingon' is not known" in refusal(write(PLAIN), encoding="klingon")
    assert "is not utf-16" in refusal(write(PLAIN), encoding="utf-16")


def zipped(content):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("folder/sales.csv", content)
    return memory.getvalue()


COMPRESS: dict[str, Callable[[bytes], Any]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
    ".zst": lambda content: pa.compress(content, codec="zstd", asbytes=True),
}


@pytest.mark.parametrize("ending", list(COMPRESS))
def test_compressed_files(write, ending):
    path = write(COMPRESS[ending](PLAIN.encode()), f"sales.csv{ending}")
    assert read_table(path, time="ds", target="y").frame["y"].tolist() == [1.5, 2.0]
    path.write_bytes(b"this is not compressed at all")
    assert "sales.csv" in refusal(path)
    path.write_bytes(COMPRESS[ending](PLAIN.encode() * 50)[:-20])
    assert "sales.csv" in refusal(path)


def test_a_zip_of_several_files(write, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.csv", PLAIN)
        archive.writestr("b.csv", PLAIN)
    assert "must hold one file, it holds 2 (a.csv, b.csv)" in refusal(tmp_path / "x.zip")


def test_zstandard_without_pyarrow(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "compression", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match="pip install 'gatecast"):
        read_table(write(b"", "x.csv.zst"))


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiters_are_found_out(write, sign):
    path = write(PLAIN.replace(",", sign))
    assert read_table(path, time="ds", target="y").frame["shop"].tolist() == ["north", "south"]


def test_excels_first_line_and_odd_delimiters(write):
    assert read_table(write("sep=;\na;b\n1;2\n")).frame["b"].tolist() == [2.0]
    assert "line 4 has 3 values" in refusal(write("sep=;\na;b\n1;2\n1;2;3\n"))
    assert read_table(write("a:b\n1:2\n"), delimiter=":").frame["b"].tolist() == [2.0]
    assert read_table(write("y\n1\n2\n")).frame["y"].tolist() == [1.0, 2.0]
    assert "separated by commas or semicolons; pass delimiter=','" in refusal(
        write("a,b;c\n1,2;3\n")
    )


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n"])
def test_delimiters_that_cannot_be(write, delimiter):
    with pytest.raises(InputError, match="delimiter must be one sign"):
        read_table(write(PLAIN), delimiter=delimiter)


def test_signs_that_other_programs_end_lines_with_are_text(write):
    table = read_table(write("a,b\n1,x\u2028y\n2,x\x0by\n"), target="a")
    assert table.frame["b"].tolist() == ["x\u2028y", "x\x0by"]


CELLS = st.sampled_from(
    (
        *("1", "2.5", "1,5", "1.234", '"1,234"', "NA", "", "abc", "2024-01-01", "20240101", "1_0"),
        *("01/02/2024", "13.01.2024", "inf", "1e400", "9" * 400, "2024-02-30", "2018Q9", "٣"),
        *("2024-03-31 02:30+01:00", "2024-01-02 00:00", '"a\nb"', "\0", "ü", "\ufeff", "'", '"'),
        *("Jan 2024", "31-Jan-24", "9999-12-31", "0000-01-01", "0001-01-01", " ", "\u2028", "\x85"),
    )
)


@settings(max_examples=300)
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5),
    sign=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-8-sig"]),
    noise=st.dictionaries(st.integers(0, 40), st.integers(0, 255), max_size=2),
    options=st.fixed_dictionaries(
        {},
        optional={
            "time": st.just("ds"),
            "target": st.just("y"),
            "id": st.just("y"),
            "timezone": st.sampled_from(["Europe/Berlin", "UTC"]),
            "decimal": st.sampled_from(".,"),
            "dayfirst": st.booleans(),
            "date_format": st.sampled_from(["%Y", "ISO8601", "s", "%d.%m.%Y", "%", "%Q"]),
            "encoding": st.sampled_from(["latin-1", "utf-16", "hex"]),
        },
    ),
)
def test_no_file_brings_anything_but_a_table_or_one_sentence(
    tmp_path_factory, rows, sign, end, encoding, noise, options
):
    text = end.join(sign.join(row) for row in [["ds", "y"], *rows])
    content = bytearray(text.encode(encoding))
    for place, byte in noise.items():
        content[place % len(content)] = byte
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(content)
    with contextlib.suppress(InputError):  # the sentence; anything else is a bug
        table = read_table(path, **options)
        assert len(table) == len(table.frame)
        to_panel(table, unsorted="sort", duplicates="mean", gaps="insert")


def test_quotes_blank_lines_and_line_ends(write):
    path = write('y,text\r\n"1","a, b\nc ""d"""\r\n\r\n2,e\r\n\r\n')
    assert read_table(path, target="y").frame["text"].tolist() == ['a, b\nc "d"', "e"]
    assert read_table(write("a,b\r1,2\r3,4\r")).frame["b"].tolist() == [2.0, 4.0]
    assert "a quotation mark" in refusal(write('a,b\n1,"2\n3,4\n'))


def test_ragged_lines_are_named(write):
    assert (
        refusal(write("a,b\n1,2\n\n3,4,5\n"))
        == "sales.csv, line 4 has 3 values and the header 2 values separated by a comma; mend the "
        "line, or pass delimiter= if it is another"
    )
    assert "line 3 has 1 value and" in refusal(write("a,b\n1,2\n3\n"))


def test_empty_files(write, tmp_path):
    assert refusal(write("")) == "sales.csv is empty; a header and rows are needed"
    assert "is empty" in refusal(write("\ufeff \n"))
    assert refusal(write("a,b\n")) == "sales.csv has a header and no rows"
    assert "does not exist" in refusal(tmp_path / "no.csv")
    assert "is a folder" in refusal(tmp_path)
    assert "save its sheet as CSV" in refusal(write("", "x.xlsx"))


# Columns


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
    assert "has no values at all" in refusal(write("y,x\n,1\nNA,2\n"), target="y")


def test_text_and_infinity_among_numbers(write):
    assert refusal(write("y\n1\n2\nabc\n")) == (
        "column 'y' of sales.csv, row 3 holds 'abc', which is not a number; mend it, or pass "
        "missing=['abc'] if it means 'no value', or categorical=['y'] if the column holds "
        "categories"
    )
    assert "row 2 holds '-inf'; infinity cannot" in refusal(write("y\n1\n-inf\n"))
    for bad in ("1_000", "0x1F", "12%", "$5", "1e", "1 2", "1,23,456", "--1", "٣"):
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


# Tables in memory

FRAME: dict[str, Any] = {
    "ds": pd.date_range("2024-01-01", periods=3),
    "y": [1, 2, 3],
    "on": [True, False, True],
    "shop": ["a", "b", None],
}


def polars_frame():
    return pl.DataFrame({**FRAME, "ds": FRAME["ds"].to_list()})


@pytest.mark.parametrize(
    "native",
    [
        pd.DataFrame(FRAME),
        pd.DataFrame(FRAME).convert_dtypes(),
        pd.DataFrame(FRAME).astype({"shop": "category", "y": "float32"}),
        pd.DataFrame(FRAME).set_index("ds"),
        polars_frame(),
        polars_frame().to_arrow(),
    ],
    ids=["pandas", "nullable", "category", "index", "polars", "arrow"],
)
def test_tables_in_memory(native):
    table = read_table(native, time="ds", target="y")
    assert (table.frame["ds"] == FRAME["ds"]).all()
    assert table.frame["y"].dtype == np.float64
    assert table.frame["y"].tolist() == [1.0, 2.0, 3.0]
    assert table.frame["on"].tolist() == ["True", "False", "True"]
    assert table.frame["shop"].tolist() == ["a", "b", None]
    assert table.missing == {"shop": Missing(1, 3)}


def test_nulls_of_every_kind():
    numbers = [1.0, None, 3.0]
    for native in (
        pd.DataFrame({"y": numbers}),
        pd.DataFrame({"y": pd.array([1, None, 3], dtype="Int64")}),
        pd.DataFrame({"y": [1.0, None, "3"]}, dtype=object),
        pl.DataFrame({"y": [1, None, 3]}),
        pa.table({"y": [1, None, 3]}),
    ):
        table = read_table(native, target="y")
        assert table.missing == {"y": Missing(1, 2)}
        np.testing.assert_array_equal(table.frame["y"], [1.0, np.nan, 3.0])


def test_a_series_with_dates_is_a_table():
    series = pd.Series([1.0, 2.0], index=pd.date_range("2024-01-01", periods=2))
    table = read_table(series, time="ds", target="y")
    assert table.frame["ds"].tolist() == series.index.tolist()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_zones_of_tables_in_memory(zone):
    stamps = pd.date_range("2024-03-31", periods=4, freq="h", tz=zone)
    for native in (
        pd.DataFrame({"ds": stamps, "y": 1.0}),
        pd.DataFrame({"ds": stamps, "y": 1.0}).convert_dtypes(dtype_backend="pyarrow"),
        pa.table({"ds": pa.array(stamps), "y": [1.0] * 4}),
        pl.DataFrame({"ds": stamps.tz_convert(None).to_list(), "y": [1.0] * 4}).with_columns(
            pl.col("ds").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        ),
    ):
        found = read_table(native, time="ds", target="y").frame["ds"]
        assert (found == stamps).all()
        assert str(found.dt.tz) == zone


def test_bad_tables_in_memory():
    frame = pd.DataFrame({"ds": ["2024-01-01", None], "y": [1.0, np.inf], "n": [1, 2]})
    assert "row 2 holds inf; infinity cannot" in refusal(frame, target="y", features=())
    assert "row 2 has no time" in refusal(frame, time="ds", target="n", features=())
    stamps = pd.DataFrame({"ds": [pd.Timestamp("2024-01-01"), pd.NaT], "y": [1.0, 2.0]})
    assert "row 2 has no time" in refusal(stamps, time="ds", target="y")
    assert "holds dates; only the time column may" in refusal(stamps, target="y")
    assert "holds decimal numbers" in refusal(frame, time="y", target="n", features=())
    assert "named by text, one is 0" in refusal(pd.DataFrame([[1, 2]]))
    doubled = pd.DataFrame([[1, 2]], columns=["y", "y"])
    assert "two columns called 'y'" in refusal(doubled)
    arrow = pa.table([pa.array([1]), pa.array([2])], names=["y", "y"])
    assert "two columns called 'y'" in refusal(arrow)
    assert "LazyFrame" in refusal(polars_frame().lazy())
    assert "or a pandas, polars or pyarrow table, it is a builtins.dict" in refusal({"y": [1]})
    assert "has a header and no rows" in refusal(pd.DataFrame({"y": np.empty(0)}))
    whole = pd.DataFrame({"ds": pd.array([1, None], dtype="Int64"), "y": [1.0, 2.0]})
    assert "row 2 has no number for a time" in refusal(whole, time="ds", target="y")
    large = pd.DataFrame({"ds": np.array([1, 2**63], dtype=np.uint64), "y": [1.0, 2.0]})
    assert "row 2 holds 9223372036854775808, too large" in refusal(large, time="ds", target="y")
    assert read_table(large, target="y", id="ds").frame["ds"][1] == "9223372036854775808"


def test_ids_of_any_type_become_text():
    frame = pd.DataFrame({"id": [7, 8], "ds": [1, 2], "y": [0.5, 1.5]})
    table = read_table(frame, time="ds", target="y", id="id")
    assert table.frame["id"].tolist() == ["7", "8"]
    assert table.frame["ds"].dtype == np.int64
    floats = read_table(frame.astype({"id": float}), target="y", id="id", features=())
    assert floats.frame["id"].tolist() == ["7.0", "8.0"]


def test_parquet(tmp_path, monkeypatch):
    pd.DataFrame(FRAME).to_parquet(tmp_path / "x.parquet")
    table = read_table(tmp_path / "x.parquet", time="ds", target="y", features=["shop"])
    assert list(table.frame) == ["ds", "y", "shop"]
    assert "did you mean 'shop'?" in refusal(tmp_path / "x.parquet", target="shops")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no PAR1")
    assert "bad.parquet" in refusal(tmp_path / "bad.parquet", target="y")
    content = bytearray((tmp_path / "x.parquet").read_bytes())
    content[4:60] = bytes(56)
    (tmp_path / "x.parquet").write_bytes(content)
    assert "x.parquet is damaged" in refusal(tmp_path / "x.parquet", target="y")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match="pip install 'gatecast"):
        read_table(tmp_path / "x.parquet")


def test_only_the_columns_in_use_leave_a_parquet_file(tmp_path, monkeypatch):
    pd.DataFrame(FRAME).to_parquet(tmp_path / "x.parquet")
    asked = []
    read = parquet.read_table

    def spy(path, columns):
        asked.append(columns)
        return read(path, columns=columns)

    monkeypatch.setattr(parquet, "read_table", spy)
    read_table(tmp_path / "x.parquet", target="y", features=())
    assert asked == [["y"]]
