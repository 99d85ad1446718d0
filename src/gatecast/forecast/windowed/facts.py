"""What a network over windows has learned of its data besides weights: sizes and units."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from gatecast.forecast.columns import check_columns, moments_by_column, takes_logs
from gatecast.forecast.history import Array, History
from gatecast.forecast.missing import refuse_holes
from gatecast.forecast.positives import least_of
from gatecast.forecast.recipe import Recipe


@dataclass(frozen=True)
class Facts:
    """Sizes and units, so that other data is seen as the training data was.

    Attributes
    ----------
    window, horizon, period : int
    logs : bool
        Whether the network works with logarithms of the values.
    masked : bool
        Whether a channel says which values are there.
    unit, typical : float
        How far the panel's values usually move, and its usual value.  Where windows have scales of
        their own the move is from row to row, and guards against windows that are flat; where the
        unit serves for all of them it is twice the move over the rows of a window, so that most
        of what a network sees lies between -1 and 1.
    past, future, static : (2, columns)
        Mean and deviation of the covariates.
    code_sizes : tuple of int
        How many categories each static covariate of text has.
    least : float
        The least positive value: what 0 counts as where a series begins with it, and logarithms
        are taken.
    """

    window: int
    horizon: int
    period: int
    logs: bool
    masked: bool
    unit: float
    typical: float
    past: Array
    future: Array
    static: Array
    code_sizes: tuple[int, ...]
    least: float = 1.0

    @classmethod
    def learn(
        cls, history: History, recipe: Recipe, window: int, horizon: int, period: int
    ) -> Self:
        """Look at every row that may be learned from."""
        target = history.target
        there = np.isfinite(target)
        logs = takes_logs(target, recipe.transform)
        values = np.log(target[there]) if logs else target[there]
        return cls(
            window, horizon, period, logs, not there.all(),
            _unit(history, logs, _lags(recipe, window)) * (1 if recipe.scaled else 2),
            float(np.median(values)),
            _moments(history, "past"), _moments(history, "future"), _moments(history, "static"),
            history.code_sizes, least_of(target),
        )  # fmt: skip

    def check(self, history: History) -> None:
        """Refuse a history whose columns are not those of the training, or have holes."""
        past, future, static = (part.shape[1] for part in (self.past, self.future, self.static))
        check_columns(history, past, future, static, self.code_sizes)
        refuse_holes(history)

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Plain numbers, and arrays."""
        config, arrays = {}, {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                arrays[field.name] = value
            else:
                config[field.name] = list(value) if isinstance(value, tuple) else value
        return config, arrays

    @classmethod
    def from_state(cls, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """Take them back."""
        together: dict[str, Any] = config | arrays
        return cls(**(together | {"code_sizes": tuple(config["code_sizes"])}))


def _lags(recipe: Recipe, window: int) -> tuple[int, ...]:
    """Over how many rows moves are measured."""
    if recipe.scaled:
        return (1,)
    return tuple(max(1, window * quarter // 4) for quarter in (1, 2, 3))


def _unit(history: History, logs: bool, lags: tuple[int, ...]) -> float:
    """The median over the series of their mean absolute moves; 1 where all are flat."""
    values = np.log(history.target) if logs else history.target
    series = np.repeat(np.arange(len(history)), history.lengths)
    total, number = np.zeros(len(history)), np.zeros(len(history))
    for lag in lags:
        moves = np.abs(values[lag:] - values[:-lag])
        counts = (series[lag:] == series[:-lag]) & np.isfinite(moves)
        total += np.bincount(series[lag:], np.where(counts, moves, 0.0), len(history))
        number += np.bincount(series[lag:], counts, len(history))
    if not number.any() and lags != (1,):  # no series is so long
        return _unit(history, logs, (1,))
    means = total[number > 0] / number[number > 0]
    moving = means[means > 0]
    return float(np.median(moving)) if moving.size else 1.0


def _moments(history: History, kind: str) -> Array:
    """(2, columns): mean and deviation of each."""
    found = moments_by_column(history, kind)
    return np.array(found, np.float64).reshape(len(found), 2).T.copy()
