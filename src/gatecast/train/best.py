"""The best epoch so far: its loss, its weights, and whether it is time to stop."""

import math

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.module import Module


class Best:
    """Follows the watched loss.

    Parameters
    ----------
    patience : int or None
        Epochs without improvement after which to stop.
    min_delta : float
        What an improvement must exceed.
    keep : bool
        Whether to copy the weights.
    """

    def __init__(self, patience: int | None, min_delta: float, keep: bool) -> None:
        self.patience, self.min_delta, self.keep = patience, min_delta, keep
        self.loss = math.inf
        self.epoch: int | None = None
        self.weights: Array | None = None
        self._waited = 0

    def end_epoch(self, epoch: int, loss: float, net: Module) -> bool:
        """Take in an epoch's loss; whether patience has run out."""
        if loss < self.loss - self.min_delta or self.epoch is None:
            self.loss, self.epoch, self._waited = loss, epoch, 0
            if self.keep:
                self.weights = net.flat.copy()
            return False
        self._waited += 1
        return self.patience is not None and self._waited >= self.patience

    def restore(self, net: Module) -> bool:
        """Bring back the best weights; whether there were any."""
        if self.weights is None:
            return False
        np.copyto(net.flat, self.weights)
        return True
