"""How a network over whole series learns: batches of series of like length, or of parts of them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gatecast.forecast.distribution import PERCENTAGES, make_loss
from gatecast.forecast.history import Array, History, Rows
from gatecast.forecast.learning import learn, learnable
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.inputs import Steps, View, assemble, lags_of, targets
from gatecast.forecast.sequence.network import SequenceNetwork
from gatecast.forecast.sequence.rows import SeriesRows

#: rows of a series that are learned from at once; of a longer one, parts
SPAN = 400
#: with fewer series than this, parts of them make up the batches
_FEW = 8
#: epochs, and the bounds of updates, where the recipe leaves them to the data: more of them
#: learn what a panel went through, and not what goes on (by backtests on the M3 panels)
_EPOCHS, _FEWEST, _MOST = 15, 300, 1200


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
        self.usable = np.flatnonzero(learnable(history))
        self.span = span_of(len(self.usable), view.lags, view.horizon)
        self.weights = recipe.weights(view.horizon)

    def run(self, share: float = 1.0) -> Array:
        """Learn by this share of the updates and of the rate; the losses, thinned."""
        updates = max(1, round(share * (self.recipe.updates or self._updates())))
        batches = self._batches()
        return learn(
            self.net,
            lambda: self._gradients(next(batches)),
            self.recipe,
            updates,
            share * self.recipe.rate,
        )

    def _updates(self) -> int:
        parts = number_of_parts(self.history.lengths[self.usable], self.span)
        per_epoch = -(-int(parts.sum()) // self.recipe.batch_size)
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
        times = number_of_parts(self.history.lengths[self.usable], self.span)
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
        if self.weights is not None:
            known &= self.weights > 0
        if not known.any():
            return float("nan")
        y, _, saved = net.forward(steps.x, None, steps.lengths, True, self.rng)
        value, slope = self._measure(y.reshape(*known.shape, per_target), wanted, known, steps)
        dy = np.zeros((*known.shape, per_target), np.float32)
        dy[known] = slope
        net.backward(saved, dy.reshape(y.shape), need_dx=False)
        return value

    def _measure(self, y: Array, wanted: Array, known: Array, steps: Steps) -> tuple[float, Array]:
        """The loss, and its gradient by the known outputs.

        Losses in per cent are of the values, all others in units of the volatility.
        """
        scale = np.broadcast_to(steps.scale[..., None], known.shape)[known][:, None]
        shown, wanted = y[known], wanted[known][:, None]
        weight = None
        if self.weights is not None:
            weight = np.broadcast_to(self.weights, known.shape)[known]
        if self.recipe.loss not in PERCENTAGES:
            value, needed = self.loss.forward(shown, wanted / scale, weight)
            return value, self.loss.backward(needed)
        level = np.zeros((), np.float32)
        if not self.view.adjustment.logs:
            level = (steps.level[..., None] + steps.pattern)[known][:, None].astype(np.float32)
        value, needed = self.loss.forward(shown * scale + level, wanted + level, weight)
        return value, self.loss.backward(needed) * scale


def span_of(series: int, lags: int, horizon: int) -> int:
    """Rows of a part; short ones where there are few series, so that batches have many."""
    return SPAN if series >= _FEW else max(3 * (lags + horizon), 64)


def parts_in_all(history: History, recipe: Recipe, horizon: int, period: int) -> int:
    """How many parts of series an epoch has."""
    lengths = history.lengths[learnable(history)]
    span = span_of(len(lengths), lags_of(history, recipe, period), horizon)
    return int(number_of_parts(lengths, span).sum())


def number_of_parts(lengths: Array, span: int) -> Array:
    """In how many parts each series is learned from: one, or as many as it is spans long.

    Examples
    --------
    >>> number_of_parts(np.array([30, 480, 1200]), 400)
    array([1, 1, 3])
    """
    parts: Array = np.where(lengths > 1.25 * span, -(-lengths // span), 1)
    return parts
