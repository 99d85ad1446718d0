"""Splits in time order: what comes later is never learned from.

Every split is a pair (start, stop) of rows for each series, ``Windows`` takes it as ``targets``.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gatecast.data.checks import Array, Rows, check_offsets, check_whole
from gatecast.errors import InputError


class Split(NamedTuple):
    """Rows to train on, to choose by and to judge by, one after the other.

    Attributes
    ----------
    train, validation, test : (series, 2) integers
        First row and end, in the stacked rows, of each series.
    """

    train: Rows
    validation: Rows
    test: Rows

    def __repr__(self) -> str:
        parts = (f"{name}={self.count(name)} rows" for name in self._fields)
        return f"Split({', '.join(parts)})"

    def count(self, part: str) -> int:
        """How many rows a part has, over all series."""
        ranges: Rows = getattr(self, part)
        return int((ranges[:, 1] - ranges[:, 0]).sum())

    def rows(self, part: str) -> Rows:
        """The rows of a part: what a scaler is fitted on is ``values[split.rows("train")]``."""
        ranges: Rows = getattr(self, part)
        return np.concatenate([np.arange(start, stop) for start, stop in ranges])


class Fold(NamedTuple):
    """One origin of a backtest: all that is known before it, and the rows to forecast.

    Attributes
    ----------
    known : (series, 2) integers
        The rows that may be learned from, of each series.
    test : (series, 2) integers
        The ``horizon`` rows after the origin.
    """

    known: Rows
    test: Rows


def split_in_time(
    rows: int,
    *,
    validation: float = 0.0,
    test: float = 0.2,
    offsets: Any = None,
) -> Split:
    """Give the last rows of each series to the test, those before them to validation.

    Parameters
    ----------
    rows : int
        Of all series together.
    validation, test : int or float
        A number of rows, or a share (0 <= share < 1) of each series, rounded.
    offsets : (series + 1,) integers, optional
        First row of each series and the end of the last; one series by default.

    Examples
    --------
    >>> split_in_time(100, validation=0.1, test=12)
    Split(train=78 rows, validation=10 rows, test=12 rows)
    """
    found = check_offsets(offsets, check_whole("rows", rows))
    lengths = np.diff(found)
    tail = _count("test", test, lengths)
    middle = _count("validation", validation, lengths)
    short = np.flatnonzero(lengths - tail - middle < 1)
    if short.size:
        series = f"series {short[0]} has" if len(lengths) > 1 else "there are"
        raise InputError(
            f"no rows are left to train on: {series} {lengths[short[0]]} rows, validation takes "
            f"{middle[short[0]]} and test {tail[short[0]]}; ask for fewer"
        )
    return _split(found, found[1:] - tail - middle, found[1:] - tail)


def split_at(
    times: Array,
    *,
    validation: Any = None,
    test: Any,
    offsets: Any = None,
) -> Split:
    """Split all series at the same moments.

    Parameters
    ----------
    times : (rows,) array
        Rising within each series: dates as datetime64, or numbers.
    validation, test : date or number
        When each begins; the rows before are trained on.  Without ``validation`` it is empty.
    offsets : (series + 1,) integers, optional

    Examples
    --------
    >>> days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    >>> split_at(days, validation="2024-02-01", test="2024-02-15")
    Split(train=31 rows, validation=14 rows, test=15 rows)
    """
    times = np.asarray(times)
    if times.ndim != 1 or times.dtype.kind not in "Mfiu":
        raise InputError(
            "times must be one axis of datetime64 or numbers, it has shape "
            f"{times.shape} and dtype {times.dtype}"
        )
    found = check_offsets(offsets, len(times))
    _check_rising(times, found)
    late = _moment("test", test, times)
    early = late if validation is None else _moment("validation", validation, times)
    if early > late:
        raise InputError(f"validation ({validation}) must begin before test ({test})")
    begins = []
    for moment in (early, late):
        pairs = pairwise(found)
        begins.append([start + np.searchsorted(times[start:stop], moment) for start, stop in pairs])
    split = _split(found, np.array(begins[0]), np.array(begins[1]))
    for name, date in (("train", test if validation is None else validation), ("test", test)):
        if split.count(name) == 0:
            raise InputError(
                f"{name} has no rows: the times run from {times.min()} to {times.max()} "
                f"and the split is at {date}"
            )
    return split


def rolling_origins(
    rows: int,
    horizon: int,
    *,
    n_windows: int = 1,
    step_size: int | None = None,
    offsets: Any = None,
) -> Iterator[Fold]:
    """The folds of a backtest, oldest first; the last one ends with each series' last row.

    Parameters
    ----------
    rows : int
        Of all series together.
    horizon : int
        Rows that each fold forecasts.
    n_windows : int
    step_size : int, optional
        Rows from one origin to the next; ``horizon`` by default.
    offsets : (series + 1,) integers, optional

    Examples
    --------
    >>> for known, test in rolling_origins(10, 2, n_windows=3, step_size=1):
    ...     print(known.tolist(), test.tolist())
    [[0, 6]] [[6, 8]]
    [[0, 7]] [[7, 9]]
    [[0, 8]] [[8, 10]]
    """
    found = check_offsets(offsets, check_whole("rows", rows))
    horizon = check_whole("horizon", horizon)
    n_windows = check_whole("n_windows", n_windows)
    step_size = horizon if step_size is None else check_whole("step_size", step_size)
    needed = horizon + (n_windows - 1) * step_size + 1
    lengths = np.diff(found)
    if lengths.min() < needed:
        series = f"series {lengths.argmin()}" if len(lengths) > 1 else "the series"
        raise InputError(
            f"{n_windows} windows of horizon {horizon}, {step_size} apart, need {needed} rows; "
            f"{series} has {lengths.min()}"
        )
    return _folds(found, horizon, [step_size * k for k in reversed(range(n_windows))])


def _folds(offsets: Rows, horizon: int, behind: list[int]) -> Iterator[Fold]:
    for rows in behind:
        origin = offsets[1:] - rows - horizon
        yield Fold(
            np.stack([offsets[:-1], origin], axis=1), np.stack([origin, origin + horizon], axis=1)
        )


def _split(offsets: Rows, validation: Rows, test: Rows) -> Split:
    borders = (offsets[:-1], validation, test, offsets[1:])
    parts = (np.stack(pair, axis=1) for pair in pairwise(borders))
    return Split(*parts)


def _check_rising(times: Array, offsets: Rows) -> None:
    """Refuse times that fall within a series: a split of them would let the future in."""
    falls = ~(times[1:] >= times[:-1])  # NaT and NaN compare with nothing
    falls[offsets[1:-1][(offsets[1:-1] > 0) & (offsets[1:-1] < len(times))] - 1] = False
    if falls.any():
        row = int(falls.argmax()) + 1
        raise InputError(
            f"times must rise within each series, row {row} ({times[row]}) does not come after "
            f"row {row - 1} ({times[row - 1]}); sort the rows first"
        )


def _count(name: str, size: float, lengths: Rows) -> Rows:
    """A number of rows for each series."""
    if isinstance(size, float | np.floating):
        if not 0 <= size < 1:
            raise InputError(f"{name} must be a share in [0, 1) or a whole number, it is {size!r}")
        return np.array([round(size * int(length)) for length in lengths], dtype=np.intp)
    return np.full(len(lengths), check_whole(name, size, least=0), dtype=np.intp)


def _moment(name: str, moment: Any, times: Array) -> Any:
    """A border in the units of ``times``."""
    try:
        if times.dtype.kind == "M":
            return np.datetime64(moment)
        return float(moment)
    except (TypeError, ValueError) as error:
        kind = "a date" if times.dtype.kind == "M" else "a number"
        raise InputError(f"{name} must be {kind}, as the times are; it is {moment!r}") from error
