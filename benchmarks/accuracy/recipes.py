"""The one family of recipes: from a few facts of the data to the networks that forecast it.

Nothing here knows the name of a data set.  Every choice was made by backtests inside training
files, as docs/accuracy.md tells.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from gatecast.forecast.history import History
from gatecast.forecast.recipe import Recipe

#: rows of a series from which windows are cut, instead of running over whole series
LONG = 400
#: rows of a season that a segment can hold
LONG_SEASON = 24
#: series below which there are too few to learn every seasonal shape from logarithms alone
FEW = 20


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
    """Networks whose forecasts are averaged, and how much a statistical method counts beside them.

    Attributes
    ----------
    networks : tuple of Recipe
        Of each the median over its seeds counts, and the mean over look-backs and recipes.
    theta : float
        The share of the Theta method in the forecast, 0 for none.
    """

    networks: tuple[Recipe, ...]
    theta: float = 0.0


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
    if facts.length > 20 * LONG and facts.series < FEW:
        return over_long_windows(facts)
    return over_windows(facts)


def over_series(facts: Facts) -> Plan:
    """Many short series: networks that run over each from its beginning.

    Few updates, because more of them learn what the panel went through and not what goes on; the
    last change and few or many of them, seasons taken out by indices and left to the network: what
    differs errs differently.  A quarter of the Theta method is within a twentieth of a point of
    the best share on each panel of M3 (docs/accuracy.md).
    """
    shared = Recipe(
        form="sequence", residual=True, loss=_percent(facts), weight_decay=1.0, ensemble=3
    )
    farthest = max(facts.length // 3, 2)
    if facts.period == 1:
        lags = int(np.clip(facts.length // 6, 4, 10))
        plain = shared.changed(windows=_rising(2, min(lags, farthest)), updates=300)
        return Plan((plain,), theta=0.25)
    season, seasons = (min(count * facts.period + 1, farthest) for count in (1, 2))
    adjusted = shared.changed(windows=_rising(2, season, seasons), updates=400)
    free = adjusted.changed(windows=(seasons,), seasonal_adjustment="none")
    return Plan((adjusted, free), theta=0.25)


def _rising(*windows: int) -> tuple[int, ...]:
    return tuple(sorted(set(windows)))


def over_windows(facts: Facts) -> Plan:
    """Series of some hundred rows: windows cut in segments of a season, or of a horizon."""
    shared = Recipe(
        form="direct", front="patch", hidden_size=128, loss=_percent(facts),
        seasonal_adjustment="none", batch_size=256, updates=2000,
    )  # fmt: skip
    if facts.period >= LONG_SEASON:
        window = 14 * facts.period
        return Plan(
            (shared.changed(windows=(window,), segment=facts.period, level="season",
                            reference="season"),)
        )  # fmt: skip
    segment = facts.period if facts.period > 1 else facts.horizon
    return Plan((shared.changed(windows=(4 * segment, 8 * segment), segment=segment),))


def over_long_windows(facts: Facts) -> Plan:
    """A few very long series of like kind: a month of look-back in segments of two days.

    Segments ahead are decoded in parallel (Lin et al. 2023, SegRNN).
    """
    recipe = Recipe(
        form="direct", front="patch", decoder="segments", segment=2 * facts.period,
        windows=(30 * facts.period,), hidden_size=256, dropout=0.5, level="last", scaled=False,
        transform="none", skip=False, seasonal_adjustment="none", loss="mae", batch_size=64,
        rate=1e-3, updates=3400,
    )  # fmt: skip
    return Plan((recipe,))


def _percent(facts: Facts) -> str:
    """Percentages where values have a zero of their own, absolute errors elsewhere."""
    return "smape" if facts.positive else "mae"
