"""Text files of columns: compression, encoding and delimiter found out, rows read in pieces."""

import csv
import gzip
import io
import itertools
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gatecast.errors import InputError, MissingDependencyError, TableError

logger = logging.getLogger(__name__)

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip", ".zst")
ROWS_A_PIECE = 50_000

_HEAD = 1 << 16  # characters that are looked at before anything is decided
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
        self.names = self._header(head)

    def pieces(self, columns: Sequence[int]) -> Iterator[list[list[str]]]:
        """The texts of some columns, some thousand rows at a time.

        A file that proves not to be UTF-8 past its beginning raises UnicodeDecodeError; call
        :meth:`use_windows_encoding` and begin anew.
        """
        wanted = len(self.names)
        with _open(self.path) as binary, self._text(binary) as text:
            reader = self._reader(text)
            next(row for row in reader if row)  # the header
            try:
                while piece := list(itertools.islice(reader, ROWS_A_PIECE)):
                    rows = [row for row in piece if row]
                    if any(len(row) != wanted for row in rows):
                        self._refuse_ragged()
                    yield [[row[column] for row in rows] for column in columns]
            except csv.Error as error:
                raise TableError(
                    f"{self.place}, line {reader.line_num + self._skipped}: {error}; "
                    'look for a quotation mark (") that is not closed'
                ) from error

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
        with _open(self.path) as binary:
            start = binary.read(1024)
        for mark, encoding in _BOMS.items():
            if start.startswith(mark):
                if encoding != "utf-8-sig":
                    self.notes.append(f"was read as {encoding.upper()}, as its first bytes say")
                return encoding
        if b"\0" in start:
            raise TableError(
                f"{self.place} has zero bytes: it is no text, or UTF-16 without a byte-order "
                "mark; pass encoding='utf-16-le' if it is"
            )
        return "utf-8"

    def _decode_head(self) -> str:
        while True:
            try:
                with _open(self.path) as binary, self._text(binary) as text:
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
        names = [name.strip() for name in first]
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
        with _open(self.path) as binary, self._text(binary) as text:
            reader = self._reader(text)
            row = next(row for row in reader if row and len(row) != len(self.names))
            raise TableError(
                f"{self.place}, line {reader.line_num + self._skipped} has {_values(len(row))} and "
                f"the header {_values(len(self.names))} separated by a "
                f"{DELIMITERS.get(self.delimiter, self.delimiter)}; mend the line, or pass "
                "delimiter= if it is another"
            )


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


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed by what its name ends in."""
    import bz2
    import lzma
    import zipfile
    import zlib

    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    damages: tuple[type[Exception], ...] = (
        *(EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile),
        *_zstandard_errors(),
    )
    suffix = path.suffix.lower()
    try:
        if suffix == ".zip":
            with (
                zipfile.ZipFile(path) as archive,
                archive.open(_only_member(archive, path)) as file,
            ):
                yield file
        else:
            opener = _open_zstandard if suffix == ".zst" else openers.get(suffix, Path.open)
            with opener(path, "rb") as file:
                yield file
    except damages as error:
        raise TableError(f"{path.name} is damaged or no {suffix} file: {error}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise TableError(f"{path} cannot be read: {reason}") from error


def _only_member(archive: Any, path: Path) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(names) != 1:
        raise TableError(
            f"{path.name} must hold one file, it holds {len(names)}"
            + (f" ({', '.join(names[:5])})" if names else "")
            + "; extract the one that is meant"
        )
    return str(names[0])


def _open_zstandard(path: Path, mode: str) -> Any:
    """Python reads Zstandard from 3.14 on; pyarrow does before."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        pass
    else:
        return zstd.open(path, mode)
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingDependencyError(
            f"{path.name} is compressed by Zstandard, which needs Python 3.14 or pyarrow: "
            "pip install 'gatecast[parquet]', or decompress it"
        ) from error
    return pa.input_stream(str(path), compression="zstd")


def _zstandard_errors() -> tuple[type[Exception], ...]:
    """What Python's own Zstandard raises of a damaged file; pyarrow raises an OSError."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return ()
    return (zstd.ZstdError,)
