"""The networks of an ensemble: what those of every form have in common, and their training."""

from typing import Any, Protocol, Self

import numpy as np
from joblib import Parallel, delayed

from gatecast.forecast.chance import Chance
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.member import Member as SequenceMember
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


def kind_of(recipe: Recipe) -> type[SequenceMember] | type[WindowedMember]:
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
