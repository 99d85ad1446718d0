"""Other ways to write a time, turned into those that :mod:`gatecast.data.dates` reads.

The first row says which way it is, and every other must be written so; nothing is guessed row by
row.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from gatecast.errors import TableError


class Notation(NamedTuple):
    """One way to write a time: its pattern, and how it is rewritten."""

    pattern: "re.Pattern[str]"
    rewrite: Callable[["re.Match[str]"], str]


def _week(match: "re.Match[str]") -> str:
    """A week of ISO 8601 by its Monday, or by the day that is given."""
    year, week, day = match.groups()
    return date.fromisocalendar(int(year), int(week), int(day or 1)).isoformat()


_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_NOTATIONS = tuple(
    Notation(re.compile(pattern, re.ASCII), rewrite)
    for pattern, rewrite in (
        (r"(\d{4})-?[Ww](\d{2})(?:-?([1-7]))?", _week),
        (r"[Qq]([1-4])[-/ ]?(\d{4})", lambda m: f"{m[2]}Q{m[1]}"),
        (r"(\d{4})[Mm](\d{1,2})", lambda m: f"{m[1]}-{m[2]}"),
        (r"(\d{1,2})[-/](\d{4})", lambda m: f"{m[2]}-{m[1]}"),
        (
            r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?(Z?)",
            lambda m: f"{m[1]}-{m[2]}-{m[3]} {m[4]}:{m[5]}:{m[6] or '00'}{m[7]}",
        ),
        (r"(\d{4}-\d{2}-\d{2}[T ]\d{2})", lambda m: f"{m[1]}:00"),
        (rf"(.*{_CLOCK}) ?GMT", lambda m: f"{m[1]}Z"),
        (rf"(.*{_CLOCK} ?[+-]\d{{2}})", lambda m: f"{m[1]}:00"),
        (r"(.*\d{1,2}:\d{2}:\d{2}),(\d+)(.*)", lambda m: f"{m[1]}.{m[2]}{m[3]}"),
    )
)
_MIDNIGHT = re.compile(r"(?<=[T ])24:00(?=(?::00(?:\.0+)?)?(?:\D|$))", re.ASCII)


def rewritten(texts: list[str], where: str) -> list[str]:
    """The texts in a way that is read, if they are written in one of these; else as they are.

    Examples
    --------
    >>> rewritten(["2020-W01", "2020-W02"], "column 'ds' of x.csv")
    ['2019-12-30', '2020-01-06']
    >>> rewritten(["Q4 2020", "Q1 2021"], "column 'ds' of x.csv")
    ['2020Q4', '2021Q1']
    """
    notation = next((n for n in _NOTATIONS if n.pattern.fullmatch(texts[0])), None)
    if notation is None:
        return texts
    known: dict[str, str] = {}
    for row, text in enumerate(texts):
        if text not in known:
            known[text] = _one(notation, text, row, where)
    return [known[text] for text in texts]


def _one(notation: Notation, text: str, row: int, where: str) -> str:
    match = notation.pattern.fullmatch(text)
    if match is None:
        fault = "is not written as the rows before"
    else:
        try:
            return notation.rewrite(match)
        except ValueError:
            fault = "is not a date"
    raise TableError(
        f"{where}, row {row + 1} holds {text!r}, which {fault}; mend it, or take the row out"
    )


def without_midnights(texts: list[str]) -> tuple[list[str], list[int]]:
    """24:00 as 00:00, and the rows where that means 00:00 of the next day.

    Examples
    --------
    >>> without_midnights(["2020-01-01 23:00", "2020-01-01 24:00"])
    (['2020-01-01 23:00', '2020-01-01 00:00'], [1])
    """
    rows = [row for row, text in enumerate(texts) if "24:00" in text and _MIDNIGHT.search(text)]
    if rows:
        texts = texts.copy()
        for row in rows:
            texts[row] = _MIDNIGHT.sub("00:00", texts[row])
    return texts, rows
