"""Classical forecasters of one series, as baselines of ``electric``."""

from itertools import product
from typing import Self

import numpy as np

from gatecast.forecast.baselines import Baseline
from gatecast.forecast.samples import Array, Samples

WEIGHTS = (0.02, 0.1, 0.3, 0.6, 0.9)


class AutoRegression(Baseline):
    """Least squares on the past values themselves, whatever the networks are given: an AR(W).

    Examples
    --------
    >>> past = np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 5.0]])
    >>> samples = Samples(past[..., None], np.array([[4.0], [8.0], [10.0]]), past)
    >>> AutoRegression().fit(samples).predict(samples).round(6)
    array([[ 4.],
           [ 8.],
           [10.]])
    """

    name = "linear_regression"
    naive = False
    note = "on the past values as they are, an autoregression"

    def fit(self, train: Samples) -> Self:
        self.weights_ = np.linalg.lstsq(self._inputs(train), train.y, rcond=None)[0]
        return super().fit(train)

    def predict(self, samples: Samples) -> Array:
        forecast: Array = self._inputs(samples) @ self.weights_
        return forecast

    def _inputs(self, samples: Samples) -> Array:
        past = self._past(samples)
        return np.column_stack([past, np.ones(len(past))])


class HoltWinters(Baseline):
    """Level, trend and season, each smoothed exponentially and added up.

    The three weights are those of a small grid with the least squared error one step ahead in the
    training rows; level, trend and season then run on through the test rows, each forecast made
    from the rows before it.

    Parameters
    ----------
    series : (rows,) array
    training : int
        Rows that choose the weights.
    period : int

    References
    ----------
    Winters, P. R. (1960).  Forecasting sales by exponentially weighted moving averages.
    Management Science 6, 324-342.

    Examples
    --------
    >>> series = np.arange(40.0) + np.tile([0.0, 5.0], 20)
    >>> x = series[:38, None, None]
    >>> train, test = Samples(x, series[1:39, None]), Samples(x[-1:], series[39:, None])
    >>> HoltWinters(series, training=39, period=2).fit(train).predict(test).round(1)
    array([[44.]])
    """

    name = "holt_winters"
    naive = False

    def __init__(self, series: Array, training: int, period: int) -> None:
        self.series, self.training, self.period = series, training, period

    def fit(self, train: Samples) -> Self:
        super().fit(train)
        known = self.series[: self.training]
        first = 2 * self.period  # what the start was made of says nothing about the weights
        errors = {
            weights: np.mean((self._run(known, weights, 1)[first:, 0] - known[first:]) ** 2)
            for weights in product(WEIGHTS, repeat=3)
        }
        self.weights_ = min(errors, key=lambda weights: float(errors[weights]))
        level, trend, season = self.weights_
        self.note = f"weights of level {level:g}, trend {trend:g}, season {season:g}"
        return self

    def predict(self, samples: Samples) -> Array:
        first = len(self.series) - len(samples) - self.horizon_ + 1  # the test windows end with it
        forecasts = self._run(self.series, self.weights_, self.horizon_)
        return forecasts[first : first + len(samples)]

    def _run(self, values: Array, weights: tuple[float, ...], horizon: int) -> Array:
        """(rows, horizon): at each row what it and those after it were forecast to be, before."""
        on_level, on_trend, on_season = weights
        period = self.period
        level = float(values[:period].mean())
        trend = float(values[period : 2 * period].mean() - level) / period
        season = list(values[:period] - level)
        ahead = np.arange(1, horizon + 1)
        forecasts = np.empty((len(values), horizon))
        for row, value in enumerate(values):
            coming = [season[(row + step) % period] for step in range(horizon)]
            forecasts[row] = level + trend * ahead + coming
            last, place = level, row % period
            level = on_level * (value - season[place]) + (1 - on_level) * (level + trend)
            trend = on_trend * (level - last) + (1 - on_trend) * trend
            season[place] = on_season * (value - level) + (1 - on_season) * season[place]
        return forecasts
