"""Covariates known in advance, of the rows after the end of each series."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.data.tables import read_table
from gatecast.errors import InputError, TableError
from gatecast.forecast.covariates import codes_of, numbers_of, one_hot
from gatecast.forecast.history import Array, History, Rows
from gatecast.forecast.missing import TOLD, carried
from gatecast.forecast.reading import Known, Schema, after_fit, in_words_of_ours

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def look_ahead(
    known: Known, steps: int, future: Any = None, *, block: int | None = None
) -> History:
    """The history with the covariates of the next ``steps`` rows of each series.

    Parameters
    ----------
    known : Known
    steps : int
    future : table, optional
        Series, times and the covariates known in advance; other rows and columns are not looked
        at.  Covariates that lacked values in the table of ``fit``, masked, may lack some here.
    block : int, optional
        A model that forecasts so many steps at once needs covariates for whole blocks: the
        calendar's are known, those of the user stay as the last that were given.
    """
    layout = known.schema.layout
    if not layout.future and future is not None:
        raise InputError(
            "future= was given, and the forecaster was made without covariates known in advance; "
            "name them in future= of the Forecaster, or leave the table out"
        )
    if layout.future and future is None:
        raise InputError(
            f"the covariates known in advance ({', '.join(layout.future)}) are needed for the "
            f"{steps} steps that are forecast; pass future= with them"
        )
    count = len(known.ids)
    given = np.zeros((count, steps, 0)) if future is None else _read(known, steps, future)
    whole = steps if block is None else -(-steps // block) * block
    series = np.repeat(np.arange(count), whole)
    rows = np.tile(np.arange(whole), count) + known.history.lengths[series]
    waves = known.schema.calendar.of_rows(known.grid, series, rows).reshape(count, whole, -1)
    ahead = np.concatenate([given[:, np.minimum(np.arange(whole), steps - 1)], waves], axis=2)
    return replace(known.history, ahead=ahead)


def _read(known: Known, steps: int, future: Any) -> Array:
    """(series, steps, columns) of a user's table, after them those covariates' flags."""
    layout = known.schema.layout
    try:
        table = read_table(
            future,
            time=layout.time,
            id=layout.id,
            features=layout.future,
            categorical=[name for name in layout.categorical if name in layout.future],
            **layout.reading(),
        )
    except TableError as error:
        raise TableError(after_fit(in_words_of_ours(str(error), layout))) from error
    series, place = _places(known, table.frame, table.source)
    inside = (series >= 0) & (place >= 0) & (place < steps)
    frame = table.frame[inside]
    cell = (series * steps + place)[inside]
    _refuse_doubles(known, cell, steps, table.source)
    columns, demanded = _columns(frame, known.schema, table.source)
    found = np.full((len(known.ids) * steps, columns.shape[1]), np.nan)
    found[cell] = columns
    _refuse_lacking(known, found[:, demanded], cell, steps, table.source)
    _say_masked(known.schema, frame, table.source)
    whole = found.reshape(len(known.ids), steps, -1)
    if np.isnan(whole).any():
        last = known.history.future[known.history.offsets[1:] - 1, : columns.shape[1]]
        whole = carried(whole, last)
    return whole


def _say_masked(schema: Schema, frame: "pd.DataFrame", where: str) -> None:
    """Say what the last known values stand in for."""
    for name in schema.layout.future:
        count = int(frame[name].isna().sum())
        if count:
            logger.warning(
                "%s: %d missing value%s of column %r filled in with the last known value%s",
                where, count, "s" * (count > 1), name, TOLD,
            )  # fmt: skip


def _places(known: Known, frame: "pd.DataFrame", where: str) -> tuple[Rows, Array]:
    """The series of each row, -1 where it is unknown, and how many rows after its end it is."""
    import pandas as pd

    layout = known.schema.layout
    series = np.zeros(len(frame), np.intp)
    if layout.id is not None:
        series = pd.Index(known.ids, dtype=object).get_indexer(
            pd.Index(frame[layout.id], dtype=object)
        )
    if layout.time is None:
        return series, pd.Series(series).groupby(series).cumcount().to_numpy()
    times: Any = frame[layout.time]
    zone = getattr(times.dtype, "tz", None)
    if known.grid.frequency.kind != "steps" and (zone is None) != (known.grid.zone is None):
        raise TableError(
            f"column {layout.time!r} of {where} has {zone or 'no time zone'}, in fit it had "
            f"{known.grid.zone or 'no time zone'}; write times in the same way"
        )
    if (times.dtype.kind == "i") != (known.grid.frequency.kind == "steps"):
        raise TableError(f"column {layout.time!r} of {where} holds other times than in fit")
    rows = known.grid.rows_of(np.maximum(series, 0), times)
    return series, np.where(rows < 0, -1, rows - known.history.lengths[np.maximum(series, 0)])


def _columns(frame: "pd.DataFrame", schema: Schema, where: str) -> tuple[Array, Array]:
    """(rows, columns): numbers, a column for each category, NaN where missing; at last the flags.

    And which of these columns must have a value in every row.
    """
    columns: list[Array] = []
    demanded: list[bool] = []
    for name in schema.layout.future:
        if kinds := schema.categories.get(name):
            codes = codes_of(frame, name, kinds, where)
            hot, _ = one_hot(codes, name, kinds)
            columns.append(np.where(np.isnan(codes)[:, None], np.nan, hot))
        else:
            columns.append(numbers_of(frame, name, where)[:, None])
        demanded += [name not in schema.masked] * columns[-1].shape[1]
    masked = [name for name in schema.layout.future if name in schema.masked]
    columns += [frame[name].isna().to_numpy(np.float64)[:, None] for name in masked]
    return np.concatenate(columns, axis=1), np.array(demanded + [True] * len(masked))


def _refuse_doubles(known: Known, cell: Rows, steps: int, where: str) -> None:
    values, counts = np.unique(cell, return_counts=True)
    if (counts > 1).any():
        what = _say(known, int(values[counts > 1][0]), steps)
        raise TableError(f"{where} has {what} more than once; keep one row of them")


def _refuse_lacking(known: Known, found: Array, cell: Rows, steps: int, where: str) -> None:
    lacking = np.flatnonzero(np.isnan(found).any(axis=1))
    if not lacking.size:
        return
    first = int(lacking[0])
    what = _say(known, first, steps)
    names = ", ".join(n for n in known.schema.layout.future if n not in known.schema.masked)
    reason = f"no value of {names} in the row of" if first in set(cell.tolist()) else "no row for"
    others = f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else ""
    raise TableError(
        f"{where} has {reason} {what}{others}; the covariates known in advance are needed for "
        f"every one of the {steps} steps that are forecast"
    )


def _say(known: Known, cell: int, steps: int) -> str:
    """A series and a time, as messages say them."""
    series, step = divmod(cell, steps)
    row = known.history.lengths[series : series + 1] + step
    stamp = known.grid.stamps(np.array([series]), row)[0]
    return f"{known.name_of(series)} at {stamp}"
