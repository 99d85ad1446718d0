"""Where everything stands in a network's input: one vector a window, every column with a name."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from gatecast.forecast.history import Array, History
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.facts import Facts


@dataclass(frozen=True)
class Layout:
    """Sizes of the blocks of an input vector, in the order in which they stand.

    Attributes
    ----------
    window, channels : int
        The look-back, row by row: y, whether it was observed (where values may miss), the past
        covariates, those known in advance.
    horizon, future : int
        The covariates known in advance of the steps ahead, step by step.
    static : int
        Numbers of the whole window: its volatility (where windows are scaled), static covariates.
    code_sizes : tuple of int
        Categories, one column each.
    """

    window: int
    channels: int
    horizon: int
    future: int
    static: int
    code_sizes: tuple[int, ...]

    @classmethod
    def of(cls, facts: Facts, recipe: Recipe, horizon: int) -> Self:
        """The layout for these data."""
        past, future = facts.past.shape[1], facts.future.shape[1]
        static = facts.static.shape[1] + int(recipe.scaled)
        channels = 1 + int(facts.masked) + past + future
        return cls(facts.window, channels, horizon, future, static, facts.code_sizes)

    @cached_property
    def edges(self) -> tuple[int, int, int, int]:
        """Where each block ends."""
        ends = np.cumsum(
            [self.window * self.channels, self.horizon * self.future, self.static,
             len(self.code_sizes)]
        )  # fmt: skip
        return tuple(ends.tolist())

    @property
    def width(self) -> int:
        """Columns of an input."""
        return self.edges[-1]

    def split(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """Window (n, L, C), future (n, H, F), static (n, S) and codes (n, K) of x (n, width)."""
        rows, ahead, static, _ = self.edges
        return (
            x[:, :rows].reshape(len(x), self.window, self.channels),
            x[:, rows:ahead].reshape(len(x), self.horizon, self.future),
            x[:, ahead:static],
            x[:, static:],
        )

    def names(self, history: History, scaled: bool, masked: bool) -> list[tuple[str, int]]:
        """(name, place) of each column: lags are -1, -2, …, steps ahead 1, 2, …, the rest 0."""
        past, future = history.past_names, history.future_names
        past = past or _numbered("past", history.past.shape[1])
        future = future or _numbered("future", history.future.shape[1])
        channels = ["y", *(["observed"] if masked else []), *past, *future]
        static = history.static_names or _numbered("static", history.static.shape[1])
        codes = history.code_names or _numbered("code", history.codes.shape[1])
        found = [(name, t - self.window) for t in range(self.window) for name in channels]
        found += [(name, step + 1) for step in range(self.horizon) for name in future]
        return found + [(name, 0) for name in [*["volatility"][:scaled], *static, *codes]]


def _numbered(kind: str, count: int) -> tuple[str, ...]:
    return tuple(f"{kind} {i}" for i in range(count))
