"""What the recurrent layers share: stacks, directions, states, ragged batches, dropout."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels import select
from gatecast.kernels.contract import GATES, NO_MASKS, Array, Masks, Weights
from gatecast.kernels.program import Line
from gatecast.nn.dropout import dropout_mask
from gatecast.nn.init import (
    Constant,
    Glorot,
    Initialiser,
    Orthogonal,
    Uniform,
    check_scheme,
)
from gatecast.nn.programmed import Programmed
from gatecast.nn.validation import (
    as_lengths,
    check_float_array,
    check_generator,
    check_like,
    check_rate,
    check_sequences,
    check_size,
)


class RecurrentSaved(NamedTuple):
    """What a recurrent layer's backward pass needs."""

    cells: list[Any]  # one a layer and direction, in PyTorch's order
    drops: list[Array | None]  # the mask between each layer and the next
    batch: int


class Recurrent(Programmed):
    """What the three recurrent layers share.  Their docstrings tell of the parameters."""

    cell: ClassVar[str]
    #: names of the states: ("h",), or ("h", "c") for the LSTM
    states: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bias: bool = True,
        bidirectional: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        layer_norm: bool = False,
        zoneout: float = 0.0,
        init: str = "pytorch",
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.input_size = check_size("input_size", input_size)
        self.hidden_size = check_size("hidden_size", hidden_size)
        self.num_layers = check_size("num_layers", num_layers)
        self.bias = bool(bias)
        self.bidirectional = bool(bidirectional)
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = check_rate("recurrent_dropout", recurrent_dropout)
        self.layer_norm = bool(layer_norm)
        self.zoneout = check_rate("zoneout", zoneout)
        self.init = check_scheme(init)
        self._weights: list[Weights] = []
        self._gradients: list[Weights] = []

    @property
    def directions(self) -> int:
        """2 when bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """Features of the outputs: the fed-back state of every direction."""
        return self.directions * self.fed_back_size

    @property
    def fed_back_size(self) -> int:
        """Size of the state that is fed back: ``hidden_size``, or ``proj_size``."""
        return self.hidden_size

    @property
    def gates(self) -> int:
        """How many gates' weights are stacked."""
        return GATES[self.cell]

    @property
    def extended(self) -> bool:
        """Whether an in-cell option is on (the plain kernels do without)."""
        return bool(self.recurrent_dropout or self.layer_norm or self.zoneout)

    def _draw(self) -> None:
        """Draw all parameters; the constructors' last act."""
        for layer in range(self.num_layers):
            inputs = self.input_size if layer == 0 else self.output_size
            for suffix in ("", "_reverse")[: self.directions]:
                for name, (shape, initialiser) in self._layout(inputs).items():
                    self.add_parameter(f"{name}_l{layer}{suffix}", shape, initialiser)
        self._sealed()

    def _layout(self, inputs: int) -> dict[str, tuple[tuple[int, ...], Initialiser]]:
        """Shape and initialiser of each parameter of one layer and direction."""
        rows, fed_back = self.gates * self.hidden_size, self.fed_back_size
        keras = self.init == "keras"
        uniform = Uniform(self.hidden_size**-0.5)
        layout: dict[str, tuple[tuple[int, ...], Initialiser]] = {
            "weight_ih": ((rows, inputs), Glorot() if keras else uniform),
            "weight_hh": ((rows, fed_back), Orthogonal() if keras else uniform),
        }
        if self.bias:
            layout["bias_ih"] = ((rows,), self._keras_bias() if keras else uniform)
            layout["bias_hh"] = ((rows,), Constant(0.0) if keras else uniform)
        if self.layer_norm:
            layout["norm_ih"] = ((rows,), Constant(1.0))
            layout["norm_hh"] = ((rows,), Constant(1.0))
        return layout

    def _keras_bias(self) -> Initialiser:
        return Constant(0.0)

    def rebind(self) -> None:
        """Collect the views of each layer and direction as the kernels take them."""
        super().rebind()
        self._weights, self._gradients = [], []
        for layer in range(self.num_layers):
            for suffix in ("", "_reverse")[: self.directions]:
                found = {
                    name: self._parameters[f"{name}_l{layer}{suffix}"]
                    for name in Weights._fields
                    if f"{name}_l{layer}{suffix}" in self._parameters
                }
                self._weights.append(Weights(**{k: p.value for k, p in found.items()}))
                self._gradients.append(Weights(**{k: p.grad for k, p in found.items()}))

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_weights": [], "_gradients": []}

    # -- states -----------------------------------------------------------------------------

    def start(self, batch: int = 1) -> Any:
        """Zeros: (layers·directions, batch, hidden); for the LSTM a pair (h, c)."""
        check_size("batch", batch, least=0)
        return self._join([np.zeros(shape, self.dtype) for shape in self._state_shapes(batch)])

    def _state_shapes(self, batch: int) -> list[tuple[int, int, int]]:
        count = self.num_layers * self.directions
        sizes = {"h": self.fed_back_size, "c": self.hidden_size}
        return [(count, batch, sizes[name]) for name in self.states]

    def _join(self, arrays: list[Array]) -> Any:
        """States as users see them: one array, or the LSTM's pair."""
        return arrays[0] if len(arrays) == 1 else tuple(arrays)

    def _split(self, state: Any, batch: int, name: str) -> list[Array]:
        """The states as a list of arrays, checked."""
        if len(self.states) > 1 and not (
            isinstance(state, tuple | list) and len(state) == len(self.states)
        ):
            raise InputError(
                f"{name} of an {type(self).__name__} must be a pair ({', '.join(self.states)})"
            )
        arrays = list(state) if len(self.states) > 1 else [state]
        for part, array, shape in zip(self.states, arrays, self._state_shapes(batch), strict=True):
            array = check_float_array(f"{name} {part}", array, self.dtype)
            if array.shape != shape:
                raise InputError(
                    f"{name} {part} must have shape {shape} (layers·directions, batch, size), "
                    f"it has {array.shape}"
                )
        return arrays

    # -- running ----------------------------------------------------------------------------

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, RecurrentSaved]:
        """x (B, T, I) -> y (B, T, directions·H), final state, saved."""
        x = check_sequences("x", x, self.dtype, self.input_size)
        batch, steps = x.shape[:2]
        lengths = as_lengths(lengths, steps, batch)
        if training and (self.dropout or self.recurrent_dropout or self.zoneout):
            rng = check_generator(rng, "dropout is on in training")
        if state is None:
            initial = [np.zeros(shape, self.dtype) for shape in self._state_shapes(batch)]
        else:
            initial = self._split(state, batch, "state")

        kernels = select.active()
        flow = np.ascontiguousarray(x.swapaxes(0, 1))
        cells: list[Any] = []
        drops: list[Array | None] = []
        finals: list[list[Array]] = [[] for _ in self.states]
        for layer in range(self.num_layers):
            outputs = []
            for direction in range(self.directions):
                index = len(cells)
                y, *ends, saved = self._cell_forward(
                    kernels,
                    flow,
                    [states[index] for states in initial],
                    self._weights[index],
                    self._masks(steps, batch, rng if training else None),
                    lengths,
                    direction == 1,
                )
                outputs.append(y)
                cells.append(saved)
                for final, end in zip(finals, ends, strict=True):
                    final.append(end)
            flow = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=2)
            drop = None
            if training and self.dropout and layer + 1 < self.num_layers:
                assert rng is not None  # checked above
                drop = dropout_mask(rng, flow.shape, self.dropout, self.dtype)
                flow = flow * drop
            drops.append(drop)
        final_state = self._join([s[0][None] if len(s) == 1 else np.stack(s) for s in finals])
        return flow.swapaxes(0, 1), final_state, RecurrentSaved(cells, drops, batch)

    def backward(
        self,
        saved: RecurrentSaved,
        dy: Array | None,
        dstate: Any = None,
        *,
        need_dx: bool = True,
    ) -> tuple[Array | None, Any]:
        """Add the weights' gradients; dx (B, T, I) and the gradient by the initial state."""
        kernels = select.active()
        flow = None
        if dy is not None:
            steps = saved.cells[0].x.shape[0]
            dy = check_like("dy", dy, (saved.batch, steps, self.output_size), self.dtype)
            flow = np.ascontiguousarray(dy.swapaxes(0, 1))
        dfinals: list[Any] = [None] * len(self.states)
        if dstate is not None:
            dfinals = self._split(dstate, saved.batch, "dstate")
        dinitials: list[list[Array]] = [[] for _ in self.states]
        size = self.fed_back_size
        for layer in reversed(range(self.num_layers)):
            drop = saved.drops[layer]
            if drop is not None and flow is not None:
                flow = flow * drop
            below: Array | None = None
            wanted = need_dx or layer > 0
            for direction in reversed(range(self.directions)):
                index = layer * self.directions + direction
                part = flow
                if flow is not None and self.directions == 2:
                    part = flow[:, :, direction * size : (direction + 1) * size]
                dx, *dstarts, _ = self._cell_backward(
                    kernels,
                    saved.cells[index],
                    part,
                    [None if d is None else d[index] for d in dfinals],
                    self._gradients[index],
                    wanted,
                )
                if wanted:
                    below = dx if below is None else below + dx
                for dinitial, dstart in zip(dinitials, dstarts, strict=True):
                    dinitial.insert(0, dstart)
            flow = below
        dx = None if flow is None or not need_dx else flow.swapaxes(0, 1)
        return dx, self._join([d[0][None] if len(d) == 1 else np.stack(d) for d in dinitials])

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """One time step: x (B, I), state -> y (B, H), next state.  Equal to the whole run."""
        ran = self.step_by_program(x, state)
        if ran is not None:
            return ran
        if self.bidirectional:
            raise InputError(
                f"a bidirectional {type(self).__name__} cannot be stepped: it needs the future; "
                "run whole sequences, or build it with bidirectional=False"
            )
        x = check_float_array("x", x, self.dtype)
        if x.ndim != 2:
            raise InputError(f"x of a step must be (batch, features), it has shape {x.shape}")
        y, state, _ = self.forward(x[:, None], state)
        return y[:, 0], state

    def _masks(self, steps: int, batch: int, rng: np.random.Generator | None) -> Masks:
        """Draw one layer and direction's masks; without rng those of prediction."""
        if not (self.recurrent_dropout or self.zoneout):
            return NO_MASKS
        recurrent = None
        if self.recurrent_dropout and rng is not None:
            shape = (batch, self.fed_back_size)
            recurrent = dropout_mask(rng, shape, self.recurrent_dropout, self.dtype)
        zoned: list[Array | None] = [None, None]
        if self.zoneout:
            for i, (_, _, size) in enumerate(self._state_shapes(batch)):
                shape_t = (steps, batch, size)
                zoned[i] = (
                    np.broadcast_to(self.dtype.type(self.zoneout), shape_t)
                    if rng is None
                    else (rng.random(shape_t) < self.zoneout).astype(self.dtype)
                )
        return Masks(recurrent, *zoned)

    def _cell_forward(
        self,
        kernels: select.Kernels,
        x: Array,
        states: list[Array],
        weights: Weights,
        masks: Masks,
        lengths: Array | None,
        reverse: bool,
    ) -> Any:
        raise NotImplementedError

    def _cell_backward(
        self,
        kernels: select.Kernels,
        saved: Any,
        dy: Array | None,
        dstates: list[Array | None],
        into: Weights,
        need_dx: bool,
    ) -> Any:
        forward_backward = (
            f"{self.cell}_extended_backward" if self.extended else f"{self.cell}_backward"
        )
        return getattr(kernels, forward_backward)(saved, dy, *dstates, into=into, need_dx=need_dx)

    def program(self, start: int, training: bool) -> list[Line] | None:
        """One line a layer; None with in-cell options, both directions, or dropout in training."""
        if self.extended or self.bidirectional or (training and self.dropout):
            return None
        offsets = {}
        for name, parameter in self._parameters.items():
            offsets[name], start = start, start + parameter.value.size
        lines = []
        for layer in range(self.num_layers):
            names = [f"{name}_l{layer}" for name in Weights._fields[:4]]
            inputs = self.input_size if layer == 0 else self.hidden_size
            placed = [offsets.get(name, -1) for name in names]
            lines.append(Line(self.program_kind, inputs, self.hidden_size, *placed))
        return lines

    @property
    def program_kind(self) -> str:
        """What a line of a program calls the cell."""
        return self.cell

    def describe(self) -> str:
        """Sizes, and every option that is not at its default."""
        shown = [str(self.input_size), str(self.hidden_size)]
        if self.num_layers > 1:
            shown.append(f"num_layers={self.num_layers}")
        defaults = {
            "bias": True, "bidirectional": False, "dropout": 0.0, "recurrent_dropout": 0.0,
            "layer_norm": False, "zoneout": 0.0, "nonlinearity": "tanh", "reset_after": True,
            "peepholes": False, "proj_size": 0, "coupled": False,
        }  # fmt: skip
        for name, default in defaults.items():
            value = getattr(self, name, default)
            if value != default:
                shown.append(f"{name}={value!r}")
        return ", ".join(shown)
