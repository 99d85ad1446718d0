"""Chance for draws from many origins, the same for each of them.

With one generator for all, a series would have other draws in other company.  Here draw number k
is one and the same throw for every origin: with dropout, one thinned network that forecasts them
all (Gal, Ghahramani 2016).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.forecast.history import Array, Origins

#: draws of one origin that are made together, so that memory does not grow with their number
TOGETHER = 256


@dataclass(frozen=True)
class Chance:
    """Some draws from each of any number of origins.

    Attributes
    ----------
    count : int
        Draws of each origin.
    seed : int
    """

    count: int
    seed: int

    @classmethod
    def parts(cls, count: int, rng: np.random.Generator) -> Iterator["Chance"]:
        """``count`` draws, some at a time; ``rng`` is not asked more often for more origins.

        Examples
        --------
        >>> [part.count for part in Chance.parts(600, np.random.default_rng(0))]
        [256, 256, 88]
        """
        for first in range(0, count, TOGETHER):
            yield cls(min(TOGETHER, count - first), int(rng.integers(2**63)))

    def repeated(self, origins: Origins) -> Origins:
        """Each origin as often as it is drawn from, one after the other."""
        return origins.take(np.repeat(np.arange(len(origins)), self.count))

    def over(self, rows: int) -> np.random.Generator:
        """A generator for a batch of so many rows, those of :meth:`repeated` origins.

        Examples
        --------
        >>> Chance(2, seed=0).over(4).random((4, 1)).round(2).ravel()
        array([0.64, 0.27, 0.64, 0.27])
        """
        return _Shared(np.random.default_rng(self.seed).bit_generator, max(rows // self.count, 1))


class _Shared(np.random.Generator):
    """Numbers (..., rows, size) of which every origin's rows are the same."""

    def __init__(self, bits: np.random.BitGenerator, origins: int) -> None:
        super().__init__(bits)
        self.origins = origins

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Array:  # type: ignore[override]
        *before, rows, last = size
        own = super().random((*before, rows // self.origins, last), dtype)
        return np.tile(own, (self.origins, 1))
