"""Callbacks: small classes with no-op hooks, and the handle on a training that they get."""

from typing import Any

import numpy as np

from gatecast.nn.module import Module
from gatecast.train.events import Stopped
from gatecast.train.history import History


class Run:
    """A training in progress, as callbacks see it.

    Attributes
    ----------
    net, loss, optimiser
        As given to ``fit``.
    history : History
        So far; the epoch in progress is not in it.
    rng : numpy.random.Generator
        The one generator of the training: drawing from it changes what follows.
    epoch, batch : int
        Where the training is; both count from 1, and a batch is one update.
    """

    def __init__(self, net: Module, loss: Any, optimiser: Any, rng: np.random.Generator) -> None:
        self.net, self.loss, self.optimiser, self.rng = net, loss, optimiser, rng
        self.history = History()
        self.epoch = 0
        self.batch = 0
        self.stopping = False

    def stop(self, reason: str = "") -> None:
        """Ask for the end: after this batch, or before the next epoch."""
        if not self.stopping:
            self.stopping = True
            self.history.events.append(Stopped(self.epoch, self.batch, reason))


class Callback:
    """Base of callbacks; every hook does nothing.

    Examples
    --------
    >>> class StopAtTarget(Callback):
    ...     def on_epoch_end(self, run):
    ...         if run.history.epochs[-1].loss < 0.01:
    ...             run.stop("good enough")
    """

    def on_fit_start(self, run: Run) -> None:
        """Before the first epoch."""

    def on_epoch_start(self, run: Run) -> None:
        """Before an epoch's first batch."""

    def on_batch_end(self, run: Run) -> None:
        """After each update."""

    def on_epoch_end(self, run: Run) -> None:
        """After the epoch's validation; its record is ``run.history.epochs[-1]``."""

    def on_fit_end(self, run: Run) -> None:
        """Once at the end, with the final weights in place; not where a callback raised."""
