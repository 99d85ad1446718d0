"""The recursions of exponential smoothing, over many series and many weights at once.

n series of T rows, C sets of weights each.  With the level l, its trend b, what φ leaves of it and
the season s of one season before, a value is expected to be, and errs by

    μ = (l + φb) + s,  e = y - μ            additive season (or none: s = 0)
    μ = (l + φb) · s,  e = (y - μ) / s      multiplicative season

    l ← l + φb + αe,   b ← φb + βe,   s ← s + γe   (s + γ (y - μ) / (l + φb), if multiplicative)

(the error-correction form of Hyndman, Koehler, Ord, Snyder 2008; the models of multiplicative
error move alike, and differ in what they minimise).  Where a value is missing e is 0.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gatecast.forecast.history import Array, Rows

#: what is left of a trend after a step, at least and at most
LEAST_KEPT, MOST_KEPT = 0.8, 0.98


@dataclass(frozen=True)
class Kind:
    """Which states a model has, and which errors it minimises.

    Attributes
    ----------
    trend : bool
        Whether there is one; it is damped.
    season : {"none", "additive", "multiplicative"}
    relative : bool
        Whether errors are shares of what was expected.
    """

    trend: bool
    season: str
    relative: bool

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of its weights."""
        trend = ("beta", "phi") if self.trend else ()
        return ("alpha", *trend, *(() if self.season == "none" else ("gamma",)))

    def count(self, period: int) -> int:
        """Numbers that are fitted: weights, first states, and the spread of the errors."""
        states = 1 + self.trend + (period - 1) * (self.season != "none")
        return len(self.weights) + states + 1


class States(NamedTuple):
    """Where n series stand: level and trend (n, ...), and the season (period, n, ...)."""

    level: Array
    trend: Array
    season: Array


class Run(NamedTuple):
    """What n series under C sets of weights came to.

    Attributes
    ----------
    squares : (n, C)
        The sum of the squared errors one step ahead (of their shares, where they are relative).
    logs : (n, C)
        Σ log μ, where errors are relative; infinite where some μ is not above 0.
    states : States
        After the last row of each series.
    """

    squares: Array
    logs: Array
    states: States


def weights_of(kind: Kind, free: Array) -> dict[str, Array]:
    """From numbers without bounds (..., weights) to weights: 0 < β < α < 1, 0 < γ < 1 - α.

    Examples
    --------
    >>> kind = Kind(True, "additive", False)
    >>> {name: float(value) for name, value in weights_of(kind, np.zeros(4)).items()}
    {'alpha': 0.5, 'beta': 0.25, 'phi': 0.89, 'gamma': 0.25}
    """
    shares = dict(zip(kind.weights, np.moveaxis(1 / (1 + np.exp(-free)), -1, 0), strict=True))
    alpha = shares["alpha"]
    if "beta" in shares:
        shares["beta"] = alpha * shares["beta"]
    if "phi" in shares:
        shares["phi"] = LEAST_KEPT + (MOST_KEPT - LEAST_KEPT) * shares["phi"]
    if "gamma" in shares:
        shares["gamma"] = (1 - alpha) * shares["gamma"]
    return shares


def run(values: Array, widths: Rows, first: States, kind: Kind, weights: dict[str, Array]) -> Run:
    """Go through all rows.

    Parameters
    ----------
    values : (T, n) array
        NaN where a value is missing.
    widths : (n,) integers
        Rows of each series.
    first : States
        Before the first row: (n,), (n,) and (period, n).
    kind : Kind
    weights : dict of name to (n, C) array
    """
    shape = weights["alpha"].shape
    level, trend = (np.broadcast_to(one[:, None], shape).copy() for one in first[:2])
    season = np.broadcast_to(first.season[..., None], (len(first.season), *shape)).copy()
    last = States(np.empty(shape), np.zeros(shape), np.empty(season.shape))
    squares, logs = np.zeros(shape), np.zeros(shape)
    multiplied = kind.season == "multiplicative"
    alpha, beta, phi, gamma = (weights.get(name) for name in ("alpha", "beta", "phi", "gamma"))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # unfit weights run away
        for step, row in enumerate(values):
            kept = trend if phi is None else trend * phi
            base = level if phi is None else level + kept
            now = season[step % len(season)]
            mean = base.copy() if gamma is None else base * now if multiplied else base + now
            error = row[:, None] - mean
            unknown = np.flatnonzero(np.isnan(row))
            error[unknown] = 0.0
            if kind.relative:
                mean[unknown] = 1.0
                mean[mean <= 0] = np.nan
                squares += np.square(error / mean)
                logs += np.log(mean)
            else:
                squares += np.square(error)
            pulled = error / now if multiplied else error
            level = base + alpha * pulled
            if beta is not None:
                trend = kept + beta * pulled
            if gamma is not None:
                now += gamma * (error / base if multiplied else error)
            ended = np.flatnonzero(widths == step + 1)
            last.level[ended], last.trend[ended] = level[ended], trend[ended]
            last.season[:, ended] = season[:, ended]
    unfit = np.isnan(squares) | np.isnan(logs)
    return Run(np.where(unfit, np.inf, squares), np.where(unfit, np.inf, logs), last)


def drawn_on(states: States, kind: Kind, phi: Array | None, widths: Rows, steps: Array) -> Array:
    """(n, h): forecasts so many steps (n, h) after the last row, from states (n,)."""
    found = np.broadcast_to(states.level[:, None], steps.shape)
    if phi is not None:
        reach = np.cumsum(phi[:, None] ** np.arange(1, steps.max() + 1), axis=1)
        found = found + states.trend[:, None] * np.take_along_axis(reach, steps - 1, axis=1)
    if kind.season == "none":
        return found
    phase = (widths[:, None] - 1 + steps) % len(states.season)
    ahead = states.season[phase, np.arange(len(steps))[:, None]]
    return found * ahead if kind.season == "multiplicative" else found + ahead
