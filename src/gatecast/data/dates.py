"""Dates as files write them; day and month are told apart only by a value above 12."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np

from gatecast.data.checks import Array
from gatecast.data.doubts import (
    EPOCH,
    doubt,
    refuse_disputed_years,
    refuse_doubtful_months,
    refuse_doubtful_numbers,
    remedy_of,
)
from gatecast.data.notations import rewritten, without_midnights
from gatecast.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

_DATE = re.compile(
    r"""
    (?: (?P<year_first>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}) | (?P<year_last>\d{1,2}[-/.]\d{1,2}[-/.]\d{4})
      | (?P<month>\d{4}[-/.]\d{1,2}) | (?P<quarter>\d{4}[- ]?[qQ][1-4]) )
    (?P<time> (?P<gap>[T\ ]) \d{1,2}:\d{2} (?P<second>:\d{2})? (?P<fraction>\.\d+)? )?
    (?P<half>\ ?[AaPp][Mm])?
    (?P<zone>\ ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?
    """,
    re.VERBOSE | re.ASCII,
)
_NINES = str.maketrans("012345678", "999999999")
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_WHOLE_IN_DECIMALS = re.compile(r"[+-]?\d+\.0", re.ASCII)
_WITH_NAMES = (
    *("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y"),
    *("%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M"),
)
_YEAR_9999 = 253_370_764_800  # seconds from 1970 to its beginning
_EXCEL = 25_569  # its days before 1970
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,20})?", re.ASCII)
#: digits of a date and a clock written without signs -> its strptime format
_COMPACT = {
    6: "%Y%m",
    8: "%Y%m%d",
    10: "%Y%m%d%H",
    12: "%Y%m%d%H%M",
    14: "%Y%m%d%H%M%S",
}
_NONE = frozenset({"", "NaT", "NaN", "nan", "NA", "N/A", "<NA>", "null", "NULL", "None"})


class Dates(NamedTuple):
    """What a column of time stamps holds.

    Attributes
    ----------
    values : DatetimeIndex or (rows,) int64
        Time stamps, in UTC where ``zones`` is not empty; or numbered steps.
    zones : list of str
        The offsets from UTC that the texts have.
    note : str
        What had to be found out, for the user to read.
    """

    values: "pd.DatetimeIndex | Array"
    zones: list[str]
    note: str


class _Shape(NamedTuple):
    """How one text writes its date: two of different shapes are never mixed."""

    kind: str
    signs: str  # between the numbers of the date
    gap: str
    second: bool
    fraction: bool
    half: str
    zone: bool


def read_dates(
    texts: Sequence[str],
    where: str,
    *,
    date_format: str | None = None,
    dayfirst: bool | None = None,
) -> Dates:
    """Turn the texts of a time column into time stamps.

    Parameters
    ----------
    texts : sequence of str
    where : str
        The column's name and place, for messages.
    date_format : str, optional
        As strptime has it, or "ISO8601"; s, ms, us, ns since 1970; "excel", days as Excel counts.
    dayfirst : bool, optional
        Settles whether 01/02/2018 is the first of February.

    Examples
    --------
    >>> read_dates(["31.01.2018", "01.02.2018"], "column 'ds' of x.csv").values[1]
    Timestamp('2018-02-01 00:00:00')
    """
    import pandas as pd

    stripped = [text.strip() for text in texts]
    for row, text in enumerate(stripped, 1):
        if text in _NONE:
            raise TableError(f"{where}, row {row} has no time; fill it in or take the row out")
    if date_format is not None:
        return _by_format(stripped, where, date_format)
    if all(map(_WHOLE_IN_DECIMALS.fullmatch, stripped)):  # a column that once lacked values
        stripped = [text[:-2] for text in stripped]
    if all(map(_WHOLE.fullmatch, stripped)):
        return _whole_numbers(stripped, where)
    written, midnights = without_midnights(rewritten(stripped, where))
    found = _read_written(written, where, dayfirst)
    if not midnights:
        return found
    assert isinstance(found.values, pd.DatetimeIndex)
    days = np.zeros(len(texts))
    days[midnights] = 1
    values = (found.values + pd.to_timedelta(days, unit="D")).as_unit("us")
    said = "24:00 is read as 00:00 of the next day"
    return Dates(values, found.zones, f"{found.note}; {said}" if found.note else said)


def _read_written(stripped: list[str], where: str, dayfirst: bool | None) -> Dates:
    """Dates of numbers and signs, or with names of months."""
    shapes = _shapes(stripped, where)
    if not shapes:
        return _with_names(stripped, where)
    if "year_last" in (shape.kind for shape in shapes):
        return _year_last(stripped, where, next(iter(shapes)), dayfirst)
    return _year_first(stripped, where, shapes)


def _by_format(texts: list[str], where: str, date_format: str) -> Dates:

    if date_format == "mixed":
        raise TableError(
            "date_format must name one format, 'mixed' would guess row by row; "
            "write all dates in one way, as 2018-01-31"
        )
    if date_format in (*EPOCH, "excel"):
        return Dates(_counted(texts, where, date_format), [], "")
    zoned = "%z" in date_format or (date_format == "ISO8601" and _zones(texts) != [])
    try:
        values = _parse(
            texts, where, date_format, zoned, f"does not fit date_format={date_format!r}"
        )
    except ValueError as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"date_format={date_format!r} is no date format ({error})") from error
    return Dates(values, _zones(texts) if zoned else [], "")


def _counted(texts: list[str], where: str, unit: str) -> "pd.DatetimeIndex":
    """Moments from their distance to the beginning of 1970, or in Excel's days."""
    import pandas as pd

    micros = np.empty(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        if not _NUMBER.fullmatch(text):
            _refuse(texts, row, where, f"does not fit date_format={unit!r}")
        if unit == "excel":  # whose fractions of a day are rounded, to seconds at least
            found = round((Decimal(text) - _EXCEL) * 86_400) * 10**6
        else:
            found = int(Decimal(text) * 10**6 // 1000 ** EPOCH.index(unit))
        if abs(found) > _YEAR_9999 * 10**6:
            _refuse(texts, row, where, f"does not fit date_format={unit!r}")
        micros[row] = found
    return pd.DatetimeIndex(micros.astype("datetime64[us]"))


def _whole_numbers(texts: list[str], where: str) -> Dates:
    """Numbered steps; or dates written as 20180131, where every number is one."""
    import pandas as pd

    layout = _COMPACT.get(len(texts[0]))
    if layout is not None and all(len(text) == len(texts[0]) for text in texts):
        days = pd.to_datetime(pd.Series(texts), format=layout, errors="coerce")
        if days.notna().all() and days.dt.year.between(1800, 2200).all():
            shown = str(days[0]) if len(texts[0]) > 8 else f"{days[0]:%Y-%m-%d}"
            note = f"times are read as dates, {texts[0]} is {shown}"
            return Dates(pd.DatetimeIndex(days).as_unit("us"), [], note)
        odd = (days.isna() | ~days.dt.year.between(1800, 2200)).to_numpy()
        refuse_doubtful_numbers(texts, int((~odd).sum()), int(odd.argmax()), where)
    for row, text in enumerate(texts):
        if len(text) > 18:
            _refuse(texts, row, where, "is too large a number for a time")
    steps = np.array([int(text) for text in texts], dtype=np.int64)
    return Dates(steps, [], doubt(int(steps.min()), int(steps.max())))


def read_numbers(values: Array, where: str) -> Dates:
    """Whole numbers of a table in memory, as :func:`read_dates` has their texts.

    Examples
    --------
    >>> read_numbers(np.array([20240131, 20240201]), "column 'ds' of the table").values[1]
    Timestamp('2024-02-01 00:00:00')
    """
    least, most = int(values.min()), int(values.max())
    first, last = str(least), str(most)
    if len(first) == len(last) and len(first) in _COMPACT and "1800" <= first <= last < "2201":
        return _whole_numbers([str(value) for value in values.tolist()], where)
    return Dates(values, [], doubt(least, most))


def _shapes(texts: list[str], where: str) -> dict[_Shape, int]:
    """The shapes that the texts have and the row of each one's first; empty: month names."""
    shapes: dict[_Shape, int] = {}
    seen: set[str] = set()  # texts with nines for digits: most columns have one such mask
    for row, text in enumerate(texts):
        mask = text.translate(_NINES)
        if mask in seen:
            continue
        match = _DATE.fullmatch(text)
        if match is None:
            if row == 0:
                return {}
            _refuse(texts, row, where, "is not written as the rows before")
        if match["quarter"] is None:  # not every digit makes a quarter
            seen.add(mask)
        shapes.setdefault(_shape(match), row)
    first, *others = shapes
    for other in others:
        # 12:00 and 12:00:00.5 are one way of writing in ISO 8601, which drops zeros
        if first.kind != "year_first" or other != first._replace(
            second=other.second, fraction=other.fraction
        ):
            row = shapes[other]
            raise TableError(
                f"{where} mixes date formats: row {shapes[first] + 1} holds {texts[0]!r} and row "
                f"{row + 1} {texts[row]!r}; write all of them in one way, as 2018-01-31 or "
                "2018-01-31 18:00"
            )
    return shapes


def _shape(match: "re.Match[str]") -> _Shape:
    parts = match.groupdict()
    names = ("year_first", "year_last", "month", "quarter")
    kind = next(name for name in names if parts[name])
    signs = "".join(sign for sign in parts[kind] if not sign.isdigit())
    half = (parts["half"] or "").upper().replace("P", "A")
    return _Shape(
        kind,
        signs,
        parts["gap"] or "",
        bool(parts["second"]),
        bool(parts["fraction"]),
        half,
        bool(parts["zone"]),
    )


def _year_first(texts: list[str], where: str, shapes: dict[_Shape, int]) -> Dates:
    import pandas as pd

    shape = next(iter(shapes))
    if shape.kind == "quarter":
        months = [f"{text[:4]}-{int(text[-1]) * 3 - 2}" for text in texts]
        return Dates(pd.to_datetime(pd.Index(months), format="%Y-%m").as_unit("us"), [], "")
    if len(set(shape.signs)) > 1:
        _refuse(texts, 0, where, "is not a date")
    sign = shape.signs[0]
    if shape.kind == "month":
        refuse_doubtful_months(texts, where)
    layout = f"%Y{sign}%m" if shape.kind == "month" else f"%Y{sign}%m{sign}%d"
    layout += _clock(shape)
    if len(shapes) > 1:
        if sign != "-":
            texts = [text.replace(sign, "-", 2) for text in texts]
        layout = "ISO8601"
    values = _parse(texts, where, layout, shape.zone, "is not a date")
    return Dates(values, _zones(texts) if shape.zone else [], "")


def _year_last(texts: list[str], where: str, shape: _Shape, dayfirst: bool | None) -> Dates:
    if len(set(shape.signs)) > 1:
        _refuse(texts, 0, where, "is not a date")
    sign = shape.signs[0]
    note = ""
    if dayfirst is None:
        dayfirst, row = _day_first(texts, where, sign)
        order = "the day" if dayfirst else "the month"
        note = f"dates begin with {order}, as row {row + 1} ({texts[row]!r}) proves"
    date = f"%d{sign}%m{sign}%Y" if dayfirst else f"%m{sign}%d{sign}%Y"
    fault = f"is not a date; the {'day' if dayfirst else 'month'} was taken to come first"
    values = _parse(texts, where, date + _clock(shape), shape.zone, fault)
    return Dates(values, _zones(texts) if shape.zone else [], note)


def _day_first(texts: list[str], where: str, sign: str) -> tuple[bool, int]:
    """Whether the day comes first, and the row that proves it."""
    proofs: dict[bool, int] = {}
    for row, text in enumerate(texts):
        first, second, _ = text.split(sign, 2)
        if int(first) > 12:
            proofs.setdefault(True, row)
        if int(second) > 12:
            proofs.setdefault(False, row)
    if len(proofs) == 2:
        raise TableError(
            f"{where} mixes date formats: row {proofs[True] + 1} holds {texts[proofs[True]]!r}, "
            f"day first, and row {proofs[False] + 1} {texts[proofs[False]]!r}, month first; "
            "write all of them in one way, as 2018-01-31"
        )
    if not proofs:
        raise TableError(
            f"{where} does not say whether the day or the month comes first (no value is above "
            f"12), row 1 holds {texts[0]!r}; pass dayfirst=True or dayfirst=False"
        )
    return next(iter(proofs.items()))


def _with_names(texts: list[str], where: str) -> Dates:
    """Dates with names of months, as 31 Jan 2018."""
    import pandas as pd

    def fits(layout: str) -> bool:
        return bool(pd.notna(pd.to_datetime(texts[0], format=layout, errors="coerce")))

    layout = next(filter(fits, _WITH_NAMES), None)
    if layout is None:
        _refuse(texts, 0, where, "is not a date that is known")
    values = _parse(texts, where, layout, "%z" in layout, f"is not written as {texts[0]!r} is")
    if layout.endswith("%y"):
        refuse_disputed_years(texts, where)
    return Dates(values, _zones(texts) if "%z" in layout else [], "")


def _clock(shape: _Shape) -> str:
    """The strptime format of what follows the date."""
    if not shape.gap:
        return "%z" * shape.zone
    hour = "%I:%M" if shape.half else "%H:%M"
    second = (":%S" if shape.second else "") + (".%f" if shape.fraction else "")
    half = {"": "", "AM": "%p", " AM": " %p"}[shape.half]
    return f"{shape.gap}{hour}{second}{half}{'%z' * shape.zone}"


def _parse(
    texts: list[str], where: str, layout: str, zoned: bool, fault: str
) -> "pd.DatetimeIndex":
    """All texts by one format, the first that does not fit refused."""
    import pandas as pd

    if zoned and layout != "ISO8601":
        texts = [re.sub(r"\s?(Z|UTC)$", "+0000", re.sub(r"\s([+-]\d)", r"\1", t)) for t in texts]
        layout = layout.replace(" %z", "%z")
    values = pd.to_datetime(pd.Index(texts), format=layout, errors="coerce", utc=zoned)
    bad = np.flatnonzero(values.isna())
    if bad.size:
        _refuse(texts, int(bad[0]), where, fault)
    return values.as_unit("us")


def _zones(texts: list[str]) -> list[str]:
    """The offsets from UTC, in the order that they are met."""
    found = (re.search(r"(Z|UTC|[+-]\d{2}:?\d{2})$", text) for text in texts)
    names = (match[1] if match else "" for match in found)
    same = {"Z": "+00:00", "UTC": "+00:00"}
    offsets = (same.get(name, name) for name in names)
    unique = dict.fromkeys(n if ":" in n or not n else f"{n[:3]}:{n[3:]}" for n in offsets)
    return [] if list(unique) == [""] else list(unique)


def _refuse(texts: list[str], row: int, where: str, fault: str) -> NoReturn:
    remedy = remedy_of(texts[row] if row == 0 else "")
    raise TableError(f"{where}, row {row + 1} holds {texts[row]!r}, which {fault}; {remedy}")
