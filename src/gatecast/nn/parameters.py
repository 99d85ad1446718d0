"""Named parameters that are views into one flat buffer per network.

An optimiser step, a clip, a copy or a save is then one operation on one vector.
"""

from dataclasses import dataclass, field

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.init import Initialiser


class Parameter:
    """One learned array: its value, its gradient, how it is drawn, whether it is frozen."""

    __slots__ = ("frozen", "grad", "initialiser", "value")

    def __init__(self, value: Array, initialiser: Initialiser) -> None:
        self.value = value
        self.grad = np.zeros_like(value)
        self.initialiser = initialiser
        self.frozen = False

    def move_to(self, value: Array, grad: Array) -> None:
        """Make the parameter a view of other memory, carrying its contents along."""
        value[...] = self.value
        grad[...] = self.grad
        self.value, self.grad = value, grad


@dataclass
class Buffer:
    """The memory of one network: all values and all gradients, each one vector."""

    values: Array
    grads: Array
    #: merged (start, stop) ranges of what is not frozen; None when they must be found anew
    trainable: list[tuple[int, int]] | None = field(default=None)


def merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join ranges that touch, and drop the empty ones.

    Examples
    --------
    >>> merge([(0, 3), (3, 5), (5, 5), (7, 9)])
    [(0, 5), (7, 9)]
    """
    merged: list[tuple[int, int]] = []
    for start, stop in ranges:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], stop)
        elif stop > start:
            merged.append((start, stop))
    return merged
