"""One network of an ensemble, whatever its form: what the forms have in common."""

from typing import Any, Protocol, Self

import numpy as np
from joblib import Parallel, delayed

from gatecast.forecast.chance import Chance
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.engine import FittedSequence, fit_sequence
from gatecast.forecast.windowed.member import Member as WindowedMember
from gatecast.kernels.threads import set_num_threads
from gatecast.train.ticks import tick


class Member(Protocol):
    """One network: trained on a history, forecasting from origins of any."""

    @property
    def logs(self) -> bool:
        """Whether it learned from logarithms of the values."""

    seed: int

    @property
    def title(self) -> str:
        """What it looks at, in words."""

    @property
    def losses_(self) -> Array:
        """(n, 2): updates, and the mean training loss of those before each."""

    def fit(self, history: History, horizon: int, period: int) -> Self:
        """Learn from every row."""

    def refit(self, history: History) -> Self:
        """Go on from the present weights."""

    def predict(self, history: History, origins: Origins, chance: Chance | None = None) -> Array:
        """(n, horizon): point forecasts; with ``chance``, of repeated origins, dropout stays on."""

    def quantiles(self, history: History, levels: Array, origins: Origins) -> Array | None:
        """(n, horizon, levels); None where the loss learns none."""

    def sample(
        self, history: History, count: int, rng: np.random.Generator, origins: Origins
    ) -> Array | None:
        """(n, count, horizon): joint paths; None where it draws none."""

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Plain configuration, and arrays by name."""


class SequenceMember:
    """A network over whole series, as a member of an ensemble.

    Parameters
    ----------
    recipe : Recipe
    window, seed : int
        The look-back of its inputs (0 chooses it), and what draws the weights.
    """

    fitted: FittedSequence

    def __init__(self, recipe: Recipe, window: int, seed: int) -> None:
        self.recipe = recipe.changed(windows=(window,) if window else ())
        self.window, self.seed = window, seed

    def fit(self, history: History, horizon: int, period: int) -> Self:
        self.fitted = fit_sequence(history, self.recipe, horizon, period, self.seed)
        return self

    def refit(self, history: History) -> Self:
        view = self.fitted.view
        self.fitted = fit_sequence(
            history, self.recipe, view.horizon, view.adjustment.period, self.seed, self.fitted
        )
        return self

    def predict(self, history: History, origins: Origins, chance: Chance | None = None) -> Array:
        return self.fitted.predict(history, origins, chance)

    @property
    def logs(self) -> bool:
        return self.fitted.view.adjustment.logs

    @property
    def title(self) -> str:
        lags = self.fitted.view.lags
        return f"{self.recipe.cell} over whole series, {lags} changes a step"

    @property
    def losses_(self) -> Array:
        return self.fitted.losses

    def quantiles(self, history: History, levels: Array, origins: Origins) -> Array | None:
        logs = self.fitted.view.adjustment.logs
        distribution = self.fitted.distribution
        if not distribution.known:
            return None
        y, scale, level, pattern = self.fitted.outputs(history, origins)
        found = distribution.quantiles(y, levels) * scale[:, None, None]
        found = found + (level[:, None] + pattern)[..., None]
        return np.asarray(np.exp(found) if logs else found)

    def sample(
        self, history: History, count: int, rng: np.random.Generator, origins: Origins
    ) -> Array | None:
        """None: every step ahead has its own distribution, and no word on the others."""
        return None

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = self.fitted.get_state()
        return {"window": self.window, "seed": self.seed, "fitted": config}, arrays

    @classmethod
    def from_state(
        cls, recipe: Recipe, config: dict[str, Any], arrays: dict[str, Array]
    ) -> "SequenceMember":
        """Take it back."""
        member = cls(recipe, config["window"], config["seed"])
        member.fitted = FittedSequence.from_state(config["fitted"], arrays)
        return member


def kind_of(recipe: Recipe) -> Any:
    """The class of the networks that this recipe asks for."""
    return SequenceMember if recipe.form == "sequence" else WindowedMember


def train_members(
    members: list[Member], history: History, horizon: int, period: int, n_jobs: int | None
) -> list[Member]:
    """All of them, fitted: one after the other, or each in a process of its own."""
    if n_jobs in (None, 1) or len(members) == 1:
        return [member.fit(history, horizon, period) for member in members]
    training = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_train)(member, history, horizon, period) for member in members
    )
    trained: list[Member] = []
    for member in training:
        trained.append(member)
        tick(len(trained), len(members))
    return trained


def _train(member: Member, history: History, horizon: int, period: int) -> Member:
    """One on one thread; a function of its own, so that joblib can send it."""
    set_num_threads(1)
    return member.fit(history, horizon, period)
