"""The checks that every layer shares: refused before any work, with the name and the remedy."""

from typing import Any

import numpy as np

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array, check_lengths

FLOATS: tuple[np.dtype[Any], ...] = (np.dtype(np.float32), np.dtype(np.float64))


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """float32 or float64 as a dtype object."""
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError as error:
        raise DtypeError(f"dtype must be float32 or float64, it is {dtype!r}") from error
    if found not in FLOATS:
        raise DtypeError(f"dtype must be float32 or float64, it is {found}")
    return found


def check_size(name: str, value: Any, least: int = 1) -> int:
    """A whole number of at least ``least``."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise InputError(f"{name} must be a whole number >= {least}, it is {value!r}")
    return int(value)


def check_rate(name: str, value: Any) -> float:
    """A probability in [0, 1)."""
    number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:
        raise InputError(f"{name} must lie in [0, 1), it is {value!r}")
    return float(value)


def check_flag(name: str, value: Any) -> bool:
    """True or False: any other value, such as "no", would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} must be True or False, it is {value!r}")
    return bool(value)


def check_positive(name: str, value: Any) -> float:
    """A finite number above 0."""
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not 0 < value < np.inf:
        raise InputError(f"{name} must be a finite number > 0, it is {value!r}")
    return float(value)


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of the named choices."""
    if value not in choices:
        raise InputError(f"{name} must be one of {', '.join(map(repr, choices))}, it is {value!r}")
    return str(value)


def check_float_array(name: str, x: Any, dtype: np.dtype[Any]) -> Array:
    """An array of the network's dtype; nothing converts silently."""
    if type(x) is np.ndarray and x.dtype is dtype:  # the usual case, and a hot path
        return x
    code = name if name.isidentifier() else ""  # "state h" is no name that a remedy could use
    if not isinstance(x, np.ndarray):
        raise DtypeError(
            f"{name} must be a NumPy array of {dtype}, it is a {type(x).__name__}; "
            f"convert it with np.asarray({code or '...'}, dtype=np.{dtype})"
        )
    check_unmasked(name, x)
    if x.dtype != dtype:
        raise DtypeError(
            f"{name} is {x.dtype} and the network computes in {dtype}; convert it with "
            f"{code}.astype(np.{dtype})"
            + (f", or build the network with dtype=np.{x.dtype}" if x.dtype in FLOATS else "")
        )
    array: Array = x
    return array


def is_unmasked(x: Any) -> bool:
    """Whether this is a NumPy array that hides none of its values."""
    return type(x) is np.ndarray or (
        isinstance(x, np.ndarray) and not isinstance(x, np.ma.MaskedArray)
    )


def check_unmasked(name: str, array: Array) -> None:
    """Refuse NumPy's masked arrays: what they hide would count."""
    if not is_unmasked(array):
        raise InputError(
            f"{name} is a masked array, and what it hides would count: fill it with "
            ".filled(value); a boolean mask= takes targets out of a loss"
        )


def check_like(name: str, x: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array of exactly this shape and dtype."""
    array = check_float_array(name, x, dtype)
    if array.shape != shape:
        raise InputError(f"{name} must have shape {shape}, it has {array.shape}")
    return array


def check_sequences(name: str, x: Any, dtype: np.dtype[Any], features: int) -> Array:
    """(batch, time, features) with at least one step."""
    array = check_float_array(name, x, dtype)
    if array.ndim == 3 and array.shape[2] == features and array.shape[1]:
        return array
    if x.ndim != 3:
        hint = ""
        if x.ndim == 2:
            hint = f"; one sequence is {name}[None], one feature a step is {name}[..., None]"
        raise InputError(
            f"{name} must have 3 axes (batch, time, features), it has shape {x.shape}{hint}"
        )
    if x.shape[2] != features:
        raise InputError(
            f"{name} must have {features} features in its last axis, it has shape {x.shape}"
        )
    raise InputError(f"{name} has no time steps (shape {x.shape}); a sequence needs at least one")


def check_last_axis(name: str, x: Any, dtype: np.dtype[Any], features: int) -> Array:
    """Any array of the network's dtype whose last axis holds ``features`` values."""
    array = check_float_array(name, x, dtype)
    if array.ndim < 2 or array.shape[-1] != features:
        raise InputError(
            f"{name} must have 2 or more axes, the last of {features} features; "
            f"it has shape {x.shape}"
        )
    return array


def as_lengths(lengths: Any, steps: int, batch: int) -> Array | None:
    """Lengths that fit, in the processor's own integers: narrow or unsigned ones would wrap."""
    check_lengths(lengths, steps, batch)
    return None if lengths is None else lengths.astype(np.intp, copy=False)


def check_generator(rng: Any, why: str) -> np.random.Generator:
    """The generator that dropout needs in training."""
    if not isinstance(rng, np.random.Generator):
        raise InputError(
            f"rng must be a numpy Generator because {why}; pass rng=np.random.default_rng(seed)"
        )
    return rng
