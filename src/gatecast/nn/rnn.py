"""The plain recurrent layer."""

from typing import Any

import numpy as np

from gatecast.kernels.contract import Array, Masks, Weights
from gatecast.kernels.select import Kernels
from gatecast.nn.recurrent import Recurrent
from gatecast.nn.validation import check_choice


class RNN(Recurrent):
    """The plain recurrent layer, h = φ(W x + U h₋ + b), over whole sequences.

    x (batch, time, input_size) -> y (batch, time, hidden_size), twice that when bidirectional;
    the state h is (layers·directions, batch, hidden_size).  The equations, forward and backward:
    ``gatecast/kernels/reference/rnn.py``.

    Parameters
    ----------
    input_size, hidden_size, num_layers : int
        Features of a step, size of the state, and how many layers stand on each other.
    nonlinearity : {"tanh", "relu"}
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
    >>> y, h = nn.RNN(3, 8, num_layers=2).run(np.zeros((5, 7, 3), np.float32))
    >>> y.shape, h.shape
    ((5, 7, 8), (2, 5, 8))
    """

    cell = "rnn"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        nonlinearity: str = "tanh",
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
        self.nonlinearity = check_choice("nonlinearity", nonlinearity, ("tanh", "relu"))
        self._draw()

    @property
    def program_kind(self) -> str:
        """What a line of a program calls the cell."""
        return f"rnn_{self.nonlinearity}"

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
            return kernels.rnn_extended_forward(
                x, states[0], weights, masks, nonlinearity=self.nonlinearity,
                lengths=lengths, reverse=reverse,
            )  # fmt: skip
        return kernels.rnn_forward(
            x, states[0], *weights[:4], nonlinearity=self.nonlinearity,
            lengths=lengths, reverse=reverse,
        )  # fmt: skip
