"""Statistical methods on series without their season: many at once, each by itself.

A series is classically adjusted (by ratios where it is positive, by differences where it is not),
drawn on by the method, and given its season back.
"""

from typing import ClassVar

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.classical.simple import SimpleModel, next_known
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.seasonal import is_seasonal, seasonal_indices, shrunk_indices

#: values that are worked on at once, a series counting as 50 at least
_BLOCK, _LEAST = 500_000, 50


class AdjustedModel(SimpleModel):
    """Base of methods for series without a season; a subclass writes :meth:`draw`.

    Attributes
    ----------
    shrinks : bool
        Whether seasons are taken out of every series as far as they are sure, instead of
        altogether where the test finds one.
    in_logs : bool
        Whether positive series are drawn on as their logarithms.
    """

    shrinks: ClassVar[bool] = False
    in_logs: ClassVar[bool] = False

    def draw(self, values: Array, widths: Rows, steps: Array) -> Array:
        """(n, h): each series drawn on.

        Parameters
        ----------
        values : (n, T) array
            NaN past the ``widths`` (n,) of each series.
        steps : (n, h) integers
            From the last value.
        """
        raise NotImplementedError

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.empty((len(origins), self.horizon_))
        firsts = next_known(history)[history.offsets[origins.series]]
        widths = last + 1 - firsts
        order, wide = np.argsort(widths, kind="stable"), np.maximum(widths, _LEAST)
        start = 0
        while start < len(order):
            stop = start + 1
            while stop < len(order) and (stop + 1 - start) * wide[order[stop]] <= _BLOCK:
                stop += 1
            part = order[start:stop]
            # rows without a value between the last one and the origin are steps ahead too
            gaps = origins.rows[part] - 1 - last[part]
            steps = gaps[:, None] + np.arange(1, self.horizon_ + 1)
            found[part] = self._block(history.target, firsts[part], widths[part], steps)
            start = stop
        return found

    def _block(self, target: Array, firsts: Rows, widths: Rows, steps: Array) -> Array:
        """Forecasts of some series, side by side; ``steps`` (n, horizon) count from the last."""
        place = np.arange(int(widths.max()))
        inside = place < widths[:, None]
        values = target[np.minimum(firsts[:, None] + place, firsts[:, None] + widths[:, None] - 1)]
        values = np.where(inside, _joined(values), np.nan)
        positive = np.nanmin(values, axis=1) > 0
        logs = positive & self.in_logs
        values[logs] = np.log(values[logs])
        ratios = positive & ~logs
        index = self._indices(values, ratios)
        pattern = index[:, place % self.period_]
        plain = np.where(ratios[:, None], values / np.where(pattern > 0, pattern, 1.0),
                         values - pattern)  # fmt: skip
        drawn = self.draw(plain, widths, steps)
        phase = (widths[:, None] - 1 + steps) % self.period_
        ahead = np.take_along_axis(index, phase, axis=1)
        forecast: Array = np.where(ratios[:, None], drawn * ahead, drawn + ahead)
        forecast[logs] = np.exp(forecast[logs])
        return forecast

    def _indices(self, values: Array, ratios: Array) -> Array:
        """(n, period): the season of each series, from its first value on."""
        index = np.where(ratios[:, None], 1.0, 0.0) * np.ones(self.period_)
        if self.period_ < 2:
            return index
        seasonal = np.full(len(values), True) if self.shrinks else is_seasonal(values, self.period_)
        indices = shrunk_indices if self.shrinks else seasonal_indices
        for kind in (True, False):
            chosen = seasonal & (ratios == kind)
            index[chosen] = indices(values[chosen], self.period_, ratios=kind)
        return index


def _joined(values: Array) -> Array:
    """Missing values as the last known one; the first is known."""
    known = np.isfinite(values)
    if known.all():
        return values
    if not known[:, 0].all():
        raise InputError("the first value of each series must be known")
    latest = np.maximum.accumulate(np.where(known, np.arange(values.shape[1]), 0), axis=1)
    return np.take_along_axis(values, latest, axis=1)
