"""Forecasting networks as models: the engine of the recipe's form, in an ensemble."""

import copy
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.chance import Chance
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.members import Member, kind_of, train_members
from gatecast.forecast.model import Draws, Model
from gatecast.forecast.naming import owned, prefixed
from gatecast.forecast.recipe import Recipe


class NetworkModel(Model):
    """A recipe's networks: one for each look-back and seed.

    The forecast is the median over the seeds, and the mean over the look-backs of that.

    Parameters
    ----------
    recipe : Recipe
    name : str
        The name of its column in forecasts.
    seed : int
        The first network's; the others' follow from it.
    n_jobs : int, optional
        Processes that train networks side by side, -1 for as many as there are cores; the
        networks are the same bits.  None trains them one after the other.

    Attributes
    ----------
    members_ : list
        The trained networks, look-back by look-back.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([10 + np.sin(np.arange(60.0)), 20 + np.cos(np.arange(50.0))])
    >>> recipe = Recipe(form="direct", hidden_size=8, updates=20, windows=(12,))
    >>> model = NetworkModel(recipe, "gru", seed=0).fit(history, horizon=4)
    >>> model.predict(history).shape
    (2, 4)
    """

    learns = True
    draws = True
    members_: list[Member]

    def __init__(
        self, recipe: Recipe, name: str = "gru", seed: int = 0, n_jobs: int | None = None
    ) -> None:
        self.recipe, self.seed, self.n_jobs = recipe, seed, n_jobs
        self.name = name  # type: ignore[misc]

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        """Train every network."""
        self.recipe.weights(horizon)  # refused before any work
        self.horizon_, self.period_ = horizon, period
        self.members_ = train_members(self._members(), history, horizon, period, self.n_jobs)
        return self

    def _members(self) -> list[Member]:
        seeds = range(1000 * self.seed, 1000 * self.seed + self.recipe.ensemble)
        windows = self.recipe.windows or (0,)
        kind = kind_of(self.recipe)
        return [kind(self.recipe, window, seed) for window in windows for seed in seeds]

    def refit(self, history: History) -> Self:
        """Go on from the present weights of every network; where one fails none is changed."""
        self._fitted()
        learning = copy.deepcopy(self.members_)
        for member in learning:
            member.refit(history)
        self.members_ = learning
        return self

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        origins = self._asked(history, origins)
        found = self._combine([member.predict(history, origins) for member in self.members_])
        return history.floored(found, origins)

    @property
    def logs(self) -> bool:
        return any(member.logs for member in self.members_)

    def _combine(self, forecasts: list[Array]) -> Array:
        """The median over seeds, the mean over look-backs."""
        if len(forecasts) == 1:
            return forecasts[0]
        every = np.stack(forecasts)
        windows = len(every) // self.recipe.ensemble
        by_window = every.reshape(windows, self.recipe.ensemble, *every.shape[1:])
        return np.asarray(np.median(by_window, axis=1).mean(axis=0))

    def quantiles(
        self, history: History, levels: Array, origins: Origins | None = None
    ) -> Array | None:
        """The networks' own quantiles, averaged; None where the loss learns none."""
        origins = self._asked(history, origins)
        found = [member.quantiles(history, levels, origins) for member in self.members_]
        parts = [part for part in found if part is not None]
        if len(parts) < len(found):
            return None
        return np.asarray(np.mean(parts, axis=0))

    def _drawn(self, asked: Draws) -> Array | None:
        """As evenly by the networks as it goes; no paths where a step is not fed back.

        Chance is the same for every origin (:class:`Chance`), so that none depends on the others.
        """
        origins = self._asked(asked.history, asked.origins)
        if asked.dropout and not self.recipe.dropout:
            raise InputError("the recipe has no dropout to draw with; fit one with dropout=0.1")
        shares = np.diff(np.linspace(0, asked.count, len(self.members_) + 1).round().astype(int))
        parts = []
        for member, share in zip(self.members_, shares, strict=True):
            if not share:
                continue
            part = _draw(member, asked, int(share), origins)
            if part is None:
                return None
            parts.append(part)
        return np.concatenate(parts, axis=1)

    # -- files --------------------------------------------------------------------------------

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        self._fitted()
        config, arrays = super().get_state()
        members = []
        for i, member in enumerate(self.members_):
            own, named = member.get_state()
            members.append(own)
            arrays |= prefixed(i, named)
        return config | {"recipe": self.recipe.to_config(), "members": members}, arrays

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        super().set_state(config, arrays)
        self.recipe = Recipe.from_config(config["recipe"])
        self.members_ = []
        for i, own in enumerate(config["members"]):
            member = kind_of(self.recipe).from_state(self.recipe, own, owned(i, arrays))
            self.members_.append(member)
        return self


def _draw(member: Member, asked: Draws, count: int, origins: Origins) -> Array | None:
    """(n, count, horizon): so many of what is asked for, by one network."""
    if not asked.dropout:
        return member.sample(asked.history, count, asked.rng, origins)
    # one after the other each draw would look at the whole history anew
    parts = [
        member.predict(asked.history, chance.repeated(origins), chance).reshape(
            len(origins), chance.count, -1
        )
        for chance in Chance.parts(count, asked.rng)
    ]
    return np.concatenate(parts, axis=1)
