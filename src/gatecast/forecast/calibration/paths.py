"""Joint paths: forecasts plus whole paths of held-out errors."""

import numpy as np

from gatecast.forecast.calibration.offsets import Errors
from gatecast.forecast.history import Array


def draw_paths(errors: Errors, count: int, horizon: int, rng: np.random.Generator) -> Array:
    """(count, horizon): error paths in scales, drawn with replacement.

    A path is kept whole, so that errors that go together stay together (a forecast that is too
    low today is too low tomorrow).  Where few rows are known the paths are also turned over by
    chance, each step is stretched to what is usual at it, and the whole path as Student's t would
    have it, for the spread of few rows is itself uncertain.  A path whose truth ends early goes on
    as it was there.

    Examples
    --------
    >>> errors = Errors(np.array([[1.0, 2.0], [-1.0, -2.0]] * 50))
    >>> draws = draw_paths(errors, 100, 2, np.random.default_rng(0))
    >>> print(np.corrcoef(draws.T)[0, 1].round(6))
    1.0
    """
    known = ~np.isnan(errors.values)
    whole = known.all(axis=1)
    rows = errors.values[whole if whole.sum() >= WHOLE else known.any(axis=1)]
    steps = max(horizon, known.shape[1])
    usual = errors.usual(steps)
    drawn = np.full((count, steps), np.nan)
    drawn[:, : known.shape[1]] = rows[rng.integers(len(rows), size=count)]
    own = usual.copy()
    if errors.independent < FEW:  # a handful of rows: their own spread by step is chance
        own[: known.shape[1]] = np.where(errors.means > 0, errors.means, own[: known.shape[1]])
        drawn *= rng.choice([-1.0, 1.0], size=(count, 1))
        drawn *= np.sqrt(errors.independent / rng.chisquare(errors.independent, size=(count, 1)))
    found: Array = (_carried(drawn / own) * usual)[:, :horizon]
    return found


#: paths known to their end that are enough to draw from
WHOLE = 10
#: independent rows below which paths are turned over and stretched
FEW = 100.0


def _carried(values: Array) -> Array:
    """Each row's last known value in the place of those that are not known (the first: 0)."""
    known = ~np.isnan(values)
    place = np.maximum.accumulate(np.where(known, np.arange(values.shape[1]), -1), axis=1)
    taken = np.take_along_axis(values, np.maximum(place, 0), axis=1)
    return np.where(place >= 0, taken, 0.0)
