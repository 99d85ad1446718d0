"""Later rows of known series: checked to follow on what is known."""

from dataclasses import replace
from typing import Any

import numpy as np

from gatecast.data.hints import looks_of
from gatecast.errors import InputError, TableError
from gatecast.forecast.advancing import gone_on, joined
from gatecast.forecast.ahead import look_ahead
from gatecast.forecast.covariates import LARGEST
from gatecast.forecast.history import History, Rows
from gatecast.forecast.reading import Known


def followed(known: Known, newer: Known) -> tuple[Known, int]:
    """What is known with later rows, and how many every series got at least.

    A series that is new begins with these rows.
    """
    known = _with_strangers(known, newer)
    rows = rows_that_follow(known, newer)
    return replace(known, history=joined(known.history, rows)), int(rows.lengths.min())


def _with_strangers(known: Known, newer: Known) -> Known:
    """The same, and after them the series that only the newer rows have: still without rows."""
    own = set(known.ids)
    new = np.array([i for i, name in enumerate(newer.ids) if name not in own], np.intp)
    if not new.size:
        return known
    _refuse_lookalikes(known.ids, [newer.ids[i] for i in new])
    first, second = known.history, newer.history
    grown = replace(
        first,
        offsets=np.append(first.offsets, np.repeat(first.offsets[-1:], len(new))),
        ahead=np.zeros((len(first) + len(new), 0, first.future.shape[1])),
        static=np.concatenate([first.static, second.static[new]]),
        codes=np.concatenate([first.codes, second.codes[new]]),
    )
    starts = np.concatenate([known.grid.starts, newer.grid.starts[new]])
    ids = known.ids + tuple(newer.ids[i] for i in new)
    return replace(known, history=grown, ids=ids, grid=replace(known.grid, starts=starts))


def _refuse_lookalikes(known: tuple[str, ...], new: list[str]) -> None:
    """'north ' is hardly meant to be another series than 'north'."""
    seen = {looks_of(name): name for name in known}
    for name in new:
        if other := seen.get(looks_of(name)):
            raise TableError(
                f"series {name!a} is new, and differs from {other!a} by white space alone, or by "
                "signs that are not seen; write its name as in fit"
            )


def rows_that_follow(known: Known, newer: Known) -> History:
    """The new rows of every known series, none for those that the table does not have.

    Parameters
    ----------
    known : Known
    newer : Known
        Rows that must begin where those of each series end.
    """
    place = {name: series for series, name in enumerate(known.ids)}
    where = np.array([place[name] for name in newer.ids], np.intp)
    if known.grid.timed:
        _check_continuous(known, newer, where)
    _check_static(known, newer, where)
    lengths = np.zeros(len(known.ids), np.intp)
    lengths[where] = newer.history.lengths
    ordered = newer.history.take(np.argsort(where))
    return replace(
        ordered,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp),
        ahead=np.zeros((len(known.ids), 0, known.history.future.shape[1])),
        static=known.history.static,
        codes=known.history.codes,
    )


def with_value(known: Known, y: Any) -> Known:
    """What is known of the only series, one value longer."""
    layout = known.schema.layout
    if len(known.ids) != 1 or layout.past or layout.future:
        raise InputError(
            "step takes one value of one series without covariates; use update with a table"
        )
    number = isinstance(y, int | float | np.number) and not isinstance(y, bool)
    if not number or abs(float(y)) > LARGEST:
        raise InputError(
            f"y must be a number, or NaN where it is missing, and not beyond {LARGEST:g}; it is "
            f"{y!r}"
        )
    return replace(known, history=gone_on(look_ahead(known, 1), np.array([[float(y)]])))


def _check_static(known: Known, newer: Known, where: Rows) -> None:
    """Refuse what belongs to a whole series and is another than before."""
    first, second = known.history, newer.history
    for names, own, found in (
        (first.static_names, first.static, second.static),
        (first.code_names, first.codes, second.codes),
    ):
        changed = np.argwhere(own[where] != found)
        if changed.size:
            row, column = changed[0]
            raise TableError(
                f"column {names[column]!r} of {known.name_of(int(where[row]))} has another value "
                "than in fit, and a static covariate has one for all rows of a series; mend it, or "
                "fit anew with the column in past= or future="
            )


def _check_continuous(known: Known, newer: Known, where: Rows) -> None:
    """Refuse rows that are known already, and rows after a gap."""
    size = known.grid.frequency.size
    due = known.grid.starts[where] + known.history.lengths[where] * size
    wrong = np.flatnonzero(newer.grid.starts != due)
    if not wrong.size:
        return
    index = int(wrong[0])
    series = where[index : index + 1]
    expected = known.grid.stamps(series, known.history.lengths[series])[0]
    begins = newer.grid.stamps(np.array([index]), np.zeros(1, np.intp))[0]
    early = newer.grid.starts[index] < due[index]
    raise TableError(
        f"{known.name_of(int(series[0]))} goes on at {expected}, and the table begins at {begins}"
        + (
            ": give only rows that are not known yet"
            if early
            else ": rows lack between; give them too, with empty values where there are none"
        )
    )
