"""What reads a window: segments, an embedding of each, the cell, and what the head sees of it."""

from typing import Any, NamedTuple

import numpy as np

from gatecast import nn
from gatecast.forecast.history import Array
from gatecast.forecast.recipe import Recipe

CELLS: dict[str, Any] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
KERNEL = 3  # rows that a convolutional front sees at once


class TrunkSaved(NamedTuple):
    """What :class:`Trunk` needs on the way back."""

    shape: tuple[int, ...]
    shift: Array | None
    front: list[Any]
    cell: Any
    drop: Any
    pool: Any


class Trunk(nn.Module):
    """window (B, L, C) -> context (B, H), the cell's final state.

    Short windows stand at the end of the L rows, their ``lengths`` say how many rows are real.
    Segments end with the last row, so that it is the first one that may be partly empty.
    """

    def __init__(self, channels: int, segment: int, recipe: Recipe, seed: Any) -> None:
        super().__init__(np.float32, seed)
        streams = self._rng.spawn(4)
        self.segment, size = segment, recipe.hidden_size
        self.residual = recipe.residual
        inputs = channels * segment
        front: list[nn.Module] = []
        if recipe.front == "conv":
            front = [nn.Conv1d(inputs, size, KERNEL, padding="causal", seed=streams[0]), nn.ReLU()]
        elif recipe.front == "patch" or recipe.residual:
            front = [nn.Linear(inputs, size, seed=streams[0]), nn.ReLU()]
        if front:
            self.front = nn.Sequential(*front)
            inputs = size
        self.cell = CELLS[recipe.cell](
            inputs, size, recipe.num_layers, dropout=recipe.dropout, seed=streams[1]
        )
        self.drop = nn.Dropout(recipe.dropout)
        self.pool: nn.Module = (
            nn.AttentionPooling(size, seed=streams[2])
            if recipe.pooling == "attention"
            else nn.Last()
        )
        self._sealed()

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, TrunkSaved]:
        """x (B, L, C), lengths in rows -> context (B, H), final state, saved."""
        steps, lengths, shift = self._segments(x, lengths)
        fronted = None
        if "front" in self._children:
            steps, _, fronted = self.front.forward(steps, None, lengths, training, rng)
        y, state, celled = self.cell.forward(steps, state, lengths, training, rng)
        if self.residual:
            y = y + steps
        y, _, pooled = self.pool.forward(y, None, lengths, training, rng)
        y, _, dropped = self.drop.forward(y, None, None, training, rng)
        saved = TrunkSaved(x.shape, shift, [fronted], celled, dropped, pooled)
        return y, state, saved

    def backward(
        self, saved: TrunkSaved, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, Any]:
        """Through the head's view, the cell, the front and the segments."""
        dy, _ = self.drop.backward(saved.drop, dy)
        dy, _ = self.pool.backward(saved.pool, dy)
        fronted = "front" in self._children
        dsteps, dstart = self.cell.backward(saved.cell, dy, dstate, need_dx=need_dx or fronted)
        if self.residual and dy is not None:
            dsteps = dy if dsteps is None else dsteps + dy
        if fronted:
            dsteps, _ = self.front.backward(saved.front[0], dsteps, need_dx=need_dx)
        if not need_dx or dsteps is None:
            return None, dstart
        return self._rows(dsteps, saved), dstart

    def _segments(
        self, x: Array, lengths: Array | None
    ) -> tuple[Array, Array | None, Array | None]:
        """(B, N, segment·C) with each row's real segments first, how many, and what moved them."""
        batch, rows, channels = x.shape
        count = -(-rows // self.segment)
        missing = count * self.segment - rows
        if missing:
            x = np.concatenate([np.zeros((batch, missing, channels), x.dtype), x], axis=1)
        steps = x.reshape(batch, count, self.segment * channels)
        if lengths is None:
            return steps, None, None
        real = -(-lengths // self.segment)
        shift = (np.arange(count) - real[:, None]) % count
        return steps[np.arange(batch)[:, None], shift], real, shift

    def _rows(self, dsteps: Array, saved: TrunkSaved) -> Array:
        """The gradient by the rows of the window."""
        batch, rows, channels = saved.shape
        if saved.shift is not None:
            moved = np.empty_like(dsteps)
            moved[np.arange(batch)[:, None], saved.shift] = dsteps
            dsteps = moved
        return np.ascontiguousarray(dsteps).reshape(batch, -1, channels)[:, -rows:]
