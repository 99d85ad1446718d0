"""The one family of recipes: from a few facts of the data to the networks that forecast it.

Nothing here knows the name of a data set.  Every choice was made by backtests inside training
files, as docs/accuracy.md tells.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from gatecast.forecast.classical.damped import Damped
from gatecast.forecast.classical.theta import Theta
from gatecast.forecast.history import History
from gatecast.forecast.model import Model
from gatecast.forecast.recipe import Recipe

#: rows of a series from which windows are cut, instead of running over whole series
LONG = 400
#: rows of a series from which a month of look-back leaves enough to learn from, and series below
#: which they may be channels of one table
VERY_LONG, FEW = 8000, 20


@dataclass(frozen=True)
class Facts:
    """What a recipe is chosen from.

    Attributes
    ----------
    series, length, shortest : int
        How many, their median rows and the fewest.
    period, horizon : int
    positive : bool
    """

    series: int
    length: int
    shortest: int
    period: int
    horizon: int
    positive: bool

    @classmethod
    def of(cls, history: History, period: int, horizon: int) -> Self:
        """The facts of what is known."""
        lengths, known = history.lengths, history.target[np.isfinite(history.target)]
        return cls(
            len(history), int(np.median(lengths)), int(lengths.min()), period, horizon,
            bool(known.min() > 0),
        )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Networks whose forecasts are averaged, and how much statistical methods count beside them.

    Attributes
    ----------
    networks : tuple of Recipe
        Of each the median over its seeds counts, and the mean over look-backs and recipes.
    theta, damped : float
        The shares of the Theta method and of a damped trend in the forecast, 0 for none.
    """

    networks: tuple[Recipe, ...]
    theta: float = 0.0
    damped: float = 0.0

    def statistics(self) -> list[tuple[float, Model]]:
        """The statistical methods, each with its share."""
        both: list[tuple[float, Model]] = [(self.theta, Theta()), (self.damped, Damped())]
        return [(share, model) for share, model in both if share]


def choose(facts: Facts) -> Plan:
    """The plan for these facts.

    Examples
    --------
    >>> plan = choose(Facts(414, 960, 700, period=24, horizon=48, positive=True))
    >>> plan.networks[0].form, plan.networks[0].segment
    ('direct', 24)
    """
    if facts.length < LONG:
        return over_series(facts)
    if facts.length >= VERY_LONG and facts.series < FEW and facts.period > 1:
        return over_long_windows(facts)
    return over_windows(facts)


def over_series(facts: Facts) -> Plan:
    """Many short series: networks that run over each from its beginning.

    Few updates, because more of them learn what the panel went through and not what goes on.
    What differs errs differently: networks that see the last change and such that see many, whose
    weights are free or decay fast, seasons taken out by indices or left to the network, and, for
    two fifths, the Theta method and a damped trend (docs/accuracy.md).
    """
    shared = Recipe(form="sequence", residual=True, loss=_percent(facts), ensemble=3)
    farthest = max(facts.length // 3, 2)
    if facts.period == 1:
        lags = min(int(np.clip(facts.length // 6, 4, 10)), farthest)
        free = shared.changed(windows=_rising(2, lags), updates=300)
        return Plan((free, free.changed(windows=(lags,), weight_decay=5.0)), theta=0.2, damped=0.2)
    season, seasons = (min(count * facts.period + 1, farthest) for count in (1, 2))
    free = shared.changed(windows=_rising(2, seasons), updates=400)
    held = free.changed(windows=_rising(season, seasons), weight_decay=5.0)
    plain = free.changed(windows=(seasons,), seasonal_adjustment="none")
    return Plan((free, held, plain), theta=0.2, damped=0.2)


def _rising(*windows: int) -> tuple[int, ...]:
    return tuple(sorted(set(windows)))


def over_windows(facts: Facts) -> Plan:
    """Series of some hundred rows: windows cut in segments of a season, or of a horizon.

    Several look-backs, learned once by percentage errors and once by absolute ones in units of a
    window's own volatility: what differs errs differently, and competitions count both.
    """
    unit = facts.period if facts.period > 1 else facts.horizon
    shared = Recipe(
        form="direct", front="patch", segment=unit, hidden_size=128, residual=True,
        seasonal_adjustment="none", batch_size=128, updates=4000, ensemble=2,
    )  # fmt: skip
    if facts.period > 1:
        week = unit * math.ceil(max(7 * unit, 2 * facts.horizon) / unit)
        windows: tuple[int, ...] = (week, 2 * week)
        shared = shared.changed(level="season", reference="season")
    else:
        windows = (4 * unit, 5 * unit, 8 * unit)
    farthest = max(facts.length // 2, unit)
    shared = shared.changed(windows=_rising(*(min(window, farthest) for window in windows)))
    losses = dict.fromkeys((_percent(facts), "mae"))
    return Plan(tuple(shared.changed(loss=loss) for loss in losses))


def over_long_windows(facts: Facts) -> Plan:
    """A few very long series of like kind: a month of look-back in segments of two days.

    Segments ahead are decoded in parallel (Lin et al. 2023, SegRNN).  The farther the horizon, the
    fewer updates: the targets of neighbouring windows are all but the same rows.
    """
    recipe = Recipe(
        form="direct", front="patch", decoder="segments", segment=2 * facts.period,
        windows=(30 * facts.period,), hidden_size=256, dropout=0.5, level="last", scaled=False,
        transform="none", skip=False, seasonal_adjustment="none", loss="mae", batch_size=64,
        rate=1e-3, updates=int(np.clip(120_000 // facts.horizon, 300, 2500)), ensemble=4,
    )  # fmt: skip
    return Plan((recipe,))


def _percent(facts: Facts) -> str:
    """Percentages where values have a zero of their own, absolute errors elsewhere."""
    return "smape" if facts.positive else "mae"
