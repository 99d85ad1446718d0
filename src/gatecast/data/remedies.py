"""What to do about a text that should be a number: never a remedy that changes its value."""

import re

#: minus signs of typesetters, and the one that keyboards have
_MINUS = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
_PLAIN = r"\d[\d.,' \u00a0\u202f\u2007\u2009\u2019]*"
_BARE = re.compile(
    rf"(?P<before>[^\d.,+{_MINUS}]*)(?P<sign>[+-]?)(?P<size>{_PLAIN}|[.,]\d+)(?P<after>.*)"
)
_NEGATIVE = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"\(\s*({_PLAIN})\)",  # as accountants write it
        rf"({_PLAIN})[{_MINUS}]",  # as SAP and COBOL do
        rf"[{_MINUS}]\s*({_PLAIN})",
    )
)
#: after a number, these stand for thousands and more
_MULTIPLES = frozenset(
    {"k", "m", "b", "t", "mn", "mm", "mio", "mrd", "bn", "bio", "tsd", "cr", "l", "lakh", "crore"}
)


def remedy_for(text: str) -> str:
    """What to do about a text that should be a number.

    Examples
    --------
    >>> remedy_for("$1,234.50"), remedy_for("12 kWh"), remedy_for("True"), remedy_for("low")
    ("write 1,234.50 without '$'", "write 12 without 'kWh'", 'write 1 and 0', 'mend it')
    >>> remedy_for("(12.5)"), remedy_for("12.5-"), remedy_for("3.4k")
    ('write -12.5', 'write -12.5', "write it in full, without 'k'")
    """
    text = text.strip()
    if text.lower() in ("true", "false", "yes", "no"):
        return "write 1 and 0"
    if text.startswith("#"):
        return "mend the formula that it comes from"
    for pattern in _NEGATIVE:
        if match := pattern.fullmatch(text):
            return f"write -{match[1].strip()}"
    match = _BARE.fullmatch(text)
    if match is None or re.search(r"\d", match["after"]):
        return "mend it"
    return _without(match)


def _without(match: "re.Match[str]") -> str:
    """A number with signs around it: units, currencies, and what changes its value."""
    bare = f"{match['sign']}{match['size'].strip()}"
    before, after = match["before"].strip(), match["after"].strip()
    signs = f"{before} {after}".strip()
    if not signs:
        return "mend it"
    if before.startswith("(") and after.endswith(")"):
        return "write a minus sign instead of the brackets, and the bare number"
    if after.lower().rstrip(".") in _MULTIPLES:
        return f"write it in full, without {after!r}"
    if set(signs) & set("<>\u2264\u2265~\u2248\u00b1[](){}\u2013\u2014"):
        return "write the number that is meant"
    if after == "%":
        return f"write {bare} without '%', in all rows alike"
    return f"write {bare} without {signs!r}"
