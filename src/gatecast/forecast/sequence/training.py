"""How a network over whole series learns: batches of series of like length, one cycle of the rate.

The weights that are kept are a running mean of those that the updates went through.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from gatecast.errors import DivergenceError, InputError
from gatecast.forecast.history import Array, History, Rows
from gatecast.forecast.losses import thinned
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.inputs import View, assemble, targets
from gatecast.forecast.sequence.network import SequenceNetwork
from gatecast.forecast.sequence.rows import SeriesRows
from gatecast.nn.clipping import clip_norm
from gatecast.nn.distribution_losses import GaussianNLL, Pinball, StudentTNLL
from gatecast.nn.losses import MAE, MSE, Huber, Loss
from gatecast.nn.optimisers import AdamW
from gatecast.nn.percentage_losses import MAPE, SMAPE
from gatecast.nn.schedules import OneCycle
from gatecast.train.ticks import tick

#: rows of a series that are learned from at once; of a longer one, parts
SPAN = 400
#: with fewer series than this, parts of them make up the batches
_FEW = 8
#: epochs, and the bounds of updates, where the recipe leaves them to the data: more of them
#: learn what a panel went through, and not what goes on (by backtests on the M3 panels)
_EPOCHS, _FEWEST, _MOST = 15, 300, 1200


def make_loss(recipe: Recipe, logs: bool) -> Loss:
    """The recipe's loss; those in per cent are absolute where the values are no logarithms."""
    if recipe.loss in ("smape", "mape") and not logs:
        return MAE()
    makers: dict[str, Callable[[], Loss]] = {
        "mae": MAE,
        "mse": MSE,
        "huber": Huber,
        "smape": lambda: SMAPE(logs=True),
        "mape": lambda: MAPE(logs=True),
        "quantiles": lambda: Pinball(recipe.quantiles),
        "gaussian": GaussianNLL,
        "student_t": StudentTNLL,
    }
    return makers[recipe.loss]()


class Parts(NamedTuple):
    """Parts of series that are run side by side."""

    series: Rows
    starts: Rows
    stops: Rows

    def take(self, index: Array) -> "Parts":
        """Some of them."""
        return Parts(self.series[index], self.starts[index], self.stops[index])


class Training:
    """One training of one network."""

    def __init__(
        self,
        net: SequenceNetwork,
        history: History,
        rows: SeriesRows,
        view: View,
        recipe: Recipe,
        rng: np.random.Generator,
    ) -> None:
        self.net, self.history, self.rows, self.view = net, history, rows, view
        self.recipe, self.rng = recipe, rng
        self.loss = make_loss(recipe, view.adjustment.logs)
        #: losses in per cent are of the values, all others in units of the volatility
        self.stretched = isinstance(self.loss, SMAPE | MAPE)
        self.usable = np.flatnonzero(history.lengths > 1)
        if not len(self.usable):
            raise InputError(
                "the history has no series of two rows or more, so there is nothing to learn"
            )
        self.span = self._span()
        self.weights = recipe.weights(view.horizon)

    def _span(self) -> int:
        """Rows of a part; short ones where there are few series, so that batches have many."""
        if len(self.usable) >= _FEW:
            return SPAN
        return max(3 * (self.view.lags + self.view.horizon), 64)

    def run(self) -> Array:
        """Learn, leave the averaged weights in the network, and give the losses, thinned."""
        updates = self.recipe.updates or self._updates()
        optimiser = AdamW(lr=self.recipe.rate, weight_decay=self.recipe.weight_decay)
        schedule = OneCycle(self.recipe.rate)
        schedule.begin(self.recipe.rate, updates)
        average, decay = np.zeros_like(self.net.flat), self.recipe.averaging
        batches, losses = self._batches(), []
        for update in range(updates):
            optimiser.lr = schedule.rate()
            losses.append(self._gradients(next(batches)))
            if self.recipe.clip_norm:
                clip_norm(self.net, self.recipe.clip_norm)
            optimiser.step(self.net)
            schedule.after_step()
            # a mean from the first update on, that forgets more slowly as it grows old
            forget = min(decay, (1 + update) / (10 + update)) if decay else 0.0
            average *= forget
            average += (1 - forget) * self.net.flat
            tick(update + 1, updates)
        self.net.flat[:] = average
        return thinned(losses)

    def _updates(self) -> int:
        counts = -(-self.history.lengths[self.usable] // self.span)
        per_epoch = -(-int(counts.sum()) // self.recipe.batch_size)
        return int(np.clip(_EPOCHS * per_epoch, _FEWEST, _MOST))

    def _batches(self) -> Iterator[Parts]:
        """Batches without end; each epoch draws the parts of long series anew."""
        size = self.recipe.batch_size
        while True:
            parts = self._parts()
            lengths = parts.stops - parts.starts
            # series of like length stand together, and not the same ones in every epoch
            order = np.argsort(lengths * self.rng.uniform(0.9, 1.1, len(lengths)), kind="stable")
            batches = [order[i : i + size] for i in range(0, len(order), size)]
            for place in self.rng.permutation(len(batches)):
                yield parts.take(batches[place])

    def _parts(self) -> Parts:
        """All series once: whole, or in as many random parts as they are spans long."""
        lengths = self.history.lengths[self.usable]
        times = np.where(lengths > 1.25 * self.span, -(-lengths // self.span), 1)
        series = np.repeat(self.usable, times)
        lengths = self.history.lengths[series]
        kept = np.where(lengths > 1.25 * self.span, self.span, lengths)
        shift = np.floor(self.rng.random(len(series)) * (lengths - kept + 1)).astype(np.intp)
        starts = self.history.offsets[series] + shift
        return Parts(series, starts, starts + kept)

    def _gradients(self, parts: Parts) -> float:
        """The loss of a batch, and its gradients in the network."""
        steps = assemble(self.history, self.rows, self.view, *parts)
        wanted, known = targets(
            self.history, self.rows, self.view, parts.series, parts.starts, steps
        )
        net, per_target = self.net, self.loss.outputs_per_target or 1
        y, _, saved = net.forward(steps.x, None, steps.lengths, True, self.rng)
        net.zero_grad()
        if not known.any():
            return float("nan")
        shown = y.reshape(*known.shape, per_target)[known]
        scale = np.broadcast_to(steps.scale[..., None], known.shape)[known][:, None]
        wanted = wanted[known][:, None]
        if self.stretched:
            shown = shown * scale
        else:
            wanted = wanted / scale
        weight = None
        if self.weights is not None:
            weight = np.broadcast_to(self.weights, known.shape)[known]
        value, needed = self.loss.forward(shown, wanted, weight)
        if not np.isfinite(value):
            raise DivergenceError(
                f"the loss is {value}; try a lower rate than {self.recipe.rate:g} in the recipe"
            )
        slope = self.loss.backward(needed)
        if self.stretched:
            slope = slope * scale
        dy = np.zeros((*known.shape, per_target), np.float32)
        dy[known] = slope
        net.backward(saved, dy.reshape(y.shape), need_dx=False)
        return value
