"""What counts in a loss, and how much: sample weights and masks, checked and averaged.

A loss is a weighted mean, Σ w·l / Σ w, over the entries of the target.  Weights and masks cover
the target's leading axes: one number a row ``(batch,)``, or one a row and step
``(batch, time)``; a mask may also have the target's whole shape.
"""

from typing import Any

import numpy as np

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array
from gatecast.nn.validation import FLOATS, check_unmasked


def check_shapes(prediction: Array, target: Array, wanted: tuple[int, ...]) -> None:
    """Refuse a target of another shape than ``wanted``: broadcasting would pair all with all."""
    if target.shape == wanted:
        if not target.size:
            raise InputError(f"target has shape {target.shape}: a loss needs at least one entry")
        return
    if (*target.shape, 1) == wanted:
        remedy = f"pass target[{':, ' * target.ndim}None]"
    elif target.shape == (*wanted, 1):
        remedy = f"pass target[{':, ' * len(wanted)}0]"
    else:
        remedy = f"the target must have shape {wanted}"
    raise InputError(
        f"target has shape {target.shape}, the prediction {prediction.shape}; {remedy}"
    )


def check_float(name: str, array: Any) -> Array:
    """A float32 or float64 array."""
    if not isinstance(array, np.ndarray):
        raise DtypeError(f"{name} must be a NumPy array, it is a {type(array).__name__}")
    if array.dtype not in FLOATS:
        raise DtypeError(f"{name} must be float32 or float64, it is {array.dtype}")
    return array


def check_same_dtype(prediction: Array, target: Any) -> None:
    """The target must come in the prediction's dtype; nothing converts silently."""
    if not isinstance(target, np.ndarray):
        raise DtypeError(f"target must be a NumPy array, it is a {type(target).__name__}")
    check_unmasked("target", target)
    if target.dtype != prediction.dtype:
        raise DtypeError(
            f"target is {target.dtype} and the prediction {prediction.dtype}; "
            f"pass target.astype(np.{prediction.dtype})"
        )


def check_weights(shape: tuple[int, ...], sample_weight: Any, mask: Any) -> None:
    """Refuse weights and masks that do not fit a target of that shape, or leave nothing."""
    if mask is not None:
        _check_leading("mask", mask, shape, most=len(shape))
        if mask.dtype != np.bool_:
            raise DtypeError(f"mask must be boolean (True counts), it is {mask.dtype}")
        if not mask.any():
            raise InputError("mask is False everywhere: nothing would count")
    if sample_weight is None:
        return
    _check_leading("sample_weight", sample_weight, shape, most=2)
    if sample_weight.dtype.kind not in "fiu":
        raise DtypeError(f"sample_weight must hold numbers, it is {sample_weight.dtype}")
    refused = ~(np.isfinite(sample_weight) & (sample_weight >= 0))
    if refused.any():
        place = first(refused)
        raise InputError(
            f"sample_weight[{show(place)}] is {sample_weight[place]}; "
            "weights must be finite and not negative"
        )
    if not sample_weight.any():
        raise InputError("sample_weight is 0 everywhere: nothing would count")
    if mask is not None and not combine(shape, sample_weight, mask).any():
        raise InputError("sample_weight is 0 wherever mask is True: nothing would count")


def _check_leading(name: str, array: Any, shape: tuple[int, ...], most: int) -> None:
    """An array over one to ``most`` of the leading axes of a target of that shape."""
    if not isinstance(array, np.ndarray):
        raise DtypeError(f"{name} must be a NumPy array, it is a {type(array).__name__}")
    if not 1 <= array.ndim <= most or array.shape != shape[: array.ndim]:
        fitting = dict.fromkeys((shape[:1], shape[: min(2, most)], shape[:most]))
        raise InputError(
            f"{name} must have shape {' or '.join(map(str, fitting))} for a target of shape "
            f"{shape}; it has {array.shape}"
        )


def first(refused: Array) -> tuple[int, ...]:
    """The place of the first True."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(refused)), refused.shape))


def show(place: tuple[int, ...]) -> str:
    """An index as it is written between brackets."""
    return ", ".join(map(str, place))


def combine(shape: tuple[int, ...], sample_weight: Array | None, mask: Array | None) -> Array:
    """The weight of each entry of a target of that shape, in float64.

    Examples
    --------
    >>> combine((2, 2), np.array([1.0, 3.0]), np.array([[True, False], [True, True]]))
    array([[1., 0.],
           [3., 3.]])
    """
    weight = np.ones(shape)
    for factor in (sample_weight, mask):
        if factor is not None:
            weight *= factor.reshape(factor.shape + (1,) * (len(shape) - factor.ndim))
    return weight
