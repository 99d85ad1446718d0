"""Layers one after the other."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array, check_lengths
from gatecast.kernels.program import Line
from gatecast.nn.module import Module
from gatecast.nn.programmed import Programmed


class SequentialSaved(NamedTuple):
    """What each layer saved, in order, and which input steps are real."""

    layers: list[Any]
    real: Array | None  # (B, T, 1); None where no row is padded


class Sequential(Programmed):
    """Layers one after the other; parameters are called ``0.weight_ih_l0``, ``2.bias``, ...

    Ragged lengths are passed on, and the inputs past them count as zeros; the state is a tuple
    with one entry a layer (None where a layer keeps none).

    Parameters
    ----------
    *layers : Module
    dtype : optional
        Only a check: every layer must compute in it.
    seed : int or numpy.random.Generator, optional
        Draw all layers anew from this one seed; without it they stay as they were built.

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> net = nn.Sequential(nn.LSTM(9, 13), nn.Last(), nn.Linear(13, 1))
    >>> net(np.zeros((32, 7, 9), np.float32)).shape
    (32, 1)
    """

    def __init__(
        self,
        *layers: Module,
        dtype: Any = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        if not layers:
            raise InputError("nn.Sequential needs at least one layer")
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise InputError(f"layer {i} must be a module, it is a {type(layer).__name__}")
            if any(layer is other for other in layers[:i]):
                raise InputError(f"{i}: the same {type(layer).__name__} stands here twice")
        super().__init__(layers[0].dtype if dtype is None else dtype)
        for i, layer in enumerate(layers):  # all before the first is taken
            self._check_module(str(i), layer)
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)
        if seed is not None:
            self.initialise(seed)
        self._sealed()

    def __len__(self) -> int:
        return len(self._children)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._children.values())

    def __getitem__(self, index: int) -> Module:
        layer: Module = list(self._children.values())[index]
        return layer

    def _states(self, state: Any, name: str) -> tuple[Any, ...]:
        if state is None:
            return (None,) * len(self._children)
        if not isinstance(state, tuple | list) or len(state) != len(self._children):
            raise InputError(
                f"{name} of a Sequential must be a tuple of {len(self._children)} entries, one a "
                "layer and None where a layer keeps none; net.start(batch) makes one"
            )
        return tuple(state)

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, SequentialSaved]:
        """Run all layers; see :meth:`Module.forward`."""
        states, saved = [], []
        real = self._real_steps(x, lengths)
        if real is not None:  # NaN there would reach the weights of layers that mask nothing
            x = np.where(real, x, x.dtype.type(0))
        for layer, given in zip(self._children.values(), self._states(state, "state"), strict=True):
            x, kept, needed = layer.forward(x, given, lengths, training, rng)
            states.append(kept)
            saved.append(needed)
            if lengths is not None:
                lengths = layer.lengths_after(lengths)
        return x, tuple(states), SequentialSaved(saved, real)

    def _real_steps(self, x: Array, lengths: Array | None) -> Array | None:
        """(B, T, 1) booleans; None where there is nothing to mask, or the first layer refuses x."""
        if lengths is None or not isinstance(x, np.ndarray) or x.ndim != 3:
            return None
        check_lengths(lengths, x.shape[1], len(x))
        real: Array = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
        return real

    def backward(
        self,
        saved: SequentialSaved,
        dy: Array | None,
        dstate: Any = None,
        *,
        need_dx: bool = True,
    ) -> tuple[Array | None, Any]:
        """Run all layers backward; see :meth:`Module.backward`."""
        dstates = self._states(dstate, "dstate")
        layers = list(self._children.values())
        dstarts: list[Any] = [None] * len(layers)
        for i in reversed(range(len(layers))):
            dy, dstarts[i] = layers[i].backward(
                saved.layers[i], dy, dstates[i], need_dx=need_dx or i > 0
            )
        if saved.real is not None and dy is not None:
            dy = np.where(saved.real, dy, self.dtype.type(0))
        return dy, tuple(dstarts)

    def program(self, start: int, training: bool) -> list[Line] | None:
        """The lines of all layers; None where one of them has none."""
        lines: list[Line] = []
        for layer in self._children.values():
            own = layer.program(start, training)
            if own is None:
                return None
            lines.extend(own)
            start += sum(parameter.value.size for _, parameter in layer._named())
        return lines

    def lengths_after(self, lengths: Array) -> Array | None:
        """Lengths of the last layer's outputs."""
        after: Array | None = lengths
        for layer in self._children.values():
            if after is not None:
                after = layer.lengths_after(after)
        return after

    def start(self, batch: int = 1) -> Any:
        """The layers' states, one entry each."""
        return tuple(layer.start(batch) for layer in self._children.values())

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """One time step through all layers."""
        ran = self.step_by_program(x, state)
        if ran is not None:
            return ran
        states = []
        for layer, given in zip(self._children.values(), self._states(state, "state"), strict=True):
            x, kept = layer.step(x, given)
            states.append(kept)
        return x, tuple(states)
