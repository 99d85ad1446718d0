"""The checks that tables, windows, splits and scalers share."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gatecast.errors import DtypeError, InputError

Array: TypeAlias = npt.NDArray[Any]
Rows: TypeAlias = npt.NDArray[np.intp]


def check_whole(name: str, value: Any, least: int = 1) -> int:
    """A whole number of at least ``least``."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise InputError(f"{name} must be a whole number >= {least}, it is {value!r}")
    return int(value)


def check_floats(name: str, array: Any) -> Array:
    """A NumPy array of floats; nothing converts silently."""
    if not isinstance(array, np.ndarray):
        raise DtypeError(
            f"{name} must be a NumPy array of floats, it is a {type(array).__name__}; "
            f"convert it with np.asarray({name}, dtype=np.float32)"
        )
    if array.dtype.kind != "f":
        raise DtypeError(
            f"{name} must hold floats, its dtype is {array.dtype}; "
            f"convert it with {name}.astype(np.float32)"
        )
    return array


def check_offsets(offsets: Any, rows: int) -> Rows:
    """Where each series begins in the stacked rows, and the end of the last: 0 … rows.

    None is one series.
    """
    if offsets is None:
        return np.array([0, rows], dtype=np.intp)
    found = np.asarray(offsets)
    if found.ndim != 1 or found.size < 2 or found.dtype.kind not in "iu":
        raise InputError(
            "offsets must be one axis of whole numbers, the first row of each series and the end "
            f"of the last; it has shape {found.shape} and dtype {found.dtype}"
        )
    found = found.astype(np.intp)
    if found[0] != 0 or found[-1] != rows or (np.diff(found) < 0).any():
        raise InputError(
            f"offsets must rise from 0 to the {rows} rows, they are {found.tolist()[:8]}"
            + ("…" if found.size > 8 else "")
        )
    return found
