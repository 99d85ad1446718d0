"""Backtests: forecasts from origins in the past, beside what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gatecast import metrics
from gatecast.errors import InputError
from gatecast.forecast.advancing import forecast_far, reaching
from gatecast.forecast.classical import SeasonalNaive
from gatecast.forecast.fitting import Fitted, Terms, fit_history
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.intervals import Interval
from gatecast.forecast.model import Model
from gatecast.forecast.results import Evaluation
from gatecast.forecast.units import scaled_by


@dataclass(frozen=True)
class Backtest:
    """Forecasts from n origins.

    Attributes
    ----------
    history : History
    origins : Origins
    points, truth : (n, steps) arrays
    intervals : dict of float to Interval
    period : int
    model : Model, optional
        What forecast from all origins, where it learned once; it has seen the rows before the
        first of them.
    """

    history: History
    origins: Origins
    points: Array
    truth: Array
    intervals: dict[float, Interval]
    period: int
    model: Model | None = None

    def evaluate(self, name: str) -> Evaluation:
        """Scores, beside those of seasonal naive."""
        steps = self.points.shape[1]
        rival = SeasonalNaive().fit(self.history, steps, self.period)
        naive = rival.predict(self.history, self.origins)
        scales = scaled_by(self.history, self.origins, self.period)
        known = np.isfinite(self.truth)
        own, other = (self._scores(f, scales, known) for f in (self.points, naive))
        rows = {
            "mae": np.abs(self.points - self.truth),
            "naive_mae": np.abs(naive - self.truth),
        }
        return Evaluation(
            model=name,
            metrics=own,
            naive=other,
            skill=1 - own["mase"] / other["mase"] if other.get("mase", 0) > 0 else None,
            by_step={name: _by_step(errors) for name, errors in rows.items()},
            coverage={level: 100 * self._covered(i, known) for level, i in self.intervals.items()},
            interval_score={
                level: metrics.interval_score(
                    self.truth[known], i.lower[known], i.upper[known], level=level
                )
                for level, i in self.intervals.items()
            },
            origins=len(self.origins),
            series=len(np.unique(self.origins.series)),
        )

    def _scores(self, forecast: Array, scales: Array, known: Array) -> dict[str, float]:
        truth, found = self.truth[known], forecast[known]
        scaled = np.abs(forecast - self.truth) / scales[:, None]
        return {
            "mae": metrics.mae(truth, found),
            "rmse": metrics.rmse(truth, found),
            "smape": metrics.smape(truth, found),
            "mase": float(scaled[known].mean()),
        }

    def _covered(self, interval: Interval, known: Array) -> float:
        return metrics.coverage(self.truth[known], interval.lower[known], interval.upper[known])


class _Part(NamedTuple):
    """Forecasts from some of the origins."""

    origins: Origins
    points: Array
    intervals: dict[float, Interval]


def _by_step(errors: Array) -> Array:
    """(steps,): the mean of the known errors of each step, NaN where there are none."""
    known = np.isfinite(errors)
    found = np.full(errors.shape[1], np.nan)
    total, count = np.where(known, errors, 0.0).sum(axis=0), known.sum(axis=0)
    np.divide(total, count, out=found, where=count > 0)
    return found


def run_backtest(
    history: History, terms: Terms, steps: int, *, windows: int, step: int, refit: bool | int
) -> Backtest:
    """Forecast ``steps`` rows from the last ``windows`` origins of each series, ``step`` apart.

    The model learns from what comes before the first of these origins (of a series that is too
    short for it, nothing: what one series went through then says what others did); with ``refit``
    anew (from nothing) at every origin, or every so many.  Where it does not learn anew and needs
    no iteration, all origins are forecast at once: a network that runs over whole series then
    reads each of them once.
    """
    windows = min(windows, int(history.lengths.max()))  # each of its own row
    every = _every(refit, windows)
    rounds = _rounds(history, steps, windows, step)
    parts: list[_Part] = []
    for start in range(0, len(rounds), every):
        group = rounds[start : start + every]
        fitted = _fit_before(history, group[0], terms, windows)
        parts += [
            _forecast(fitted, history, origins, steps, terms.levels)
            for origins in _together(group, steps, terms.horizon)
        ]
    once = fitted.model if every >= len(rounds) else None
    return _gathered(history, parts, terms.period, once)


def _every(refit: bool | int, windows: int) -> int:
    """Origins that one fit serves."""
    if isinstance(refit, bool | np.bool_):
        return 1 if refit else windows
    if not isinstance(refit, int | np.integer) or refit < 1:
        raise InputError(f"refit must be True, False or a number of origins, it is {refit!r}")
    return int(refit)


def _rounds(history: History, steps: int, windows: int, step: int) -> list[Origins]:
    """The origins so many rows before the ends, the earliest first; those of no series are out."""
    found = [_round(history, steps, back * step) for back in reversed(range(windows))]
    rounds = [origins for origins in found if len(origins)]
    if not rounds:
        raise InputError(
            f"the longest series has {int(history.lengths.max())} rows, too few for a backtest of "
            f"{steps} steps after a known value; give longer series, or a smaller h"
        )
    return rounds


def _round(history: History, steps: int, back: int) -> Origins:
    """The origin of each series so many rows before its last; none before its first value."""
    rows = history.offsets[1:] - steps - back
    real = np.flatnonzero(rows > history.offsets[:-1])
    return history.begun(Origins(real, rows[real]))


def _fit_before(history: History, origins: Origins, terms: Terms, windows: int) -> Fitted:
    """A model that learned from what comes before these origins."""
    try:
        return fit_history(_before(history, origins), terms)
    except InputError as error:
        raise InputError(
            f"{error} (said of the rows before the first of {windows} origins; fewer of them, "
            "a smaller h, or a smaller step between them leave more)"
        ) from error


def _before(history: History, origins: Origins) -> History:
    """What is known before these origins; a series without one gives nothing."""
    stops = history.offsets[:-1].copy()
    stops[origins.series] = origins.rows
    return history.until(stops).take(origins.series)


def _together(group: list[Origins], steps: int, horizon: int) -> list[Origins]:
    """All origins at once, or one a series at a time where forecasts are iterated."""
    if steps > horizon:
        return group
    joint = _joined(group)
    return [joint.take(_in_order(joint))]


def _joined(several: list[Origins]) -> Origins:
    return Origins(
        np.concatenate([one.series for one in several]),
        np.concatenate([one.rows for one in several]),
    )


def _in_order(origins: Origins) -> Rows:
    """Series by series, each from its earliest origin on."""
    order: Rows = np.lexsort((origins.rows, origins.series))
    return order


def _forecast(
    fitted: Fitted, history: History, origins: Origins, steps: int, levels: Sequence[float]
) -> _Part:
    """Points and intervals from some origins."""
    model, calibration = fitted.model, fitted.calibration
    history = reaching(history, model.horizon_ - steps)
    if steps > model.horizon_:
        points = forecast_far(model, _before(history, origins), steps)
    else:
        points = model.predict(history, origins)[:, :steps]
    if calibration is None:
        return _Part(origins, points, {})
    found = calibration.apply(model, history, origins, points=points, levels=levels)
    return _Part(origins, points, found)


def _gathered(history: History, parts: list[_Part], period: int, model: Model | None) -> Backtest:
    """All parts as one, in the order of the series."""
    origins = _joined([part.origins for part in parts])
    order = _in_order(origins)

    def every(arrays: list[Array]) -> Array:
        ordered: Array = np.concatenate(arrays)[order]
        return ordered

    points = every([part.points for part in parts])
    intervals = {
        level: Interval(
            every([part.intervals[level].lower for part in parts]),
            every([part.intervals[level].upper for part in parts]),
            level,
        )
        for level in parts[0].intervals
    }
    origins = origins.take(order)
    truth = history.truth(origins, points.shape[1])
    return Backtest(history, origins, points, truth, intervals, period, model)
