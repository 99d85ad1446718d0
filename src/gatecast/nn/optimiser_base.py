"""What every optimiser does: whose parameters, which of them, and what is remembered of them.

An optimiser is not bound to a network when it is made; the first network that it steps is its
own from then on, because what it remembers of the gradients (its vectors) belongs to those
parameters.  Each parameter counts its own steps, so one that is unfrozen later starts as in
PyTorch.
"""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from gatecast.errors import InputError, StateDictError
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module


@dataclass
class Segment:
    """A stretch of the flat vector whose parameters have made the same number of steps."""

    start: int
    stop: int
    steps: int


class Optimiser:
    """Base of optimisers: whose parameters, which of them, and what is remembered of them.

    A subclass names its vectors and options, and writes ``_update``.

    Parameters
    ----------
    lr : float
        The learning rate; settable, which is what schedules do.
    """

    _options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, lr: float) -> None:
        self._lr = check_number("lr", lr, positive=True)
        self.reset()

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = check_number("lr", value)

    def reset(self) -> None:
        """Forget the network and everything remembered of it; options and rate stay."""
        self._net: weakref.ref[Module] | None = None
        self._vectors: dict[str, Array] = {}
        self._segments: list[Segment] = []
        self._size = -1
        self._unplace()

    def _unplace(self) -> None:
        """Find the segments, and the views of them, anew in the next step."""
        self._ranges: list[tuple[int, int]] | None = None
        self._active: list[tuple[Segment, slice, tuple[Array | None, ...]]] = []

    def step(self, net: Module) -> None:
        """Change the network's parameters by their gradients; frozen ones stay as they are."""
        values, grads = net.flat, net.flat_grad
        if self._net is None or self._net() is not net or values.size != self._size:
            self._bind(net)
        ranges = net.trainable_ranges()
        if ranges != self._ranges:
            self._place(ranges)
        for segment, part, vectors in self._active:
            segment.steps += 1
            self._update(values[part], grads[part], vectors, segment.steps)

    def _bind(self, net: Module) -> None:
        kind, size = type(self).__name__, net.flat.size
        if self._net is not None:
            raise InputError(
                f"this {kind} has stepped another network, or this one before it was changed; "
                f"make a new nn.{kind} for this one, or call optimiser.reset()"
            )
        loaded = next(iter(self._vectors.values()), None)
        dtype = net.dtype if loaded is None else loaded.dtype
        if self._size not in (-1, size) or dtype != net.dtype:
            raise InputError(
                f"this {kind} remembers {self._size} parameters of {dtype} and the network has "
                f"{size} of {net.dtype}; give it the network it was saved with, or call "
                "optimiser.reset()"
            )
        if self._size == -1:
            self._size = size
            self._vectors = {name: np.zeros(size, dtype) for name in self._names()}
        self._net = weakref.ref(net)

    def _place(self, ranges: list[tuple[int, int]]) -> None:
        """Cut the flat vector where freezing or the number of steps changes."""
        counts = np.zeros(self._size, np.int64)
        for old in self._segments:
            counts[old.start : old.stop] = old.steps
        trained = np.zeros(self._size, np.int64)
        for start, stop in ranges:
            trained[start:stop] = 1
        cuts = np.flatnonzero(np.diff(counts) | np.diff(trained)) + 1
        edges = [0, *cuts.tolist(), self._size]
        self._segments = [
            Segment(start, stop, int(counts[start])) for start, stop in pairwise(edges) if stop
        ]
        self._active = []
        for segment in self._segments:
            if trained[segment.start]:
                part = slice(segment.start, segment.stop)
                vectors = [self._vectors.get(name) for name in self._all_vectors]
                views = [None if vector is None else vector[part] for vector in vectors]
                self._active.append((segment, part, tuple(views)))
        self._ranges = list(ranges)

    #: every vector that the update may take, in its order
    _all_vectors: ClassVar[tuple[str, ...]] = ()

    def _names(self) -> tuple[str, ...]:
        """Those of them that the options call for."""
        return self._all_vectors

    def _update(self, values: Array, grads: Array, vectors: tuple[Any, ...], step: int) -> None:
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed training needs, as numbers and arrays of its own.

        Returns
        -------
        dict
            ``kind``; ``lr``; ``options``; ``steps``, rows of (start, stop, steps made);
            ``vectors``, flat arrays by name.
        """
        return {
            "kind": type(self).__name__,
            "lr": self.lr,
            "options": {name: getattr(self, name) for name in self._options},
            "steps": [(s.start, s.stop, s.steps) for s in self._segments],
            "vectors": {name: vector.copy() for name, vector in self._vectors.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state dict of the same kind of optimiser; changes nothing if refused."""
        kind = type(self).__name__
        missing = {"kind", "lr", "options", "steps", "vectors"} - set(state)
        if missing:
            raise StateDictError(f"the state of {kind} lacks {', '.join(sorted(missing))}")
        if state["kind"] != kind:
            raise StateDictError(f"the state is of {state['kind']}, this optimiser is {kind}")
        options = dict(state["options"])
        if sorted(options) != sorted(self._options):
            raise StateDictError(
                f"the state of {kind} must have the options {', '.join(self._options)}; "
                f"it has {', '.join(options)}"
            )
        fresh = type(self)(**options)  # refuses options that are out of range
        fresh.lr = state["lr"]
        fresh._take(state)
        if self._net is not None and fresh._size not in (-1, self._size):
            raise StateDictError(
                f"the state is of a network of {fresh._size} parameters, this {kind} steps one "
                f"of {self._size}; call optimiser.reset() first"
            )
        self.__dict__.update(fresh.__dict__ | {"_net": None})

    def _take(self, state: Mapping[str, Any]) -> None:
        """Copy vectors and steps in, once they have been found to fit together."""
        segments = [Segment(*map(int, row)) for row in state["steps"]]
        size = segments[-1].stop if segments else -1
        vectors = {name: np.array(vector) for name, vector in state["vectors"].items()}
        wanted = self._names() if segments else ()
        if sorted(vectors) != sorted(wanted) or any(v.shape != (size,) for v in vectors.values()):
            shapes = ", ".join(f"{name} {vector.shape}" for name, vector in vectors.items())
            raise StateDictError(
                f"the state of {type(self).__name__} must have the vectors "
                f"{', '.join(wanted) or 'none'}, each of {max(size, 0)}; it has {shapes or 'none'}"
            )
        self._segments, self._size, self._vectors = segments, size, vectors

    def __getstate__(self) -> dict[str, Any]:
        """A copy has its own vectors and goes on with the network that it steps first."""
        return self.__dict__ | {"_net": None, "_ranges": None, "_active": []}

    def __repr__(self) -> str:
        shown = "".join(f", {name}={getattr(self, name)!r}" for name in self._options)
        return f"{type(self).__name__}(lr={self.lr}{shown})"


def check_number(name: str, value: Any, *, positive: bool = False) -> float:
    """A finite number >= 0, or > 0."""
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not 0 <= value < np.inf or (positive and not value):
        raise InputError(f"{name} must be a finite number {'>' if positive else '>='} 0, "
                         f"it is {value!r}")  # fmt: skip
    return float(value)
