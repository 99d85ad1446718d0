"""The gated recurrent unit as a layer."""

from typing import Any

import numpy as np

from gatecast.kernels.contract import Array, Masks, Weights
from gatecast.kernels.select import Kernels
from gatecast.nn.recurrent import Recurrent


class GRU(Recurrent):
    """The gated recurrent unit (Cho et al. 2014), over whole sequences.

    x (batch, time, input_size) -> y (batch, time, hidden_size), twice that when bidirectional;
    the state h is (layers·directions, batch, hidden_size).  The equations, forward and backward:
    ``gatecast/kernels/reference/gru.py``.

    Parameters
    ----------
    input_size, hidden_size, num_layers : int
        Features of a step, size of the state, and how many layers stand on each other.
    reset_after : bool
        The reset gate acts after the recurrent product (PyTorch, Keras) or before it (the paper).
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
    >>> y, h = nn.GRU(3, 8, bidirectional=True).run(np.zeros((5, 7, 3), np.float32))
    >>> y.shape, h.shape
    ((5, 7, 16), (2, 5, 8))
    """

    cell = "gru"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        reset_after: bool = True,
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
        self.reset_after = bool(reset_after)
        self._draw()

    @property
    def program_kind(self) -> str:
        """What a line of a program calls the cell."""
        return "gru_after" if self.reset_after else "gru_before"

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
            return kernels.gru_extended_forward(
                x, states[0], weights, masks, reset_after=self.reset_after,
                lengths=lengths, reverse=reverse,
            )  # fmt: skip
        return kernels.gru_forward(
            x, states[0], *weights[:4], reset_after=self.reset_after,
            lengths=lengths, reverse=reverse,
        )  # fmt: skip
