"""Sequences of unequal lengths, each stored at its own: one long one makes the others no longer.

They stand one after the other in one array.  Wherever several are run side by side, those of like
length form a block that is padded to its own longest: a batch, or the rows to predict, costs at
most about twice the steps that it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from gatecast import nn
from gatecast.kernels.contract import Array

#: sequences up to this long are alike: blocks of their own would cost more than the padding
SHORT = 64
#: numbers of sequences are told in two digits: float32 holds whole numbers to 16 million only
DIGIT = 4096
#: steps of a block in prediction, so that memory does not grow with how many sequences there are
ROOM = 65_536


@dataclass(frozen=True)
class Ragged:
    """n sequences of unequal lengths.

    Attributes
    ----------
    steps : (all steps, F) floats
    offsets : (n + 1,) integers
        The first step of each sequence, and the end of the last.

    Examples
    --------
    >>> ragged = Ragged.of([np.ones((3, 1)), np.ones((1, 1)), np.ones((200, 1))])
    >>> len(ragged), ragged.lengths
    (3, array([  3,   1, 200]))
    >>> [rows.tolist() for rows in alike(ragged.lengths)]
    [[2], [0, 1]]
    """

    steps: Array
    offsets: Array

    @classmethod
    def of(cls, sequences: list[Array]) -> Self:
        """(time, F) arrays, one after the other."""
        offsets = np.cumsum([0, *map(len, sequences)])
        return cls(np.concatenate(sequences), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Array:
        """(n,): the steps of each."""
        return np.diff(self.offsets)

    def block(self, rows: Array) -> tuple[Array, Array | None]:
        """(rows, T, F) of some of them, zero past their lengths; these, None where all have T."""
        lengths = self.lengths[rows]
        here = np.arange(lengths.max())
        real = here < lengths[:, None]
        if real.all():
            return self.steps[self.offsets[rows][:, None] + here], None
        block = np.zeros((*real.shape, self.steps.shape[1]), self.steps.dtype)
        block[real] = self.steps[(self.offsets[rows][:, None] + here)[real]]
        return block, lengths

    def predict(self, network: nn.Module) -> Array:
        """(n, outputs): a network's, of the dtype of the steps."""
        parts, order = [], []
        for rows in alike(self.lengths):
            size = max(1, ROOM // int(self.lengths[rows].max()))
            for start in range(0, len(rows), size):
                part = rows[start : start + size]
                parts.append(network.predict(*self.block(part)))
                order.append(part)
        outputs = np.concatenate(parts)
        outputs[np.concatenate(order)] = outputs.copy()
        return outputs


def alike(lengths: Array) -> Iterator[Array]:
    """The rows in groups of like length, each in order: none is shorter than half the longest."""
    order = np.argsort(-lengths, kind="stable")
    falling = lengths[order]
    start = 0
    while start < len(order):
        longest = falling[start]
        stop = len(order)
        if longest > SHORT:
            stop = int(np.searchsorted(-falling, -longest / 2, side="right"))
        yield np.sort(order[start:stop])
        start = stop


class OverRagged(nn.Sequential):
    """A network to vectors as a training sees it: its inputs are numbers of sequences.

    Each batch is run in blocks of like length.  The layers keep the names that they have in the
    network.

    Parameters
    ----------
    network : Sequential
    sequences : Ragged

    Examples
    --------
    >>> sequences = Ragged.of([np.ones((n, 1), np.float32) for n in (100, 3, 5)])
    >>> network = nn.Sequential(nn.GRU(1, 4), nn.Last(), nn.Linear(4, 2))
    >>> learning = OverRagged(network, sequences)
    >>> learning(learning.numbers[[0, 2]]).shape
    (2, 2)
    """

    def __init__(self, network: nn.Sequential, sequences: Ragged) -> None:
        super().__init__(network)
        self.sequences = sequences

    @property
    def numbers(self) -> Array:
        """(n, 2): the inputs, of all sequences."""
        digits = np.divmod(np.arange(len(self.sequences)), DIGIT)
        return np.stack(digits, axis=1).astype(self.dtype)

    def __iter__(self) -> Iterator[nn.Module]:
        layers: Iterator[nn.Module] = iter(self._network)
        return layers

    @property
    def _network(self) -> Any:
        return self[0]

    def _named(self, prefix: str = "") -> Any:
        return self._network._named(prefix)

    def program(self, start: int, training: bool) -> None:
        """None: a program takes no numbers of sequences."""

    def lengths_after(self, lengths: Array) -> None:
        """None: the outputs are vectors."""

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, Any]:
        """x (B, 2) -> outputs (B, O)."""
        numbers = x.astype(np.intp) @ (DIGIT, 1)
        groups = list(alike(self.sequences.lengths[numbers]))
        outputs, saved = [], []
        for rows in groups:
            block, real = self.sequences.block(numbers[rows])
            y, _, kept = self._network.forward(block, None, real, training, rng)
            outputs.append(y)
            saved.append((rows, kept))
        whole = np.empty((len(x), *outputs[0].shape[1:]), outputs[0].dtype)
        for rows, y in zip(groups, outputs, strict=True):
            whole[rows] = y
        return whole, None, saved

    def backward(
        self, saved: Any, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[None, Any]:
        """Add the gradients of all blocks; those by the initial states, block after block."""
        starts = [
            self._network.backward(kept, None if dy is None else dy[rows], need_dx=False)[1]
            for rows, kept in saved
        ]
        return None, _joined(starts)

    def release(self) -> None:
        """Let the network be one by itself again."""
        self._release("0")


def _joined(states: list[Any]) -> Any:
    """States (layers, B, H), or tuples of them, one batch after the other."""
    if isinstance(states[0], tuple | list):
        return tuple(_joined(list(parts)) for parts in zip(*states, strict=True))
    return None if states[0] is None else np.concatenate(states, axis=1)
