"""Tables in memory (pandas, polars, pyarrow) and Parquet files, as plain columns."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gatecast.data.checks import Array
from gatecast.errors import MissingDependencyError, TableError

_PIECE = 1 << 16
MOST_EXACT = 2**53  # from here on a float64 leaves whole numbers out


class Frame:
    """A table in memory, whichever library made it.

    Parameters
    ----------
    native : pandas, polars or pyarrow table
    place : str
        What messages call it.

    Examples
    --------
    >>> import pandas as pd
    >>> Frame(pd.DataFrame({"y": [1, 2]}), "the table").column("y")
    array([1., 2.])
    """

    def __init__(self, native: Any, place: str) -> None:
        import narwhals as nw

        self.place = place
        if type(native).__name__ == "RecordBatch" and hasattr(native, "schema"):
            import pyarrow as pa

            native = pa.Table.from_batches([native])
        if _is_pandas(native):
            native = _named_index_as_columns(native)
            _refuse_duplicates(list(native.columns), place)
        try:
            self._frame = nw.from_native(native, eager_only=True)
        except TypeError as error:
            raise TableError(
                "a table must be the path of a file or a pandas, polars or pyarrow table, "
                f"it is a {type(native).__module__}.{type(native).__name__}"
                + ("; call its collect() first" if hasattr(native, "collect") else "")
            ) from error
        except nw.exceptions.DuplicateError as error:
            twice = re.search(r"'(.*)' \d+ times", str(error))
            name = twice[1] if twice else "the same"
            raise TableError(f"{place} has two columns called {name!r}; rename one") from error
        self.names = list(self._frame.columns)
        self.rows = len(self._frame)

    def column(self, name: str) -> Any:
        """Numbers as float64 (NaN where missing), dates as a DatetimeIndex, others as texts."""
        import narwhals as nw

        series, where = self._frame[name], f"column {name!r} of {self.place}"
        if self._frame.implementation.is_pandas() and _holds_stamps(series.to_native()):
            return _stamps(series.to_native(), where)
        kind = series.dtype
        if kind.is_nested():
            raise TableError(
                f"{where} holds lists or structures; give each of their values a column"
            )
        if kind.is_numeric():
            numbers: Array = np.asarray(series.cast(nw.Float64).to_numpy(), dtype=np.float64)
            return numbers
        if isinstance(kind, nw.Datetime | nw.Date):
            return _dates(series, getattr(kind, "time_zone", None), where)
        return self.texts(name)

    def texts(self, name: str) -> list[str]:
        """A column as texts, empty where missing."""
        column, known, found = self._frame[name], dict[str, str](), list[str]()
        shown = _text_of_whole if self.is_whole(name) else _text
        for start in range(
            0, self.rows, _PIECE
        ):  # one object for each text, however often it comes
            for value in column[start : start + _PIECE].to_list():
                text = value if type(value) is str else "" if _is_missing(value) else shown(value)
                found.append(known.setdefault(text, text))
        return found

    def is_whole(self, name: str) -> bool:
        """Whether a column holds whole numbers, also such as a missing one turned into floats."""
        kind = self._frame[name].dtype
        if not kind.is_float():
            return bool(kind.is_integer())
        numbers = self.column(name)
        known = numbers[~np.isnan(numbers)]
        return bool(known.size and (np.abs(known) < MOST_EXACT).all() and not (known % 1).any())

    def is_date(self, name: str) -> bool:
        """Whether a column holds dates without a clock by its type."""
        import narwhals as nw

        return isinstance(self._frame[name].dtype, nw.Date)

    def whole(self, name: str) -> Array:
        """A column of whole numbers without nulls as int64."""
        import narwhals as nw

        return np.asarray(self._frame[name].cast(nw.Int64).to_numpy(), dtype=np.int64)


def parquet_names(path: Path) -> list[str]:
    """The columns of a Parquet file; nothing else of it is read."""
    try:
        from pyarrow import lib, parquet
    except ImportError as error:
        raise MissingDependencyError(
            f"{path.name} is a Parquet file, which needs pyarrow: pip install 'gatecast[parquet]'"
        ) from error
    try:
        schema = parquet.read_schema(path)
        _refuse_duplicates(schema.names, path.name)
        return ["ds" if name == _times_of(schema) else name for name in schema.names]
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error
    except lib.ArrowException as error:
        reason = " ".join(str(error).split())
        raise TableError(f"{path.name} is damaged or no Parquet file: {reason}") from error


def read_parquet(path: Path, columns: Sequence[str]) -> Frame:
    """Some columns of a Parquet file."""
    from pyarrow import lib, parquet

    try:
        times = _times_of(parquet.read_schema(path))
        table = parquet.read_table(
            path, columns=[times if times and name == "ds" else name for name in columns]
        )
        return Frame(_without_periods(table.rename_columns(list(columns))), path.name)
    except (OSError, lib.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise TableError(f"{path.name} is damaged: {reason}") from error


def _without_periods(table: Any) -> Any:
    """pandas writes periods as the numbers of its own count; here they are what they begin with."""
    import pandas as pd
    import pyarrow as pa

    index: Any = pd.PeriodIndex
    for place, field in enumerate(table.schema):
        if freq := _period_of(field):
            column = table[place].combine_chunks()
            counted = getattr(column, "storage", column).fill_null(np.iinfo(np.int64).min)
            stamps = index.from_ordinals(counted.to_numpy(), freq=freq).to_timestamp()
            table = table.set_column(place, field.name, pa.array(stamps))
    return table


def _period_of(field: Any) -> str | None:
    """How long the periods of a column are; pyarrow knows their type where pandas told it."""
    if getattr(field.type, "extension_name", "") == "pandas.period":
        return str(field.type.freq)
    told = field.metadata or {}
    if told.get(b"ARROW:extension:name") == b"pandas.period":
        return str(json.loads(told[b"ARROW:extension:metadata"])["freq"])
    return None


def _times_of(schema: Any) -> str | None:
    """What pandas called an index of times that has no name; in memory that is ``ds``."""
    from pyarrow import types

    name = "__index_level_0__"
    if name not in schema.names or "ds" in schema.names:
        return None
    return name if types.is_timestamp(schema.field(name).type) else None


def _holds_stamps(native: Any) -> bool:
    import pandas as pd
    from pandas.api.types import is_datetime64_any_dtype

    return bool(is_datetime64_any_dtype(native)) or isinstance(native.dtype, pd.PeriodDtype)


def _stamps(native: Any, where: str) -> Any:
    """pandas' own, since narwhals does not know zones with an underscore, as America/New_York."""
    import pandas as pd

    if isinstance(native.dtype, pd.PeriodDtype):
        native = native.dt.to_timestamp()
    stamps = pd.DatetimeIndex(native)
    if stamps.tz is not None:
        try:
            stamps.tz_convert(str(stamps.tz))
        except (KeyError, ValueError, OSError) as error:
            raise TableError(
                f"{where} has the time zone {stamps.tz!r}, which has no name to be known by; turn "
                "it into one that has, with .dt.tz_convert('Europe/Berlin')"
            ) from error
    return _in_microseconds(stamps, where)


