"""The training of a forecasting network, of any form: batches are made when they are needed."""

import math
from collections.abc import Callable

import numpy as np

from gatecast import nn
from gatecast.errors import DivergenceError, InputError
from gatecast.forecast.curves import thinned
from gatecast.forecast.history import Array, History
from gatecast.forecast.recipe import Recipe
from gatecast.nn.clipping import gradient_norm
from gatecast.train.ticks import tick

#: the share of the updates, and of the rate, that a refit takes
REFIT = 0.25

#: makes one batch's gradients and gives its loss: NaN where there was nothing to learn from
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
        The losses, as :func:`gatecast.forecast.curves.thinned` keeps them.
    """
    optimiser = nn.AdamW(lr=rate, weight_decay=recipe.weight_decay)
    schedule = nn.OneCycle(max_lr=rate)
    schedule.begin(rate, updates)
    mean = Mean(net, recipe.averaging)
    losses = []
    for update in range(updates):
        net.zero_grad()
        loss = step()
        clip = recipe.clip_norm
        norm = nn.clip_norm(net, clip) if clip else gradient_norm(net)
        if math.isinf(loss) or not math.isfinite(norm):
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


def refuse_nothing(history: History) -> None:
    """Refuse a history from which nothing can be learned."""
    if not np.isfinite(history.target).any():
        raise InputError("y has no values to learn from: every row is missing")
    if not learnable(history).any():
        raise InputError(
            "no series has two known values or more, so there is nothing to learn from; give "
            "longer series, or use a baseline such as naive"
        )


def learnable(history: History) -> Array:
    """(series,) booleans: whether one value of it can be learned to follow another.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> learnable(make_history([[1.0, 2.0], [np.nan, 2.0], [], [3.0, np.nan, 1.0]]))
    array([ True, False, False,  True])
    """
    found: Array = history.known_before(history.ends()) > 1
    return found


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
