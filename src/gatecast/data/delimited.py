"""Text files of columns: compression, encoding and delimiter found out, rows read in pieces."""

import csv
import io
import itertools
import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from gatecast.data.compressed import open_bytes
from gatecast.data.paths import refuse_binary
from gatecast.errors import InputError, TableError

logger = logging.getLogger(__name__)

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ROWS_A_PIECE = 50_000

_HEAD = 1 << 16  # characters that are looked at before anything is decided
_MARK = "\ufeff"  # of the order of bytes; files that were put together have some too many
_LINES = 50  # that are searched for what a message should say
_BOMS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


class DelimitedFile:
    """A text file of columns, its layout known and nothing but its beginning read.

    Parameters
    ----------
    path : path
    delimiter, encoding : str, optional
        What the user said; found out otherwise.

    Attributes
    ----------
    names : list of str
        Of the columns, stripped of white space.
    delimiter, encoding : str
    notes : list of str
        What was found out and is not usual.
    """

    def __init__(
        self, path: Path, *, delimiter: str | None = None, encoding: str | None = None
    ) -> None:
        delimiter = {"\\t": "\t"}.get(delimiter or "", delimiter)  # as terminals pass it on
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise InputError(f"delimiter must be one sign such as ',' or ';', it is {delimiter!r}")
        self.path = path
        self.place = path.name
        self.notes: list[str] = []
        self._encoding_given = encoding is not None
        self.encoding = encoding or self._find_encoding()
        head = self._decode_head()
        self._skipped = 0
        if declared := re.match(
            r"sep=([^\"\r\n])\r?\n", head
        ):  # Excel writes and reads such a line
            head, self._skipped = head[declared.end() :], 1
            delimiter = delimiter or declared[1]
        if not head.strip():
            raise TableError(f"{self.place} is empty; a header and rows are needed")
        self.delimiter = delimiter or _find_delimiter(head, self.place)
        self._head = head
        self.names = self._header(head)

    def pieces(self, columns: Sequence[int]) -> Iterator[list[list[str]]]:
        """The texts of some columns, some thousand rows at a time.

        A file that proves not to be UTF-8 past its beginning raises UnicodeDecodeError; call
        :meth:`use_windows_encoding` and begin anew.
        """
        wanted = len(self.names)
        with open_bytes(self.path) as binary, self._text(binary) as text:
            reader = self._reader(text)
            next(row for row in reader if row)  # the header
            ends: list[list[str]] = []  # rows without any value, unless one with values follows
            try:
                while piece := list(itertools.islice(reader, ROWS_A_PIECE)):
                    rows = ends + [
                        row for row in piece if len(row) > 1 or not _is_blank(row, wanted)
                    ]
                    if any(len(row) != wanted for row in rows):
                        self._refuse_ragged()
                    rows, ends = _without_end(rows)
                    yield [[row[column] for row in rows] for column in columns]
            except csv.Error as error:
                raise TableError(
                    f"{self.place}, line {reader.line_num + self._skipped}: {error}; "
                    'look for a quotation mark (") that is not closed'
                ) from error
            if ends:
                self._note_ends(len(ends))

    def header_hint(self, name: str) -> str:
        """Why the header may not have a column: it stands farther down, or was not cut."""
        reader = self._reader_of(self._head)
        with suppress(csv.Error):
            for row in itertools.islice(reader, _LINES):
                if name in (cell.strip() for cell in row):
                    line = reader.line_num + self._skipped
                    return f"; line {line} has it: take out the lines above, the header comes first"
        inside = [word for sign, word in DELIMITERS.items() if sign in self.names[0]]
        if len(self.names) == 1 and inside:
            return (
                f"; a {inside[0]} is in it: take out quotation marks around whole lines, or pass "
                "delimiter="
            )
        if len(self.names) == 1:
            return "; if something else than , ; | or a tab separates the columns, pass delimiter="
        return ""

    def _note_ends(self, count: int) -> None:
        what = "a row" if count == 1 else f"{count} rows"
        note = f"ends with {what} without any value, left out"
        if note not in self.notes:
            self.notes.append(note)

    def use_windows_encoding(self, error: UnicodeDecodeError) -> None:
        """Read the file as Windows-1252, and say so; refuse where the user chose the encoding."""
        if self._encoding_given:
            raise TableError(
                f"{self.place} is not {self.encoding}: {error.reason}; pass another encoding="
            ) from error
        if self.encoding == "cp1252":
            raise TableError(
                f"{self.place} is neither UTF-8 nor Windows-1252; pass encoding=, "
                "such as 'shift_jis' or 'koi8-r'"
            ) from error
        self.encoding = "cp1252"
        note = "is not UTF-8 and was read as Windows-1252 (Western European); encoding= says other"
        self.notes.append(note)
        logger.warning("%s %s", self.place, note)

    def _find_encoding(self) -> str:
        with open_bytes(self.path) as binary:
            start = binary.read(1024)
        for mark, encoding in _BOMS.items():
            if start.startswith(mark):
                if encoding != "utf-8-sig":
                    self.notes.append(f"was read as {encoding.upper()}, as its first bytes say")
                return encoding
        refuse_binary(start, self.place)
        return "utf-8"

    def _decode_head(self) -> str:
        while True:
            try:
                with open_bytes(self.path) as binary, self._text(binary) as text:
                    return text.read(_HEAD)
            except LookupError as error:
                raise TableError(f"encoding={self.encoding!r} is not known") from error
            except UnicodeDecodeError as error:
                self.use_windows_encoding(error)
            except UnicodeError as error:  # UTF-16 without its mark
                raise TableError(f"{self.place} is not {self.encoding}: {error}") from error

    def _text(self, binary: IO[bytes]) -> io.TextIOWrapper:
        return io.TextIOWrapper(binary, encoding=self.encoding, newline="")

    def _reader(self, text: IO[str]) -> Any:
        for _ in range(self._skipped):
            text.readline()
        return csv.reader(text, delimiter=self.delimiter, strict=True)

    def _header(self, head: str) -> list[str]:
        try:
            first = next(row for row in self._reader_of(head) if row)
        except csv.Error as error:
            raise TableError(f"{self.place}, header: {error}") from error
        # an accent may be a sign of its own or part of its letter: keyboards write the second
        names = [unicodedata.normalize("NFC", name.strip().lstrip(_MARK)) for name in first]
        seen: dict[str, int] = {}
        for column, name in enumerate(names, 1):
            if name in seen and name:
                raise TableError(
                    f"{self.place} has two columns called {name!r}, the {seen[name]}. and the "
                    f"{column}.; rename one"
                )
            seen[name] = column
        return names

    def _reader_of(self, head: str) -> Any:
        return csv.reader(io.StringIO(head, newline=""), delimiter=self.delimiter, strict=True)

    def _refuse_ragged(self) -> None:
        """Find the first line of another length, from the beginning: this is no usual path."""
        with open_bytes(self.path) as binary, self._text(binary) as text:
            reader = self._reader(text)
            wanted, rows = len(self.names), iter(reader)
            next(row for row in rows if row)
            all_alike = len({len(row) for row in itertools.islice(rows, _LINES) if row}) == 1
        with open_bytes(self.path) as binary, self._text(binary) as text:
            reader = self._reader(text)
            row = next(r for r in reader if not _is_blank(r, wanted) and len(r) != wanted)
            hint = "mend the line"
            if all_alike and len(row) > wanted:
                hint = "name all columns in the header, put decimal commas in quotation marks"
            raise TableError(
                f"{self.place}, line {reader.line_num + self._skipped} has {_values(len(row))} and "
                f"the header {_values(wanted)} separated by a "
                f"{DELIMITERS.get(self.delimiter, self.delimiter)}; {hint}, or pass "
                "delimiter= if it is another"
            )


