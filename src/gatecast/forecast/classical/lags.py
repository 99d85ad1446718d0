"""Windows of lags for models that know no time: each in units of its own, covariates beside it.

A window is the ``look_back`` values before an origin, less their level and divided by the usual
change from row to row, so that the series' levels and scales do not matter and one model serves
all.  Where a series is shorter than the look-back, or a value is missing, a window holds NaN.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History, Origins

LEAST, MOST = 8, 512
#: rows of covariates before the origin
RECENT = 8
#: rows whose changes are a window's unit, at least
MEMORY = 96
#: of its level, what a series that stands still may seem to move by rounding
STILL = 1e-9
#: numbers that the windows of one training, or one block of forecasts, may hold
ROOM = 4_000_000
#: categories that get a column each
MOST_CATEGORIES = 32


@dataclass(frozen=True)
class Windows:
    """Inputs of n origins.

    Attributes
    ----------
    lags : (n, W)
        Normalised values, oldest first, NaN where one is not known.
    seasonal : (n, H)
        The normalised value of one season before each step ahead, NaN where not known.
    extra : (n, E)
        Recent covariates, static numbers and categories.
    future : (n, H, F)
        Covariates of the steps ahead.
    level, scale : (n, 1)
        The forecast is level + scale · output; the scale of what stood still, or of a window
        without a known value, is 0.
    """

    lags: Array
    seasonal: Array
    extra: Array
    future: Array
    level: Array
    scale: Array

    def normalised(self, values: Array) -> Array:
        """What a model learns of the values that came: NaN, nothing, where a still series moved."""
        moved = values - self.level
        found: Array = np.where(np.abs(moved) <= STILL * np.abs(self.level), 0.0, np.nan)
        np.divide(moved, self.scale, out=found, where=self.scale > 0)
        return found


@dataclass(frozen=True)
class LagScheme:
    """How windows are cut: what training fixed and a forecast has to repeat.

    Attributes
    ----------
    look_back, horizon, period : int
    centres, spreads : dict of name to array
        Of ``past``, ``future`` and ``static``, each column's own.
    code_sizes : tuple of int
    """

    look_back: int
    horizon: int
    period: int
    centres: dict[str, Array]
    spreads: dict[str, Array]
    code_sizes: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Numbers that one window holds."""
        past, future = (len(self.centres[name]) for name in ("past", "future"))
        return self.look_back + RECENT * (past + future) + self.horizon * (1 + future)

    def cut(self, history: History, origins: Origins) -> Windows:
        """The windows of some origins."""
        steps = np.arange(-self.look_back, 0)
        raw = _before(history.target[:, None], history, origins, steps)[..., 0]
        known = np.isfinite(raw)
        level = _levels(raw, known, self.period, _latest(history, origins))
        scale = _scales(history, origins, max(MEMORY, self.look_back))
        scale = np.where(known.any(axis=1, keepdims=True), scale, 0.0)
        lags = (raw - level) / np.where(scale > 0, scale, 1.0)
        place = self.look_back - self.period + np.arange(self.horizon) % self.period
        seasonal = np.where(place >= 0, lags[:, np.maximum(place, 0)], np.nan)
        future = self._standard("future", history.future_of(origins, self.horizon))
        return Windows(lags, seasonal, self._extra(history, origins), future, level, scale)

    def blocks(self, history: History, origins: Origins, cost: int) -> Iterator[Windows]:
        """The windows of many origins, as many at a time as memory should hold.

        Parameters
        ----------
        history : History
        origins : Origins
        cost : int
            Numbers that a model makes of one of them.
        """
        size = max(1, ROOM // cost)
        for start in range(0, len(origins), size):
            yield self.cut(history, origins.take(slice(start, start + size)))

    def _extra(self, history: History, origins: Origins) -> Array:
        recent = np.arange(-min(self.look_back, RECENT), 0)
        parts = []
        for name in ("past", "future"):
            rows = _before(getattr(history, name), history, origins, recent)
            parts.append(self._standard(name, rows).reshape(len(origins), -1))
        parts.append(self._standard("static", history.static)[origins.series])
        for column, size in enumerate(self.code_sizes):
            if size <= MOST_CATEGORIES:
                codes = history.codes[origins.series, column]
                parts.append((codes[:, None] == np.arange(size)).astype(np.float64))
        return np.concatenate(parts, axis=1)

    def _standard(self, name: str, values: Array) -> Array:
        standard: Array = (values - self.centres[name]) / self.spreads[name]
        return standard


def make_scheme(history: History, horizon: int, period: int) -> LagScheme:
    """Two seasons, or the horizon, of rows; fewer where the series are short.

    At most half of what the longest series has beside the horizon, so that there are about as
    many windows as lags.
    """
    wanted = max(2 * period if period > 1 else 0, horizon, LEAST)
    room = int(history.lengths.max(initial=0)) - horizon
    look_back = int(np.clip(min(wanted, room // 2), 1, MOST))
    centres, spreads = {}, {}
    for name in ("past", "future", "static"):
        values = getattr(history, name)
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        centres[name] = np.where(known, values, 0.0).sum(axis=0) / count
        moved = np.where(known, values - centres[name], 0.0)
        spread = np.sqrt((moved**2).sum(axis=0) / count)
        spreads[name] = np.where(spread > 0, spread, 1.0)
    return LagScheme(look_back, horizon, period, centres, spreads, history.code_sizes)


def training_origins(scheme: LagScheme, history: History, width: int) -> Origins:
    """Every origin with a full window before it and known rows after it, evenly thinned.

    A series too short for a full window gives those with half of its rows before them.

    Parameters
    ----------
    scheme : LagScheme
    history : History
    width : int
        Numbers that one of them costs.
    """
    room = history.lengths - scheme.horizon
    least = np.clip(room // 2, 1, scheme.look_back)
    counts = np.maximum(room - least + 1, 0)
    total = int(counts.sum())
    if not total:
        raise InputError(
            f"no series is longer than the horizon of {scheme.horizon} rows, which leaves nothing "
            "to learn from; give longer series or a shorter horizon"
        )
    first = np.repeat(history.offsets[:-1] + least, counts)
    within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    origins = Origins(np.repeat(np.arange(len(history)), counts), (first + within).astype(np.intp))
    most = max(1, ROOM // width)
    if total <= most:
        return origins
    return origins.take(np.linspace(0, total - 1, most).astype(np.intp))


def _before(values: Array, history: History, origins: Origins, steps: Array) -> Array:
    """(n, steps, columns): rows before each origin, NaN before the series begins."""
    rows = origins.rows[:, None] + steps
    inside = rows >= history.offsets[origins.series][:, None]
    return np.where(inside[..., None], values[np.where(inside, rows, 0)], np.nan)


def _latest(history: History, origins: Origins) -> Array:
    """(n, 1): the last known value of the series before each origin, NaN where there is none."""
    place = history.latest(origins)
    return np.where(place >= 0, history.target[place], np.nan)[:, None]


def _levels(raw: Array, known: Array, period: int, last: Array) -> Array:
    """(n, 1): the mean of each window's last season; without one, the last known value."""
    if not 1 < period <= raw.shape[1]:
        return last
    there = known[:, -period:]
    count = there.sum(axis=1, keepdims=True)
    total = np.where(there, raw[:, -period:], 0.0).sum(axis=1, keepdims=True)
    level: Array = np.where(count > 0, total / np.maximum(count, 1), last)
    return level


def _scales(history: History, origins: Origins, memory: int) -> Array:
    """(n, 1): the mean change from row to row, in the last ``memory`` rows before each origin.

    0 where there was none: in whatever unit the series is, it stays.

    More rows than the window has, for a unit that jumps about would hide what covariates do.
    """
    changes = np.abs(np.diff(history.target, prepend=np.nan))
    changes[history.offsets[:-1][history.lengths > 0]] = np.nan
    known = np.isfinite(changes)
    sums = np.zeros(len(changes) + 1)
    # Series by series: a sum over all would lose the digits of a small series after a large one.
    for start, stop in zip(history.offsets[:-1], history.offsets[1:], strict=True):
        sums[start + 1 : stop + 1] = np.cumsum(np.where(known[start:stop], changes[start:stop], 0))
    counts = np.concatenate([[0], np.cumsum(known)])
    starts = history.offsets[origins.series]
    first = np.maximum(starts, origins.rows - memory)
    count = counts[origins.rows] - counts[first]
    before = np.where(first > starts, sums[first], 0.0)
    scale: Array = (sums[origins.rows] - before) / np.maximum(count, 1)
    return scale[:, None]
