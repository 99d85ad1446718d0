"""Statistical methods together, each as far as it has served the panel at hand.

Theta on logarithms, a damped trend and exponential smoothing follow a series wherever it goes: they
suit short series and walks.  An autoregression says of every series how its seasons came of those
before: it suits long and regular ones, on which the others may err twice as much.  Which it is
cannot be told from the number of rows; a backtest of both can.
"""

from typing import Any, Self

import numpy as np

from gatecast.forecast.classical.autoregression import Autoregression
from gatecast.forecast.classical.damped import Damped
from gatecast.forecast.classical.ets import ETS
from gatecast.forecast.classical.simple import SimpleModel
from gatecast.forecast.classical.theta import LogTheta
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.units import scaled_by

#: what the autoregression may count beside the mean of the others
SHARES = np.linspace(0, 1, 5)
#: series of a panel that are tried, origins that they give in all, and of one series
_MOST_SERIES, _ORIGINS, _LEAST_ORIGINS, _MOST_ORIGINS = 200, 60, 2, 8
#: rows before an origin that is tried
_LEAST_ROWS = 8


class Statistics(SimpleModel):
    """The mean of three smoothing methods, an autoregression, or what lies between.

    ``fit`` forecasts from past origins with both and keeps the shares that would have erred least.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> week = np.array([1.0, 5.0, 3.0, 4.0, 9.0, 2.0, 7.0])
    >>> regular = make_history([np.tile(week, 30) * np.repeat([1.0, 3.0], 105)])
    >>> model = Statistics().fit(regular, horizon=7, period=7)
    >>> model.predict(regular).round(1)
    array([[ 3., 15.,  9., 12., 27.,  6., 21.]])
    """

    name = "statistics"
    share_: float

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        super().fit(history, horizon, period)
        tried, origins = tried_origins(history, horizon, period)
        self.share_ = 0.0
        if len(origins):
            regressed, smoothed = self._regressed(tried, origins), self._smoothed(tried, origins)
            truth = tried.truth(origins, horizon)
            units = scaled_by(tried, origins, period)[:, None]
            errors = [
                np.nanmean(np.abs(truth - share * regressed - (1 - share) * smoothed) / units)
                for share in SHARES
            ]
            self.share_ = float(SHARES[np.argmin(errors)])
        self.notes_ = (self._said(),)
        return self

    def _said(self) -> str:
        kinds = ((1 - self.share_, "smoothing"), (self.share_, "autoregression"))
        words = [f"{100 * share:.3g} % {kind}" for share, kind in kinds if share]
        return f"Statistics, by a backtest of past origins: {', '.join(words)}."

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.zeros((len(origins), self.horizon_))
        for share, forecast in ((self.share_, self._regressed), (1 - self.share_, self._smoothed)):
            if share:
                found += share * forecast(history, origins)
        return found

    def _regressed(self, history: History, origins: Origins) -> Array:
        return self._of(Autoregression(), history, origins)

    def _smoothed(self, history: History, origins: Origins) -> Array:
        kinds = (LogTheta, Damped, ETS)
        found: Array = np.mean([self._of(kind(), history, origins) for kind in kinds], axis=0)
        return found

    def _of(self, model: SimpleModel, history: History, origins: Origins) -> Array:
        return model.fit(history, self.horizon_, self.period_).predict(history, origins)

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = super().get_state()
        return config | {"share": self.share_}, arrays

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        self.share_ = config["share"]
        self.notes_ = (self._said(),)
        return super().set_state(config, arrays)


def tried_origins(history: History, horizon: int, period: int) -> tuple[History, Origins]:
    """Series that lie evenly in the panel, and past origins to forecast from.

    The last two of each, a horizon apart; more, and closer ones, where series are few.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> tried_origins(make_history([np.arange(40.0)]), horizon=6, period=1)[1].rows
    array([13, 16, 19, 22, 25, 28, 31, 34])
    """
    places = np.linspace(0, len(history) - 1, min(len(history), _MOST_SERIES))
    tried = history.take(np.unique(places.astype(np.intp)))
    windows = int(np.clip(_ORIGINS // len(tried), _LEAST_ORIGINS, _MOST_ORIGINS))
    step = horizon if windows == _LEAST_ORIGINS else max(horizon // 2, 1)
    least = max(2 * period, horizon, _LEAST_ROWS)
    origins = tried.begun(tried.rolling(horizon, windows, step, least=least))
    return tried, origins.take(np.isfinite(tried.truth(origins, horizon)).any(axis=1))
