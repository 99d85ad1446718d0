"""The cell with in-cell options: handed over to the reference."""

from gatecast.kernels.reference.gru_extended import (
    gru_extended_backward,
    gru_extended_forward,
)

__all__ = ["gru_extended_backward", "gru_extended_forward"]
