"""From a user's table to a history: read, put in order, missing values by rule, covariates encoded.

Nothing is repaired in silence: what was done stands in ``Known.notes`` and is logged.
"""

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.data.remedies import remedy_for
from gatecast.data.series import Panel, to_panel
from gatecast.data.tables import Table, read_table
from gatecast.errors import TableError
from gatecast.forecast.calendar import Calendar, choose_calendar
from gatecast.forecast.covariates import (
    codes_of,
    give_away,
    learn_categories,
    learn_masked,
    numbers_of,
    one_a_series,
    one_hot,
    refuse_large,
)
from gatecast.forecast.grid import Grid, make_grid, season_of
from gatecast.forecast.history import Array, History, Rows
from gatecast.forecast.layout import Layout
from gatecast.forecast.missing import Filler, flag_of
from gatecast.forecast.sources import Source, Style, open_table

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

#: rows that a series should have, at least
FEW = 4


@dataclass(frozen=True)
class Schema:
    """What the first table taught, and what every later one must keep to.

    Attributes
    ----------
    layout : Layout
    freq : str or int
    zone : str or None
    timed : bool
    categories : dict of str to tuple of str
        Those of the covariates that hold text.
    calendar : Calendar
    style : Style
        How forecasts are written.
    masked : tuple of str
        The covariates that have flags: columns that say where they had no value.
    """

    layout: Layout
    freq: str | int
    zone: str | None
    timed: bool
    categories: dict[str, tuple[str, ...]]
    calendar: Calendar
    style: Style
    masked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of some series.

    Attributes
    ----------
    history : History
    ids : tuple of str
    grid : Grid
    schema : Schema
    notes : tuple of str
        What was found out and repaired.
    """

    history: History
    ids: tuple[str, ...]
    grid: Grid
    schema: Schema
    notes: tuple[str, ...] = ()

    def name_of(self, series: int) -> str:
        """A series as messages call it."""
        return f"series {self.ids[series]!r}" if self.schema.style.named else "the series"


def read_known(
    data: Any, layout: Layout, calendar: Any = "auto", season: int | None = None
) -> Known:
    """Read the table that a forecaster learns from.

    Parameters
    ----------
    data : table, path, pandas Series or (rows,) array
    layout : Layout
    calendar : "auto", bool or sequence of str
        As :func:`gatecast.forecast.calendar.choose_calendar` takes it.
    season : int, optional
        Rows in a season; from the frequency by default.

    Examples
    --------
    >>> known = read_known(np.array([3.0, 5.0, 4.0]), Layout())
    >>> known.history.target
    array([3., 5., 4.])
    """
    source = open_table(data, layout)
    panel = _panel(source, source.layout, source.layout.freq)
    frequency_name = panel.freq if panel.time is not None else None
    grid = _grid(panel, frequency_name)
    longest = int(np.diff(panel.offsets).max())
    layout, masked = source.layout, tuple[str, ...]()
    if layout.missing == "mask":
        masked = learn_masked(panel.frame, layout.moving, layout.target, source.place)
    schema = Schema(
        layout=layout,
        freq=grid.name,
        zone=grid.zone,
        timed=grid.timed,
        categories=learn_categories(panel.frame, layout.covariates, layout.static, source.place),
        calendar=choose_calendar(
            calendar, grid.frequency, longest, season or season_of(grid.frequency, longest)
        ),
        style=source.style,
        masked=masked,
    )
    return _known(panel, grid, schema, source.place)


def read_again(data: Any, schema: Schema, *, after: Known | None = None) -> Known:
    """Read a table of the same kind: other series, or rows that come ``after`` known ones."""
    try:
        return _again(data, schema, after)
    except TableError as error:
        raise TableError(after_fit(str(error))) from error


def _again(data: Any, schema: Schema, after: Known | None) -> Known:
    source = open_table(data, schema.layout, known=True)
    panel = _panel(source, schema.layout, schema.freq if schema.timed else None)
    grid = _grid(panel, schema.freq if schema.timed else None)
    _check_zone(grid, schema, source.place)
    own = replace(schema, style=source.style)  # forecasts come back as this table is
    return _known(panel, replace(grid, zone=schema.zone), own, source.place, after)


def after_fit(message: str) -> str:
    """A message of a table that is read after that of ``fit``, whose rules stay.

    Examples
    --------
    >>> after_fit("rows are not in order; pass unsorted='sort' to sort the rows")
    "rows are not in order; make the Forecaster with unsorted='sort' to sort the rows"
    """
    for remedy in (", or time=None to number the rows as they come", " if it is another"):
        message = message.replace(remedy, "")
    message = re.sub(r",? or (pass )?freq=$", ", as in fit", message)
    return re.sub(r"\bpass (?=\w+=)", "make the Forecaster with ", message)


def _panel(source: Source, layout: Layout, freq: str | int | None) -> Panel:
    """Every column in use, in order and on its frequency."""
    try:
        table = read_table(
            source.data,
            time=layout.time,
            target=layout.target,
            id=layout.id,
            features=layout.covariates,
            categorical=layout.categorical,
            **layout.reading(),
        )
        _check_target(table)
        return to_panel(table, freq=freq, **layout.ordering())
    except TableError as error:
        raise TableError(in_words_of_ours(str(error), layout)) from error


def in_words_of_ours(message: str, layout: Layout) -> str:
    """A message of the readers with the remedies that a forecaster has.

    Examples
    --------
    >>> in_words_of_ours("row 3 holds 'x'; pass missing=['x'] if it means 'no value'", Layout())
    "row 3 holds 'x'; pass missing_texts=['x'] if it means 'no value'"
    """
    message = message.replace("pass missing=[", "pass missing_texts=[")
    target = f", or categorical=[{layout.target!r}] if the column holds categories"
    message = message.replace(target, "").replace(", to read_table)", ")")
    message = message.replace("leave it out of features", "leave it out of the covariates")
    if "pass unsorted='sort'" in message and layout.id is None:
        message += ", or id= if the table holds several series"
    for role in ("time", "target"):
        name = getattr(Layout, role)  # nobody asked for a default: it must be said what it is
        missing = f"has no column {name!r}" in message and "the header comes first" not in message
        if getattr(layout, role) == name and missing:
            message += f"; name the column of the {role} with {role}="
            if role == "target":
                message += ", or put series that are columns below one another, as melt does"
    if "freq= if it is another" in message:
        message += ", or time=None to number the rows as they come"
    return message


def _check_target(table: Table) -> None:
    assert table.target is not None
    column = table.frame[table.target]
    if column.dtype.kind != "f":
        row, value = next((i, v) for i, v in enumerate(column, 1) if v is not None)
        raise TableError(
            f"column {table.target!r} of {table.source} holds text, as {value!r} in row {row}, and "
            f"forecasts are numbers; {remedy_for(value)}, or name another target"
        )
    refuse_large(column.to_numpy(), f"column {table.target!r} of {table.source}")


def _grid(panel: Panel, freq: str | int | None) -> Grid:
    firsts = panel.offsets[:-1]
    if panel.time is None:
        return make_grid(np.zeros(len(panel), np.int64), 1, timed=False)
    times = panel.frame[panel.time].iloc[firsts]
    zone = getattr(times.dtype, "tz", None)
    assert freq is not None
    if isinstance(freq, str) and times.dtype.kind != "M":
        freq = int(freq)
    values = times.to_numpy() if times.dtype.kind != "M" else times
    return make_grid(values, freq, None if zone is None else str(zone))


def _check_zone(grid: Grid, schema: Schema, place: str) -> None:
    if grid.timed and (grid.zone is None) != (schema.zone is None):
        have, want = grid.zone or "no time zone", schema.zone or "no time zone"
        raise TableError(
            f"column {schema.layout.time!r} of {place} has {have}, in fit it had {want}; write "
            "times in the same way"
        )


def _known(
    panel: Panel, grid: Grid, schema: Schema, place: str, after: Known | None = None
) -> Known:
    """The panel as a history."""
    layout, frame = schema.layout, panel.frame
    names = _called(panel.ids, schema)
    before = {} if after is None else _before(after, panel.ids)
    filler = Filler(panel.offsets, layout.missing, place, names, before, schema.masked)
    target = filler.target(frame[layout.target].to_numpy(np.float64), layout.target)
    past, past_names = _covariates(frame, layout.past, schema, filler)
    future, future_names = _covariates(frame, layout.future, schema, filler)
    waves = schema.calendar.of_rows(grid, *_places(panel.offsets))
    history = History(
        target=target,
        offsets=panel.offsets,
        past=past,
        future=np.concatenate([future, waves], axis=1) if future.shape[1] else waves,
        ahead=np.zeros((len(panel), 0, future.shape[1] + waves.shape[1])),
        past_names=past_names,
        future_names=future_names + schema.calendar.names,
        flags=tuple(map(flag_of, schema.masked)),
        **_static(panel, schema, place, names),
    )
    if after is None:
        filler.notes += give_away(frame, layout.target, layout.future)
        both = _constant(history, names), _short(history, names)
        filler.notes += [note for note in both if note]
    for note in filler.notes:
        logger.warning("%s: %s", place, note)
    return Known(history, panel.ids, grid, schema, (*panel.notes, *filler.notes))


def _places(offsets: Rows) -> tuple[Rows, Rows]:
    """The series of each row, and its place in it."""
    series = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return series, np.arange(offsets[-1]) - offsets[series]


def _called(ids: tuple[str, ...], schema: Schema) -> tuple[str, ...]:
    """The series as messages call them."""
    return tuple(f"series {name!r}" for name in ids) if schema.style.named else ("the series",)


def _before(known: Known, ids: tuple[str, ...]) -> dict[str, Array]:
    """By column, the last value that is known of each series; NaN of those that are new."""
    history, schema = known.history, known.schema
    place = {name: series for series, name in enumerate(known.ids)}
    series = np.array([place.get(name, -1) for name in ids], np.intp)
    last = history.offsets[1:][series] - 1
    latest = np.maximum.accumulate(
        np.where(np.isfinite(history.target), np.arange(len(history.target)), 0)
    )[last]
    inside = latest >= history.offsets[:-1][series]
    found = {schema.layout.target: np.where(inside, history.target[latest], np.nan)}
    for names, columns in (
        (schema.layout.past, history.past),
        (schema.layout.future, history.future),
    ):
        start = 0
        for name in names:
            stop = start + (len(schema.categories[name]) if name in schema.categories else 1)
            part = columns[last, start:stop]
            found[name] = part.argmax(axis=1) if name in schema.categories else part[:, 0]
            start = stop
    return {name: np.where(series < 0, np.nan, values) for name, values in found.items()}


def _covariates(
    frame: "pd.DataFrame", names: tuple[str, ...], schema: Schema, filler: Filler
) -> tuple[Array, tuple[str, ...]]:
    """(rows, columns) numbers of some covariates, after them their flags; the columns' names."""
    columns: list[Array] = [np.zeros((len(frame), 0))]
    labels: tuple[str, ...] = ()
    for name in names:
        if kinds := schema.categories.get(name):
            codes = codes_of(frame, name, kinds, filler.place)
            found, called = one_hot(filler.category(codes, name), name, kinds)
        else:
            values = numbers_of(frame, name, filler.place)
            found, called = filler.covariate(values, name)[:, None], (name,)
        columns.append(found)
        labels += called
    for name in names:
        if name in schema.masked:
            columns.append(frame[name].isna().to_numpy(np.float64)[:, None])
            labels += (flag_of(name),)
    return np.concatenate(columns, axis=1), labels


