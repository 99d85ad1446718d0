"""Small networks that the tests of modules share."""

from typing import Any

import numpy as np

from gatecast import nn
from gatecast.kernels.contract import Array


def small(seed: int = 0, dtype: Any = np.float32) -> nn.Sequential:
    return nn.Sequential(
        nn.LSTM(3, 4, 2, bidirectional=True, dtype=dtype),
        nn.Last(dtype=dtype),
        nn.Linear(8, 2, dtype=dtype),
        seed=seed,
    )


def sequences(dtype: Any = np.float32) -> Array:
    return np.random.default_rng(0).normal(size=(5, 6, 3)).astype(dtype)


def assert_sealed(net: nn.Module) -> None:
    """Values and gradients of every parameter are views into the two vectors, in their order."""
    start = 0
    for name, value in net.state_dict().items():
        stop = start + value.size
        for part, whole in ((value, net.flat), (net.gradients()[name], net.flat_grad)):
            assert np.shares_memory(part, whole), name
            assert part.base is not None
            address = whole[start:stop].__array_interface__["data"]
            assert part.__array_interface__["data"] == address, name
        start = stop
    assert start == net.flat.size == net.flat_grad.size == net.num_parameters


def train_once(net: nn.Module, x: Array) -> None:
    y, _, saved = net.forward(x)
    net.zero_grad()
    net.backward(saved, y)
    net.flat[:] -= 0.1 * net.flat_grad


class Tagger(nn.Module):
    """A network of one's own: an embedding of each step, a cell, and a shortcut around it."""

    def __init__(self, dtype: Any = np.float32, seed: int = 0) -> None:
        super().__init__(dtype, seed)
        self.inner = nn.Linear(3, 4, dtype=dtype, seed=seed)
        self.cell = nn.GRU(4, 4, dtype=dtype, seed=seed)
        self.head = nn.Linear(4, 2, dtype=dtype, seed=seed)

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, Any]:
        inner, _, one = self.inner.forward(x)
        y, state, two = self.cell.forward(inner, state, lengths, training, rng)
        y, _, three = self.head.forward(y + inner)
        return y, state, (one, two, three)

    def backward(
        self, saved: Any, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, Any]:
        one, two, three = saved
        dsum, _ = self.head.backward(three, dy)
        dinner, dstate = self.cell.backward(two, dsum, dstate)
        assert dsum is not None
        assert dinner is not None
        dx, _ = self.inner.backward(one, dinner + dsum, need_dx=need_dx)
        return dx, dstate
