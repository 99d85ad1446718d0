"""What times that do not fit one another may mean: asides for messages, or nothing."""

import unicodedata

import numpy as np

from gatecast.data.checks import Array
from gatecast.data.doubts import doubt

_DAY = np.timedelta64(1, "D")


def clock_hint(moment: np.datetime64) -> str:
    """What a lost or doubled hour of a Sunday in spring or autumn means in local time.

    Examples
    --------
    >>> clock_hint(np.datetime64("2024-10-27T02:00")) != ""
    True
    """
    day = moment.astype("datetime64[D]")
    hour = int((moment - day) // np.timedelta64(1, "h"))
    month = int(day.astype("datetime64[M]").astype(np.int64) % 12) + 1
    if hour > 3 or month not in (3, 4, 9, 10, 11) or (day.astype(np.int64) + 3) % 7 != 6:
        return ""
    return (
        " (clocks change in such a night: if these are local times, pass timezone=, such as "
        "'Europe/Berlin')"
    )


def day_hint(moments: Array) -> str:
    """Dates that come more than once may have their time of day in another column."""
    if moments.dtype.kind != "M" or (moments != moments.astype("datetime64[D]")).any():
        return ""
    return "; if another column holds the time of day, put both into one"


def number_hint(moments: Array) -> str:
    """Numbered steps that do not follow on each other may be moments."""
    found = "" if moments.dtype.kind == "M" else doubt(int(moments.min()), int(moments.max()))
    return f" ({found})" if found else ""


def month_hint(moments: Array, same: Array) -> str:
    """Rows that come once a month, or every so many, on days that differ.

    Parameters
    ----------
    moments : (rows,) array
    same : (rows - 1,) array of bool
        Whether each row but the first is of the same series as the one before.

    Examples
    --------
    >>> days = np.array(["2024-01-30", "2024-02-29", "2024-03-28"], "datetime64[us]")
    >>> month_hint(days, np.array([True, True]))
    ' (rows come once a month, on days that differ: write them as 2024-01)'
    """
    if moments.dtype.kind != "M":
        return ""
    months = moments.astype("datetime64[M]")
    steps = np.diff(months).astype(np.int64)[same]
    if not len(steps) or (steps != 1).any():
        return ""
    return f" (rows come once a month, on days that differ: write them as {months[0]})"


def looks_of(name: str) -> str:
    r"""A name as it looks: no white space around it, no signs that are not seen, one form.

    Examples
    --------
    >>> looks_of("no\u200brth ") == "north", looks_of("o\u0308") == "\u00f6"
    (True, True)
    """
    seen = "".join(sign for sign in name if sign.isascii() or unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", seen).strip()