def _refuse_zone(zone: str, where: str) -> None:
    import pandas as pd

    try:
        pd.DatetimeIndex([]).tz_localize(zone)
    except (KeyError, ValueError, OSError) as error:
        raise TableError(
            f"{where} has the time zone {zone!r}, which is not known here; write its times in "
            "another, such as 'UTC'"
        ) from error


def _in_microseconds(stamps: Any, where: str) -> Any:
    """Refuse times that are told apart by less."""
    coarse = stamps.as_unit("us")
    if ((coarse != stamps) & stamps.notna()).any() and coarse.nunique() < stamps.nunique():
        raise TableError(f"{where} holds times less than a microsecond apart; number them instead")
    return coarse


def _dates(series: Any, zone: str | None, where: str) -> Any:
    import pandas as pd

    if zone is not None:  # NumPy has no zones: through UTC and back
        _refuse_zone(zone, where)
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    plain = series.to_numpy()
    if plain.dtype.kind != "M":  # dates as objects
        plain = np.asarray(plain, dtype="datetime64[us]")
    values = _in_microseconds(pd.DatetimeIndex(plain), where)
    return values if zone is None else values.tz_localize("UTC").tz_convert(zone)


def _text(value: Any) -> str:
    """Texts that a Parquet file holds as bytes are in UTF-8; others are shown as bytes."""
    return value.decode(errors="backslashreplace") if type(value) is bytes else str(value)


def _text_of_whole(value: Any) -> str:
    return str(int(value))


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA: what does not equal itself, or does not know."""
    try:
        return value is None or not bool(value == value)
    except TypeError:
        return True


def _is_pandas(native: Any) -> bool:
    return type(native).__module__.partition(".")[0] == "pandas" and hasattr(native, "reset_index")


def _named_index_as_columns(native: Any) -> Any:
    """An index that has a name holds the times or the series; a mere count of rows is dropped."""
    if not hasattr(native, "columns"):
        native = native.to_frame(name="y" if native.name is None else native.name)
    if any(name is not None for name in native.index.names):
        if any(name in native.columns for name in native.index.names):
            return native.reset_index(drop=True)
        return native.reset_index()
    if native.index.dtype.kind == "M" or hasattr(native.index, "to_timestamp"):
        return native.rename_axis("ds").reset_index()
    return native


def _refuse_duplicates(names: list[Any], place: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise TableError(f"the columns of {place} must be named by text, one is {name!r}")
        if names.count(name) > 1:
            raise TableError(f"{place} has two columns called {name!r}; rename one")
