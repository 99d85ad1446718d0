"""Numbers as files write them: 1234.5, 1,234.5, 1.234,5, 12,34,567.8; nothing ambiguous is guessed.

Each text is of one kind.  Some kinds prove which sign is the decimal one, in their column and,
where no column contradicts, in the whole file; "1,234" and "1.234" prove nothing.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from gatecast.data.remedies import remedy_for
from gatecast.errors import TableError

#: Texts that mean "no value" in a column of numbers.
MISSING = frozenset(
    {"", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "Null", "None", "none"}
    | {"<NA>", "#N/A", "#NA", "#N/A N/A", "NaT"}
)

_SPACE = "[ \u00a0\u202f\u2007\u2009'\u2019]"  # spaces and apostrophes only ever group digits
_KINDS = re.compile(
    r"""
      (?P<whole>        [+-]?\d+ (?:[eE][+-]?\d+)? | [+-]?[1-9]\d{0,2}(?:SPACE\d{3})+ )
    | (?P<either_point> [+-]?[1-9]\d{0,2}\.\d{3} )
    | (?P<point>        [+-]?(?:\d+\.\d*|\.\d+) (?:[eE][+-]?\d+)? )
    | (?P<either_comma> [+-]?[1-9]\d{0,2},\d{3} )
    | (?P<comma>        [+-]?(?:\d+,\d*|,\d+) (?:[eE][+-]?\d+)? )
    | (?P<grouped_point> [+-]?[1-9]\d{0,2}
        (?: (?:,\d{3}){2,} | (?:,\d{3})+\.\d* | (?:SPACE\d{3})+\.\d* )
        | [+-]?[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)? )  # lakhs: 12,34,567.8
    | (?P<grouped_comma> [+-]?[1-9]\d{0,2}
        (?: (?:\.\d{3}){2,} | (?:\.\d{3})+,\d* | (?:SPACE\d{3})+,\d* ) )
    | (?P<infinite>     [+-]?(?:[iI]nf(?:inity)?|INF|Infinity) )
    """.replace("SPACE", _SPACE.replace(" ", r"\ ", 1)),
    re.VERBOSE | re.ASCII,
)
_PLAIN = frozenset({"whole", "point", "missing"})
_PROVES_POINT = ("point", "grouped_point")
_PROVES_COMMA = ("comma", "grouped_comma")
_NUMBERS = ("whole", "either_point", "either_comma", *_PROVES_POINT, *_PROVES_COMMA)
_SEPARATORS = re.compile(_SPACE)


class First(NamedTuple):
    """Where something was met for the first time; rows are counted from 1."""

    row: int
    text: str


class NumberReader:
    """Takes the texts of one column piece by piece, and then says what they are.

    Parameters
    ----------
    name : str
        Of the column.
    place : str
        What the column stands in, for messages: the name of a file.
    missing : iterable of str
        More texts that mean "no value".

    Examples
    --------
    >>> reader = NumberReader("price", "sales.csv")
    >>> reader.add(["1,5", "", "1.000,25"])
    >>> reader.proved()
    ','
    >>> reader.finish(",")
    array([   1.5 ,      nan, 1000.25])
    """

    def __init__(self, name: str, place: str, missing: Iterable[str] = ()) -> None:
        self.name = name
        self.place = place
        self._missing = MISSING.union(missing)
        self.restart()

    def restart(self) -> None:
        """Forget all rows."""
        self.first: dict[str, First] = {}
        self._pieces: list[npt.NDArray[np.float64] | list[str]] = []
        self._rows = 0

    def add(self, texts: Sequence[str]) -> None:
        """Take the next rows; what is plain is turned into numbers at once, to save memory."""
        kinds = [self._kind(text) for text in texts]
        for kind in set(kinds):
            if kind not in self.first:
                place = kinds.index(kind)
                self.first[kind] = First(self._rows + place + 1, texts[place])
        self._rows += len(texts)
        if set(kinds) <= _PLAIN and set(kinds) != {"missing"}:
            self._pieces.append(np.array([self._number(text, ".") for text in texts]))
        else:
            self._pieces.append(list(texts))

    def is_text(self) -> bool:
        """Whether the column has values, and none of them is a number."""
        return "text" in self.first and not any(kind in self.first for kind in _NUMBERS)

    def texts(self) -> list[str]:
        """All rows of a column of text."""
        return [text for piece in self._pieces for text in piece if isinstance(text, str)]

    def proved(self) -> str | None:
        """The decimal sign that the column proves, if it does; None if it is silent."""
        point = self._earliest(_PROVES_POINT)
        comma = self._earliest(_PROVES_COMMA)
        if point and comma:
            raise TableError(
                f"{self._where(point)}, and row {comma.row} {comma.text!r}: decimal points and "
                "decimal commas in one column; write all of them in one way"
            )
        return "." if point else "," if comma else None

    def ambiguous(self) -> First | None:
        """The first text that can be read in two ways, where the column does not settle it."""
        if self._earliest(_PROVES_POINT + _PROVES_COMMA):
            return None
        return self._earliest(("either_point", "either_comma"))

    def finish(self, decimal: str) -> npt.NDArray[np.float64]:
        """The numbers, NaN where missing; text among them and infinity are refused."""
        if found := self.first.get("text"):
            if found.text.strip() == self.name:
                raise TableError(
                    f"{self._where(found)}, the column's own name: is the header repeated there? "
                    "Take the row out"
                )
            raise TableError(
                f"{self._where(found)}, which is not a number{self._second_header(found)}; "
                f"{remedy_for(found.text)}, or pass "
                f"missing=[{found.text!r}] if it means 'no value', or "
                f"categorical=[{self.name!r}] if the column holds categories"
            )
        if found := self.first.get("infinite"):
            raise TableError(
                f"{self._where(found)}; infinity cannot be learned from: mend it, or pass "
                f"missing=[{found.text!r}] if it means 'no value'"
            )
        against = self._earliest(_PROVES_COMMA if decimal == "." else _PROVES_POINT)
        if against:
            raise TableError(f"{self._where(against)}, which does not fit decimal={decimal!r}")
        pieces = [
            piece
            if isinstance(piece, np.ndarray)
            else np.array([self._number(text, decimal) for text in piece], dtype=np.float64)
            for piece in self._pieces
        ]
        return np.concatenate(pieces) if pieces else np.empty(0)

    def refuse_ambiguous(self, found: First) -> NoReturn:
        """Ask which sign is the decimal one."""
        point, comma = found.text.replace(",", "."), found.text.replace(".", "").replace(",", "")
        raise TableError(
            f"{self._where(found)}, which may mean {point} or {comma}; say which: "
            f"pass decimal={'.,'[',' in found.text]!r} for the first or "
            f"decimal={',.'[',' in found.text]!r} for the second"
        )

    def _second_header(self, found: First) -> str:
        """The first row alone may hold units, or another language's names."""
        only = found.row == 1 and self._rows > 1 and any(kind in self.first for kind in _NUMBERS)
        words = any(map(str.isalpha, found.text)) and not any(map(str.isdigit, found.text))
        told = " (if that row is a second line of the header, take it out)"
        return told if only and words else ""

    def _kind(self, text: str) -> str:
        text = text.strip()
        if text in self._missing:
            return "missing"
        match = _KINDS.fullmatch(text.replace("\u2212", "-"))
        return str(match.lastgroup) if match else "text"

    def _number(self, text: str, decimal: str) -> float:
        text = text.strip()
        if text in self._missing:
            return float("nan")
        if decimal == "." and text.isascii():
            with suppress(ValueError):  # the usual case; "1,234" and "1 234" come below
                return float(text)
        text = _SEPARATORS.sub("", text.replace("\u2212", "-"))
        if decimal == ",":
            return float(text.replace(".", "").replace(",", "."))
        return float(text.replace(",", ""))

    def _earliest(self, kinds: Iterable[str]) -> First | None:
        return min((self.first[kind] for kind in kinds if kind in self.first), default=None)

    def _where(self, found: First) -> str:
        return f"column {self.name!r} of {self.place}, row {found.row} holds {found.text!r}"


