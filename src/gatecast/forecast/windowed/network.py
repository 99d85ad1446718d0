"""The network over windows: one input vector a window, outputs (windows, horizon, O)."""

from typing import Any, NamedTuple

import numpy as np

from gatecast import nn
from gatecast.forecast.history import Array
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.heads import LinearHead, SegmentHead, StepHead, zero
from gatecast.forecast.windowed.layout import Layout
from gatecast.forecast.windowed.trunk import CELLS, Trunk

EMBEDDED = 16  # the longest vector that a category becomes


class WindowSaved(NamedTuple):
    """What :class:`WindowNetwork` needs on the way back."""

    trunk: Any
    codes: list[Any]
    head: Any
    skip: Any
    ahead: Any
    static: Array


class WindowNetwork(nn.Module):
    """Windows in, forecasts out; see :class:`Layout` for the columns of an input.

    The cell reads the window; a head writes the steps ahead from what it has seen, from static
    numbers, categories and the covariates known in advance.  Linear layers lead past it: from
    the window's values (``skip``), and from each step's own covariates to that step.  Everything
    that writes starts at zero, so that an untrained network forecasts the reference.
    """

    def __init__(
        self, layout: Layout, outputs: int, segment: int, recipe: Recipe, seed: Any = 0
    ) -> None:
        super().__init__(np.float32, seed)
        streams = self._rng.spawn(5 + len(layout.code_sizes))
        self.layout, self.outputs, self.form = layout, outputs, recipe.form
        self.scaled = recipe.scaled
        self.writes = recipe.decoder if recipe.form != "encoder_decoder" else "steps"
        self.trunk = Trunk(layout.channels, segment, recipe, streams[0])
        context = layout.static
        for i, count in enumerate(layout.code_sizes):
            size = min(EMBEDDED, (count + 1) // 2) if self.writes != "segments" else EMBEDDED
            self.add_module(f"code{i}", nn.Embedding(count, size, seed=streams[5 + i]))
            context += size
        self.head = self._head(context, segment, recipe, streams[1])
        if recipe.skip:
            self.skip = nn.Linear(layout.window, layout.horizon * outputs, bias=False)
            zero(self.skip)
        if layout.future:
            self.ahead = nn.Linear(layout.future * (1 + self.scaled), outputs, bias=False)
            zero(self.ahead)
        self._sealed()

    def _head(self, context: int, segment: int, recipe: Recipe, seed: Any) -> Any:
        layout, outputs = self.layout, self.outputs
        sizes = (context, layout.horizon, layout.future, outputs)
        if self.writes == "segments":
            return SegmentHead(*sizes, segment, recipe, seed)
        if self.writes == "steps":
            return StepHead(CELLS[recipe.cell], *sizes, recipe, seed)
        inputs = recipe.hidden_size + context + layout.horizon * layout.future
        return LinearHead(inputs, layout.horizon, outputs, recipe, seed)

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, WindowSaved]:
        """x (B, width), lengths in rows -> outputs (B, horizon·O)."""
        window, future, static, codes = self.layout.split(x)
        read, final, trunk = self.trunk.forward(window, None, lengths, training, rng)
        told, coded = self._context(static, codes)
        if self.writes == "segments":
            y, head = self.head.write(self.trunk.cell, final, told, future, training, rng)
        elif self.writes == "steps":
            y, head = self.head.write(final, told, future, training, rng)
        else:
            joined = np.concatenate([read, told, future.reshape(len(x), -1)], axis=1)
            y, _, head = self.head.forward(joined, None, None, training, rng)
        y = y.reshape(len(x), -1)
        skip = ahead = None
        if "skip" in self._children:
            more, _, skip = self.skip.forward(np.ascontiguousarray(window[..., 0]))
            y = y + more
        if "ahead" in self._children:
            more, _, ahead = self.ahead.forward(self._by_volatility(future, static))
            y = y + more.reshape(y.shape)
        return y, None, WindowSaved(trunk, coded, head, skip, ahead, static)

    def _by_volatility(self, future: Array, static: Array) -> Array:
        """The covariates of each step, and the same in units of the window's volatility.

        Outputs are in such units: an effect of the same size everywhere needs the second.
        """
        if not self.scaled:
            return future
        return np.concatenate([future, future * np.exp(-static[:, 0, None, None])], axis=2)

    def _context(self, static: Array, codes: Array) -> tuple[Array, list[Any]]:
        """(B, ·): static numbers and the categories' vectors."""
        parts, saved = [static], []
        for i in range(codes.shape[1]):
            y, _, kept = self._children[f"code{i}"].forward(np.rint(codes[:, i]).astype(np.intp))
            parts.append(y)
            saved.append(kept)
        return np.concatenate(parts, axis=1), saved

    def backward(
        self, saved: WindowSaved, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """Add the gradients; dx (B, width), zero for categories."""
        if dy is None:
            return None, None
        batch, layout = len(dy), self.layout
        dx = np.zeros((batch, layout.width), self.dtype)
        dwindow, dfuture, dstatic, _ = layout.split(dx)
        by_step = dy.reshape(batch, layout.horizon, self.outputs)
        dread, dfinal, dtold = self._head_backward(saved, by_step, dfuture)
        dinner, _ = self.trunk.backward(saved.trunk, dread, dfinal, need_dx=need_dx)
        first = layout.static
        if dtold is not None:
            dstatic += dtold[:, :first]
            for i, coded in enumerate(saved.codes):
                embedding = self._children[f"code{i}"]
                embedding.backward(coded, dtold[:, first : first + embedding.size])
                first += embedding.size
        if saved.skip is not None:
            dskip, _ = self.skip.backward(saved.skip, dy, need_dx=need_dx)
            if dskip is not None:
                dwindow[..., 0] += dskip
        if saved.ahead is not None:
            dahead, _ = self.ahead.backward(saved.ahead, np.ascontiguousarray(by_step))
            assert dahead is not None  # it is needed
            dfuture += dahead[..., : layout.future]
            if self.scaled:
                scaled, dscaled = (part[..., layout.future :] for part in (saved.ahead, dahead))
                dfuture += dscaled * np.exp(-saved.static[:, 0, None, None])
                dstatic[:, 0] -= np.sum(dscaled * scaled, axis=(1, 2))
        if not need_dx or dinner is None:
            return None, None
        dwindow += dinner
        return dx, None

    def _head_backward(
        self, saved: WindowSaved, dy: Array, dfuture: Array
    ) -> tuple[Array | None, Any, Array | None]:
        """Gradients by what was read, the final state and the context; the future's is added."""
        if self.writes == "linear":
            flat = np.ascontiguousarray(dy.reshape(len(dy), -1))
            djoined, _ = self.head.backward(saved.head, flat)
            size = self.trunk.cell.hidden_size
            stop = djoined.shape[1] - dfuture.shape[1] * dfuture.shape[2]
            dfuture += djoined[:, stop:].reshape(dfuture.shape)
            return np.ascontiguousarray(djoined[:, :size]), None, djoined[:, size:stop]
        if self.writes == "segments":
            dfinal, dtold, dahead = self.head.unwrite(saved.head, self.trunk.cell, dy)
        else:
            dfinal, dtold, dahead = self.head.unwrite(saved.head, dy)
        if dahead is not None:
            dfuture += dahead
        return None, dfinal, dtold
