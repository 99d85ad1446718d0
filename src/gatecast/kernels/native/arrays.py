"""The slow way in: arrays that the compiled code does not take as they are.

The compiled functions take C-contiguous arrays of the right shapes and one dtype, and return
None for anything else.  Then this module brings the arrays into that form; what is truly wrong
has been refused by ``contract.check_inputs`` before.
"""

from typing import Any, TypeVar

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array, Masks, Weights

Parts = TypeVar("Parts", Weights, Masks)


def plain(array: Any) -> Any:
    """The array itself, or a copy in C order, aligned and in the machine's byte order."""
    if array is None:
        return None
    return np.require(array, array.dtype.newbyteorder("="), ["C", "A"])


def plain_parts(parts: Parts) -> Parts:
    """The same for each array of a NamedTuple of arrays."""
    return type(parts)._make(map(plain, parts))


def plain_lengths(lengths: Any) -> Any:
    """Lengths as the compiled code reads them: int64."""
    return None if lengths is None else np.require(lengths, np.int64, ["C", "A"])


def check_gradients(
    outputs: tuple[int, ...], like: Array, gradients: dict[str, tuple[Array | None, bool]]
) -> None:
    """Refuse gradients that do not have the shape of what they belong to.

    Parameters
    ----------
    outputs : tuple of int
        Shape of y.
    like : array
        An array of the dtype of the computation.
    gradients : dict
        Name to the gradient and whether it is one of all steps (dy) or of one state.
    """
    for name, (array, all_steps) in gradients.items():
        wanted = outputs if all_steps else outputs[1:]
        if array is not None and (array.shape != wanted or array.dtype != like.dtype):
            raise InputError(
                f"{name} must be {like.dtype} of shape {wanted}, "
                f"it is {array.dtype} of shape {array.shape}"
            )
