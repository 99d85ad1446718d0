"""The columns of a table that are in use: which they are, and their values by role."""

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from gatecast.data.checks import Array
from gatecast.data.delimited import COMPRESSIONS, DelimitedFile
from gatecast.data.frames import Frame, parquet_names, read_parquet
from gatecast.data.numbers import NumberReader, decide_decimals
from gatecast.errors import InputError, TableError


@dataclass
class Roles:
    """Which column is what."""

    time: str | None
    target: str | None
    id: str | None
    features: Sequence[str] | None
    categorical: tuple[str, ...]
    used: list[str] = field(default_factory=list)

    def resolve(self, names: list[str], place: str, notes: list[str]) -> None:
        """Check the names and fill in the features."""
        if isinstance(self.features, str) or isinstance(self.categorical, str):
            raise InputError("features and categorical must be lists of names, not one text")
        named = [name for name in (self.time, self.target, self.id) if name is not None]
        for name in (*named, *(self.features or ()), *self.categorical):
            _check_name(name, names, place)
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


def _check_name(name: Any, names: list[str], place: str) -> None:
    """Refuse a column that is not there, and suggest the nearest."""
    if name in names:
        return
    lower = {known.lower(): known for known in reversed(names) if known}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    if all(known.replace(".", "", 1).isdigit() for known in names):
        hint = "; its first line holds numbers, is a header missing?"
    shown = ", ".join(map(repr, names[:20])) + (" …" if len(names) > 20 else "")
    raise TableError(f"{place} has no column {name!r}{hint} (it has {shown})")


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
    if not isinstance(source, str | os.PathLike):
        return Frame(source, "the table"), []
    path = Path(source)
    if not path.exists():
        raise TableError(f"{path} does not exist")
    if path.is_dir():
        raise TableError(f"{path} is a folder; name a file")
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in COMPRESSIONS]
    ending = endings[-1] if endings else ""
    if ending in (".parquet", ".pq"):
        return ParquetFile(path), []
    if ending in (".xls", ".xlsx", ".xlsm", ".ods"):
        raise TableError(f"{path.name} is a workbook; save its sheet as CSV")
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
            _from_frame(frame, name, roles, columns, readers)
    readers = {name: reader for name, reader in readers.items() if name not in columns}
    numeric = []
    for name, reader in readers.items():
        if reader.is_text() and name != roles.time:
            columns[name] = reader.texts()
        else:
            numeric.append(reader)
    for name, sign in decide_decimals(numeric, decimal, file_delimiter).items():
        columns[name] = readers[name].finish(sign)
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
        columns[name] = _without_infinity(values, f"column {name!r} of {frame.place}")
    else:
        raise TableError(
            f"column {name!r} of {frame.place} holds dates; only the time column may, "
            "leave it out of features"
        )


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
