"""What scores demand of their arrays: numbers, finite, of one shape; nothing is broadcast."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError

Floats = npt.NDArray[np.float64]


def check_pair(truth: Any, forecast: Any) -> tuple[Floats, Floats]:
    """Both as float64 arrays of the same shape, not empty, finite."""
    arrays = []
    for name, values in (("truth", truth), ("forecast", forecast)):
        array = np.asarray(values)
        if array.dtype.kind not in "fiu":
            raise InputError(f"{name} must hold numbers, its dtype is {array.dtype}")
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"{name} must be finite, it is {array[place]} at {place}")
        arrays.append(array)
    if arrays[0].shape != arrays[1].shape:
        raise InputError(
            f"truth has shape {arrays[0].shape} and forecast {arrays[1].shape}; "
            "they must be the same, nothing is broadcast"
        )
    if arrays[0].size == 0:
        raise InputError("truth is empty; there is nothing to score")
    return arrays[0], arrays[1]


def check_bounds(truth: Any, lower: Any, upper: Any) -> tuple[Floats, Floats, Floats]:
    """Three arrays of one shape, lower nowhere above upper."""
    truth, lower = check_pair(truth, lower)
    truth, upper = check_pair(truth, upper)
    crossed = lower > upper
    if crossed.any():
        place = tuple(int(i) for i in np.argwhere(crossed)[0])
        raise InputError(f"lower is above upper at {place}: {lower[place]} > {upper[place]}")
    return truth, lower, upper


def check_share(name: str, value: Any, top: float = 1.0) -> float:
    """A number between 0 and ``top``, neither of them."""
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not 0 < value < top:
        kind = "0 and 100 per cent" if top == 100 else f"0 and {top:g}"
        raise InputError(f"{name} must lie between {kind}, it is {value!r}")
    return float(value)
