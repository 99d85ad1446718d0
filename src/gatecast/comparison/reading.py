"""The columns of a table as ``compare`` needs them: checked, complete, in time order."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gatecast.comparison.ordering import check_one_series
from gatecast.data.columns import open_source
from gatecast.data.delimited import DelimitedFile
from gatecast.data.frames import Frame, read_parquet
from gatecast.data.series import Panel, to_panel
from gatecast.data.tables import Table, read_table
from gatecast.errors import InputError, TableError
from gatecast.forecast.samples import Array
from gatecast.nn.validation import check_choice
from gatecast.results import sentence

LARGEST_FILE = 1 << 30
MOST_CATEGORIES = 30
MOST_CLASSES = 100
BY_ROW = "row"
SEASONS = {
    "15min": 96, "30min": 48, "h": 24, "D": 7, "B": 5, "W": 52, "MS": 12, "ME": 12, "QS": 4,
    "QE": 4,
}  # fmt: skip
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?\s*$")


@dataclass(frozen=True)
class Columns:
    """What was read.

    Attributes
    ----------
    values : dict of (rows,) arrays
        float64, or objects (text) for categories; the target among them.
    inputs : tuple of str
        Columns that the models see.
    stamps : (rows,) array
        Time stamps, or row numbers.
    season : int or None
        Rows in a season, where the frequency tells one.
    source : str
    notes : tuple of str
    """

    values: dict[str, Array]
    inputs: tuple[str, ...]
    stamps: Array
    season: int | None
    source: str
    notes: tuple[str, ...]


def read_columns(
    table: Any,
    *,
    target: str,
    time: str | None,
    features: Sequence[str] | None,
    task: str,
    freq: str | int | None = None,
    gaps: str = "error",
    duplicates: str = "error",
    unsorted: str = "error",
    missing: str = "error",
    missing_texts: Sequence[str] = (),
    categorical: Sequence[str] = (),
    decimal: str | None = None,
    date_format: str | None = None,
    dayfirst: bool | None = None,
    timezone: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Columns:
    """Read and check a table; parameters as in ``compare``."""
    check_choice("missing", missing, ("error", "last"))
    _check_file(table)
    for name, value in (
        ("features", features), ("missing_texts", missing_texts), ("categorical", categorical),
    ):  # fmt: skip
        if isinstance(value, str):
            raise InputError(f"{name} must be a list of texts, it is the text {value!r}")
    own_past = features is not None and target in features
    options: dict[str, Any] = {
        "target": target,
        "categorical": [*categorical, *([target] if task == "classify" else [])],
        "missing": missing_texts,
        "decimal": decimal,
        "date_format": date_format,
        "dayfirst": dayfirst,
        "timezone": timezone,
        "delimiter": delimiter,
    }
    notes: list[str] = []
    names, dated, options["encoding"] = _find_dates(table, delimiter, encoding, notes)
    if time is None:
        time, words = _choose_time(dated, task, target)
        notes.append(words)
    others = _others(names, dated, time, target, features, task, notes)
    read = _read(table, time=None if time == BY_ROW else time, features=others, **options)
    check_one_series(read, duplicates)
    panel = _panel(read, freq=freq, gaps=gaps, duplicates=duplicates, unsorted=unsorted)
    values, words_of_columns = _values(read, panel, task, missing, features is None)
    inputs = tuple(name for name in values if name != target)
    if task == "forecast" or own_past:
        inputs = (target, *inputs)
    if not inputs:
        raise TableError(
            f"{read.source} has no column besides {target!r} to predict it from; name features, or "
            "pass task='forecast', which looks at its own past"
        )
    stamps = np.arange(len(panel.frame)) if panel.time is None else _stamps(panel)
    season = SEASONS.get((panel.freq or "").split("-")[0])
    notes += [*panel.notes, *words_of_columns]
    said = tuple(map(sentence, notes))
    return Columns(values, inputs, stamps, season, read.source, said)


def _check_file(table: Any) -> None:
    """Refuse a file that is too large to compare networks on, before reading any of it."""
    if not isinstance(table, str | os.PathLike):
        return
    path = Path(table)
    if path.is_file() and path.stat().st_size > LARGEST_FILE:
        raise TableError(
            f"{path.name} has {path.stat().st_size / 1e9:.1f} GB, and a comparison takes at most "
            f"{LARGEST_FILE / 1e9:.1f} GB: cut it down to the columns and the latest rows that "
            "matter"
        )


def _read(table: Any, **options: Any) -> Table:
    """Read the table; the texts that mean "no value" have another keyword here."""
    try:
        return read_table(table, **options)
    except TableError as error:
        raise TableError(str(error).replace("missing=[", "missing_texts=[")) from None


def _panel(read: Table, **rules: Any) -> Panel:
    """Check the time stamps; a comparison has no id=, since it takes one series."""
    try:
        return to_panel(read, **rules)
    except TableError as error:
        several = ", or id= if the table holds several series"
        raise TableError(str(error).replace(several, "")) from None


def _find_dates(
    table: Any, delimiter: str | None, encoding: str | None, notes: list[str]
) -> tuple[list[str], list[str], str | None]:
    """Names of all columns, of those that hold dates at their beginning, and the encoding."""
    opened, _ = open_source(table, delimiter, encoding)
    if isinstance(opened, DelimitedFile):
        heads = _heads(opened)
    else:
        frame = opened if isinstance(opened, Frame) else read_parquet(opened.path, opened.names)
        heads = [frame.column(name) for name in opened.names]
    if heads and not len(heads[0]):
        raise TableError(f"{opened.place} has a header and no rows")
    dated = [name for name, head in zip(opened.names, heads, strict=True) if _holds_dates(head)]
    if isinstance(opened, DelimitedFile) and encoding is None and opened.encoding == "cp1252":
        encoding = opened.encoding  # found out once, and said once
        notes += [f"{opened.place} {note}" for note in opened.notes]
    return list(opened.names), dated, encoding


def _heads(opened: DelimitedFile) -> list[list[str]]:
    """The first texts of every column of a file."""
    every = range(len(opened.names))
    try:
        return next(opened.pieces(every), [[] for _ in every])
    except UnicodeDecodeError as error:
        opened.use_windows_encoding(error)
        return next(opened.pieces(every), [[] for _ in every])


def _holds_dates(head: Any) -> bool:
    if not isinstance(head, list):
        return not isinstance(head, np.ndarray)  # numbers, or a DatetimeIndex
    known = [text for text in head[:50] if text.strip()]
    return bool(known) and all(_DATE.match(text) for text in known)


def _choose_time(dated: list[str], task: str, target: str) -> tuple[str, str]:
    """The one column of dates, and what to say of it; the order of the rows where none is needed.

    A forecast without dates could be made of rows in any order: that must be said.
    """
    if target in dated:
        raise TableError(f"column {target!r} holds dates; the target must hold what to predict")
    if len(dated) == 1:
        return dated[0], f"Time column: {dated[0]!r}, the only one that holds dates."
    if dated:
        listed = ", ".join(map(repr, dated))
        raise TableError(
            f"several columns hold dates ({listed}); name the one that orders the rows with time="
        )
    if task == "forecast":
        raise TableError(
            "no column of dates orders the rows; name the time column with time=, or say with "
            f"time={BY_ROW!r} that the rows are in order as they are"
        )
    return BY_ROW, "The rows were taken to be in time order: the table has no column of dates."


def _others(
    names: list[str],
    dated: list[str],
    time: str,
    target: str,
    features: Sequence[str] | None,
    task: str,
    notes: list[str],
) -> list[str]:
    """The features besides the target: those named, or all that can be."""
    if features is not None:
        return [name for name in features if name != target]
    if task == "forecast":
        return []
    left_out = [name for name in dated if name != time]
    if left_out:
        notes.append(f"Left out of the features, because they hold dates: {', '.join(left_out)}.")
    return [name for name in names if name and name not in (target, time, *left_out)]


def _values(
    read: Table, panel: Panel, task: str, missing: str, chosen_here: bool
) -> tuple[dict[str, Array], list[str]]:
    """The target and the features as arrays without gaps, and what must be said of them."""
    values, notes = {}, []
    assert read.target is not None
    for name in (read.target, *read.features):
        column = panel.frame[name]
        absent = column.isna().to_numpy()
        if chosen_here and name != read.target and absent.all():
            notes.append(f"Column {name!r} is empty and was left out.")
            continue
        if absent.any():
            column = _filled(read, name, column, absent, missing)
            notes.append(
                f"Column {name!r}: {_values_in_words(absent)} filled with the last value known."
            )
        if column.dtype.kind == "f" and name != read.target and not column.std() > 0:
            notes.append(f"Column {name!r} is constant; it says nothing and was left out.")
            continue
        if column.dtype.kind != "f":
            kinds = column.nunique()
            if name == read.target:
                _check_classes(name, kinds, task)
            elif kinds > MOST_CATEGORIES and chosen_here:
                notes.append(f"Column {name!r} has {kinds} categories and was left out.")
                continue
            elif kinds > MOST_CATEGORIES:
                raise TableError(
                    f"column {name!r} has {kinds} different texts, more than {MOST_CATEGORIES}; "
                    "leave it out of the features"
                )
            values[name] = column.astype(str).to_numpy(dtype=object)
            continue
        values[name] = column.to_numpy(dtype=np.float64)
    return values, notes


def _filled(read: Table, name: str, column: Any, absent: Array, missing: str) -> Any:
    row = int(absent.argmax()) + 1
    if missing == "error":
        raise TableError(
            f"column {name!r} of {read.source} lacks {_values_in_words(absent)}, the first in row "
            f"{row}; fill them in, or pass missing='last' to repeat the last known value"
        )
    if absent[0]:
        raise TableError(
            f"column {name!r} of {read.source} has no value in row 1, and missing='last' has "
            "none before it to repeat; take the first rows out"
        )
    return column.ffill()


def _values_in_words(absent: Array) -> str:
    count = int(absent.sum())
    return "1 value" if count == 1 else f"{count:,} values"


def _check_classes(name: str, kinds: int, task: str) -> None:
    if task != "classify":
        raise TableError(
            f"column {name!r} holds text, and task={task!r} predicts numbers; pass "
            "task='classify' to predict its classes"
        )
    if kinds > MOST_CLASSES:
        raise TableError(
            f"column {name!r} has {kinds} different values, more than {MOST_CLASSES} classes; "
            "pass task='regress' to predict numbers"
        )


def _stamps(panel: Panel) -> Array:
    times = panel.frame[panel.time]
    if getattr(times.dtype, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    stamps: Array = times.to_numpy()
    return stamps
