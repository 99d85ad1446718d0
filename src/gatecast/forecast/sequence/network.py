"""The network that runs over whole series: inputs, cells with a way past them, a head."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.forecast.recipe import Recipe
from gatecast.kernels.contract import Array
from gatecast.nn.dense import Linear
from gatecast.nn.dropout import Dropout
from gatecast.nn.gru import GRU
from gatecast.nn.lstm import LSTM
from gatecast.nn.module import Module
from gatecast.nn.rnn import RNN

_CELLS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}


class SequenceSaved(NamedTuple):
    """What :class:`SequenceNetwork` needs on the way back."""

    inner: Any
    shown: Array
    cells: list[Any]
    dropped: Any
    head: Any
    skip: Any


class SequenceNetwork(Module):
    """u = tanh(W x); s = u + cell(u), a layer; y = V s + K x.

    x (B, T, F) -> y (B, T, O).  V and K begin at zero, so the first forecast is no change.

    Parameters
    ----------
    features, outputs : int
    recipe : Recipe
        ``cell``, ``hidden_size``, ``num_layers``, ``dropout`` (before the head), ``residual``
        and ``skip`` (whether there is a K).
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> net = SequenceNetwork(5, 3, Recipe(form="sequence", residual=True))
    >>> net(np.ones((2, 7, 5), np.float32)).shape
    (2, 7, 3)
    """

    def __init__(
        self,
        features: int,
        outputs: int,
        recipe: Recipe,
        *,
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.residual = recipe.residual
        hidden, rng = recipe.hidden_size, self._rng
        self.inner = Linear(features, hidden, dtype=dtype, seed=rng)
        for layer in range(recipe.num_layers):
            cell = _CELLS[recipe.cell](hidden, hidden, dtype=dtype, seed=rng)
            self.add_module(f"cell{layer}", cell)
        self.dropout = Dropout(recipe.dropout, dtype=dtype)
        self.head = Linear(hidden, outputs, dtype=dtype, seed=rng)
        self.skip: Linear | None = None
        if recipe.skip:
            self.skip = Linear(features, outputs, bias=False, dtype=dtype, seed=rng)
        for name, value in self.state_dict().items():
            if name.startswith(("head.", "skip.")):
                value.fill(0)

    def start(self, batch: int = 1) -> Any:
        """The recurrent layers' states before the first step."""
        return tuple(cell.start(batch) for cell in self.cells)

    @property
    def cells(self) -> list[Any]:
        """The recurrent layers, from below."""
        return [child for name, child in self._children.items() if name.startswith("cell")]

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, SequenceSaved]:
        """Run all layers; the state is a tuple with one entry a recurrent layer."""
        flow, states, inner, shown, cells = self._body(x, state, lengths)
        flow, _, dropped = self.dropout.forward(flow, None, None, training, rng)
        y, _, head = self.head.forward(flow)
        skip = None
        if self.skip is not None:
            past, _, skip = self.skip.forward(x)
            y += past
        return y, states, SequenceSaved(inner, shown, cells, dropped, head, skip)

    def _body(self, x: Array, state: Any, lengths: Array | None) -> tuple[Any, ...]:
        """What the head sees of each step."""
        flow, _, inner = self.inner.forward(x)
        np.tanh(flow, out=flow)
        shown, states, cells = flow, [], []
        given = state if state is not None else (None,) * len(self.cells)
        for cell, before in zip(self.cells, given, strict=True):
            y, after, saved = cell.forward(flow, before, lengths)
            flow = flow + y if self.residual else y
            states.append(after)
            cells.append(saved)
        return flow, tuple(states), inner, shown, cells

    def backward(
        self,
        saved: SequenceSaved,
        dy: Array | None,
        dstate: Any = None,
        *,
        need_dx: bool = True,
    ) -> tuple[Array | None, Any]:
        """The same backward."""
        flow, _ = self.head.backward(saved.head, dy)
        flow, _ = self.dropout.backward(saved.dropped, flow)
        cells = self.cells
        ends = dstate if dstate is not None else (None,) * len(cells)
        starts: list[Any] = [None] * len(cells)
        for i in reversed(range(len(cells))):
            below, starts[i] = cells[i].backward(saved.cells[i], flow, ends[i])
            flow = below + flow if self.residual and flow is not None else below
        if flow is not None:
            flow = flow * (1 - saved.shown * saved.shown)
        dx, _ = self.inner.backward(saved.inner, flow, need_dx=need_dx)
        if self.skip is not None:
            past, _ = self.skip.backward(saved.skip, dy, need_dx=need_dx)
            if dx is not None and past is not None:
                dx = dx + past
        return dx, tuple(starts)

    def outputs_at(
        self,
        x: Array,
        rows: Array,
        steps: Array,
        lengths: Array | None = None,
        state: Any = None,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any]:
        """(n, O): the outputs of some rows at some steps, without computing the others.

        With ``rng`` dropout stays on.
        """
        flow, states, *_ = self._body(x, state, lengths)
        chosen = np.ascontiguousarray(flow[rows, steps])
        chosen, _, _ = self.dropout.forward(chosen, None, None, rng is not None, rng)
        y, _, _ = self.head.forward(chosen)
        if self.skip is not None:
            y += self.skip.forward(np.ascontiguousarray(x[rows, steps]))[0]
        return y, states
