"""The network that runs over whole series: inputs, cells with a way past them, a head."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.forecast.recipe import Recipe
from gatecast.kernels.contract import Array
from gatecast.nn.dense import Linear
from gatecast.nn.dropout import Dropout
from gatecast.nn.embedding import Embedding
from gatecast.nn.gru import GRU
from gatecast.nn.lstm import LSTM
from gatecast.nn.module import Module
from gatecast.nn.rnn import RNN

_CELLS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}


class SequenceSaved(NamedTuple):
    """What :class:`SequenceNetwork` needs on the way back."""

    inner: Any
    codes: Array
    shown: Array
    cells: list[Any]
    dropped: Any
    head: Any
    skip: Any


class SequenceNetwork(Module):
    """u = tanh(W x + C[c]); s = u + cell(u), a layer; y = V s + K x + D[c].

    x (B, T, F) -> y (B, T, O).  V, K and D begin at zero, so the first forecast is no change.
    The last columns of the inputs are the numbers c of a series' categories, which stay the same
    from step to step.

    Parameters
    ----------
    features, outputs : int
    recipe : Recipe
        ``cell``, ``hidden_size``, ``num_layers``, ``dropout`` (before the head), ``residual``
        and ``skip`` (whether there are K and D).
    code_sizes : tuple of int
        How many categories each of the last columns has.
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
        code_sizes: tuple[int, ...] = (),
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.residual = recipe.residual
        hidden, rng = recipe.hidden_size, self._rng
        self.numbers = features - len(code_sizes)
        self.inner = Linear(self.numbers, hidden, dtype=dtype, seed=rng)
        for layer in range(recipe.num_layers):
            cell = _CELLS[recipe.cell](hidden, hidden, dtype=dtype, seed=rng)
            self.add_module(f"cell{layer}", cell)
        self.dropout = Dropout(recipe.dropout, dtype=dtype)
        self.head = Linear(hidden, outputs, dtype=dtype, seed=rng)
        self.skip: Linear | None = None
        if recipe.skip:
            self.skip = Linear(self.numbers, outputs, bias=False, dtype=dtype, seed=rng)
        for i, size in enumerate(code_sizes):
            self.add_module(f"code{i}", Embedding(size, hidden, dtype=dtype, seed=rng))
            if recipe.skip:
                self.add_module(f"skip_code{i}", Embedding(size, outputs, dtype=dtype, seed=rng))
        for name, value in self.state_dict().items():
            if name.startswith(("head.", "skip")):
                value.fill(0)
            elif name.startswith("code"):
                value *= 0.1  # beside numbers of about 1, as one of many inputs

    def start(self, batch: int = 1) -> Any:
        """The recurrent layers' states before the first step."""
        return tuple(cell.start(batch) for cell in self.cells)

    @property
    def cells(self) -> list[Any]:
        """The recurrent layers, from below."""
        return self._called("cell")

    def _called(self, start: str) -> list[Any]:
        """The modules whose names begin so, in their order."""
        return [child for name, child in self._children.items() if name.startswith(start)]

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, SequenceSaved]:
        """Run all layers; the state is a tuple with one entry a recurrent layer."""
        numbers, codes = self._split(x)
        flow, states, inner, shown, cells = self._body(numbers, codes, state, lengths)
        flow, _, dropped = self.dropout.forward(flow, None, None, training, rng)
        y, _, head = self.head.forward(flow)
        skip = None
        if self.skip is not None:
            past, _, skip = self.skip.forward(numbers)
            y += past
            self._add(y, "skip_code", codes)
        return y, states, SequenceSaved(inner, codes, shown, cells, dropped, head, skip)

    def _split(self, x: Array) -> tuple[Array, Array]:
        """Numbers (B, T, ·), and the categories (B, ·) of each series."""
        if self.numbers == x.shape[-1]:
            return x, np.zeros((len(x), 0), np.intp)
        return (
            np.ascontiguousarray(x[..., : self.numbers]),
            np.rint(x[:, 0, self.numbers :]).astype(np.intp),
        )

    def _add(self, flow: Array, tables: str, codes: Array) -> None:
        """The vectors of each series' categories, added to all of its steps."""
        for table, column in zip(self._called(tables), codes.T, strict=True):
            flow += table.forward(column)[0][:, None]

    def _body(
        self, numbers: Array, codes: Array, state: Any, lengths: Array | None
    ) -> tuple[Any, ...]:
        """What the head sees of each step."""
        flow, _, inner = self.inner.forward(numbers)
        self._add(flow, "code", codes)
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
        self._learn("code", saved.codes, flow)
        if self.skip is not None:
            past, _ = self.skip.backward(saved.skip, dy, need_dx=need_dx)
            self._learn("skip_code", saved.codes, dy)
            if dx is not None and past is not None:
                dx = dx + past
        if dx is not None and saved.codes.shape[1]:  # categories have no slope
            dx = np.pad(dx, ((0, 0), (0, 0), (0, saved.codes.shape[1])))
        return dx, tuple(starts)

    def _learn(self, tables: str, codes: Array, dflow: Array | None) -> None:
        """The gradients of the vectors."""
        for table, column in zip(self._called(tables), codes.T, strict=True):
            table.backward(column, None if dflow is None else dflow.sum(axis=1))

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
        numbers, codes = self._split(x)
        flow, states, *_ = self._body(numbers, codes, state, lengths)
        chosen = np.ascontiguousarray(flow[rows, steps])
        chosen, _, _ = self.dropout.forward(chosen, None, None, rng is not None, rng)
        y, _, _ = self.head.forward(chosen)
        if self.skip is not None:
            y += self.skip.forward(np.ascontiguousarray(numbers[rows, steps]))[0]
            for table, column in zip(self._called("skip_code"), codes.T, strict=True):
                y += table.forward(column[rows])[0]
        return y, states
