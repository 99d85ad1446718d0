"""A backtest taken apart: its errors by origin and by step ahead, its intervals by level."""

from collections.abc import Mapping

import numpy as np

from gatecast.forecast.backtest import Backtest
from gatecast.forecast.calibration import CoverageReport
from gatecast.forecast.history import Array
from gatecast.forecast.units import scaled_by
from gatecast.results import Breakdown, Reliability

Models = Mapping[str, Array]


def breakdowns_of(backtest: Backtest, models: Models, moments: Array) -> list[Breakdown]:
    """Errors by origin, over all series and steps, and by step ahead, over all origins.

    Parameters
    ----------
    backtest : Backtest
    models : dict of name to (n, steps) array
        The backtest's own forecasts, and others' from the same origins.
    moments : (n,) array
        Of the first step ahead of each origin.
    """
    scales = scaled_by(backtest.history, backtest.origins, backtest.period)[:, None]
    errors = {name: points - backtest.truth for name, points in models.items()}
    shape = backtest.points.shape
    places, origin = np.unique(moments, return_inverse=True)
    origins = _metrics(errors, scales, np.broadcast_to(origin[:, None], shape), len(places))
    steps = _metrics(errors, scales, np.broadcast_to(np.arange(shape[1]), shape), shape[1])
    return [
        Breakdown("origin", places, origins),
        Breakdown("step", np.arange(1, shape[1] + 1), steps),
    ]


def _metrics(
    errors: Models, scales: Array, groups: Array, count: int
) -> dict[str, dict[str, Array]]:
    """Metric -> model -> (count,), each over the errors of one group."""
    found: dict[str, dict[str, Array]] = {"mase": {}, "mae": {}, "rmse": {}, "bias": {}}
    for name, error in errors.items():
        found["mase"][name] = _means(np.abs(error) / scales, groups, count)
        found["mae"][name] = _means(np.abs(error), groups, count)
        found["rmse"][name] = np.sqrt(_means(error**2, groups, count))
        found["bias"][name] = _means(error, groups, count)
    return found


def _means(values: Array, groups: Array, count: int) -> Array:
    """(count,): the mean of the known values of each group, NaN where there are none."""
    known = np.isfinite(values)
    number = np.bincount(groups[known], minlength=count)
    total = np.bincount(groups[known], values[known], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def reliability_of(backtest: Backtest) -> Reliability | None:
    """What the backtest's intervals covered; None where there were none, or no truth.

    Examples
    --------
    >>> from gatecast.forecast.history import Origins, make_history
    >>> from gatecast.forecast.intervals import Interval
    >>> history = make_history(np.array([1.0, 2.0, 9.0]))
    >>> truth, points = np.array([[2.0, 9.0]]), np.array([[1.0, 1.0]])
    >>> origins = Origins(np.array([0]), np.array([1]))
    >>> interval = Interval(points - 2, points + 2, 80.0)
    >>> done = Backtest(history, origins, points, truth, {80.0: interval}, 1)
    >>> reliability_of(done).by_step.ravel()
    array([100.,   0.])
    """
    known = np.isfinite(backtest.truth)
    if not backtest.intervals or not known.any():
        return None
    steps = np.broadcast_to(np.arange(known.shape[1]), known.shape)
    covered, widths, scores = [], [], []
    for level, interval in sorted(backtest.intervals.items()):
        below = np.maximum(interval.lower - backtest.truth, 0.0)
        above = np.maximum(backtest.truth - interval.upper, 0.0)
        inside = np.where(known, 100.0 * (below + above == 0), np.nan)
        covered.append(_means(inside, steps, known.shape[1]))
        width = (interval.upper - interval.lower)[known]
        widths.append(width.mean())
        scores.append((width + 2 / (1 - level / 100) * (below + above)[known]).mean())
    weights = known.sum(axis=0)
    table = np.stack(covered, axis=1)
    overall = (np.where(weights[:, None] > 0, table, 0.0) * weights[:, None]).sum(axis=0)
    return Reliability(
        np.array(sorted(backtest.intervals)), overall / weights.sum(), np.array(widths),
        np.array(scores), table, int(known.sum()),
    )  # fmt: skip


def reliability_said(report: CoverageReport, horizon: int) -> Reliability | None:
    """The same of what a calibration measured on its own held-out origins."""
    levels = sorted({row.level for row in report.rows if row.step == 0 and row.count})
    if not levels:
        return None
    table = np.full((horizon, len(levels)), np.nan)
    for row in report.rows:
        if row.step and row.level in levels:
            table[row.step - 1, levels.index(row.level)] = row.coverage
    overall = [report.overall(level) for level in levels]
    covered, widths, scores = (
        np.array([getattr(row, name) for row in overall]) for name in ("coverage", "width", "score")
    )
    points = max(row.count for row in overall)
    return Reliability(np.array(levels), covered, widths, scores, table, points)
