"""Layers that change the shape alone: the last real step, and a vector repeated over time."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.kernels.program import Line
from gatecast.nn.module import Module
from gatecast.nn.validation import as_lengths, check_float_array, check_size


class LastSaved(NamedTuple):
    """What :class:`Last` needs on the way back."""

    shape: tuple[int, ...]
    lengths: Array | None


class Last(Module):
    """The last real step of each row: (B, T, F) -> (B, F); zeros for a row of length 0.

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> x = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    >>> nn.Last()(x, lengths=np.array([3, 1])).ravel()
    array([2., 3.], dtype=float32)
    """

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, LastSaved]:
        """y[b] = x[b, lengths[b] - 1]."""
        x = check_float_array("x", x, self.dtype)
        if x.ndim != 3:
            raise InputError(f"x must have 3 axes (batch, time, features), it has shape {x.shape}")
        if x.shape[1] == 0:
            raise InputError(f"x has no time steps (shape {x.shape}), so it has no last one")
        lengths = as_lengths(lengths, x.shape[1], x.shape[0])
        if lengths is None:
            return x[:, -1], None, LastSaved(x.shape, None)
        y = x[np.arange(len(x)), np.maximum(lengths - 1, 0)]
        y[lengths == 0] = 0
        return y, None, LastSaved(x.shape, lengths)

    def backward(
        self, saved: LastSaved, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """dy at the last real step, zeros before."""
        if dy is None or not need_dx:
            return None, None
        batch, steps, features = saved.shape
        dx = np.zeros((steps, batch, features), dy.dtype).swapaxes(0, 1)  # as the layers keep it
        if saved.lengths is None:
            dx[:, -1] = dy
        else:
            rows = np.flatnonzero(saved.lengths)
            dx[rows, saved.lengths[rows] - 1] = dy[rows]
        return dx, None

    def lengths_after(self, lengths: Array) -> Array | None:
        """None: single vectors have no lengths."""
        return None

    def program(self, start: int, training: bool) -> list[Line] | None:
        """One line; the layer before gives the number of features."""
        return [Line("last", 0, 0)]

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """Each step is the last so far."""
        return check_float_array("x", x, self.dtype), state


class Repeat(Module):
    """A vector at every step: (B, F) -> (B, steps, F), for one-to-many networks.

    Parameters
    ----------
    steps : int

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> nn.Repeat(5)(np.zeros((2, 3), np.float32)).shape
    (2, 5, 3)
    """

    def __init__(
        self, steps: int, *, dtype: Any = np.float32, seed: int | np.random.Generator = 0
    ) -> None:
        super().__init__(dtype, seed)
        self.steps = check_size("steps", steps)

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, None]:
        """y[b, t] = x[b]."""
        x = check_float_array("x", x, self.dtype)
        if x.ndim != 2:
            raise InputError(f"x must have 2 axes (batch, features), it has shape {x.shape}")
        return np.repeat(x[:, None], self.steps, axis=1), None, None

    def backward(
        self, saved: None, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """The sum over the steps."""
        return (None if dy is None or not need_dx else dy.sum(axis=1)), None

    def lengths_after(self, lengths: Array) -> Array | None:
        """None: every row has the same number of steps."""
        return None

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """Refused: a repeated vector is not a stream."""
        raise InputError("nn.Repeat cannot be stepped; repeat the vector and step what follows")

    def describe(self) -> str:
        """The number of steps."""
        return str(self.steps)
