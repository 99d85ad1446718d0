"""Convolution over time."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.init import Constant, Glorot, Uniform, check_scheme
from gatecast.nn.module import Module
from gatecast.nn.validation import as_lengths, check_float_array, check_sequences, check_size


class ConvSaved(NamedTuple):
    """What :class:`Conv1d` needs on the way back."""

    padded: Array  # (B, T + padding, I)
    steps: int  # T
    lengths: Array | None  # of the inputs
    real: Array | None  # (B, T', 1): which outputs are real


class Conv1d(Module):
    """y[t] = b + Σ_k W[:, :, k] x[t·stride + k·dilation - padding].

    The weight (O, I, K) is PyTorch's; sequences are (batch, time, features) as everywhere here.

    Parameters
    ----------
    in_channels, out_channels, kernel_size : int
    stride, dilation : int
    padding : int, "same" or "causal"
        Zeros added at both ends; "same" keeps the number of steps (stride 1); "causal" adds them
        all before the first step, so that no output sees the future and the layer can be stepped.
    bias : bool
    init : {"pytorch", "keras"}
    dtype : float32 or float64
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> nn.Conv1d(3, 20, 4, stride=2)(np.zeros((5, 50, 3), np.float32)).shape
    (5, 24, 20)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int | str = 0,
        dilation: int = 1,
        bias: bool = True,
        init: str = "pytorch",
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.in_channels = check_size("in_channels", in_channels)
        self.out_channels = check_size("out_channels", out_channels)
        self.kernel_size = check_size("kernel_size", kernel_size)
        self.stride = check_size("stride", stride)
        self.dilation = check_size("dilation", dilation)
        self.padding = padding
        self.bias = bool(bias)
        self._before, self._after = self._pads(padding)
        keras = check_scheme(init) == "keras"
        uniform = Uniform((self.in_channels * self.kernel_size) ** -0.5)
        shape = (self.out_channels, self.in_channels, self.kernel_size)
        self.add_parameter("weight", shape, Glorot() if keras else uniform)
        if self.bias:
            self.add_parameter("bias", shape[:1], Constant(0.0) if keras else uniform)
        self._sealed()

    def _pads(self, padding: int | str) -> tuple[int, int]:
        """Zeros before the first step and after the last."""
        reach = self.dilation * (self.kernel_size - 1)
        if padding == "causal":
            return reach, 0
        if padding == "same":
            if self.stride != 1:
                raise InputError(f'padding="same" needs stride 1, stride is {self.stride}')
            return reach // 2, reach - reach // 2
        if isinstance(padding, str):
            raise InputError(f'padding must be a number, "same" or "causal", it is {padding!r}')
        both = check_size("padding", padding, least=0)
        return both, both

    @property
    def streams(self) -> bool:
        """Whether the layer carries a state: causal, one output a step."""
        return self.padding == "causal" and self.stride == 1

    def _steps_after(self, steps: Any) -> Any:
        """Output steps of so many input steps; works on numbers and arrays."""
        reach = self.dilation * (self.kernel_size - 1)
        return (steps + self._before + self._after - reach - 1) // self.stride + 1

    def lengths_after(self, lengths: Array) -> Array | None:
        """Real output steps of each row; none for an empty row."""
        lengths = lengths.astype(np.intp, copy=False)
        after: Array = np.where(lengths > 0, np.maximum(self._steps_after(lengths), 0), 0)
        return after

    def start(self, batch: int = 1) -> Any:
        """The inputs before the first step, zeros: (batch, reach, features); None unless causal."""
        if not self.streams:
            return super().start(batch)
        return np.zeros(
            (check_size("batch", batch, least=0), self._before, self.in_channels), self.dtype
        )

    def _windows(self, padded: Array, outputs: int) -> Array:
        """(B·T', K·I): every window as one row."""
        batch, row, column = padded.strides
        windows = np.lib.stride_tricks.as_strided(
            padded,
            (len(padded), outputs, self.kernel_size, self.in_channels),
            (batch, row * self.stride, row * self.dilation, column),
            writeable=False,
        )
        return windows.reshape(len(padded) * outputs, self.kernel_size * self.in_channels)

    def _pad(self, x: Array, state: Array | None) -> Array:
        batch, steps, features = x.shape
        padded = np.zeros((batch, self._before + steps + self._after, features), self.dtype)
        padded[:, self._before : self._before + steps] = x
        if state is not None:
            state = check_float_array("state", state, self.dtype)
            if not self.streams or state.shape != (batch, self._before, features):
                raise InputError(
                    "state must be None, or what start() gives for a causal convolution: "
                    f"({batch}, {self._before}, {features}); it has shape {state.shape}"
                )
            padded[:, : self._before] = state
        return padded

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, ConvSaved]:
        """x (B, T, I) -> y (B, T', O); the state of a causal layer is its last inputs."""
        x = check_sequences("x", x, self.dtype, self.in_channels)
        batch, steps, _ = x.shape
        lengths = as_lengths(lengths, steps, batch)
        outputs = int(self._steps_after(steps))
        if outputs < 1:
            raise InputError(
                f"x has {steps} steps, too few for a kernel of {self.kernel_size} with dilation "
                f'{self.dilation}; use longer sequences or padding="same"'
            )
        if lengths is not None:  # nothing past a row's end may count
            x = np.where((np.arange(steps) < lengths[:, None])[..., None], x, self.dtype.type(0))
        padded = self._pad(x, state)
        windows = self._windows(padded, outputs)
        y = (windows @ self._matrix()).reshape(batch, outputs, self.out_channels)
        if self.bias:
            y += self._parameters["bias"].value
        real = None
        if lengths is not None:
            real = (np.arange(outputs) < self.lengths_after(lengths)[:, None])[..., None]  # type: ignore[index]
            y = np.where(real, y, self.dtype.type(0))
        return y, self._final(padded, lengths), ConvSaved(padded, steps, lengths, real)

    def _matrix(self) -> Array:
        """The weight as (K·I, O)."""
        weight = self._parameters["weight"].value
        return weight.transpose(2, 1, 0).reshape(-1, self.out_channels)

    def _final_rows(self, steps: int, lengths: Array | None, batch: int) -> Array:
        """(B, reach) positions, in the padded inputs, of the last inputs of each row."""
        ends = np.full(batch, steps) if lengths is None else lengths
        rows: Array = ends[:, None] + np.arange(self._before)
        return rows

    def _final(self, padded: Array, lengths: Array | None) -> Array | None:
        if not self.streams:
            return None
        steps = padded.shape[1] - self._before
        rows = self._final_rows(steps, lengths, len(padded))
        return padded[np.arange(len(padded))[:, None], rows]

    def backward(
        self, saved: ConvSaved, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, Any]:
        """Gradients of the weight, the bias, the inputs and the initial state."""
        padded, steps, lengths, real = saved
        batch = len(padded)
        dpadded = np.zeros_like(padded)
        if dy is not None:
            if real is not None:
                dy = np.where(real, dy, self.dtype.type(0))
            outputs = dy.shape[1]
            rows = dy.reshape(-1, self.out_channels)
            windows = self._windows(padded, outputs)
            dmatrix = (windows.T @ rows).reshape(self.kernel_size, self.in_channels, -1)
            self._parameters["weight"].grad += dmatrix.transpose(2, 1, 0)
            if self.bias:
                self._parameters["bias"].grad += rows.sum(axis=0)
            if need_dx or self.streams:
                dwindows = (rows @ self._matrix().T).reshape(
                    batch, outputs, self.kernel_size, self.in_channels
                )
                span = (outputs - 1) * self.stride + 1
                for k in range(self.kernel_size):
                    first = k * self.dilation
                    dpadded[:, first : first + span : self.stride] += dwindows[:, :, k]
        if dstate is not None:
            chosen = self._final_rows(steps, lengths, batch)
            np.add.at(dpadded, (np.arange(batch)[:, None], chosen), dstate)
        dx = dpadded[:, self._before : self._before + steps]
        if lengths is not None:
            dx = np.where((np.arange(steps) < lengths[:, None])[..., None], dx, self.dtype.type(0))
        return (dx if need_dx else None), (dpadded[:, : self._before] if self.streams else None)

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """One step of a causal convolution."""
        if not self.streams:
            raise InputError(
                'this Conv1d cannot be stepped; build it with padding="causal" and stride=1'
            )
        x = check_float_array("x", x, self.dtype)
        if x.ndim != 2:
            raise InputError(f"x of a step must be (batch, features), it has shape {x.shape}")
        y, state, _ = self.forward(x[:, None], state)
        return y[:, 0], state

    def describe(self) -> str:
        """Sizes, and what is not at its default."""
        shown = f"{self.in_channels}, {self.out_channels}, {self.kernel_size}"
        for name, default in (("stride", 1), ("padding", 0), ("dilation", 1), ("bias", True)):
            if getattr(self, name) != default:
                shown += f", {name}={getattr(self, name)!r}"
        return shown
