"""Models whose errors are known, to calibrate intervals on."""

import numpy as np

from gatecast.forecast.history import Array, History, Origins, make_history
from gatecast.forecast.model import Model


class Zero(Model):
    """Forecasts zero; its own quantiles and draws are those of a normal of half the spread."""

    name = "zero"

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        count = len(history.ends() if origins is None else origins)
        return np.zeros((count, self.horizon_))

    def quantiles(self, history, levels, origins=None):
        from scipy.special import ndtri

        count = len(history.ends() if origins is None else origins)
        return np.broadcast_to(0.5 * ndtri(levels), (count, self.horizon_, len(levels))).copy()

    def draw_dropout(self, history, count, rng, origins=None):
        rows = len(history.ends() if origins is None else origins)
        return 0.5 * rng.normal(size=(rows, count, self.horizon_))


def panel(series: int, rows: int, seed: int = 0, spread: Array | float = 1.0) -> History:
    """White noise, each series with its own spread."""
    draws = np.random.default_rng(seed).normal(size=(series, rows))
    return make_history(list(draws * np.broadcast_to(spread, series)[:, None]))


class Walker(Zero):
    """Draws paths of its own, half as wide as they should be."""

    def sample(self, history, count, rng, origins=None):
        return self.draw_dropout(history, count, rng, origins)
