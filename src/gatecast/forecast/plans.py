"""From a few facts of the data to what forecasts them: networks, and statistical methods beside.

Nothing here knows the name of a data set.  Every choice was made by backtests inside training
files, as docs/accuracy.md tells.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calendar import CYCLES, Calendar
from gatecast.forecast.history import History
from gatecast.forecast.recipe import Recipe

#: series of a panel below which there is too little to learn at every step of whole series
PANEL = 30
#: rows of a series from which windows are cut, instead of running over whole series; and those of
#: a panel, where they hold horizons and seasons enough besides
LONG, OF_PANEL, ENOUGH = 400, 130, 8
#: rows of a series from which a month of look-back leaves enough to learn from, and series below
#: which they may be channels of one table
VERY_LONG, FEW = 8000, 20
#: rows in all below which a small network, trained gently, is all that can be learned
SMALL = 1000
#: what such a network is
SMALLER: dict[str, Any] = {"hidden_size": 16, "rate": 1e-3, "updates": 150}
#: passes over a panel of whole series, and updates at most
PASSES, MOST = 15, 1200
#: passes over the rows that windows are cut from, and updates at least and at most
ROW_PASSES, UPDATES = 30, (400, 4000)
#: what counts beside networks that learn of all series alike
STATISTICS = (("statistics", 0.4),)
#: rows of a season from which the look-back is cut in segments
LONG_SEASON = 24


@dataclass(frozen=True)
class Facts:
    """What a plan is chosen from.

    Attributes
    ----------
    series, length : int
        How many, and their median rows.
    horizon, period : int
    positive : bool
        Whether every value is above 0.
    covariates : bool
        Whether there are any besides the calendar's, which every table has.
    """

    series: int
    length: int
    horizon: int
    period: int
    positive: bool = True
    covariates: bool = False

    @property
    def small(self) -> bool:
        """Whether there is little to learn from."""
        return self.series * self.length < SMALL

    @property
    def windowed(self) -> bool:
        """Whether windows of its rows teach more than whole series do."""
        if self.series < PANEL:
            return self.length >= LONG
        return self.length >= min(max(OF_PANEL, ENOUGH * max(self.horizon, self.period)), LONG)

    @classmethod
    def of(cls, history: History, horizon: int, period: int) -> Self:
        """The facts of a history."""
        known = history.target[np.isfinite(history.target)]
        calendar = len(set(history.future_names) & set(Calendar(tuple(CYCLES)).names))
        columns = history.past.shape[1] + history.future.shape[1] - calendar
        return cls(
            len(history), int(np.median(history.lengths)), horizon, period,
            bool(known.size) and bool(known.min() > 0), columns > 0,
        )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Networks whose forecasts are averaged, and how much statistical methods count beside them.

    Parameters
    ----------
    networks : tuple of Recipe
        Of each the median over its seeds counts; every look-back of every recipe counts alike.
    companions : tuple of (str, float)
        Classical models by name, each with its share in the forecast.

    Examples
    --------
    >>> plan = Plan((Recipe(windows=(12, 24)), Recipe()), (("theta", 0.25),))
    >>> plan.shares()
    (0.5, 0.25, 0.25)
    """

    networks: tuple[Recipe, ...]
    companions: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.networks:
            raise InputError("a plan needs at least one Recipe in networks; it has none")
        for name, share in self.companions:
            if not 0 <= share <= 1:
                raise InputError(f"the share of {name} must lie in 0 to 1, it is {share!r}")
        if self.companions_share > 1 + 1e-9:
            raise InputError(
                f"the companions' shares come to {self.companions_share:g}; they may be 1 at most"
            )

    @property
    def companions_share(self) -> float:
        """What the statistical methods count for in all."""
        return sum(share for _, share in self.companions)

    def shares(self) -> tuple[float, ...]:
        """What each recipe counts for in the forecast, and after them each companion."""
        counts = [max(len(recipe.windows), 1) for recipe in self.networks]
        rest = (1 - self.companions_share) / sum(counts)
        return (*(count * rest for count in counts), *(share for _, share in self.companions))

    def changed(self, **choices: Any) -> "Plan":
        """The same plan, every recipe changed; recipes that become the same count once."""
        changed = dict.fromkeys(recipe.changed(**choices) for recipe in self.networks)
        return Plan(tuple(changed), self.companions)

    def to_config(self) -> dict[str, Any]:
        """Every choice, as plain JSON."""
        return {
            "networks": [recipe.to_config() for recipe in self.networks],
            "companions": [list(companion) for companion in self.companions],
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Take it back."""
        return cls(
            tuple(Recipe.from_config(recipe) for recipe in config["networks"]),
            tuple((name, share) for name, share in config["companions"]),
        )


# -- one network, in seconds ----------------------------------------------------------------------


def choose_network(cell: str, facts: Facts) -> Plan:
    """One network that suits the data.

    Many short series are run through from beginning to end, so that every row of each is learned
    from; long ones are cut in windows, and in segments of a season where a season is long or
    series are many.  A few short ones are too little for a network alone: Theta and a damped trend
    count as much, unless there are covariates, which they cannot see.

    Examples
    --------
    >>> choose_network("gru", Facts(series=1000, length=80, horizon=12, period=12)).networks[0].form
    'sequence'
    >>> choose_network("gru", Facts(series=7, length=5000, horizon=24, period=24)).networks[0].front
    'patch'
    """
    short = facts.length < LONG and facts.period < LONG_SEASON
    if facts.series >= PANEL and short and (facts.period == 1 or not facts.windowed):
        return Plan((Recipe(form="sequence", cell=cell, residual=True),))
    helped = facts.small and not facts.covariates
    companions = (("log_theta", 0.25), ("damped", 0.25)) if helped else ()
    return Plan(choose_direct(cell, facts).networks, companions)


def choose_direct(cell: str, facts: Facts) -> Plan:
    """Over windows, all steps ahead at once; over segments of a season where that pays."""
    long = facts.period >= LONG_SEASON and facts.length >= LONG
    if long or (facts.period > 1 and facts.series >= PANEL and facts.windowed):
        return Plan((Recipe(cell=cell, front="patch", level="season", reference="season"),))
    if facts.small:
        return Plan((Recipe(cell=cell, **SMALLER),))
    return Plan((Recipe(cell=cell),))


# -- the best that is known, in minutes -----------------------------------------------------------


def choose_best(facts: Facts) -> Plan:
    """The most accurate plan that is known for such data.

    Examples
    --------
    >>> plan = choose_best(Facts(414, 960, horizon=48, period=24))
    >>> plan.networks[0].form, plan.networks[0].segment
    ('direct', 24)
    """
    if not facts.windowed:
        plan = over_series(facts)
    elif facts.length >= VERY_LONG and facts.series < FEW and facts.period > 1:
        plan = over_long_windows(facts)
    else:
        plan = over_windows(facts)
    # Statistical methods see no covariates.
    return Plan(plan.networks) if facts.covariates else plan


def over_series(facts: Facts) -> Plan:
    """Many short series: networks that run over each from its beginning.

    Few updates, because more of them learn what the panel went through and not what goes on; large
    panels, which are harder to learn by heart, get more.  What differs errs differently: networks
    that see the last change and such that see many, free ones and such whose weights decay fast,
    so that they only add to an exponential smoothing what is sure, seasons taken out by indices or
    left to the network, and, for two fifths (two thirds where there is little, and nothing to
    weigh them by), statistical methods (docs/accuracy.md).
    """
    companions: tuple[tuple[str, float], ...] = STATISTICS
    if facts.small:
        companions = tuple((name, 2 / 9) for name in ("log_theta", "damped", "ets"))
    free = Recipe(form="sequence", residual=True, loss=_percent(facts), ensemble=3)
    passes = PASSES * facts.series // free.batch_size
    free = free.changed(updates=int(np.clip(passes, 300 if facts.period == 1 else 400, MOST)))
    if facts.small:
        free = free.changed(**SMALLER)
    held = free.changed(reference="smoothing", weight_decay=5.0)
    farthest = max(facts.length // 3, 2)
    if facts.period == 1:
        lags = min(int(np.clip(facts.length // 6, 4, 10)), farthest)
        free, held = free.changed(windows=_rising(2, lags)), held.changed(windows=(lags,))
        return Plan((free, held), companions)
    season, seasons = (min(count * facts.period + 1, farthest) for count in (1, 2))
    plain = free.changed(windows=(seasons,), seasonal_adjustment="none")
    free, held = (
        free.changed(windows=_rising(2, seasons)),
        held.changed(windows=_rising(season, seasons)),
    )
    return Plan((free, held, plain), companions)


def _rising(*windows: int) -> tuple[int, ...]:
    return tuple(sorted(set(windows)))


def over_windows(facts: Facts) -> Plan:
    """Series of hundreds of rows: windows cut in segments of a season, or of a horizon.

    Several look-backs, learned once by percentage errors and once by absolute ones in units of a
    window's own volatility: what differs errs differently, and competitions count both.  What
    they have in common is that they learn of all series alike; what each series says by itself,
    by an autoregression or by smoothing, whichever served the panel, counts two fifths beside them.
    """
    unit = facts.period if facts.period > 1 else facts.horizon
    shared = Recipe(
        form="direct", front="patch", segment=unit, hidden_size=128, residual=True,
        seasonal_adjustment="none", batch_size=128, ensemble=2,
    )  # fmt: skip
    passes = ROW_PASSES * facts.series * facts.length // shared.batch_size
    shared = shared.changed(updates=int(np.clip(passes, *UPDATES)))
    if facts.period > 1:
        week = unit * math.ceil(max(7 * unit, 2 * facts.horizon) / unit)
        windows: tuple[int, ...] = (week, 2 * week)
        shared = shared.changed(level="season", reference="season")
    else:
        windows = (4 * unit, 5 * unit, 8 * unit)
    farthest = max(facts.length // 2, unit)
    shared = shared.changed(windows=_rising(*(min(window, farthest) for window in windows)))
    losses = dict.fromkeys((_percent(facts), "mae"))
    networks = tuple(shared.changed(loss=loss) for loss in losses)
    return Plan(networks, STATISTICS)


def over_long_windows(facts: Facts) -> Plan:
    """A few very long series of like kind: segments of two days.

    Networks read a month, or two weeks with a linear layer past the cell; segments ahead are
    decoded in parallel (Lin et al. 2023, SegRNN).  The farther the horizon, the fewer updates: the
    targets of neighbouring windows are all but the same rows.  A linear map of the last seasons,
    with one weight for all places of a season, cannot learn by heart what a network can, and
    counts two fifths.
    """
    month = Recipe(
        form="direct", front="patch", decoder="segments", segment=2 * facts.period,
        windows=(30 * facts.period,), hidden_size=256, dropout=0.5, level="last", scaled=False,
        transform="none", skip=False, seasonal_adjustment="none", loss="mae", batch_size=64,
        rate=1e-3, updates=int(np.clip(120_000 // facts.horizon, 300, 2500)), ensemble=2,
    )  # fmt: skip
    weeks = month.changed(windows=(14 * facts.period,), skip=True)
    return Plan((month, weeks), (("shared_autoregression", 0.4),))


def _percent(facts: Facts) -> str:
    """Percentages where values have a zero of their own, absolute errors elsewhere."""
    return "smape" if facts.positive else "mae"