def _static(panel: Panel, schema: Schema, place: str, names: tuple[str, ...]) -> dict[str, Any]:
    """What belongs to a whole series: numbers, and the codes of categories."""
    numbers: list[Array] = []
    codes: list[Array] = []
    number_names, code_names = [], []
    for name in schema.layout.static:
        if kinds := schema.categories.get(name):
            found = codes_of(panel.frame, name, kinds, place)
            codes.append(one_a_series(found, panel.offsets, name, place, names).astype(np.intp))
            code_names.append(name)
        else:
            found = numbers_of(panel.frame, name, place)
            numbers.append(one_a_series(found, panel.offsets, name, place, names))
            number_names.append(name)
    empty = np.zeros((0, len(panel)))
    return {
        "static": np.stack(numbers, axis=1) if numbers else empty.T,
        "codes": np.stack(codes, axis=1) if codes else empty.T.astype(np.intp),
        "code_sizes": tuple(len(schema.categories[name]) for name in code_names),
        "static_names": tuple(number_names),
        "code_names": tuple(code_names),
    }


def _short(history: History, names: tuple[str, ...]) -> str | None:
    """Series of which next to nothing is known."""
    short = np.flatnonzero(history.lengths < FEW)
    if not short.size:
        return None
    first, rest = names[int(short[0])], f"fewer than {FEW} rows"
    if len(short) > 1:
        return f"{first} and {len(short) - 1} more have {rest}: their forecasts rest on very little"
    return f"{first} has {rest}: its forecast rests on next to nothing"


def _constant(history: History, names: tuple[str, ...]) -> str | None:
    """Series that never change: nothing is wrong with them, and nothing can be learned."""
    starts = history.offsets[:-1]
    low = np.fmin.reduceat(history.target, starts)
    high = np.fmax.reduceat(history.target, starts)
    flat = np.flatnonzero((low == high) & (history.lengths > 1))
    if not flat.size:
        return None
    first = names[int(flat[0])]
    if len(flat) > 1:
        return (
            f"{first} and {len(flat) - 1} more never change: their forecasts are their last values"
        )
    return f"{first} never changes: its forecast is that value again"
