"""The schedule that waits for the loss to stop falling."""

import math

from gatecast.errors import InputError
from gatecast.nn.optimiser_base import check_number
from gatecast.nn.schedules import Schedule
from gatecast.nn.validation import check_size


class ReduceOnPlateau(Schedule):
    """Times ``factor`` when the loss has not fallen for more than ``patience`` epochs.

    PyTorch's ReduceLROnPlateau with its relative threshold; for a loss below 0 (a likelihood's)
    the threshold is relative to its size, where PyTorch's would count a rise as better.

    Parameters
    ----------
    factor : float
        In (0, 1).
    patience : int
        Epochs without improvement that are borne.
    threshold : float
        The share by which the best loss must fall to count as improved.
    cooldown : int
        Epochs after a reduction that are not counted.
    minimum : float
        The rate is not reduced below it.

    Examples
    --------
    >>> schedule = ReduceOnPlateau(factor=0.5, patience=1)
    >>> schedule.begin(0.1, total_steps=3)
    >>> for loss in (1.0, 1.0, 1.0):
    ...     schedule.after_epoch(loss)
    >>> schedule.rate()
    0.05
    """

    _options = ("factor", "patience", "threshold", "cooldown", "minimum")
    _progress = (*Schedule._progress, "reduced", "best", "waited", "cooling")

    def __init__(
        self,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        minimum: float = 0.0,
    ) -> None:
        self.factor = check_number("factor", factor, positive=True)
        if self.factor >= 1:
            raise InputError(f"factor must lie between 0 and 1, it is {factor!r}")
        self.patience = check_size("patience", patience, least=0)
        self.threshold = check_number("threshold", threshold)
        self.cooldown = check_size("cooldown", cooldown, least=0)
        self.minimum = check_number("minimum", minimum)
        self.reduced = math.nan
        self.best: float | None = None  # None, not inf: JSON has no inf
        self.waited = self.cooling = 0

    def begin(self, base_lr: float, total_steps: int, steps_per_epoch: int = 1) -> None:
        super().begin(base_lr, total_steps, steps_per_epoch)
        self.reduced, self.best = self.base_lr, None
        self.waited = self.cooling = 0

    def rate(self) -> float:
        return self.reduced

    def after_epoch(self, loss: float) -> None:
        super().after_epoch(loss)
        if self._improved(loss):
            self.best, self.waited = float(loss), 0
        else:
            self.waited += 1
        if self.cooling:
            self.cooling -= 1
            self.waited = 0
        if self.waited > self.patience:
            self._reduce()

    def _improved(self, loss: float) -> bool:
        if self.best is None:
            return loss < math.inf  # neither inf nor NaN is a best loss
        return loss < self.best - self.threshold * abs(self.best)

    def _reduce(self) -> None:
        rate = max(self.reduced * self.factor, self.minimum)
        if self.reduced - rate > 1e-8:  # PyTorch's eps: a smaller change is not made
            self.reduced = rate
        self.waited, self.cooling = 0, self.cooldown
