"""What a forecast is made of: a baseline, and what each input adds to it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.forecast.history import Array

#: an input: its name, and its place: lags are -1, -2, …, steps ahead 1, 2, …, the rest 0
Column = tuple[str, int]


@dataclass(frozen=True)
class Explanation:
    """Forecasts from n origins, each the sum of a baseline and of what every input adds.

    Attributes
    ----------
    columns : tuple of (name, place)
        The inputs: ``("y", -1)`` is the last known value, ``("price", 2)`` the price two steps
        ahead; place 0 belongs to the whole series.
    baseline : (n, horizon) array
        The forecast of a past without events: flat at its present level, covariates at their mean.
    contributions : (n, horizon, inputs) array
        What each input adds, in the units of the target.
    forecast : (n, horizon) array
    method : str
        ``"gradients"`` (integrated gradients), ``"walks"`` (sampled Shapley values), or both,
        of a mean of models.

    Examples
    --------
    >>> found = Explanation(
    ...     (("y", -2), ("y", -1)), np.array([[1.0]]), np.array([[[0.5, 2.0]]]), np.array([[3.5]]),
    ...     "walks",
    ... )
    >>> found.remainder
    array([[0.]])
    >>> found.by_name()
    {'y': array([[2.5]])}
    """

    columns: tuple[Column, ...]
    baseline: Array
    contributions: Array
    forecast: Array
    method: str

    @property
    def remainder(self) -> Array:
        """(n, horizon): what is not told: integration's error, a median or a floor."""
        rest: Array = self.forecast - self.baseline - self.contributions.sum(axis=2)
        return rest

    def by_name(self) -> dict[str, Array]:
        """(n, horizon) of each name, all its places together; the largest first."""
        names = list(dict.fromkeys(name for name, _ in self.columns))
        of = np.array([name for name, _ in self.columns])
        sums = {name: self.contributions[:, :, of == name].sum(axis=2) for name in names}
        return dict(sorted(sums.items(), key=lambda item: -float(np.abs(item[1]).mean())))

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain dictionary for each origin, step and input: what a table is made of."""
        return [
            {
                "origin": origin,
                "step": step + 1,
                "input": name,
                "place": place,
                "contribution": float(self.contributions[origin, step, column]),
            }
            for origin in range(len(self.forecast))
            for step in range(self.forecast.shape[1])
            for column, (name, place) in enumerate(self.columns)
        ]


def together(parts: list[Explanation], shares: Array | None = None) -> Explanation:
    """The mean of several models' explanations, with the columns of all of them.

    Parameters
    ----------
    parts : list of Explanation
        Of the same origins.
    shares : (parts,) array, optional
        What each counts for; the same by default.
    """
    names = list(dict.fromkeys(name for part in parts for name, _ in part.columns))
    columns = tuple(
        sorted({c for part in parts for c in part.columns}, key=lambda c: (names.index(c[0]), c[1]))
    )
    place = {column: i for i, column in enumerate(columns)}
    weights = np.full(len(parts), 1.0) if shares is None else shares
    total = np.zeros((len(parts), *parts[0].forecast.shape, len(columns)))
    for own, part in zip(total, parts, strict=True):
        own[:, :, [place[column] for column in part.columns]] = part.contributions
    return Explanation(
        columns,
        np.average([part.baseline for part in parts], axis=0, weights=weights),
        np.average(total, axis=0, weights=weights),
        np.average([part.forecast for part in parts], axis=0, weights=weights),
        " and ".join(dict.fromkeys(part.method for part in parts)),
    )
