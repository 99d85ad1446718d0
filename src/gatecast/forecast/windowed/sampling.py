"""Which origins a network learns from: series alike, and alike the origins of a series."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.learning import learnable

LEAST = 3  # rows that must be known before an origin, where a series has so many


@dataclass(frozen=True)
class Sampler:
    """Origins to draw from.

    Attributes
    ----------
    series, first, count : (n,) integers
        The series that can teach anything, the first origin of each, and how many it has.
    """

    series: Array
    first: Array
    count: Array

    @classmethod
    def of(cls, history: History, window: int, horizon: int) -> Self:
        """All origins with the whole horizon known and, in long series, the whole look-back.

        A series too short for that gives origins with fewer rows before, or fewer after.
        """
        lengths = history.lengths
        before = np.where(lengths >= 2 * window + horizon, window, min(window, LEAST))
        last = lengths - horizon
        last = np.where(last < before, np.maximum(np.minimum(before, lengths - 1), 1), last)
        before = np.minimum(before, last)
        series = np.flatnonzero(learnable(history))
        first = history.offsets[:-1] + before
        return cls(series, first[series], (last - before + 1)[series])

    @property
    def total(self) -> int:
        """Origins altogether."""
        return int(self.count.sum())

    def draw(self, rng: np.random.Generator, size: int) -> Origins:
        """Some of them: first a series, then one of its origins."""
        picked = rng.integers(len(self.series), size=size)
        steps = (rng.random(size) * self.count[picked]).astype(np.intp)
        return Origins(self.series[picked], self.first[picked] + steps)
