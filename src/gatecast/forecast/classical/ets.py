"""Exponential smoothing by statsmodels (``pip install 'gatecast[stats]'``)."""

import warnings
from itertools import product
from typing import Any, Self

import numpy as np

from gatecast.errors import MissingDependencyError
from gatecast.forecast.classical.simple import SimpleModel
from gatecast.forecast.history import Array, History, Origins, Rows

#: what statsmodels needs to guess the first states from, and the last rows that are looked at
LEAST_ROWS, MOST_ROWS = 10, 1_000
#: (trend, damped)
TRENDS = ((None, False), ("add", False), ("add", True))


class ETS(SimpleModel):
    """Exponential smoothing, fitted to the rows before each origin alone.

    Of the models with additive error (and season) and, where all values are positive, those with
    multiplicative error (and season), with no, a linear or a damped trend, the one with the least
    corrected Akaike criterion.  Missing values are interpolated; series of fewer than 10 rows get
    their last value.  Each origin costs up to twelve fits: some tenths of a second.
    """

    name = "ets"

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        _statsmodels()
        super().fit(history, horizon, period)
        short = int((history.lengths < LEAST_ROWS).sum())
        self.notes_ = (
            (f"{short} series of fewer than {LEAST_ROWS} rows get their last value",)
            if short
            else ()
        )
        return self

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.repeat(history.target[last][:, None], self.horizon_, axis=1)
        for i, (series, row) in enumerate(zip(origins.series, origins.rows, strict=True)):
            known = _without_gaps(history.target[history.offsets[series] : row])[-MOST_ROWS:]
            if len(known) >= LEAST_ROWS:
                best = best_fit(known, self.period_)
                found[i] = best.forecast(self.horizon_)
        return found


def best_fit(values: Array, period: int) -> Any:
    """statsmodels' results of the model that fits best, all values being known."""
    model = _statsmodels()
    seasonal = period > 1 and len(values) >= max(2 * period, LEAST_ROWS)
    fits = []
    for error in ("add", "mul") if values.min() > 0 else ("add",):
        for (trend, damped), season in product(TRENDS, (None, error) if seasonal else (None,)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of convergence; the criterion judges
                fits.append(
                    model(
                        values, error=error, trend=trend, damped_trend=damped, seasonal=season,
                        seasonal_periods=period if season else None,
                        initialization_method="heuristic",
                    ).fit(disp=False)
                )  # fmt: skip
    return min(fits, key=lambda fit: fit.aicc if np.isfinite(fit.aicc) else np.inf)


def _without_gaps(values: Array) -> Array:
    """From the first known value on, gaps interpolated, the last value kept up to the end."""
    known = np.flatnonzero(np.isfinite(values))
    rows = np.arange(known[0], len(values))
    return np.interp(rows, known, values[known])


def _statsmodels() -> Any:
    try:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    except ImportError as error:
        raise MissingDependencyError(
            "exponential smoothing needs statsmodels; install it with pip install "
            "'gatecast[stats]', or choose another model"
        ) from error
    return ETSModel
