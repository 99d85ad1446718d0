"""How far from a forecast the truth lies so often: from the errors of origins held out.

Errors are (n, horizon) and signed, truth minus forecast, NaN where there is no truth.  How they
are used depends on how many tell something new (*effective* rows: origins a step apart share
most of the rows that they forecast, so n of them count, at step h, as 1 + (n - 1) / h a series):

- many (20 / α): each step has its own lower and upper error, each exceeded by a share α/2;
- fewer (5 / α): each step has its own absolute error, the ⌈(n + 1)·level⌉-th smallest;
- few: the errors of all steps, divided by what is usual at their step, are pooled.  What is usual
  is partly the step's own mean absolute error and partly a law of growth a·h^b, b in [0, 1]
  (½ is a random walk's), the more the fewer the rows.  The pooled quantile is not trusted to be
  less than Student's t with as many degrees of freedom as rows: few rows widen the interval.

α is 1 - level / 100.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from gatecast.forecast.history import Array

#: effective rows that each regime needs, times α
TWO_SIDED, PER_STEP = 20.0, 5.0
#: effective rows with which a step's own mean counts as much as the law of growth
PRIOR = 20.0
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Errors:
    """Errors of forecasts from some origins, and how many of them tell something new.

    Attributes
    ----------
    values : (n, horizon) array
        Truth minus forecast over scale, NaN where there is none.
    groups : int
        Series that they come from.
    step : float
        Rows from one origin of a series to the next.
    """

    values: Array
    groups: int = 1
    step: float = 1.0

    @cached_property
    def counts(self) -> Array:
        """(horizon,): errors known of each step."""
        counts: Array = np.sum(~np.isnan(self.values), axis=0)
        return counts

    @cached_property
    def effective(self) -> Array:
        """(horizon,): how many of them tell something new."""
        per_group = self.counts / self.groups
        ahead = 1 + np.arange(self.values.shape[1])
        share = np.minimum(self.step / ahead, 1.0)
        new: Array = self.groups * np.maximum(1 + (per_group - 1) * share, 0)
        return np.minimum(new, self.counts, dtype=np.float64)

    @cached_property
    def independent(self) -> float:
        """How many rows the errors of all steps count for: the harmonic mean over the steps."""
        return float(1 / np.mean(1 / np.maximum(self.effective, 1.0)))

    @cached_property
    def means(self) -> Array:
        """(horizon,): the mean absolute error of each step, 0 where none is known."""
        found: Array = np.nansum(np.abs(self.values), axis=0) / np.maximum(self.counts, 1)
        return found

    @cached_property
    def law(self) -> tuple[float, float]:
        """a and b of a·h^b, the law by which the mean absolute errors grow."""
        known = self.counts > 0
        ahead = 1.0 + np.arange(len(known))
        return _law(np.maximum(self.means[known], TINY), self.effective[known], ahead[known])

    @cached_property
    def magnitudes(self) -> Array:
        """(known errors,): all of them, over what is usual at their step, in order of size."""
        values = self.values / self.usual(self.values.shape[1])
        return np.sort(np.abs(_known(values)))

    def usual(self, horizon: int) -> Array:
        """(horizon,): the mean absolute error of each step, evened out by the law of growth."""
        start, power = self.law
        ahead = 1.0 + np.arange(horizon)
        usual = start * ahead**power
        known = len(self.means)
        steps = min(horizon, known)
        weight = self.effective / (self.effective + PRIOR)
        last = weight[-1] * self.means[-1] + (1 - weight[-1]) * start * known**power
        usual[:steps] = (weight * self.means)[:steps] + (1 - weight[:steps]) * usual[:steps]
        usual[known:] = last * (ahead[known:] / known) ** power  # beyond: on from where steps end
        found: Array = np.maximum(usual, TINY)
        return found


def _law(means: Array, weights: Array, ahead: Array) -> tuple[float, float]:
    """a and b of a·h^b through the means, in logarithms; b drawn towards a random walk's ½."""
    x, y = np.log(ahead), np.log(means)
    center_x, center_y = np.average(x, weights=weights), np.average(y, weights=weights)
    spread = float(weights @ (x - center_x) ** 2)
    slope = (float(weights @ ((x - center_x) * (y - center_y))) + 0.5) / (spread + 1.0)
    power = min(max(slope, 0.0), 1.0)
    return float(np.exp(center_y - power * center_x)), power


def offsets(errors: Errors, level: float, horizon: int) -> Array:
    """(horizon, 2): what to add to a forecast for the bounds of a level.

    Examples
    --------
    >>> errors = Errors(np.array([[1.0], [-2.0], [3.0], [-4.0]] * 10))
    >>> offsets(errors, 50, 1)
    array([[-4.,  3.]])
    """
    miss = 1 - level / 100
    known = errors.values.shape[1]
    steps = min(known, horizon)
    if is_pooled(errors, level):
        half = _pooled(errors, level) * errors.usual(horizon)
        return np.stack([-half, half], axis=1)
    found = np.empty((horizon, 2))
    if float(errors.effective.min()) * miss >= TWO_SIDED:
        for step in range(steps):
            values = _known(errors.values[:, step])
            found[step] = -_ranked(-values, 1 - miss / 2), _ranked(values, 1 - miss / 2)
    else:
        for step in range(steps):
            width = _ranked(np.abs(_known(errors.values[:, step])), level / 100)
            found[step] = -width, width
    if horizon > known:
        growth = errors.usual(horizon)
        found[known:] = found[known - 1] * (growth[known:] / growth[known - 1])[:, None]
    return found


def is_pooled(errors: Errors, level: float) -> bool:
    """Whether the errors are too few for each step to have its own bounds."""
    return bool(errors.effective.min() * (1 - level / 100) < PER_STEP)


def _pooled(errors: Errors, level: float) -> float:
    """How many usual errors the bound of a level is away."""
    sizes, rows = errors.magnitudes, errors.independent
    rank = int(np.ceil(level / 100 * len(sizes)))
    spread = float(np.sqrt(np.mean(sizes**2)))
    student = float(special.stdtrit(rows, 0.5 + level / 200)) * spread
    return max(float(sizes[rank - 1]), student)


def _ranked(values: Array, share: float) -> float:
    """The ⌈(n + 1)·share⌉-th smallest, the largest where there are fewer."""
    rank = min(int(np.ceil((len(values) + 1) * share - 1e-9)), len(values))
    return float(np.partition(values, rank - 1)[rank - 1])


def _known(values: Array) -> Array:
    return values[~np.isnan(values)]
