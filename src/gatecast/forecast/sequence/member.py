"""One network over whole series, as an ensemble holds it."""

from typing import Any, Self

import numpy as np

from gatecast.forecast.chance import Chance
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.engine import FittedSequence, fit_sequence


class Member:
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
    def from_state(cls, recipe: Recipe, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """Take it back."""
        member = cls(recipe, config["window"], config["seed"])
        member.fitted = FittedSequence.from_state(config["fitted"], arrays)
        return member
