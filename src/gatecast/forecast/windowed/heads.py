"""What writes a forecast from the context of a window: outputs (B, horizon, O)."""

from typing import Any, NamedTuple

import numpy as np

from gatecast import nn
from gatecast.forecast.history import Array
from gatecast.forecast.recipe import Recipe
from gatecast.nn.init import Constant, Normal


class LinearHead(nn.Sequential):
    """All steps at once: Linear–ReLU–Linear; the last starts at zero, so nothing is added."""

    def __init__(self, inputs: int, horizon: int, outputs: int, recipe: Recipe, seed: Any) -> None:
        streams = np.random.default_rng(seed).spawn(2)
        last = nn.Linear(recipe.hidden_size, horizon * outputs, seed=streams[1])
        zero(last)
        super().__init__(
            nn.Linear(inputs, recipe.hidden_size, seed=streams[0]),
            nn.ReLU(),
            nn.Dropout(recipe.dropout),
            last,
        )


def zero(linear: nn.Linear) -> None:
    """Let a layer begin with zeros, and again when it is drawn anew."""
    for parameter in linear.named_parameters().values():
        parameter.initialiser = Constant(0.0)
        parameter.value[...] = 0


class SegmentSaved(NamedTuple):
    """What :class:`SegmentHead` needs on the way back."""

    batch: int
    ahead: Any
    cell: Any
    drop: Any
    last: Any


