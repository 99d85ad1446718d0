"""What ``fit`` refuses before any work: arrays that do not fit, NaN, options that contradict."""

from typing import Any

import numpy as np

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array, check_lengths
from gatecast.nn.loss_weights import check_weights
from gatecast.nn.losses import Loss
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.validation import check_float_array, check_unmasked
from gatecast.train.batches import Data, real_steps
from gatecast.train.divergence import largest_target

BLOCK = 1 << 20  # numbers looked at together: bounds the memory of the search for NaN


def check_parts(net: Any, loss: Any, optimiser: Any) -> None:
    """Refuse what is not of its kind, a class in place of an instance above all."""
    check_part("net", net, Module)
    check_part("loss", loss, Loss)
    check_part("optimiser", optimiser, Optimiser)


def check_part(name: str, part: Any, kind: type) -> None:
    """Refuse what is not of its kind."""
    if isinstance(part, kind):
        return
    found = f"the class {part.__name__}" if isinstance(part, type) else type(part).__name__
    remedy = f"; call it: {part.__name__}()" if isinstance(part, type) else ""
    raise InputError(f"{name} must be an instance of {kind.__name__}, it is {found}{remedy}")


def check_data(net: Module, data: Data, prefix: str = "") -> None:
    """Refuse arrays of which each for itself, or the number of rows, is wrong."""
    x, y = check_float_array(f"{prefix}x", data.x, net.dtype), data.y
    if x.ndim < 2:
        raise InputError(
            f"{prefix}x must have 2 or more axes, the first the rows; it has shape {x.shape}"
        )
    if not len(x):
        raise InputError(f"{prefix}x holds no rows (shape {x.shape}); there is nothing to train on")
    for name, array in list(data._asdict().items())[1:]:
        if array is None:
            if name == "y":
                raise InputError(f"{prefix}y is missing; pass the targets, one row for each of x")
            continue
        if not isinstance(array, np.ndarray):
            raise DtypeError(
                f"{prefix}{name} must be a NumPy array, it is a {type(array).__name__}"
            )
        if array.ndim == 0 or len(array) != len(x):
            raise InputError(
                f"{prefix}{name} must have one row for each of the {len(x)} rows of {prefix}x, "
                f"it has shape {array.shape}"
            )
        check_unmasked(f"{prefix}{name}", array)
    check_lengths(data.lengths, x.shape[1], len(x))
    if data.mask is not None:
        try:
            check_weights(y.shape, None, data.mask)
        except InputError as error:
            raise type(error)(f"{prefix}{error}") from None
    check_finite(f"{prefix}x", x)
    check_finite(f"{prefix}y", y, data.mask)
    if data.sample_weight is not None:
        check_finite(f"{prefix}sample_weight", data.sample_weight)


def check_finite(name: str, array: Array, mask: Array | None = None) -> None:
    """Refuse NaN and infinity (where it counts), naming the first place."""
    if array.dtype.kind != "f" or not array.size:
        return
    rows = max(1, BLOCK // max(1, array[0].size))
    for start in range(0, len(array), rows):
        block = array[start : start + rows]
        good = np.isfinite(block)
        if good.all():
            continue
        if mask is not None:
            skipped = ~mask[start : start + rows]
            good |= skipped.reshape(skipped.shape + (1,) * (good.ndim - skipped.ndim))
            if good.all():
                continue
        place = np.unravel_index(int(np.argmin(good)), good.shape)
        value = block[place]
        _refuse(name, value, (int(place[0]) + start, *map(int, place[1:])))


def _refuse(name: str, value: Any, place: tuple[int, ...]) -> None:
    inner = {1: (), 2: ("column",), 3: ("step", "feature")}.get(
        len(place), tuple(f"axis {i}" for i in range(1, len(place)))
    )
    where = ", ".join(f"{axis} {i}" for axis, i in zip(("row", *inner), place, strict=True))
    remedy = "fill the gap or leave the row out"
    if name.endswith("y"):
        remedy += ", or take it out of the loss with mask="
    raise InputError(
        f"{name} is {value} at {where} (counted from 0); every value must be finite: {remedy}"
    )


def probe(net: Module, loss: Any, data: Data, tbptt: int | None, prefix: str = "") -> Array:
    """Predict one row, and refuse targets that do not fit the outputs; the prediction."""
    row = data.rows(0, 1)
    steps = data.x.shape[1] if tbptt is None else tbptt
    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            prediction: Array = net.forward(row.x[:, :steps], None, None)[0]
    except InputError as error:
        if not str(error).startswith("x "):
            raise
        shape = f"{prefix}x has shape {data.x.shape} and does not fit net"
        raise type(error)(f"{shape}: of its first row, {error}") from None
    if tbptt is not None:
        prediction = _over_time(prediction, data, tbptt, prefix)
    mask = data.mask
    if data.lengths is not None and net.lengths_after(data.lengths) is not None:
        if data.y.shape[1:2] != prediction.shape[1:2]:
            mask = None  # the loss says what is wrong with y
        else:
            mask = real_steps(net, data.y, data.lengths, mask)
    outputs = np.broadcast_to(prediction, (len(data.x), *prediction.shape[1:]))
    try:
        loss.check(outputs, data.y, data.sample_weight, mask)
    except InputError as error:
        raise named(error, prefix) from None
    return prediction


def named(error: InputError, prefix: str = "") -> InputError:
    """A loss's refusal in the words of ``fit``, where the target is called y."""
    of_weights = str(error).startswith(("mask", "sample_weight"))
    return type(error)(f"{prefix}{'' if of_weights else 'y does not fit: '}{error}")


def _over_time(prediction: Array, data: Data, tbptt: int, prefix: str) -> Array:
    """One chunk's outputs stretched to all steps; refused where there is not one a step."""
    steps, chunk = data.x.shape[1], min(tbptt, data.x.shape[1])
    if prediction.ndim < 2 or prediction.shape[1] != chunk or data.y.shape[1:2] != (steps,):
        raise InputError(
            f"tbptt={tbptt} needs an output and a target at each of the {steps} steps; the outputs "
            f"of {chunk} steps have shape {prediction.shape}, {prefix}y has {data.y.shape}"
        )
    return np.broadcast_to(prediction[:, :1], (1, steps, *prediction.shape[2:]))


def loss_of_zero(loss: Any, data: Data, prediction: Array) -> float:
    """The loss of predicting zero for the row with the largest target; NaN where it counts not."""
    top = largest_target(data.y)
    target = np.nan_to_num(data.y[top : top + 1])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return float(loss(np.zeros(prediction.shape, prediction.dtype), target))