def decide_decimals(
    readers: Sequence[NumberReader], decimal: str | None, delimiter: str | None
) -> dict[str, str]:
    """The decimal sign of each column of numbers.

    A column's own values decide; else what the other columns of the file prove, if they agree;
    else, where columns are separated by commas, "1.234" has a decimal point.  What is still
    ambiguous is refused.

    Parameters
    ----------
    readers : sequence of NumberReader
    decimal : "." or "," or None
        What the user said; it settles everything.
    delimiter : str or None
        Of the file; None for a table that is no file.

    Examples
    --------
    >>> readers = NumberReader("a", "x.csv"), NumberReader("b", "x.csv")
    >>> readers[0].add(["0,5"])
    >>> readers[1].add(["1.234"])
    >>> decide_decimals(readers, None, ";")
    {'a': ',', 'b': ','}
    """
    if decimal is not None:
        return {reader.name: decimal for reader in readers}
    proved = {reader.name: reader.proved() for reader in readers}
    in_file = set(proved.values()) - {None}
    decided = {}
    for reader in readers:
        sign = proved[reader.name]
        found = reader.ambiguous()
        if sign is None and found is None:
            sign = "."
        elif sign is None and len(in_file) == 1:
            sign = next(iter(in_file))
        elif sign is None and found is not None:
            if "either_comma" in reader.first or in_file or delimiter != ",":
                reader.refuse_ambiguous(found)
            sign = "."
        decided[reader.name] = str(sign)
    return decided