class SegmentHead(nn.Module):
    """Every segment of the horizon in parallel: one step of the cell from the window's last state.

    The step's input tells which segment it is: a learned vector for its position, plus a linear
    map of the context (categories, static numbers) and of the covariates known in advance.
    The cell is the trunk's own, used a second time (Lin et al. 2023, SegRNN).
    """

    def __init__(
        self, context: int, horizon: int, future: int, outputs: int, segment: int,
        recipe: Recipe, seed: Any,
    ) -> None:  # fmt: skip
        super().__init__(np.float32, seed)
        streams = self._rng.spawn(3)
        size = recipe.hidden_size
        self.horizon, self.outputs, self.segment = horizon, outputs, segment
        self.future = future
        self.count = -(-horizon // segment)
        self.add_parameter("positions", (self.count, size), Normal(0.5))
        told = context + segment * future
        if told:
            self.told = nn.Linear(told, size, bias=False, seed=streams[0])
        self.drop = nn.Dropout(recipe.dropout)
        self.last = nn.Linear(size, segment * outputs, seed=streams[1])
        zero(self.last)
        self._sealed()

    def write(
        self, cell: nn.Module, state: Any, context: Array, future: Array,
        training: bool, rng: np.random.Generator | None,
    ) -> tuple[Array, SegmentSaved]:  # fmt: skip
        """Outputs (B, horizon, O) from the cell's final state."""
        batch = len(future)
        tokens = np.broadcast_to(
            self._parameters["positions"].value, (batch, *self._parameters["positions"].value.shape)
        )
        ahead = None
        if "told" in self._children:
            told, _, ahead = self.told.forward(self._told(context, future))
            tokens = tokens + told
        tokens = tokens.reshape(batch * self.count, 1, -1)
        y, _, celled = cell.forward(tokens, _repeat(state, self.count), None, training, rng)
        y, _, dropped = self.drop.forward(y[:, 0], None, None, training, rng)
        y, _, last = self.last.forward(y)
        y = y.reshape(batch, self.count * self.segment, self.outputs)[:, : self.horizon]
        return y, SegmentSaved(batch, ahead, celled, dropped, last)

    def _told(self, context: Array, future: Array) -> Array:
        """(B, segments, ·): the context, and each segment's covariates."""
        batch, _, features = future.shape
        padded = np.zeros((batch, self.count * self.segment, features), future.dtype)
        padded[:, : self.horizon] = future
        ahead = padded.reshape(batch, self.count, self.segment * features)
        same = np.broadcast_to(context[:, None], (batch, self.count, context.shape[1]))
        return np.concatenate([same, ahead], axis=2)

    def unwrite(
        self, saved: SegmentSaved, cell: nn.Module, dy: Array
    ) -> tuple[Any, Array | None, Array | None]:
        """Gradients by the state, the context and the covariates ahead."""
        whole = np.zeros((saved.batch, self.count * self.segment, self.outputs), dy.dtype)
        whole[:, : self.horizon] = dy
        dlast, _ = self.last.backward(saved.last, whole.reshape(saved.batch * self.count, -1))
        dhidden, _ = self.drop.backward(saved.drop, dlast)
        assert dhidden is not None  # it flows from dy
        dtokens, dstate = cell.backward(saved.cell, dhidden[:, None])
        assert dtokens is not None  # it is needed
        dtokens = dtokens.reshape(saved.batch, self.count, -1)
        self._parameters["positions"].grad += dtokens.sum(axis=0)
        dstate = _gather(dstate, self.count)
        if saved.ahead is None:
            return dstate, None, None
        dtold, _ = self.told.backward(saved.ahead, dtokens)
        assert dtold is not None  # it is needed
        context = dtold.shape[2] - self.segment * self.future
        dahead = dtold[:, :, context:].reshape(saved.batch, self.count * self.segment, -1)
        return dstate, dtold[:, :, :context].sum(axis=1), dahead[:, : self.horizon]


def _repeat(state: Any, count: int) -> Any:
    """The state of each row, once for every segment."""
    if isinstance(state, tuple):
        return tuple(_repeat(part, count) for part in state)
    return np.repeat(state, count, axis=1)


def _gather(dstate: Any, count: int) -> Any:
    """The way back: the sum over the segments of a row."""
    if isinstance(dstate, tuple):
        return tuple(_gather(part, count) for part in dstate)
    layers, rows, size = dstate.shape
    return dstate.reshape(layers, rows // count, count, size).sum(axis=2)


class StepSaved(NamedTuple):
    """What :class:`StepHead` needs on the way back."""

    steps: list[tuple[Any, Any, Any]]
    context: int


class StepHead(nn.Module):
    """Step by step, by a cell of its own that begins with the window's last state.

    Each step's input is the output of the step before (the middle one of several), the
    covariates known in advance of this step, and the context.
    """

    def __init__(
        self, cell: Any, context: int, horizon: int, future: int, outputs: int,
        recipe: Recipe, seed: Any,
    ) -> None:  # fmt: skip
        super().__init__(np.float32, seed)
        streams = self._rng.spawn(2)
        self.horizon, self.outputs = horizon, outputs
        self.fed_back = outputs // 2 if recipe.loss == "quantiles" else 0
        self.cell = cell(
            1 + future + context, recipe.hidden_size, recipe.num_layers,
            dropout=recipe.dropout, seed=streams[0],
        )  # fmt: skip
        self.drop = nn.Dropout(recipe.dropout)
        self.last = nn.Linear(recipe.hidden_size, outputs, seed=streams[1])
        zero(self.last)
        self._sealed()

    def write(
        self, state: Any, context: Array, future: Array,
        training: bool, rng: np.random.Generator | None,
    ) -> tuple[Array, StepSaved]:  # fmt: skip
        """Outputs (B, horizon, O)."""
        before = np.zeros((len(future), 1), self.dtype)
        outputs, saved = [], []
        for step in range(self.horizon):
            token = np.concatenate([before, future[:, step], context], axis=1)[:, None]
            hidden, state, celled = self.cell.forward(token, state, None, training, rng)
            shown, _, dropped = self.drop.forward(hidden[:, 0], None, None, training, rng)
            y, _, last = self.last.forward(shown)
            before = y[:, self.fed_back, None]
            outputs.append(y)
            saved.append((celled, dropped, last))
        return np.stack(outputs, axis=1), StepSaved(saved, context.shape[1])

    def unwrite(self, saved: StepSaved, dy: Array) -> tuple[Any, Array, Array]:
        """Gradients by the state, the context and the covariates ahead."""
        batch, future = len(dy), self.cell.input_size - 1 - saved.context
        dcontext = np.zeros((batch, saved.context), self.dtype)
        dfuture = np.zeros((batch, self.horizon, future), self.dtype)
        dstate: Any = None
        dbefore: Array | None = None
        for step in reversed(range(self.horizon)):
            celled, dropped, last = saved.steps[step]
            dvalue = np.array(dy[:, step])
            if dbefore is not None:
                dvalue[:, self.fed_back] += dbefore
            dshown, _ = self.last.backward(last, dvalue)
            dhidden, _ = self.drop.backward(dropped, dshown)
            assert dhidden is not None  # it flows from dy
            dtoken, dstate = self.cell.backward(celled, dhidden[:, None], dstate)
            dbefore = dtoken[:, 0, 0]
            dfuture[:, step] = dtoken[:, 0, 1 : 1 + future]
            dcontext += dtoken[:, 0, 1 + future :]
        return dstate, dcontext, dfuture
