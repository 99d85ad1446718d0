"""Windows as models take them: inputs, what is asked for, and what was known before."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Samples:
    """Some windows: n of them, T steps of F inputs each.

    Networks learn ``targets``, (y - base) / scale, and ``restore`` brings their outputs back to
    the units of ``y``.

    Attributes
    ----------
    x : (n, T, F) floats
        Inputs, scaled.
    y : (n, horizon) floats, or (n,) class numbers
        What is asked for; numbers are in their own units.
    past : (n, W) array, optional
        The target in the rows before, oldest first, in its own units (or class numbers): what
        naive forecasts are made of.
    base : (n, 1) array or float
        What a network's zero means: a mean, or each window's last value.
    scale : float
    index : (n,) array, optional
        When, or in which row, each window's first target is.

    Examples
    --------
    >>> samples = Samples(np.zeros((2, 3, 1)), np.array([[4.0], [8.0]]), base=2.0, scale=2.0)
    >>> samples.targets
    array([[1.],
           [3.]])
    >>> samples.restore(samples.targets)
    array([[4.],
           [8.]])
    """

    x: Array
    y: Array
    past: Array | None = None
    base: Array | float = 0.0
    scale: float = 1.0
    index: Array | None = None

    def __post_init__(self) -> None:
        if self.x.ndim != 3 or self.x.dtype.kind != "f":
            raise InputError(
                f"x must be (windows, steps, features) floats, it has shape {self.x.shape} and "
                f"dtype {self.x.dtype}"
            )
        axes = 1 if self.y.dtype.kind in "iu" else 2
        if self.y.dtype.kind not in "iuf" or self.y.ndim != axes:
            raise InputError(
                "y must be (windows, horizon) floats or (windows,) whole class numbers, it has "
                f"shape {self.y.shape} and dtype {self.y.dtype}"
            )
        for name in ("y", "past", "index"):
            array = getattr(self, name)
            if array is not None and len(array) != len(self.x):
                raise InputError(
                    f"{name} must have one row for each of the {len(self.x)} windows of x, it has "
                    f"{len(array)}"
                )

    def __len__(self) -> int:
        return len(self.x)

    @property
    def classes(self) -> bool:
        """Whether classes are asked for."""
        return bool(self.y.dtype.kind in "iu")

    @property
    def targets(self) -> Array:
        """What a network learns, in the dtype of ``x``; for classes their numbers."""
        if self.classes:
            return self.y
        scaled: Array = ((self.y - self.base) / self.scale).astype(self.x.dtype)
        return scaled

    @property
    def flat(self) -> Array:
        """(n, T·F): each window as one row, in float64, for models that know no time."""
        return self.x.reshape(len(self.x), -1).astype(np.float64)

    def restore(self, outputs: Array) -> Array:
        """A network's outputs in the units of ``y``, in float64."""
        restored: Array = outputs.astype(np.float64) * self.scale + self.base
        return restored

    def take(self, rows: Any) -> "Samples":
        """Some of the windows, as NumPy indexes them."""
        return Samples(
            self.x[rows],
            self.y[rows],
            None if self.past is None else self.past[rows],
            self.base[rows] if isinstance(self.base, np.ndarray) else self.base,
            self.scale,
            None if self.index is None else self.index[rows],
        )
