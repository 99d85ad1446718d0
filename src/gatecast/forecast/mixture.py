"""Several models as one: each has a share in the forecast."""

import copy
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Draws, Model
from gatecast.forecast.naming import owned, prefixed

#: what a share may be off by
_ROUNDING = 1e-6


class Mixture(Model):
    """The mean of several models, by their shares.

    What networks know of their errors, quantiles and paths, moves to where the mean lies.

    Parameters
    ----------
    parts : sequence of (float, Model)
        Each model with its share; they come to 1.
    name : str
        The name of its column in forecasts.

    Examples
    --------
    >>> from gatecast.forecast.classical import Drift, Naive
    >>> from gatecast.forecast.history import make_history
    >>> both = Mixture([(0.75, Naive()), (0.25, Drift())])
    >>> both.fit(make_history(np.array([1.0, 2.0, 3.0])), horizon=2).predict(
    ...     make_history(np.array([1.0, 2.0, 3.0])))
    array([[3.25, 3.5 ]])
    """

    def __init__(self, parts: Sequence[tuple[float, Model]], name: str = "mixture") -> None:
        self.parts = tuple(parts)
        self.name = name  # type: ignore[misc]
        self.learns = any(model.learns for _, model in self.parts)  # type: ignore[misc]
        self.draws = any(model.draws for _, model in self.parts)  # type: ignore[misc]
        sees = any(model.sees_covariates for _, model in self.parts)
        self.sees_covariates = sees  # type: ignore[misc]
        shares = [share for share, _ in self.parts]
        if not shares or min(shares) < 0 or abs(sum(shares) - 1) > _ROUNDING:
            raise InputError(
                f"the shares of a mixture must come to 1 and not fall below 0: {shares}"
            )

    @property
    def shares(self) -> Array:
        """(parts,): what each counts for."""
        return np.array([share for share, _ in self.parts])

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        super().fit(history, horizon, period)
        for _, model in self.parts:
            model.fit(history, horizon, period)
        self.notes_ = (self._said(), *self._notes())
        return self

    def refit(self, history: History) -> Self:
        self._fitted()
        learning = copy.deepcopy(self.parts)  # where one fails none is changed
        for _, model in learning:
            model.refit(history)
        self.parts = learning
        self.notes_ = (self._said(), *self._notes())
        return self

    def _said(self) -> str:
        """Who has a share."""
        shares: dict[str, float] = {}
        for share, model in self.parts:
            shares[model.name] = shares.get(model.name, 0.0) + share
        words = [f"{100 * share:.3g} % {name}" for name, share in shares.items()]
        return f"The forecast is a mean: {', '.join(words)}."

    def _notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(note for _, model in self.parts for note in model.notes_))

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        return average(self._points(history, origins), self.shares)

    def _points(self, history: History, origins: Origins | None) -> list[Array]:
        """What each part forecasts."""
        self._fitted()
        return [model.predict(history, origins) for _, model in self.parts]

    def quantiles(
        self, history: History, levels: Array, origins: Origins | None = None
    ) -> Array | None:
        """Those of the parts that have any, averaged around the forecast of all."""
        self._fitted()
        found = [model.quantiles(history, levels, origins) for _, model in self.parts]
        have = [i for i, part in enumerate(found) if part is not None and self.shares[i] > 0]
        if not have:
            return None
        points = self._points(history, origins)
        spread = average([found[i] - points[i][..., None] for i in have], self.shares[have])
        return np.asarray(average(points, self.shares)[..., None] + spread)

    @property
    def logs(self) -> bool:
        return any(model.logs for _, model in self.parts)

    def _drawn(self, asked: Draws) -> Array | None:
        """Around the forecast of all, by the parts that draw: as many by each as its share."""
        self._fitted()
        weights = self.shares * [model.draws for _, model in self.parts]
        if not weights.sum():
            return None
        stops = np.round(asked.count * np.cumsum(weights) / weights.sum()).astype(int)
        points, parts = self._points(asked.history, asked.origins), []
        middle, counts = average(points, self.shares), np.diff(stops, prepend=0)
        for (_, model), point, share in zip(self.parts, points, counts, strict=True):
            if not share:
                continue
            drawn = asked.by(model, int(share))
            if drawn is None:
                return None
            parts.append(drawn + (middle - point)[:, None])
        return np.concatenate(parts, axis=1)

    # -- files --------------------------------------------------------------------------------

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        self._fitted()
        config, arrays = super().get_state()
        states = [model.get_state() for _, model in self.parts]
        for i, (_, named) in enumerate(states):
            arrays |= prefixed(i, named)
        return config | {"parts": [own for own, _ in states]}, arrays

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        super().set_state(config, arrays)
        for i, ((_, model), own) in enumerate(zip(self.parts, config["parts"], strict=True)):
            model.set_state(own, owned(i, arrays))
        self.notes_ = (self._said(), *self._notes())
        return self


def average(forecasts: Sequence[Array], shares: Sequence[float] | Array) -> Array:
    """The mean of forecasts, by shares that need not come to 1.

    Examples
    --------
    >>> average([np.array([1.0, 3.0]), np.array([5.0, 3.0])], [3, 1])
    array([2., 3.])
    """
    return np.asarray(np.average(np.stack(forecasts).astype(np.float64), axis=0, weights=shares))
