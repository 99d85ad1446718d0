"""Dropout, and its use in prediction: Monte-Carlo samples."""

from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.kernels.program import Line
from gatecast.nn.init import make_generator
from gatecast.nn.module import Module
from gatecast.nn.validation import (
    check_float_array,
    check_generator,
    check_rate,
    check_size,
)


def dropout_mask(
    rng: np.random.Generator, shape: tuple[int, ...], rate: float, dtype: np.dtype[Any]
) -> Array:
    """0 with probability ``rate``, else 1/(1-rate): the expectation stays."""
    kept = (rng.random(shape, np.float32) >= rate).astype(dtype)
    kept *= dtype.type(1 / (1 - rate))
    return kept


class Dropout(Module):
    """Set each value to zero with probability ``rate`` in training, scale the others up.

    Parameters
    ----------
    rate : float
        In [0, 1).
    dtype : float32 or float64
    seed : int or numpy.random.Generator
        Unused: the masks come from the generator that training passes down.

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> x = np.ones((2, 3), np.float32)
    >>> bool(np.all(nn.Dropout(0.5)(x) == x))
    True
    """

    def __init__(
        self,
        rate: float = 0.5,
        *,
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.rate = check_rate("rate", rate)

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, Array | None]:
        """Drop in training, pass on in prediction; saves the mask."""
        x = check_float_array("x", x, self.dtype)
        if not training or not self.rate:
            return x, None, None
        mask = dropout_mask(
            check_generator(rng, "dropout is on in training"), x.shape, self.rate, self.dtype
        )
        return x * mask, None, mask

    def backward(
        self, saved: Array | None, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """The same mask on the way back."""
        if dy is None or saved is None:
            return dy, None
        return dy * saved, None

    def program(self, start: int, training: bool) -> list[Line] | None:
        """Nothing in prediction; in training a program cannot draw."""
        return None if training and self.rate else []

    def describe(self) -> str:
        """The rate."""
        return str(self.rate)


def monte_carlo(
    net: Module,
    x: Array,
    *,
    samples: int = 100,
    lengths: Array | None = None,
    seed: int | np.random.Generator = 0,
) -> Array:
    """Predictions with dropout left on: their spread shows what the network is unsure of.

    Every kind of dropout in the network counts: between layers, recurrent, zoneout
    (Gal, Ghahramani 2016).  A network that draws nothing is refused: samples that are all the
    same would look like certainty.

    Returns
    -------
    (samples, *outputs) array

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> net = nn.Sequential(nn.GRU(1, 8), nn.Last(), nn.Dropout(0.2), nn.Linear(8, 1))
    >>> draws = nn.monte_carlo(net, np.ones((4, 10, 1), np.float32), samples=50)
    >>> draws.shape, bool(draws.std(axis=0).min() > 0)
    ((50, 4, 1), True)
    """
    check_size("samples", samples)
    rng = make_generator(seed)
    before = rng.bit_generator.state
    first = net.forward(x, None, lengths, training=True, rng=rng)[0]
    if first.size and _same(before, rng.bit_generator.state):
        raise InputError(
            "net draws nothing in training, so every sample would be the same; build it with "
            "nn.Dropout, recurrent_dropout= or zoneout= (dropout= acts between two layers only)"
        )
    more = [net.forward(x, None, lengths, training=True, rng=rng)[0] for _ in range(samples - 1)]
    return np.stack([first, *more])


def _same(one: Any, other: Any) -> bool:
    """Whether two states of a generator are equal; they hold arrays in some kinds."""
    if isinstance(one, dict):
        return all(_same(one[key], other[key]) for key in one)
    return bool(np.array_equal(one, other))
