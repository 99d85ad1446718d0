"""Reading a table: every column checked and typed, nothing ambiguous guessed.

Rows are counted from 1, the first below the header, in every message.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.data.checks import Array
from gatecast.data.columns import Roles, open_source, read_columns
from gatecast.data.dates import read_dates, read_numbers
from gatecast.data.zones import in_one_zone
from gatecast.errors import InputError, TableError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Missing:
    """Values that a column lacks; rows are counted from 1."""

    count: int
    first_row: int


@dataclass(frozen=True)
class Table:
    """A table that was read, and what was found out about it.

    Attributes
    ----------
    frame : DataFrame
        The columns in use: time stamps (datetime64[us], with their zone if they have one) or
        numbered steps (int64), numbers (float64, NaN where missing), series and categories
        (text, None where missing).
    time, target, id : str or None
        Names of the columns.
    features : tuple of str
    source : str
        The file's name.
    missing : dict of str to Missing
        For each target or feature that lacks values: how many, and where the first.  What to
        do about them is the caller's to say.
    notes : tuple of str
        What had to be found out, for the user to read.
    """

    frame: "pd.DataFrame"
    time: str | None
    target: str | None
    features: tuple[str, ...]
    id: str | None
    source: str
    missing: dict[str, Missing] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def categorical(self) -> tuple[str, ...]:
        """Those of the features that hold text."""
        return tuple(name for name in self.features if self.frame[name].dtype.kind != "f")

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return (
            f"Table({self.source}: {len(self)} rows, time={self.time!r}, target={self.target!r}, "
            f"features={list(self.features)}, id={self.id!r})"
        )


def read_table(
    source: Any,
    *,
    time: str | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    id: str | None = None,  # noqa: A002 (the word that users know)
    categorical: Sequence[str] = (),
    missing: Iterable[str] = (),
    decimal: str | None = None,
    date_format: str | None = None,
    dayfirst: bool | None = None,
    timezone: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Table:
    """Read a table, refusing with one sentence what cannot be read in one way only.

    Of a file, the beginning is read and the columns' names are checked first; then only the
    columns in use are read, piece by piece.

    Parameters
    ----------
    source : path or table
        CSV or other delimited text (also .gz, .bz2, .xz, .zip, .zst), Parquet, or a pandas,
        polars or pyarrow table.
    time, target, id : str, optional
        Columns of the time stamps, of the values to predict, and of the series' names.
    features : sequence of str, optional
        Other columns; all that remain by default.
    categorical : sequence of str
        Columns that hold categories although they look like numbers.
    missing : iterable of str
        Texts that mean "no value", besides the empty one, NA, NaN, null and the like.
    decimal : "." or ",", optional
    date_format : str, optional
        As strptime has it; "ISO8601"; s, ms, us, ns since 1970; "excel", days as Excel counts.
    dayfirst : bool, optional
        Whether 01/02/2018 is the first of February.
    timezone : str, optional
        The zone of local times, such as "Europe/Berlin"; or the one to turn offsets into.
    delimiter, encoding : str, optional
        Of a text file; found out by default.

    Examples
    --------
    >>> import pandas as pd
    >>> table = read_table(pd.DataFrame({"ds": ["2024-01-01", "2024-01-02"], "y": [1, 2]}),
    ...                    time="ds", target="y")
    >>> table
    Table(the table: 2 rows, time='ds', target='y', features=[], id=None)
    """
    if decimal not in (None, ".", ","):
        raise InputError(f"decimal must be '.' or ',', it is {decimal!r}")
    opened, notes = open_source(source, delimiter, encoding)
    roles = Roles(time, target, id, features, tuple(categorical))
    roles.resolve(opened, notes)
    columns = read_columns(opened, roles, decimal, tuple(missing), notes)
    if not len(next(iter(columns.values()))):
        raise TableError(f"{opened.place} has a header and no rows")
    if time is not None:
        where = f"column {time!r} of {opened.place}"
        stamps = _times(
            columns[time],
            where,
            date_format,
            dayfirst,
            timezone,
            notes,
            columns[id] if id is not None else None,
        )
        columns[time] = stamps
    return _table(columns, roles, opened.place, notes)


def _times(
    values: Any,
    where: str,
    date_format: str | None,
    dayfirst: bool | None,
    timezone: str | None,
    notes: list[str],
    series: Any,
) -> "pd.DatetimeIndex | Array":
    """The time column as time stamps in one zone, or as numbered steps."""
    import pandas as pd

    zones: list[str] = []
    numbers = isinstance(values, np.ndarray) and date_format is None
    if numbers and values.dtype.kind == "f":
        raise TableError(f"{where} holds decimal numbers; times are dates or whole numbers")
    if not isinstance(values, pd.DatetimeIndex):
        if numbers:
            dates = read_numbers(values, where)
        else:
            texts = [str(value) for value in values]
            dates = read_dates(texts, where, date_format=date_format, dayfirst=dayfirst)
        values, zones = dates.values, dates.zones
        if dates.note:
            notes.append(f"{where}: {dates.note}")
            logger.info("%s: %s", where, dates.note)
    if not isinstance(values, pd.DatetimeIndex):
        if timezone is not None:
            raise TableError(f"{where} holds numbered steps, which have no timezone")
        steps: Array = values
        return steps
    if values.hasnans:
        row = int(values.isna().argmax()) + 1
        raise TableError(f"{where}, row {row} has no time; fill it in or take the row out")
    return in_one_zone(values, zones, timezone, where, series)


def _table(columns: dict[str, Any], roles: Roles, place: str, notes: list[str]) -> Table:
    import pandas as pd

    # object, because what pandas makes of text differs between its versions
    frame = pd.DataFrame(
        {
            name: pd.Series([text if text.strip() else None for text in values], dtype=object)
            if isinstance(values, list)
            else values
            for name, values in columns.items()
        }
    )
    return Table(
        frame=frame,
        time=roles.time,
        target=roles.target,
        id=roles.id,
        features=tuple(roles.features or ()),
        source=place,
        missing=_missing(frame, roles, place),
        notes=tuple(notes),
    )


def _missing(frame: "pd.DataFrame", roles: Roles, place: str) -> dict[str, Missing]:
    """What each column lacks; a row without a series is refused."""
    lacking: dict[str, Missing] = {}
    for name in roles.used:
        absent = frame[name].isna().to_numpy()
        if absent.any():
            lacking[name] = Missing(int(absent.sum()), int(absent.argmax()) + 1)
    if found := lacking.get(roles.id or ""):
        raise TableError(f"column {roles.id!r} of {place}, row {found.first_row} names no series")
    return lacking
