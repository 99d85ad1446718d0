"""The gated recurrent unit as a layer."""

from typing import Any

import numpy as np

from gatecast.kernels.contract import Array, Masks, Weights
from gatecast.kernels.select import Kernels
from gatecast.nn.recurrent import Recurrent


class GRU(Recurrent):
    """The gated recurrent unit.  See :class:`Recurrent`.

    Parameters
    ----------
    reset_after : bool
        The reset gate acts after the recurrent product (PyTorch, Keras) or before it (the paper).

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
