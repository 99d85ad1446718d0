"""Divergence: when a loss has exploded, which weights were the last good ones, what to try.

A NaN or infinite loss or gradient is divergence at once.  A finite loss has *exploded* where it
is more than ``EXPLOSION`` times the reference in ``PERSISTENCE`` updates in a row.  The
reference is the larger of two losses known before the first update: that of the untrained
network on rows spread over the data, and that of predicting zero for the row with the largest
target.  So neither an outlier (one batch; and the largest target is allowed for) nor targets
that begin only late in the data (zero losses first) are a false alarm, whatever the batch size,
while a diverging run, whose loss grows by a factor with every update, passes the limit within a
few.

The weights are copied before each update that starts from a *calm* loss: at most ``CALM`` times
the lowest mean of an epoch so far, the untrained network's among them.  That copy is what comes
back, so a run that exploded over several updates returns to where it was before.
"""

import math
import sys
from typing import Any

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.rnn import RNN
from gatecast.train.events import Divergence

EXPLOSION = 1e3
PERSISTENCE = 3
CALM = 10.0


class Diverged(Exception):  # noqa: N818  (ends the loop from within; users get DivergenceError)
    """Carries the event from the update where it was seen to the loop."""

    def __init__(self, event: Divergence) -> None:
        super().__init__(str(event))
        self.event = event


class Guard:
    """Knows the limit, and keeps the last good weights."""

    def __init__(self, net: Module, reference: float, untrained: float) -> None:
        largest = sys.float_info.max
        usable = 0 < reference < largest / EXPLOSION
        self.limit = EXPLOSION * reference if usable else largest
        self.calm = CALM * reference if usable else largest
        self.end_epoch(untrained)
        self.streak = 0
        self.good = net.flat.copy()

    def exploded(self, value: float) -> str:
        """Why this loss, which is not calm, is divergence; empty where it is not."""
        if not math.isfinite(value):
            return f"the loss is {value}"
        if value <= self.limit:
            self.streak = 0
            return ""
        self.streak += 1
        if self.streak < PERSISTENCE:
            return ""
        return f"the loss exploded to {value:.3g}, above {self.limit:.3g} {PERSISTENCE} times"

    def end_epoch(self, mean: float) -> None:
        """Measure calm by the best epoch so far."""
        if mean > 0:
            self.calm = min(self.calm, CALM * mean)

    def restore(self, net: Module) -> None:
        """Bring back the last good weights."""
        np.copyto(net.flat, self.good)


def largest_target(y: Array) -> int:
    """The row that holds the largest target in absolute value; NaN is passed over."""
    if y.dtype.kind != "f":
        return 0
    flat = y.reshape(len(y), -1)
    with np.errstate(invalid="ignore"):
        tops = np.fmax(np.fmax.reduce(flat, axis=1), -np.fmin.reduce(flat, axis=1))
    return int(np.argmax(np.nan_to_num(tops, nan=-1.0)))


def find_layer(net: Module) -> str:
    """The first parameter with a gradient that is not finite, else the one with the largest."""
    found, largest = "", -1.0
    for name, parameter in net.named_parameters().items():
        if parameter.frozen:
            continue
        size = float(np.linalg.norm(parameter.grad.astype(np.float64)))
        if not math.isfinite(size):
            return name
        if size > largest:
            found, largest = name, size
    return found


def advise(net: Module, optimiser: Any, clip_norm: float | None) -> str:
    """What to try."""
    tips = [] if clip_norm is not None and clip_norm <= 1 else ["clip_norm=1.0"]
    tips += [f"lr={optimiser.lr / 10:.3g}", "inputs and targets scaled to about -1 to 1"]
    if any(isinstance(part, RNN) and part.nonlinearity == "relu" for part in net.modules()):
        tips.append('nonlinearity="tanh" in place of "relu"')
    return ", ".join(tips[:-1]) + " or " + tips[-1]
