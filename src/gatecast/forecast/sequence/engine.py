"""Networks over whole series: fitted to a history, they forecast from any row of any."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatecast.forecast.chance import Chance
from gatecast.forecast.distribution import Distribution, make_loss
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.learning import REFIT, refuse_nothing
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.inputs import View, assemble, make_view
from gatecast.forecast.sequence.network import SequenceNetwork
from gatecast.forecast.sequence.rows import look_at
from gatecast.forecast.sequence.training import Training

#: steps (series times rows) that are run at once in prediction
_CELLS_AT_ONCE = 8_000


@dataclass
class FittedSequence:
    """A network over whole series that has learned.

    Attributes
    ----------
    recipe : Recipe
    view : View
    net : SequenceNetwork
    losses : (n, 2) array
        Updates, and the mean training loss of those before each.
    """

    recipe: Recipe
    view: View
    net: SequenceNetwork
    losses: Array = field(default_factory=lambda: np.zeros((0, 2)))

    def outputs(
        self, history: History, origins: Origins, chance: Chance | None = None
    ) -> tuple[Array, Array, Array, Array]:
        """What the network says from each origin, and what brings it into the target's units.

        Returns
        -------
        outputs : (n, horizon, outputs a step ahead)
        scale, level : (n,)
        pattern : (n, horizon)
        """
        self.view.check(history)
        if self.view.future:
            history.future_of(origins, self.view.horizon)  # says what is missing
        rows = look_at(history, self.view.adjustment)
        horizon, count = self.view.horizon, len(origins)
        per_target = self.distribution.outputs
        y, pattern = np.zeros((count, horizon, per_target)), np.zeros((count, horizon))
        scale, level = np.ones(count), np.full(count, np.nan)
        for run in _passes(history, origins):
            state = None
            for piece in run.pieces():
                steps = assemble(history, rows, self.view, piece.series, piece.starts, piece.stops)
                which, row, step = piece.which, piece.row, piece.step
                rng = None if chance is None else chance.over(len(which))
                found, state = self.net.outputs_at(steps.x, row, step, steps.lengths, state, rng)
                y[which] = found.reshape(len(which), horizon, per_target)
                scale[which], level[which] = steps.scale[row, step], steps.level[row, step]
                pattern[which] = steps.pattern[row, step]
        return y, scale, level, pattern

    @property
    def distribution(self) -> Distribution:
        """How its outputs are read."""
        return Distribution(make_loss(self.recipe, self.view.adjustment.logs))

    def predict(self, history: History, origins: Origins, chance: Chance | None = None) -> Array:
        """(n, horizon): point forecasts; NaN where a series has no value before its origin.

        With ``chance``, of origins that are repeated, dropout stays on.
        """
        return self.values(*self.outputs(history, origins, chance))

    def values(self, y: Array, scale: Array, level: Array, pattern: Array) -> Array:
        """(n, horizon): the point forecasts in the target's units that such outputs mean."""
        point = self.distribution.point(y)
        found: Array = level[:, None] + pattern + point * scale[:, None]
        return np.exp(found) if self.view.adjustment.logs else found

    def scales(self, history: History, origins: Origins) -> Array:
        """(n,): the volatility at each origin, in the target's units."""
        _, scale, level, _ = self.outputs(history, origins)
        return scale * np.exp(level) if self.view.adjustment.logs else scale

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Plain configuration, and arrays by name."""
        config = {"recipe": self.recipe.to_config(), "view": self.view.to_config()}
        return config, {**self.net.state_dict(), "losses": self.losses}

    @classmethod
    def from_state(cls, config: dict[str, Any], arrays: dict[str, Array]) -> "FittedSequence":
        """Take it back."""
        recipe, view = Recipe.from_config(config["recipe"]), View.from_config(config["view"])
        net = _network(recipe, view, 0)
        net.load_state_dict({name: a for name, a in arrays.items() if name != "losses"})
        return cls(recipe, view, net, arrays["losses"])


def fit_sequence(
    history: History,
    recipe: Recipe,
    horizon: int,
    period: int = 1,
    seed: int | np.random.Generator = 0,
    start: FittedSequence | None = None,
) -> FittedSequence:
    """Fit one network over whole series.

    Parameters
    ----------
    history : History
    recipe : Recipe
        Of ``windows`` the first counts: how many last changes each step sees.
    horizon, period : int
    seed : int or numpy.random.Generator
    start : FittedSequence, optional
        Go on from its weights, and see with its eyes: with fewer updates and a lower rate.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> waves = [np.sin(np.arange(60) / 3 + shift) for shift in range(8)]
    >>> recipe = Recipe(form="sequence", residual=True, hidden_size=8, updates=20)
    >>> fitted = fit_sequence(make_history(waves), recipe, horizon=2)
    >>> new = make_history([waves[0][:30]])
    >>> fitted.predict(new, new.ends()).shape
    (1, 2)
    """
    refuse_nothing(history)
    rng = np.random.default_rng(seed)
    view = make_view(history, recipe, horizon, period) if start is None else start.view
    net = _network(recipe, view, rng)
    if start is not None:
        view.check(history)
        net.load_state_dict(start.net.state_dict())
    rows = look_at(history, view.adjustment)
    training = Training(net, history, rows, view, recipe, rng)
    losses = training.run(1.0 if start is None else REFIT)
    return FittedSequence(recipe, view, net, losses)


def _network(recipe: Recipe, view: View, seed: int | np.random.Generator) -> SequenceNetwork:
    outputs = view.horizon * Distribution(make_loss(recipe, view.adjustment.logs)).outputs
    return SequenceNetwork(view.features, outputs, recipe, code_sizes=view.code_sizes, seed=seed)


@dataclass(frozen=True)
class _Pass:
    """One pass over some series side by side, from ``starts`` to ``stops``.

    The origins that it serves, ``which``, read the outputs of these rows at these steps.
    """

    which: Array
    row: Array
    step: Array
    series: Rows
    starts: Rows
    stops: Rows

    def pieces(self) -> Iterator["_Pass"]:
        """The pass, a long one cut in pieces: states go on from piece to piece."""
        if len(self.series) > 1:  # then all of them are short
            yield self
            return
        length = int(self.stops[0] - self.starts[0])
        for first in range(0, length, _CELLS_AT_ONCE):
            last = min(first + _CELLS_AT_ONCE, length)
            here = (self.step >= first) & (self.step < last)
            yield _Pass(
                self.which[here], self.row[here], self.step[here] - first,
                self.series, self.starts + first, self.starts + last,
            )  # fmt: skip


def _passes(history: History, origins: Origins) -> Iterator[_Pass]:
    """One pass over each series, up to its last origin, many side by side."""
    lows = history.offsets[origins.series]
    seen = np.flatnonzero(origins.rows > lows)
    series, run_of = np.unique(origins.series[seen], return_inverse=True)
    stops = np.zeros(len(series), np.intp)
    np.maximum.at(stops, run_of, origins.rows[seen])
    starts = history.offsets[series]
    run_in, row_in = np.empty(len(series), np.intp), np.empty(len(series), np.intp)
    blocks = _blocks(stops - starts)
    for number, runs in enumerate(blocks):
        run_in[runs], row_in[runs] = number, np.arange(len(runs))
    order = np.argsort(run_in[run_of], kind="stable")
    edges = np.searchsorted(run_in[run_of][order], np.arange(len(blocks) + 1))
    for number, runs in enumerate(blocks):
        inside = order[edges[number] : edges[number + 1]]
        which = seen[inside]
        yield _Pass(
            which, row_in[run_of[inside]], origins.rows[which] - 1 - lows[which],
            series[runs], starts[runs], stops[runs],
        )  # fmt: skip


def _blocks(lengths: Array) -> list[Array]:
    """Runs of like length together, as many as fit at once."""
    order = np.argsort(lengths, kind="stable")
    blocks, start = [], 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * lengths[order[stop]] <= _CELLS_AT_ONCE:
            stop += 1
        blocks.append(order[start:stop])
        start = stop
    return blocks
