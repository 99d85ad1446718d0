"""Scores of point forecasts.  All take the truth first; nothing is broadcast or dropped."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError


def _pair(truth: Any, forecast: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
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


def mse(truth: Any, forecast: Any) -> float:
    """Mean squared error.

    Examples
    --------
    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    truth, forecast = _pair(truth, forecast)
    return float(np.mean((truth - forecast) ** 2))


def rmse(truth: Any, forecast: Any) -> float:
    """Root of the mean squared error, in the units of the data.

    Examples
    --------
    >>> rmse([1.0, 2.0], [4.0, 6.0])
    3.5355339059327378
    """
    return float(mse(truth, forecast) ** 0.5)


def mae(truth: Any, forecast: Any) -> float:
    """Mean absolute error.

    Examples
    --------
    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    truth, forecast = _pair(truth, forecast)
    return float(np.mean(np.abs(truth - forecast)))


def r2(truth: Any, forecast: Any) -> float:
    """Share of the variance that is explained: 1 is perfect, 0 is the mean of the truth.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
    0.5
    """
    truth, forecast = _pair(truth, forecast)
    spread = np.sum((truth - truth.mean()) ** 2)
    if spread == 0:
        raise InputError("r2 is undefined: the truth is constant; use mse or mae")
    return float(1 - np.sum((truth - forecast) ** 2) / spread)
