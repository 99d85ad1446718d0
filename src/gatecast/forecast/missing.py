"""Missing values by a named rule, series by series, and said.

What ``mask`` hides is told apart from what is there: a target by the input *observed* that
networks have, a covariate by a column of its own, its *flag*, that is 1 where it had no value.
Flags are made of those covariates that lack values in the table of ``fit``, for only from them
can be learned what a 1 means.
"""

from collections.abc import Mapping

import numpy as np

from gatecast.errors import InputError, TableError
from gatecast.forecast.history import Array, History, Rows

#: what is said of the covariates that ``mask`` filled in, where they have flags and where not
TOLD = ", and a column of its own tells models where"
UNTOLD = (
    ", and models take it for a real one: in the table of fit none was missing; fit anew on one "
    "where some are to have them told apart"
)


def flag_of(name: str) -> str:
    """What the column is called that says where a covariate had no value."""
    return f"{name} is missing"


class Filler:
    """Fills the columns of one table by one rule, and keeps what was done.

    Parameters
    ----------
    offsets : (series + 1,) integers
    rule : {"error", "mask", "interpolate", "last"}
    place : str
        What messages call the table.
    names : tuple of str
        What they call the series.
    before : dict of str to (series,) array
        By column, the last known values before these rows, where there are such.
    masked : tuple of str
        The covariates that have flags.

    Attributes
    ----------
    notes : list of str
    """

    def __init__(
        self,
        offsets: Rows,
        rule: str,
        place: str,
        names: tuple[str, ...],
        before: Mapping[str, Array],
        masked: tuple[str, ...] = (),
    ) -> None:
        self.offsets, self.rule, self.place, self.names = offsets, rule, place, names
        self.before, self.masked = before, masked
        self.notes: list[str] = []

    def target(self, values: Array, column: str) -> Array:
        """The values to forecast."""
        return self._fill(values, self.rule, column)

    def covariate(self, values: Array, column: str) -> Array:
        """``mask`` hides missing targets; a covariate keeps its last known value, with a flag."""
        return self._covariate(values, "last" if self.rule == "mask" else self.rule, column)

    def category(self, codes: Array, column: str) -> Rows:
        """There is nothing between two categories: any rule but ``error`` keeps the last."""
        rule = "error" if self.rule == "error" else "last"
        return self._covariate(codes, rule, column).astype(np.intp)

    def _covariate(self, values: Array, rule: str, column: str) -> Array:
        found = self._fill(values, rule, column)
        if self.rule == "mask" and np.isnan(values).any():
            self.notes[-1] += TOLD if column in self.masked else UNTOLD
        return found

    def _fill(self, values: Array, rule: str, column: str) -> Array:
        before = self.before.get(column)
        return fill(values, self.offsets, rule, column, self.place, self.names, self.notes, before)


def fill(
    values: Array,
    offsets: Rows,
    rule: str,
    column: str,
    place: str,
    names: tuple[str, ...],
    notes: list[str],
    before: Array | None = None,
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
    before : (series,) float64, optional
        The last known value of each series before these rows, NaN where there is none.

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
    _refuse_empty(absent, offsets, column, place, names, before)
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
            "missing='mask', missing='interpolate' or missing='last'"
        )
    if rule == "mask":
        notes.append(
            f"{what}{were} masked: nothing is learned from {'them' if count > 1 else 'it'}"
        )
        return values
    how = {
        "last": "with the last known value" + _begun(absent, offsets, before),
        "interpolate": "on a line between their neighbours (a backtest from within such a hole "
        "knows what came after it)",
    }
    notes.append(f"{what}{were} filled in {how[rule]}")
    if before is None:
        return _filled(values, absent, offsets, rule)
    longer = np.insert(values, offsets[:-1], before)
    found = _filled(longer, np.isnan(longer), offsets + np.arange(len(offsets)), rule)
    return np.delete(found, offsets[:-1] + np.arange(len(before)))


def _begun(absent: Array, offsets: Rows, before: Array | None) -> str:
    """What must be said where series begin with a hole, and there is no last known value."""
    firsts = offsets[:-1][np.diff(offsets) > 0]
    holes = absent[firsts]
    if before is not None:
        holes = holes & np.isnan(before[np.diff(offsets) > 0])
    if not holes.any():
        return ""
    return (
        ", or the first one where a series begins without any (a backtest from within such a hole "
        "knows what came after it)"
    )


def carried(ahead: Array, last: Array) -> Array:
    """(series, steps, columns) with each missing value as the one before it, at first ``last``.

    Examples
    --------
    >>> carried(np.array([[[np.nan], [2.0], [np.nan]]]), np.array([[7.0]]))[0, :, 0]
    array([7., 2., 2.])
    """
    whole = np.concatenate([last[:, None], ahead], axis=1)
    steps = np.arange(whole.shape[1])[:, None]
    latest = np.maximum.accumulate(np.where(np.isnan(whole), 0, steps), axis=1)
    return np.take_along_axis(whole, latest, axis=1)[:, 1:]


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
    first, second = np.minimum(first, len(values) - 1), np.minimum(second, len(values) - 1)
    filled: Array = values[first] + share * (values[second] - values[first])
    return np.where(absent, filled, values)


def _refuse_empty(
    absent: Array,
    offsets: Rows,
    column: str,
    place: str,
    names: tuple[str, ...],
    before: Array | None,
) -> None:
    """Refuse a series without any value: no rule can fill it."""
    known = np.concatenate([[0], np.cumsum(~absent)])
    nothing = known[offsets[1:]] == known[offsets[:-1]]
    empty = np.flatnonzero(nothing if before is None else nothing & np.isnan(before))
    if empty.size:
        more = f" ({len(empty)} such series)" if len(empty) > 1 else ""
        raise TableError(
            f"column {column!r} of {place} has no value at all in {names[int(empty[0])]}{more}; "
            + ("take it out of the table" if len(offsets) > 2 else "name a column that has some")
        )


def refuse_holes(history: History) -> None:
    """Refuse covariates without a value: a network would take them for ones that are as usual."""
    for kind in ("past", "future", "static"):
        columns: Array = getattr(history, kind)
        if not np.isnan(columns).any():
            continue
        row, column = (int(i) for i in np.argwhere(np.isnan(columns))[0])
        names = getattr(history, f"{kind}_names")
        called = repr(names[column]) if names else f"{column} (counted from 0)"
        series = row
        if kind != "static":
            series = int(np.searchsorted(history.offsets, row, side="right")) - 1
        raise InputError(
            f"{kind} covariate {called} is NaN in series {series} (counted from 0), and a network "
            "takes every covariate for a real one; fill it in and add a column that says where, or "
            "give the table to a Forecaster with missing='mask', which does so"
        )