def _is_blank(row: list[str], wanted: int) -> bool:
    """A line of nothing but white space."""
    return not row or (len(row) == 1 < wanted and not row[0].strip())


def _without_end(rows: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """The rows, and those at their end that have no value in any column."""
    stop = len(rows)
    while stop and len(rows[stop - 1]) > 1 and not any(cell.strip() for cell in rows[stop - 1]):
        stop -= 1
    return rows[:stop], rows[stop:]


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def _find_delimiter(head: str, place: str) -> str:
    """The one that cuts all of the first lines into as many values as the header."""
    lines = list(io.StringIO(head, newline=""))
    if len(head) >= _HEAD and len(lines) > 1:
        lines = lines[:-1]  # it may be cut short
    counts = {sign: _counts(lines, sign) for sign in DELIMITERS}
    fits = [sign for sign, found in counts.items() if len(set(found)) == 1 and found[0] > 1]
    if len(fits) > 1:
        names = " or ".join(f"{DELIMITERS[sign]}s" for sign in fits)
        raise TableError(
            f"{place} may have columns separated by {names}; pass delimiter={fits[0]!r} "
            f"or delimiter={fits[1]!r}"
        )
    # Without a fit, the one that cuts the header most will name the line that is at fault.
    return fits[0] if fits else max(counts, key=lambda sign: counts[sign][0])


def _counts(lines: list[str], sign: str) -> list[int]:
    """Values in each line that has any."""
    rows = csv.reader(lines, delimiter=sign)
    try:
        return [len(row) for row in rows if row] or [1]
    except csv.Error:
        return [1]
