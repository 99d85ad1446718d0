"""Missing values by a named rule, series by series, and said."""

import numpy as np

from gatecast.errors import TableError
from gatecast.forecast.history import Array, Rows


def fill(
    values: Array,
    offsets: Rows,
    rule: str,
    column: str,
    place: str,
    names: tuple[str, ...],
    notes: list[str],
) -> Array:
    """The values with what is missing filled in, or left NaN by ``mask``.

    Parameters
    ----------
    values : (rows,) float64, NaN where missing
    offsets : (series + 1,) integers
    rule : {"error", "mask", "interpolate", "last"}
        ``last`` repeats the value before, ``interpolate`` draws a line between both neighbours;
        at the ends of a series both repeat the only neighbour there is.
    column, place : str
        For messages.
    names : tuple of str
        What the series are called in messages.
    notes : list of str
        Takes what was done.

    Examples
    --------
    >>> values, notes = np.array([np.nan, 1.0, np.nan, 3.0]), []
    >>> fill(values, np.array([0, 4]), "interpolate", "y", "the table", ("the series",), notes)
    array([1., 1., 2., 3.])
    >>> notes
    ["2 missing values of column 'y' were filled in on a line between their neighbours (a ..."]
    """
    absent = np.isnan(values)
    if not absent.any():
        return values
    _refuse_empty(absent, offsets, column, place, names)
    count = int(absent.sum())
    what = f"{count} missing value{'s' if count > 1 else ''} of column {column!r} "
    were = "were" if count > 1 else "was"
    if rule == "error":
        row = int(absent.argmax())
        series = int(np.searchsorted(offsets, row, side="right")) - 1
        within = row - int(offsets[series]) + 1
        raise TableError(
            f"column {column!r} of {place} has {count} missing value{'s' if count > 1 else ''}, "
            f"the first in {names[series]} at its row {within}; fill them in, or pass "
            "missing='mask', 'interpolate' or 'last'"
        )
    if rule == "mask":
        notes.append(
            f"{what}{were} masked: nothing is learned from {'them' if count > 1 else 'it'}"
        )
        return values
    how = {
        "last": "with the last known value",
        "interpolate": "on a line between their neighbours (a backtest from within such a hole "
        "knows what came after it)",
    }
    notes.append(f"{what}{were} filled in {how[rule]}")
    return _filled(values, absent, offsets, rule)


def _filled(values: Array, absent: Array, offsets: Rows, rule: str) -> Array:
    """Both neighbours of each missing value, and what lies between them."""
    rows = np.arange(len(values))
    lengths = np.diff(offsets)
    starts, stops = np.repeat(offsets[:-1], lengths), np.repeat(offsets[1:], lengths)
    before = np.maximum.accumulate(np.where(absent, -1, rows))
    after = np.minimum.accumulate(np.where(absent, len(rows), rows)[::-1])[::-1]
    no_before, no_after = before < starts, after >= stops
    first = np.where(no_before, after, before)
    second = first if rule == "last" else np.where(no_after, first, after)
    apart = np.maximum(second - first, 1)
    share = np.clip((rows - first) / apart, 0, 1)
    filled: Array = values[first] + share * (values[second] - values[first])
    return np.where(absent, filled, values)


def _refuse_empty(
    absent: Array, offsets: Rows, column: str, place: str, names: tuple[str, ...]
) -> None:
    """Refuse a series without any value: no rule can fill it."""
    known = np.concatenate([[0], np.cumsum(~absent)])
    empty = np.flatnonzero(known[offsets[1:]] == known[offsets[:-1]])
    if empty.size:
        more = f" ({len(empty)} such series)" if len(empty) > 1 else ""
        raise TableError(
            f"column {column!r} of {place} has no value at all in {names[int(empty[0])]}{more}; "
            "take it out of the table"
        )
