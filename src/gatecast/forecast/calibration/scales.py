"""What the errors of forecasts are measured in, by the method of the intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calibration.movement import volatility
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model
from gatecast.nn.init import make_generator

#: draws of a model that are looked at: with dropout left on, and joint paths
DRAWS, PATHS = 100, 100
#: the least that a model may believe its error to be, as a share of how much the series moves
LEAST = 0.1


@dataclass(frozen=True)
class Yardstick:
    """What the errors of forecasts are measured in.

    Attributes
    ----------
    method : str
        Of the intervals.
    levels : tuple of float
    pooled : bool
        Whether the errors of several series are told of together.
    draws : bool
        Whether the model draws paths itself.
    seed : int
    usual : float, optional
        What a series of which one row is known is taken to move, as a share of its level.
    """

    method: str
    levels: tuple[float, ...]
    pooled: bool
    draws: bool
    seed: int
    usual: float | None = None

    @property
    def believes(self) -> bool:
        """Whether errors are measured in the model's own bounds, level by level."""
        return self.method == "quantiles" or (self.method == "paths" and self.draws)

    def of(self, level: float) -> int:
        """Which of the scales serves a level."""
        if not self.believes:
            return 0
        return int(np.argmin(np.abs(np.array(self.levels) - level)))

    def scales(self, model: Model, history: History, origins: Origins, points: Array) -> Array:
        """(levels or 1, n, steps or 1, 2 or 1): a bank's ``scales``."""
        moves = self.moves(model, history, origins)
        if self.method == "dropout":
            own = spread(model, history, origins, make_generator(self.seed), moves)
            return tempered(own, moves)
        if self.believes:
            return tempered(believed(self.bounds(model, history, origins), points, moves), moves)
        return (moves if self.pooled else np.ones_like(moves))[None, :, None, None]

    def moves(self, model: Model, history: History, origins: Origins) -> Array:
        """(n,): how much each series moves."""
        return volatility(history, origins, model.period_, self.usual)

    def bounds(self, model: Model, history: History, origins: Origins) -> Array:
        """(n, horizon, 2·levels): the model's own bounds, or those of its own paths."""
        shares = shares_of(self.levels)
        if self.method == "paths":
            drawn = model.sample(history, PATHS, make_generator(self.seed), origins)
            assert drawn is not None  # it gave some in fit
            return np.moveaxis(np.quantile(drawn, shares, axis=1), 0, -1)
        bounds = model.quantiles(history, shares, origins)
        if bounds is None:
            raise InputError(
                f"{model.name} gives no quantiles; train it with the loss 'quantiles' or that of a "
                "distribution, or use method='conformal'"
            )
        return bounds


def spread(
    model: Model, history: History, origins: Origins, rng: np.random.Generator, moves: Array
) -> Array:
    """(1, n, horizon, 1): the standard deviation of forecasts with dropout left on."""
    draws = model.draw_dropout(history, DRAWS, rng, origins)
    if draws is None:
        raise InputError(f"{model.name} has no dropout to draw with; use method='conformal'")
    deviation = draws.std(axis=1, ddof=1)
    found: Array = np.maximum(deviation, LEAST * moves[:, None])
    return found[None, ..., None]


def shares_of(levels: Sequence[float]) -> Array:
    """(2·levels,): the shares of the truth below the lower and the upper bound of each level.

    Examples
    --------
    >>> shares_of([80.0])
    array([0.1, 0.9])
    """
    return np.array([(0.5 - level / 200, 0.5 + level / 200) for level in levels]).ravel()


def believed(bounds: Array, points: Array, moves: Array) -> Array:
    """(levels, n, steps, 2): how far below and above its forecast a model puts its bounds.

    Parameters
    ----------
    bounds : (n, horizon, 2·levels) array
        The model's own, of :func:`shares_of`.
    points : (n, steps) array
        Of as many steps as the horizon or fewer.
    moves : (n,) array
        How much each series moves.
    """
    steps, levels = points.shape[1], bounds.shape[2] // 2
    away = bounds[:, :steps].reshape(*points.shape, levels, 2) - points[..., None, None]
    away[..., 0] *= -1
    found: Array = np.maximum(np.moveaxis(away, 2, 0), LEAST * moves[:, None, None])
    return found


def tempered(own: Array, moves: Array) -> Array:
    """(levels, n, steps, sides): half-way, in logarithms, from how much series move to ``own``.

    A network that is overfitted to some rows believes its errors to be next to nothing there;
    measured in that, a handful of errors would tell of bounds a hundred times too wide.

    (Chosen among a few such rules by the interval scores of networks with quantiles, a normal
    distribution or dropout, on the last rows of the training file of M3's monthly series, a
    hundred as a panel and twenty-eight by themselves.)

    Parameters
    ----------
    own : (levels, n, steps, sides) array
        How far away a model believes its errors to be.
    moves : (n,) array
    """
    found: Array = np.sqrt(own * moves[:, None, None])
    return found


def extended(scales: Array, steps: int) -> Array:
    """Scales (levels, n, horizon or 1, sides) for so many steps: the last one goes on."""
    known = scales.shape[2]
    if known in (1, steps):
        return scales
    return scales[:, :, np.minimum(np.arange(steps), known - 1)]
