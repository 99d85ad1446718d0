"""Times that may mean something else than they seem to: asked about, never taken at face value."""

import re
from collections.abc import Sequence
from typing import NoReturn

from gatecast.errors import TableError

EPOCH = ("s", "ms", "us", "ns")
_YEAR_1990, _YEAR_2100 = 631_152_000, 4_102_444_800  # in seconds from 1970
_EXCEL_DAYS = (32_874, 62_502)  # as Excel counts, of 1990 to 2071
#: two digits that Excel takes for years of the last century, and strptime for those of this one
_DISPUTED = range(30, 69)
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII)
_SHORT_YEAR = re.compile(
    r"\d{1,2}([-/.])\d{1,2}[-/.]\d{2}(?:\s+(\d{1,2}:\d{2}(:\d{2})?))?", re.ASCII
)
_CLOCK_ALONE = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?", re.ASCII)
_NAMED_ZONE = re.compile(r".*\d:\d{2}(?::\d{2})? ?([A-Z]{3,5})", re.ASCII)
_YEARS = re.compile(r"(\d{4})[-/](\d{2}|\d{4})", re.ASCII)
_FORMAT = "pass date_format=, such as '%d.%m.%Y %H:%M'"
_PLAIN = f"mend it, take the row out, or {_FORMAT}"


def doubt(least: float, most: float) -> str:
    """What numbered steps may be instead: a count from 1970 on, or Excel's days.

    Examples
    --------
    >>> doubt(45_292, 45_383)
    "numbers count steps; if they are days as Excel counts, pass date_format='excel'"
    """
    for unit in EPOCH:
        scale = 1000 ** EPOCH.index(unit)
        if _YEAR_1990 * scale <= least and most <= _YEAR_2100 * scale:
            return f"numbers count steps; if they are {unit} since 1970, pass date_format={unit!r}"
    if _EXCEL_DAYS[0] <= least and most <= _EXCEL_DAYS[1]:
        return "numbers count steps; if they are days as Excel counts, pass date_format='excel'"
    return ""


def remedy_of(text: str) -> str:
    """What to do about the first text of a column, which is no date that is known.

    Examples
    --------
    >>> remedy_of("13/01/24")
    "write years with four digits, or pass date_format=, such as '%d/%m/%y'"
    >>> remedy_of("06:15")
    'it is a time of day; put it into one column with its date'
    """
    if match := _SHORT_YEAR.fullmatch(text):
        sign, clock = match[1], "" if match[2] is None else " %H:%M" + ":%S" * bool(match[3])
        layout = f"%d{sign}%m{sign}%y{clock}"
        return f"write years with four digits, or pass date_format=, such as {layout!r}"
    if _CLOCK_ALONE.fullmatch(text):
        return "it is a time of day; put it into one column with its date"
    if match := _NAMED_ZONE.fullmatch(text):
        return f"take {match[1]!r} off, and pass timezone=, such as 'Europe/Berlin'"
    if match := _YEARS.fullmatch(text):
        return f"if it is a year that begins in {match[1]}, write {match[1]} alone"
    if re.fullmatch(r"\d+\.\d+", text, re.ASCII) and (found := doubt(float(text), float(text))):
        return found.removeprefix("numbers count steps; ")
    if re.search(r"\d", text) and re.search(r"[^\W\d_]", text):
        return f"write times as 2024-01-31, 2024-01, 2024Q1 or 2024-W05, or {_FORMAT}"
    return _PLAIN


def refuse_doubtful_months(texts: Sequence[str], where: str) -> None:
    """Years and months that may be business years, quarters, or numbers that lost a zero.

    Examples
    --------
    >>> refuse_doubtful_months(["2009-10", "2010-11"], "column 'ds' of x.csv")
    Traceback (most recent call last):
    gatecast.errors.TableError: column 'ds' of x.csv, row 1 holds '2009-10', ...
    """
    found = {text: match.groups() for text in set(texts) if (match := _MONTH.fullmatch(text))}
    years = {int(year) for year, _ in found.values()}
    months = {month for _, month in found.values()}
    if any(int(month) > 12 for month in months):
        return
    if len(years) > 1 and all(int(y) % 100 + 1 == int(m) for y, m in found.values()):
        _ask(texts, 0, where, f"the year from {texts[0][:4]} on: write {texts[0][:4]}")
    padded = any(month.startswith("0") for month in months)
    if padded and any(len(month) == 1 for month in months):
        row = next(row for row, text in enumerate(texts) if len(found[text][1]) == 1)
        tenth = f"{texts[row][:4]}-10"
        _ask(texts, row, where, f"{tenth} that lost its zero: write {tenth}")
    if len(years) > 1 and len(months) > 1 and months <= set("1234"):
        _ask(texts, 0, where, f"a quarter: write {texts[0][:4]}Q{texts[0][-1]}")


def _ask(texts: Sequence[str], row: int, where: str, choice: str) -> NoReturn:
    layout = f"%Y{texts[row][4]}%m"
    raise TableError(
        f"{where}, row {row + 1} holds {texts[row]!r}, which may be a month, or {choice}; or pass "
        f"date_format={layout!r} for months"
    )


def refuse_disputed_years(texts: Sequence[str], where: str) -> None:
    """Years of two digits that programs take for different centuries.

    Examples
    --------
    >>> refuse_disputed_years(["Jan-24"], "column 'ds' of x.csv")
    """
    for row, text in enumerate(texts):
        if int(text[-2:]) in _DISPUTED:
            raise TableError(
                f"{where}, row {row + 1} holds {text!r}, which may be of 19{text[-2:]} or of "
                f"20{text[-2:]}; write years with four digits"
            )


def refuse_doubtful_numbers(texts: Sequence[str], dates: int, first_odd: int, where: str) -> None:
    """Digits of which most are dates and some are not, or that count weeks.

    Parameters
    ----------
    texts : sequence of str
        Of as many digits each.
    dates : int
        How many of them are dates; not all.
    first_odd : int
        The first that is none.
    where : str

    Examples
    --------
    >>> refuse_doubtful_numbers(["202452", "202501"], 1, 0, "column 'ds' of x.csv")
    Traceback (most recent call last):
    gatecast.errors.TableError: column 'ds' of x.csv, row 1 holds '202452', which may be a week; ...
    """
    text = texts[first_odd]
    if len(text) == 6 and all("1800" < t[:4] < "2200" and 0 < int(t[4:]) <= 53 for t in texts):
        raise TableError(
            f"{where}, row {first_odd + 1} holds {text!r}, which may be a week; write it as "
            f"{text[:4]}-W{text[4:]}, or number the steps from 1 on"
        )
    if dates > len(texts) / 2:
        raise TableError(
            f"{where}, row {first_odd + 1} holds {text!r}, which is not a date as most others are; "
            "mend it, or take the row out"
        )
