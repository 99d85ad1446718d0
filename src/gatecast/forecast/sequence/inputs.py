"""What the network sees at each step of a series, and what it is asked for there.

At step t of a series the inputs are its last changes, z_t - z_(t-k), and where a smoothing stands
if it is forecast around, in units of the volatility v_t; log v_t; the age; the series' static
numbers and categories; and its covariates, those known in advance also for the steps ahead.  Asked
for is z_(t+k) - z_t for every step k ahead, less the seasonal pattern and where the smoothing
leads: an output of zero is its forecast, or the (seasonally adjusted) last value.
"""

from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from gatecast.forecast.columns import check_columns, moments_by_column, moments_of, standardise
from gatecast.forecast.history import Array, History, Rows
from gatecast.forecast.missing import refuse_holes
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.rows import (
    DRIFT,
    Adjustment,
    SeriesRows,
    adjustment_of,
    look_at,
)
from gatecast.forecast.smoothing import DAMPING, fades

#: changes of more volatilities than this look alike
_FARTHEST = 25.0


@dataclass(frozen=True)
class View:
    """How histories become inputs; found from the history that was learned from.

    Attributes
    ----------
    lags : int
        Last changes that the network sees.
    horizon : int
    adjustment : Adjustment
    gaps : bool
        Whether the history had missing values: then each step says whether its own was known.
    volatility : (2,) tuple
        Mean and deviation of log v.
    past, future, static : tuple of (mean, deviation)
        Of each covariate.
    code_sizes : tuple of int
    """

    lags: int
    horizon: int
    adjustment: Adjustment
    gaps: bool
    volatility: tuple[float, float]
    past: tuple[tuple[float, float], ...] = ()
    future: tuple[tuple[float, float], ...] = ()
    static: tuple[tuple[float, float], ...] = ()
    code_sizes: tuple[int, ...] = ()

    @property
    def features(self) -> int:
        """Inputs a step."""
        return int(self.places["codes"].stop)

    @property
    def places(self) -> dict[str, slice]:
        """Where what stands in the inputs of a step: the last changes first.

        After them the ``summaries`` of the longer past; what is ``held`` while one looks for what
        an input adds: volatility, age, whether the series is seasonal and whether its value is
        known; the ``covariates``, static numbers among them; the ``codes`` of the categories.
        """
        counts = {
            "changes": self.lags,
            "summaries": DRIFT * (self.adjustment.smoothed > 0),
            "held": 2 + (self.adjustment.period > 1) + self.gaps,
            "covariates": len(self.past) + (1 + self.horizon) * len(self.future) + len(self.static),
            "codes": len(self.code_sizes),
        }
        stops = list(accumulate(counts.values()))
        return dict(zip(counts, map(slice, [0, *stops], stops), strict=True))

    def check(self, history: History) -> None:
        """Refuse a history with other covariates than that which was learned from, or holes."""
        past, future, static = len(self.past), len(self.future), len(self.static)
        check_columns(history, past, future, static, self.code_sizes)
        refuse_holes(history)

    def to_config(self) -> dict[str, Any]:
        """Plain numbers, for a file."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "View":
        """Take it back."""
        pairs = {
            name: tuple(tuple(pair) for pair in config[name])
            for name in ("past", "future", "static")
        }
        plain = {name: tuple(config[name]) for name in ("volatility", "code_sizes")}
        return cls(**(config | pairs | plain | {"adjustment": Adjustment(**config["adjustment"])}))


def make_view(history: History, recipe: Recipe, horizon: int, period: int) -> View:
    """The view for a network that is to learn from this history."""
    refuse_holes(history)
    adjustment = adjustment_of(history, recipe, horizon, period)
    rows = look_at(history, replace(adjustment, smoothed=0))
    spread = np.log(np.maximum(rows.volatility[rows.known], 1e-6 * adjustment.usual))
    return View(
        lags=lags_of(history, recipe, period),
        horizon=horizon,
        adjustment=adjustment,
        gaps=not bool(rows.known.all()),
        volatility=moments_of(spread),
        past=tuple(moments_by_column(history, "past")),
        future=tuple(moments_by_column(history, "future")),
        static=tuple(moments_by_column(history, "static")),
        code_sizes=history.code_sizes,
    )


def lags_of(history: History, recipe: Recipe, period: int) -> int:
    """The first of the recipe's look-backs, as far as the series reach.

    Where it leaves them open: a season and one more where there are seasons, else 3 to 6.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.arange(40.0))
    >>> [lags_of(history, Recipe(form="sequence"), period) for period in (1, 12, 52)]
    [5, 13, 39]
    """
    if recipe.windows:
        wanted = recipe.windows[0]
    elif period > 1:
        wanted = period + 1
    else:
        wanted = int(np.clip(np.median(history.lengths) // 8, 3, 6))
    return min(wanted, max(int(history.lengths.max()) - 1, 1))  # there is nothing before


@dataclass(frozen=True)
class Steps:
    """Runs over parts of series, side by side: B of them, T steps.

    Attributes
    ----------
    x : (B, T, F) float32
    scale : (B, T) float32
        The volatility: what an output of 1 means.
    pattern : (B, T, h) float32
        The seasonal pattern of the steps ahead over that of the step itself, and where the
        smoothing leads.
    level : (B, T) float64
    lengths : (B,) integers
    """

    x: Array
    scale: Array
    pattern: Array
    level: Array
    lengths: Rows


def assemble(
    history: History, rows: SeriesRows, view: View, series: Rows, starts: Rows, stops: Rows
) -> Steps:
    """The inputs of the rows ``starts`` to ``stops`` of some series (none may be empty)."""
    lengths = stops - starts
    steps = int(lengths.max())
    low = history.offsets[series][:, None]
    here = starts[:, None] + np.arange(steps)
    inside = here < stops[:, None]
    here = np.minimum(here, stops[:, None] - 1)
    level = rows.level[here]
    share = rows.share[here]
    scale = np.maximum(rows.volatility[here], np.float32(1e-6 * view.adjustment.usual))
    own = _index(rows, view, here, low, 0)
    x = np.empty((*here.shape, view.features), np.float32)
    for lag in range(1, view.lags + 1):
        back = here - lag
        change = level - rows.level[np.maximum(back, low)]
        if view.adjustment.period > 1:
            change -= share * (own - _index(rows, view, here, low, -lag))
        change /= scale
        x[..., lag - 1] = np.where((back >= low) & np.isfinite(change), change, 0.0)
    place, drift = view.lags, rows.drift[here]
    if view.adjustment.smoothed:
        x[..., place : place + DRIFT] = drift / scale[..., None]
        place += DRIFT
    np.clip(x[..., :place], -_FARTHEST, _FARTHEST, out=x[..., :place])
    _fill_rest(x, history, rows, view, series, here, scale, place)
    x *= inside[..., None]
    pattern = np.zeros((*here.shape, view.horizon), np.float32)
    if view.adjustment.period > 1 and share.any():
        for step in range(1, view.horizon + 1):
            pattern[..., step - 1] = _index(rows, view, here, low, step) - own
        pattern *= share[..., None]
    if view.adjustment.smoothed:
        reach = fades(np.arange(1, view.horizon + 1), DAMPING[1:]).astype(np.float32)
        pattern += drift[..., :1] + drift[..., 1:] @ reach.T
    return Steps(x, scale, pattern, level, lengths)


def _index(rows: SeriesRows, view: View, here: Rows, low: Rows, step: int) -> Array:
    """The latest index known at each row of the phase ``step`` rows away."""
    if view.adjustment.period < 2:
        return np.zeros(here.shape, np.float32)
    found: Array = rows.index[np.maximum(here + view.adjustment.offset(step), low)]
    return found


def _fill_rest(
    x: Array,
    history: History,
    rows: SeriesRows,
    view: View,
    series: Rows,
    here: Rows,
    scale: Array,
    place: int,
) -> None:
    """The inputs that are not last changes, from column ``place`` on."""
    mean, deviation = view.volatility
    x[..., place] = (np.log(scale) - mean) / deviation
    age = here - history.offsets[series][:, None] + rows.before
    x[..., place + 1] = np.log1p(age) / 4 - 1
    place += 2
    if view.adjustment.period > 1:
        x[..., place] = rows.share[here]
        place += 1
    if view.gaps:
        x[..., place] = rows.known[here]
        place += 1
    for column, moments in enumerate(view.past):
        x[..., place] = standardise(history.past[here, column], moments)
        place += 1
    if view.future:
        place = _fill_future(x, history, view, series, here, place)
    for column, moments in enumerate(view.static):
        x[..., place] = standardise(history.static[series, column], moments)[:, None]
        place += 1
    x[..., place:] = history.codes[series][:, None]


def _fill_future(
    x: Array, history: History, view: View, series: Rows, here: Rows, place: int
) -> int:
    """The covariates known in advance, of each step and of those ahead of it."""
    stops = history.offsets[1:][series][:, None]
    for step in range(view.horizon + 1):
        there = here + step
        beyond = there - stops
        reach = np.clip(beyond, 0, max(history.ahead.shape[1] - 1, 0))
        for column, moments in enumerate(view.future):
            values = history.future[np.minimum(there, stops - 1), column]
            if history.ahead.shape[1]:
                later = history.ahead[series[:, None], reach, column]
                values = np.where(beyond < 0, values, later)
            x[..., place] = standardise(values, moments)
            place += 1
    return place


def targets(
    history: History, rows: SeriesRows, view: View, series: Rows, starts: Rows, steps: Steps
) -> tuple[Array, Array]:
    """(B, T, h): what is asked for, as changes less the pattern; and where it is known."""
    here = starts[:, None] + np.arange(steps.x.shape[1])
    there = here[..., None] + np.arange(1, view.horizon + 1)
    stops = history.offsets[1:][series][:, None]
    real = np.arange(steps.x.shape[1]) < steps.lengths[:, None]
    known = (there < stops[..., None]) & real[..., None]
    there = np.minimum(there, len(rows.level) - 1)
    known &= rows.known[there] & np.isfinite(steps.level)[..., None]
    change = rows.level[there] - steps.level[..., None] - steps.pattern
    return np.where(known, change, 0.0).astype(np.float32), known
