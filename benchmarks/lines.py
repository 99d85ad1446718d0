"""Whether training time grows in proportion: straight lines through measured times."""

from dataclasses import dataclass

import numpy as np

from benchmarks.results import Results
from benchmarks.works import linear

KERNELS = ("native", "reference")


@dataclass(frozen=True)
class Line:
    """Times of one contestant along one axis, and the straight line through them.

    Parameters
    ----------
    contestant, axis : str
    sizes : list of int
        Windows, steps or layers.
    seconds : list of float
        Of one epoch of training.
    each, start : float
        Slope and offset of the line of least squares.
    r_squared : float
        The share of the times' variance that the line explains.
    """

    contestant: str
    axis: str
    sizes: list[int]
    seconds: list[float]
    each: float
    start: float
    r_squared: float


def lines(results: Results) -> list[Line]:
    """Every axis along which a run has measured at least three sizes."""
    found = []
    for contestant in KERNELS:
        for axis, works in linear(results.about["quick"]).items():
            measured = [results.default(work, contestant) for work in works]
            sizes = [getattr(m.work, axis) for m in measured if m is not None]
            if len(sizes) > 2:
                seconds = [m.seconds for m in measured if m is not None]
                found.append(through(contestant, axis, sizes, seconds))
    return found


def through(contestant: str, axis: str, sizes: list[int], seconds: list[float]) -> Line:
    """The line of least squares.

    Examples
    --------
    >>> line = through("native", "layers", [1, 2, 4], [0.5, 0.75, 1.25])
    >>> round(line.each, 6), round(line.start, 6), round(line.r_squared, 6)
    (0.25, 0.25, 1.0)
    """
    each, start = np.polyfit(sizes, seconds, 1)
    missed = np.asarray(seconds) - (each * np.asarray(sizes) + start)
    r_squared = 1 - float(np.var(missed) / np.var(seconds))
    return Line(contestant, axis, sizes, seconds, float(each), float(start), r_squared)
