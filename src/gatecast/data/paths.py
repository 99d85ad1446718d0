"""Paths that lead to a table of text or to Parquet, and files that are neither."""

import os
import re
from pathlib import Path
from typing import Any

from gatecast.errors import TableError

WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
#: endings of files that are no text of columns
OTHERS = (
    *(".json", ".jsonl", ".html", ".htm", ".xml", ".yaml", ".feather", ".arrow", ".ipc", ".orc"),
    *(
        ".pkl",
        ".pickle",
        ".npy",
        ".npz",
        ".mat",
        ".h5",
        ".hdf5",
        ".nc",
        ".dta",
        ".sav",
        ".sas7bdat",
    ),
    *(".rds", ".db", ".sqlite", ".sqlite3", ".duckdb", ".pdf", ".doc", ".docx", ".7z", ".rar"),
)
#: first bytes -> what begins with them, and how such a file is to be named
_SIGNS = {
    b"\x1f\x8b": ("compressed by gzip", ".gz"),
    b"BZh": ("compressed by bzip2", ".bz2"),
    b"\xfd7zXZ\x00": ("compressed by xz", ".xz"),
    b"\x28\xb5\x2f\xfd": ("compressed by Zstandard", ".zst"),
    b"PAR1": ("Parquet", ".parquet"),
    b"PK\x03\x04": ("a ZIP archive or a workbook", ".zip"),
    b"ARROW1": ("Arrow", ""),
    b"\x89PNG": ("a picture", ""),
    b"\xff\xd8\xff": ("a picture", ""),
    b"%PDF": ("a PDF", ""),
    b"SQLite format": ("a database", ""),
    b"\xd0\xcf\x11\xe0": ("a workbook", ""),
}
#: how texts of other kinds than columns begin
_MARKUP = {
    rb"\s*[\[{]\s*[\"{\[]": "JSON",
    rb"\s*<(?:!DOCTYPE|\?xml|html|table|\w+>)": "HTML or XML",
}
_LONGEST = 200  # of what a message shows of a path


def existing_file(source: Any) -> Path:
    """The file that a path leads to, which may hold a table.

    Examples
    --------
    >>> existing_file("https://example.com/sales.csv")
    Traceback (most recent call last):
    gatecast.errors.TableError: 'https://example.com/sales.csv' is an address; download the file ...
    """
    text = os.fsdecode(source)
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    if not text.strip() or "\n" in text:
        raise TableError(f"{shown!r} is no path of a file; name one, or give a table")
    if "://" in text:
        raise TableError(f"{shown!r} is an address; download the file first, and name it")
    path = Path(source)
    try:
        there, folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # too long, or with a zero byte
        there, folder = False, False
    if not there:
        raise TableError(f"{shown} does not exist")
    if folder:
        raise TableError(f"{path} is a folder; name a file")
    if not path.is_file():
        raise TableError(
            f"{path} is a pipe or a device, and a table is read more than once; write it to a file "
            "first"
        )
    _refuse_ending(path)
    return path


def _refuse_ending(path: Path) -> None:
    ending = path.suffix.lower()
    if ending in WORKBOOKS:
        raise TableError(f"{path.name} is a workbook; save its sheet as CSV")
    if ending in OTHERS:
        raise TableError(
            f"{path.name} is no text of columns, as its ending {ending} says; save its table as "
            "CSV or Parquet"
        )


def refuse_binary(start: bytes, place: str) -> None:
    """Refuse what is no text by its first bytes, and say what it is.

    Examples
    --------
    >>> refuse_binary(b"PAR1", "sales.csv")
    Traceback (most recent call last):
    gatecast.errors.TableError: sales.csv is Parquet, and no text of columns; let its ...
    """
    for sign, (what, ending) in _SIGNS.items():
        if start.startswith(sign):
            remedy = f"let its name end in {ending}" if ending else "save its table as CSV"
            raise TableError(f"{place} is {what}, and no text of columns; {remedy}")
    for sign, what in _MARKUP.items():
        if re.match(sign, start):
            raise TableError(f"{place} is {what}, and no text of columns; save its table as CSV")
    if b"\0" in start:
        even, odd = start[::2].count(0), start[1::2].count(0)
        order = "utf-16-be" if even > odd else "utf-16-le"
        raise TableError(
            f"{place} has zero bytes: it is no text, or UTF-16 without a byte-order mark; pass "
            f"encoding={order!r} if it is"
        )
