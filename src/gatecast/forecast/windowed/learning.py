"""The training of a forecasting network: batches are made when they are needed."""

import math
from collections.abc import Callable

from gatecast import nn
from gatecast.errors import DivergenceError
from gatecast.forecast.history import Array
from gatecast.forecast.losses import thinned
from gatecast.forecast.recipe import Recipe
from gatecast.train.ticks import tick

#: makes one batch's gradients and gives its loss
Step = Callable[[], float]


def learn(net: nn.Module, step: Step, recipe: Recipe, updates: int, rate: float) -> Array:
    """Train by ``updates`` steps of AdamW on one cycle; the weights end as their running mean.

    Parameters
    ----------
    net : Module
    step : callable
        Draws a batch, writes the gradients into ``net`` and returns the loss.
    recipe : Recipe
    updates : int
    rate : float

    Returns
    -------
    (n, 2) array
        The losses, as :func:`gatecast.forecast.losses.thinned` keeps them.
    """
    optimiser = nn.AdamW(lr=rate, weight_decay=recipe.weight_decay)
    schedule = nn.OneCycle(max_lr=rate)
    schedule.begin(rate, updates)
    mean = Mean(net, recipe.averaging)
    losses = []
    for update in range(updates):
        net.zero_grad()
        loss = step()
        norm = nn.clip_norm(net, recipe.clip_norm) if recipe.clip_norm else 0.0
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise DivergenceError(
                f"the loss is {loss} at update {update + 1}; look for huge values in y, try a "
                f"lower rate than {rate:g}"
            )
        optimiser.lr = schedule.rate()
        optimiser.step(net)
        schedule.after_step()
        mean.take(update)
        losses.append(loss)
        tick(update + 1, updates)
    mean.place()
    return thinned(losses)


class Mean:
    """The running mean of a network's weights: w̄ ← a·w̄ + (1-a)·w.

    ``a`` grows from 0 to the recipe's, so that a short training does not end near its start.
    """

    def __init__(self, net: nn.Module, averaging: float) -> None:
        self.net, self.averaging = net, averaging
        self.values: Array | None = net.flat.copy() if averaging else None

    def take(self, update: int) -> None:
        """The weights after this update."""
        if self.values is not None:
            share = min(self.averaging, (1 + update) / (10 + update))
            self.values += (self.net.flat - self.values) * self.net.dtype.type(1 - share)

    def place(self) -> None:
        """Let the network have the mean for its weights."""
        if self.values is not None:
            self.net.flat[:] = self.values
