"""The cell with in-cell options: handed over to the reference."""

from gatecast.kernels.reference.lstm_extended import (
    lstm_extended_backward,
    lstm_extended_forward,
)

__all__ = ["lstm_extended_backward", "lstm_extended_forward"]
