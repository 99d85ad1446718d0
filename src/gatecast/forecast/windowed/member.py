"""One network over windows: trained on a history, forecasting from origins of any."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from gatecast.forecast.chance import Chance
from gatecast.forecast.distribution import Distribution, make_loss
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.learning import REFIT, learn, refuse_nothing
from gatecast.forecast.missing import refuse_holes
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.choices import choose_segment, choose_updates, choose_window
from gatecast.forecast.windowed.facts import Facts
from gatecast.forecast.windowed.inputs import (
    Batch,
    assemble,
    batch_of,
    flags_up,
    known_ahead,
    rows_before,
)
from gatecast.forecast.windowed.layout import Layout
from gatecast.forecast.windowed.network import WindowNetwork
from gatecast.forecast.windowed.objective import Objective
from gatecast.forecast.windowed.sampling import Sampler
from gatecast.forecast.windowed.windows import Windows

#: numbers in the inputs that are predicted from at once
_BLOCK = 300_000


class Member:
    """One network: of one look-back, from one seed.

    Parameters
    ----------
    recipe : Recipe
        Of a form over windows: direct, recursive or encoder_decoder.
    window : int
        The look-back; 0 chooses it from the data.
    seed : int

    Attributes
    ----------
    net : WindowNetwork
    facts : Facts
    losses_ : (n, 2) array
        Updates, and the mean training loss of those before each: of the last fit or refit.
    """

    net: WindowNetwork
    facts: Facts
    layout: Layout
    losses_: Array

    def __init__(self, recipe: Recipe, window: int, seed: int) -> None:
        self.recipe, self.window, self.seed = recipe, window, seed

    # -- learning -----------------------------------------------------------------------------

    def fit(self, history: History, horizon: int, period: int) -> Self:
        """Learn from every row of the history."""
        refuse_nothing(history)
        refuse_holes(history)
        window = self.window or choose_window(history.lengths, horizon, period)
        window = min(window, max(int(history.lengths.max()), 1))  # there is nothing before
        ahead = 1 if self.recipe.form == "recursive" else horizon
        self.horizon = horizon
        self._build(Facts.learn(history, self.recipe, window, ahead, period))
        return self._learn(history, 1.0)

    def refit(self, history: History) -> Self:
        """Go on from the present weights, with fewer updates and a lower rate."""
        self.facts.check(history)
        refuse_nothing(history)
        return self._learn(history, REFIT)

    def _build(self, facts: Facts) -> None:
        recipe = self.recipe
        segments = recipe.front == "patch" or recipe.decoder == "segments"
        segment = recipe.segment or choose_segment(facts.window, facts.period)
        self.facts, self.layout = facts, Layout.of(facts, recipe, facts.horizon)
        self.distribution = Distribution(make_loss(recipe, facts.logs))
        self.net = WindowNetwork(
            self.layout, self.distribution.outputs, segment if segments else 1, recipe, self.seed
        )

    def _learn(self, history: History, share: float) -> Self:
        recipe, net, facts = self.recipe, self.net, self.facts
        windows = Windows(history, facts, recipe)
        sampler = Sampler.of(history, facts.window, facts.horizon)
        objective = Objective(recipe, facts.logs, facts.horizon)
        updates = max(1, round(share * choose_updates(recipe, sampler.total)))
        rng = np.random.default_rng([self.seed, int(share < 1)])

        def step() -> float:
            origins = sampler.draw(rng, recipe.batch_size)
            batch = batch_of(windows, self.layout, origins, training=True)
            wanted, known = windows.targets(origins, batch.frame)
            outputs, _, saved = net.forward(batch.x, None, batch.lengths, True, rng)
            value, slope = objective.measure(outputs, wanted, known, batch.frame)
            net.backward(saved, slope, need_dx=False)
            return value

        self.losses_ = learn(net, step, recipe, updates, recipe.rate * share)
        return self

    @property
    def logs(self) -> bool:
        """Whether it learned from logarithms of the values."""
        return self.facts.logs

    @property
    def title(self) -> str:
        """What it looks at, in words."""
        return f"{self.recipe.cell}, {self.facts.window} rows back"

    # -- forecasting --------------------------------------------------------------------------

    def predict(self, history: History, origins: Origins, chance: Chance | None = None) -> Array:
        """(n, horizon): point forecasts; with ``chance``, of repeated origins, dropout stays on."""
        if self.recipe.form == "recursive":
            return self._fed_back(history, origins, chance, drawn=False)
        point = self.distribution.point
        parts = [
            batch.frame.values(point(outputs), self.facts.logs)
            for batch, outputs in self._outputs(history, origins, chance)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.horizon))

    def quantiles(self, history: History, levels: Array, origins: Origins) -> Array | None:
        """(n, horizon, levels); None where the loss learns none, or steps are fed back."""
        if not self.distribution.known or self.recipe.form == "recursive":
            return None
        parts = [
            batch.frame.values(self.distribution.quantiles(outputs, levels), self.facts.logs)
            for batch, outputs in self._outputs(history, origins, None)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.horizon, len(levels)))

    def sample(
        self, history: History, count: int, rng: np.random.Generator, origins: Origins
    ) -> Array | None:
        """(n, count, horizon): paths, each step drawn and fed back; None for other forms."""
        if not self.distribution.known or self.recipe.form != "recursive":
            return None
        parts = [
            self._fed_back(history, chance.repeated(origins), chance, drawn=True).reshape(
                len(origins), chance.count, self.horizon
            )
            for chance in Chance.parts(count, rng)
        ]
        return np.concatenate(parts, axis=1)

    def inputs(self, history: History, origins: Origins) -> Batch:
        """What the network sees at these origins: x, lengths, and the frame of the outputs."""
        self.facts.check(history)
        windows = Windows(history, self.facts, self.recipe)
        return batch_of(windows, self.layout, origins, training=False)

    def names(self, history: History) -> list[tuple[str, int]]:
        """(name, place) of each column of the inputs; see :meth:`Layout.names`."""
        return self.layout.names(history, self.recipe.scaled, self.facts.masked)

    def _outputs(
        self, history: History, origins: Origins, chance: Chance | None
    ) -> Iterator[tuple[Batch, Array]]:
        """Inputs and outputs (n, H, O), some origins at a time."""
        self.facts.check(history)
        windows = Windows(history, self.facts, self.recipe)
        for part, rng in self._blocks(origins, chance):
            batch = batch_of(windows, self.layout, part, training=False)
            yield batch, self._run(batch, rng)

    def _blocks(
        self, origins: Origins, chance: Chance | None
    ) -> Iterator[tuple[Origins, np.random.Generator | None]]:
        """Some origins at a time, so that memory does not grow with their number."""
        size = max(1, _BLOCK // (self.layout.width + self.facts.window * 8))
        if chance is not None:  # all that is drawn from an origin stays together
            size = max(1, size // chance.count) * chance.count
        for start in range(0, len(origins), size):
            part = origins.take(slice(start, start + size))
            yield part, None if chance is None else chance.over(len(part))

    def _run(self, batch: Batch, rng: np.random.Generator | None) -> Array:
        y = self.net.forward(batch.x, None, batch.lengths, rng is not None, rng)[0]
        return np.asarray(y).reshape(len(batch.x), self.facts.horizon, -1)

    def _fed_back(
        self, history: History, origins: Origins, chance: Chance | None, *, drawn: bool
    ) -> Array:
        """(n, horizon): one step ahead, fed back, again; see :meth:`_iterate`."""
        self.facts.check(history)
        windows = Windows(history, self.facts, self.recipe)
        blocks = self._blocks(origins, chance)
        parts = [self._iterate(windows, part, rng, drawn=drawn) for part, rng in blocks]
        return np.concatenate(parts) if parts else np.zeros((0, self.horizon))

    def _iterate(
        self, windows: Windows, origins: Origins, rng: np.random.Generator | None, *, drawn: bool
    ) -> Array:
        """With ``drawn`` each step is drawn from its distribution, else it is the point forecast.

        Values that are fed back count as observed.
        """
        facts = self.facts
        ahead = known_ahead(windows, origins, self.horizon, training=False)
        rows = rows_before(windows, origins).extended(ahead, flags_up(windows))
        for step in range(self.horizon):
            seen = rows.window(step, facts.window)
            batch = assemble(windows, self.layout, origins, seen, ahead[:, step : step + 1])
            outputs = self._run(batch, None if drawn else rng)
            if drawn:
                assert rng is not None  # the caller's
                found = self.distribution.draw(outputs, rng)
            else:
                found = self.distribution.point(outputs)
            plain = batch.frame._replace(pattern=None)
            rows.values[:, facts.window + step] = plain.values(found, False)[:, 0]
            rows.real[:, facts.window + step] = rows.observed[:, facts.window + step] = True
        values = rows.values[:, facts.window :] + windows.pattern_ahead(
            origins, rows.pattern, self.horizon
        )
        return np.exp(values) if facts.logs else values

    # -- files --------------------------------------------------------------------------------

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Plain configuration, and arrays by name."""
        config, arrays = self.facts.to_state()
        named = {f"facts.{name}": array for name, array in arrays.items()}
        named |= {f"net.{name}": array.copy() for name, array in self.net.state_dict().items()}
        more = {"window": self.window, "seed": self.seed, "horizon": self.horizon}
        return more | {"facts": config}, named | {"losses": self.losses_}

    @classmethod
    def from_state(
        cls, recipe: Recipe, config: dict[str, Any], arrays: dict[str, Array]
    ) -> "Member":
        """Take it back."""
        member = cls(recipe, config["window"], config["seed"])
        member.horizon = config["horizon"]
        by_part: dict[str, dict[str, Array]] = {"facts": {}, "net": {}, "losses": {}}
        for name, array in arrays.items():
            part, _, key = name.partition(".")
            by_part[part][key] = array
        member._build(Facts.from_state(config["facts"], by_part["facts"]))
        member.net.load_state_dict(by_part["net"])
        member.losses_ = arrays["losses"]
        return member
