"""The columns of a table that are in use: which they are, and their values by role."""

import difflib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from gatecast.data.checks import Array
from gatecast.data.compressed import COMPRESSIONS
from gatecast.data.delimited import DelimitedFile
from gatecast.data.frames import Frame, parquet_names, read_parquet
from gatecast.data.numbers import NumberReader, decide_decimals
from gatecast.data.paths import existing_file
from gatecast.errors import InputError, TableError

#: what is a date or a decimal number, and hardly the name of a column
_VALUE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*|[+-]?\d+[.,]\d+"
)


@dataclass
class Roles:
    """Which column is what."""

    time: str | None
    target: str | None
    id: str | None
    features: Sequence[str] | None
    categorical: tuple[str, ...]
    used: list[str] = field(default_factory=list)

    def resolve(self, opened: "Source", notes: list[str]) -> None:
        """Check the names and fill in the features."""
        names, place = opened.names, opened.place
        if isinstance(self.features, str) or isinstance(self.categorical, str):
            raise InputError("features and categorical must be lists of names, not one text")
        named = [name for name in (self.time, self.target, self.id) if name is not None]
        for name in (*named, *(self.features or ()), *self.categorical):
            _check_name(name, opened)
        if self.features is None:
            self.features = [name for name in names if name and name not in named]
            if "" in names:
                notes.append(f"column {names.index('') + 1} has no name and was left out")
        self.used = [*named, *self.features]
        for name in self.used:
            if self.used.count(name) > 1:
                raise TableError(
                    f"column {name!r} is named twice; time, target, id and features must differ"
                )
        if not self.used:
            raise TableError(f"{place} has no columns in use; name a target or features")

    def is_text(self, name: str) -> bool:
        return name == self.id or name in self.categorical


def _check_name(name: Any, opened: "Source") -> None:
    """Refuse a column that is not there, and suggest the nearest."""
    names = opened.names
    if name in names:
        return
    lower = {known.lower(): known for known in reversed(names) if known}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    if any(map(_VALUE.fullmatch, names)) or (
        names and all(n.replace(".", "", 1).isdigit() for n in names)
    ):
        hint = "; its first line holds values, is a header missing?"
    elif isinstance(opened, DelimitedFile):
        hint = opened.header_hint(str(name)) or hint
    shown = ", ".join(map(repr, names[:20])) + (" …" if len(names) > 20 else "")
    raise TableError(f"{opened.place} has no column {name!r}{hint} (it has {shown})")


class ParquetFile:
    """A Parquet file whose columns' names are known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = path.name
        self.names = parquet_names(path)


MOST_STEPS = 10**18
Source: TypeAlias = DelimitedFile | Frame | ParquetFile


def open_source(
    source: Any, delimiter: str | None, encoding: str | None
) -> tuple[Source, list[str]]:
    """The source with its columns' names known."""
    if not isinstance(source, str | PathLike):
        return Frame(source, "the table"), []
    path = existing_file(source)
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in COMPRESSIONS]
    if endings[-1:] in ([".parquet"], [".pq"]):
        return ParquetFile(path), []
    file = DelimitedFile(path, delimiter=delimiter, encoding=encoding)
    return file, file.notes


def read_columns(
    opened: Source,
    roles: Roles,
    decimal: str | None,
    missing: tuple[str, ...],
    notes: list[str],
) -> dict[str, Any]:
    """The columns in use: texts where the role asks for them, else numbers, texts or dates."""
    texts = {name for name in roles.used if name == roles.time or roles.is_text(name)}
    absent = _numbers_in(missing)
    readers = {
        name: NumberReader(name, opened.place, missing) for name in roles.used if name not in texts
    }
    columns: dict[str, Any] = {}
    file_delimiter = None
    if isinstance(opened, DelimitedFile):
        file_delimiter = opened.delimiter
        columns = _stream(opened, roles.used, readers)
    else:
        frame = opened if isinstance(opened, Frame) else read_parquet(opened.path, roles.used)
        for name in roles.used:
            _from_frame(frame, name, roles, columns, readers, absent)
    readers = {name: reader for name, reader in readers.items() if name not in columns}
    numeric = []
    for name, reader in readers.items():
        if reader.is_text() and name != roles.time:
            columns[name] = reader.texts()
        else:
            numeric.append(reader)
    for name, sign in decide_decimals(numeric, decimal, file_delimiter).items():
        columns[name] = _without(readers[name].finish(sign), absent)
        if sign == "," and decimal is None:
            notes.append(f"column {name!r} has decimal commas")
    return {name: columns[name] for name in roles.used}


def _stream(
    opened: DelimitedFile, used: list[str], readers: dict[str, NumberReader]
) -> dict[str, Any]:
    """Read a text file piece by piece; only what must stay text is kept as text."""
    places = [opened.names.index(name) for name in used]
    while True:
        texts: dict[str, list[str]] = {name: [] for name in used if name not in readers}
        known: dict[str, str] = {}  # one object for each text: names and dates come often
        try:
            for piece in opened.pieces(places):
                for name, values in zip(used, piece, strict=True):
                    if name in readers:
                        readers[name].add(values)
                    else:
                        texts[name] += [known.setdefault(value, value) for value in values]
        except UnicodeDecodeError as error:
            opened.use_windows_encoding(error)
            for reader in readers.values():
                reader.restart()
        else:
            return dict(texts)


def _from_frame(
    frame: Frame,
    name: str,
    roles: Roles,
    columns: dict[str, Any],
    readers: dict[str, NumberReader],
    absent: Array,
) -> None:
    """One column of a table in memory, into ``columns`` or, as texts, into its reader."""
    if roles.is_text(name):
        columns[name] = frame.texts(name)
        return
    if name == roles.time and frame.is_whole(name):
        columns[name] = _steps(frame, name)
        return
    values = frame.column(name)
    if name == roles.time:
        columns[name] = values
    elif isinstance(values, list):
        readers[name].add(values)
    elif isinstance(values, np.ndarray):
        values = _without(values, absent)
        columns[name] = _without_infinity(values, f"column {name!r} of {frame.place}")
    else:
        remedy = "name another target" if name == roles.target else "leave it out of features"
        raise TableError(
            f"column {name!r} of {frame.place} holds dates; only the time column may, {remedy}"
        )


def _numbers_in(missing: tuple[str, ...]) -> Array:
    """Those of the texts for "no value" that are numbers, as -999: they are met as such too."""
    found = []
    for text in missing:
        with suppress(ValueError):
            found.append(float(text))
    return np.array(found)


def _without(values: Array, absent: Array) -> Array:
    return np.where(np.isin(values, absent), np.nan, values) if absent.size else values


def _without_infinity(values: Array, where: str) -> Array:
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        row = int(infinite[0])
        raise TableError(
            f"{where}, row {row + 1} holds {values[row]}; infinity cannot be learned from: mend it"
        )
    return values


def _steps(frame: Frame, name: str) -> Array:
    """Numbered steps, each of them there and small enough to be counted on from."""
    values = frame.column(name)
    bad = np.flatnonzero(~(np.abs(values) < MOST_STEPS))
    if bad.size:
        row = int(bad[0])
        what = "has no number" if np.isnan(values[row]) else f"holds {values[row]:.0f}, too large"
        raise TableError(f"column {name!r} of {frame.place}, row {row + 1} {what} for a time")
    return frame.whole(name)
