"""What every forecasting model is: fitted to a history, it forecasts from origins.

Networks and baselines alike; the :class:`gatecast.forecast.forecaster.Forecaster` puts tables,
intervals and reports around one of them.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History, Origins


@dataclass(frozen=True)
class Draws:
    """What is to be drawn: joint paths, or point forecasts with dropout left on.

    Attributes
    ----------
    history : History
    count : int
        Draws from each origin.
    rng : numpy.random.Generator
    origins : Origins
    dropout : bool
        Whether it is forecasts with dropout.
    """

    history: History
    count: int
    rng: np.random.Generator
    origins: Origins
    dropout: bool = False

    def by(self, model: "Model", count: int) -> Array | None:
        """(n, count, horizon): so many of them by one model."""
        draw = model.draw_dropout if self.dropout else model.sample
        return draw(self.history, count, self.rng, self.origins)


class Model:
    """Base of models; a subclass writes ``predict``, and ``fit`` where there is anything to learn.

    One that draws writes ``_drawn``.

    Attributes
    ----------
    name : str
        The name of its column in forecasts.
    horizon_, period_ : int
        After ``fit``: steps that it forecasts at once, rows in a season (1 is no season).
    notes_ : tuple of str
        What the fit has to say to the user.
    """

    name: ClassVar[str] = "model"
    #: whether ``fit`` must learn before anything can be forecast
    learns: ClassVar[bool] = False
    #: whether there are settings with which it draws, paths or with dropout
    draws: ClassVar[bool] = False
    #: whether covariates tell it anything
    sees_covariates: ClassVar[bool] = True

    horizon_: int
    period_: int
    notes_: tuple[str, ...] = ()

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        """Learn from every row of the history."""
        self.horizon_, self.period_ = horizon, period
        return self

    def refit(self, history: History) -> Self:
        """Learn further, from the present weights; anew where there are none."""
        return self.fit(history, self.horizon_, self.period_)

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        """(n, horizon): point forecasts from each origin, by default from each series' end.

        Nothing in an origin's row or after it is looked at, but for covariates known in advance.
        Of a series that never was below zero, no forecast is (``History.floored``).
        """
        raise NotImplementedError

    def quantiles(
        self, history: History, levels: Array, origins: Origins | None = None
    ) -> Array | None:
        """(n, horizon, levels): quantiles at levels in (0, 1); None where it has none itself."""
        return None

    def sample(
        self,
        history: History,
        count: int,
        rng: np.random.Generator,
        origins: Origins | None = None,
    ) -> Array | None:
        """(n, count, horizon): joint paths; None where it draws none itself."""
        origins = history.ends() if origins is None else origins
        return self._drawn(Draws(history, count, rng, origins))

    def draw_dropout(
        self,
        history: History,
        count: int,
        rng: np.random.Generator,
        origins: Origins | None = None,
    ) -> Array | None:
        """(n, count, horizon): point forecasts with dropout left on; None where there is none."""
        origins = history.ends() if origins is None else origins
        return self._drawn(Draws(history, count, rng, origins, dropout=True))

    def _drawn(self, asked: Draws) -> Array | None:
        """(n, count, horizon): what is asked for; None where it draws none itself."""
        return None

    @property
    def logs(self) -> bool:
        """Whether it learned from logarithms of the values, which had all been positive."""
        return False

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What ``fit`` learned: plain configuration, and arrays by name."""
        return {"horizon": self.horizon_, "period": self.period_}, {}

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """Take it back."""
        self.horizon_, self.period_ = config["horizon"], config["period"]
        return self

    def _asked(self, history: History, origins: Origins | None) -> Origins:
        """The origins, by default the ends; one before which no value is known is refused."""
        self._fitted()
        origins = history.ends() if origins is None else origins
        none = np.flatnonzero(history.known_before(origins) == 0)
        if none.size:
            raise InputError(
                f"{self.name} needs a known value before each origin, series "
                f"{int(origins.series[none[0]])} (counted from 0) has none before row "
                f"{int(origins.rows[none[0]])}; leave that origin out"
            )
        return origins

    def _fitted(self) -> None:
        if not hasattr(self, "horizon_"):
            raise InputError(f"{self.name} is not fitted; call fit first")
