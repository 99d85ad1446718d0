"""Text files of columns: encodings, compressions, delimiters, ragged lines; and noise."""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecast.data import delimited
from gatecast.data.series import to_panel
from gatecast.data.tables import Missing, read_table
from gatecast.errors import InputError, MissingDependencyError
from tests.data.refusals import refusal

PLAIN = "ds,y,shop\n2024-01-01,1.5,north\n2024-01-02,2,south\n"


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
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        archive.writestr("a.csv", PLAIN)
        archive.writestr("__MACOSX/._a.csv", "what a Mac puts beside it")
    assert len(read_table(tmp_path / "mac.zip", target="y")) == 2


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
    assert read_table(write("a\tb\n1\t2\n"), delimiter="\\t").frame["b"].tolist() == [2.0]
    assert read_table(write("y\n1\n2\n")).frame["y"].tolist() == [1.0, 2.0]
    assert "separated by commas or semicolons; pass delimiter=','" in refusal(
        write("a,b;c\n1,2;3\n")
    )


def test_marks_of_the_order_of_bytes_that_are_too_many(write):
    assert read_table(write(b"\xef\xbb\xbf" * 2 + PLAIN.encode())).frame.columns[0] == "ds"


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
    assert "header: " in refusal(write('"a"b,c\n1,2\n'))
    assert "a quotation mark" in refusal(write('a,b\n1,"2\n3,4\n'))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Sales of 2024\n\nds,y\n1,2\n", "line 3 has it: take out the lines above, the header"),
        ("# by the till\nds;y\n1;2\n", "no column 'ds'"),
        ("ds:y\n1:2\n", "if something else than , ; | or a tab separates the columns, pass"),
        ("2024-01-01,1.5\n2024-01-02,2\n", "its first line holds values, is a header missing?"),
        ("2.5;1\n1;2\n", "is a header missing?"),
        ('"ds,y"\n"1,2"\n', "; a comma is in it: take out quotation marks around whole lines"),
    ],
)
def test_headers_that_are_not_there(write, content, words):
    assert words in refusal(write(content), time="ds", target="y")


def test_accents_are_the_same_however_they_are_written(write):
    table = read_table(write("ho\u0308he\n1\n"), target="h\u00f6he")
    assert table.frame["h\u00f6he"].tolist() == [1.0]


@pytest.mark.parametrize("end", [",\n", " , \n,\n,\n", ",\n\n"])
def test_rows_without_any_value_at_the_end_are_left_out_and_said(write, end):
    table = read_table(
        write(PLAIN.replace(",north", "").replace(",south", "").replace(",shop", "") + end),
        time="ds",
        target="y",
    )
    assert table.frame["y"].tolist() == [1.5, 2.0]
    assert "without any value, left out" in table.notes[0]


def test_rows_without_any_value_elsewhere_are_kept_and_named(write, monkeypatch):
    monkeypatch.setattr(delimited, "ROWS_A_PIECE", 2)
    content = "y,x\n1,2\n,\n,\n,\n3,4\n"
    assert read_table(write(content), target="y").missing["y"] == Missing(3, 2)
    assert "row 2 has no time" in refusal(write(content), time="y", target="x")
    assert len(read_table(write("y,x\n1,2\n   \n3,4\n"), target="y")) == 2


def test_lines_that_all_have_more_values_than_the_header(write):
    message = refusal(write("ds,y\n1,2,5\n2,3,5\n"), time="ds", target="y")
    assert "line 2 has 3 values and the header 2 values" in message
    assert "name all columns in the header, put decimal commas in quotation marks" in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(PLAIN.encode()), "compressed by gzip, .* let its name end in .gz"),
        (bz2.compress(PLAIN.encode()), "compressed by bzip2"),
        (lzma.compress(PLAIN.encode()), "compressed by xz"),
        (pa.compress(PLAIN.encode(), codec="zstd", asbytes=True), "compressed by Zstandard"),
        (b"PAR1\x15", "is Parquet, and no text of columns; let its name end in .parquet"),
        (b"PK\x03\x04\x14\0", "a ZIP archive or a workbook"),
        (b"\x89PNG\r\n", "is a picture, and no text of columns; save its table as CSV"),
        (b'{"ds": "2024-01-01", "y": 1}\n', "is JSON, and no text of columns; save its table"),
        (b'[{"ds": 1}]', "is JSON"),
        (b"<!DOCTYPE html><table>", "is HTML or XML"),
        (PLAIN.encode("utf-16-be"), "pass encoding='utf-16-be' if it is"),
    ],
)
def test_files_that_are_no_text_by_their_first_bytes(write, content, words):
    assert re.search(words, refusal(write(content), target="y"))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("ds,y\n1,2\n", r"'ds,y\\n1,2\\n' is no path of a file"),
        ("", "'' is no path of a file"),
        ("https://example.com/x.csv", "is an address; download the file first"),
        ("x" * 5000, "x… does not exist"),
        ("a\0b.csv", "does not exist"),
        ("/", "is a folder"),
        (os.devnull, "is a pipe or a device, and a table is read more than once; write it to a"),
    ],
)
def test_paths_that_lead_nowhere(source, words):
    assert re.search(words, refusal(source))


@pytest.mark.parametrize("name", ["x.json", "x.feather", "x.PKL", "x.html"])
def test_endings_of_files_that_are_no_text_of_columns(write, name):
    assert "is no text of columns, as its ending" in refusal(write(PLAIN, name))


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
