"""The cell with in-cell options: handed over to the reference."""

from gatecast.kernels.reference.rnn_extended import (
    rnn_extended_backward,
    rnn_extended_forward,
)

__all__ = ["rnn_extended_backward", "rnn_extended_forward"]
