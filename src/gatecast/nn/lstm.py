"""The long short-term memory as a layer."""

from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array, Masks, Weights
from gatecast.kernels.select import Kernels
from gatecast.nn.init import Constant, ForgetBias, Initialiser, Uniform
from gatecast.nn.recurrent import Recurrent
from gatecast.nn.validation import check_size


class LSTM(Recurrent):
    """The long short-term memory (Hochreiter, Schmidhuber 1997), over whole sequences.

    x (batch, time, input_size) -> y (batch, time, hidden_size), twice that when bidirectional;
    the state is the pair (h, c), each (layers·directions, batch, hidden_size).  The equations,
    forward and backward: ``gatecast/kernels/reference/lstm.py``.

    Parameters
    ----------
    input_size, hidden_size, num_layers : int
        Features of a step, size of the state, and how many layers stand on each other.
    peepholes : bool
        The gates also see the cell (Gers, Schmidhuber 2000).
    proj_size : int
        Feed back and return a projection of the hidden state to that many values; 0 is none.
    coupled : bool
        The forget gate is 1 - the input gate: what is written replaces what is forgotten.
    bias : bool
        Two bias vectors a layer, as in PyTorch.
    bidirectional : bool
        A second run from the last real step to the first; the outputs are joined.
    dropout : float
        Dropout between one layer and the next, in training; with one layer there is none, so put
        an :class:`nn.Dropout` after it.
    recurrent_dropout : float
        Dropout of the state that is fed back, one mask for all steps, in training.
    layer_norm : bool
        Layer normalisation inside the cell.
    zoneout : float
        Probability with which a unit keeps its old state; its expectation in prediction.
    init : {"pytorch", "keras"}
    dtype : float32 or float64
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> y, (h, c) = nn.LSTM(3, 8, proj_size=2).run(np.zeros((5, 7, 3), np.float32))
    >>> y.shape, h.shape, c.shape
    ((5, 7, 2), (1, 5, 2), (1, 5, 8))
    """

    cell = "lstm"
    states = ("h", "c")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        peepholes: bool = False,
        proj_size: int = 0,
        coupled: bool = False,
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
        super().__init__(
            input_size, hidden_size, num_layers, bias=bias, bidirectional=bidirectional,
            dropout=dropout, recurrent_dropout=recurrent_dropout, layer_norm=layer_norm,
            zoneout=zoneout, init=init, dtype=dtype, seed=seed,
        )  # fmt: skip
        self.peepholes = bool(peepholes)
        self.proj_size = check_size("proj_size", proj_size, least=0)
        if self.proj_size >= self.hidden_size:
            raise InputError(
                f"proj_size must be smaller than hidden_size ({self.hidden_size}), "
                f"it is {self.proj_size}"
            )
        self.coupled = bool(coupled)
        self._draw()

    @property
    def fed_back_size(self) -> int:
        """Size of the state that is fed back: ``proj_size`` where it is set."""
        return self.proj_size or self.hidden_size

    @property
    def gates(self) -> int:
        """Four, or three when coupled (i, g, o)."""
        return 3 if self.coupled else 4

    @property
    def extended(self) -> bool:
        """Whether an in-cell option is on."""
        return bool(super().extended or self.peepholes or self.proj_size or self.coupled)

    def _layout(self, inputs: int) -> dict[str, tuple[tuple[int, ...], Initialiser]]:
        layout = super()._layout(inputs)
        uniform = Uniform(self.hidden_size**-0.5)
        if self.proj_size:
            layout["weight_hr"] = ((self.proj_size, self.hidden_size), uniform)
        if self.peepholes:
            layout["peephole"] = (((self.gates - 1) * self.hidden_size,), uniform)
        if self.layer_norm:
            layout["norm_cell"] = ((self.hidden_size,), Constant(1.0))
            layout["norm_cell_bias"] = ((self.hidden_size,), Constant(0.0))
        return layout

    def _keras_bias(self) -> Initialiser:
        return Constant(0.0) if self.coupled else ForgetBias()

    def _cell_forward(
        self,
        kernels: Kernels,
        x: Array,
        states: list[Array],
        weights: Weights,
        masks: Masks,
        lengths: Array | None,
        reverse: bool,
    ) -> Any:
        if self.extended:
            return kernels.lstm_extended_forward(
                x, *states, weights, masks, coupled=self.coupled, lengths=lengths, reverse=reverse
            )
        return kernels.lstm_forward(x, *states, *weights[:4], lengths=lengths, reverse=reverse)
