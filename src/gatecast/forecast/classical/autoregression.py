"""The seasons ahead from the last ones, by a linear map that all places of a season share.

With v_kj the value at place j of the k-th season before the origin (a row is a season of its own
where there is none) and r_j = v_1j, the d-th season ahead is::

    ŷ_dj = r_j + Σ_k a_dk (v_kj - r_j) + b_d (m_1 - r_j) + c_d (m - r_j) + e_d · x · exp(-4j/P)

m_1 is the mean of the last season and m that of all that are looked at; x is the last value less
that of a season before, which fades within a season.  So few weights can be learned from a single
series, and they serve series of any level and scale.  The idea of sharing them among the places is
that of Lin et al. (2024, SparseTSF), who train them by gradient descent; here they are the
solution of a ridge regression, reweighted until absolute errors count.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Self

import numpy as np

from gatecast.forecast.classical.simple import SimpleModel, next_known
from gatecast.forecast.history import Array, History, Origins, Rows

#: seasons looked at: two weeks, where a season is a day; horizons where there is no season
_SEASONS, _HORIZONS = 14, 5
#: what a season that is looked at asks for: seasons to learn from, and rows
_ENOUGH, _ENOUGH_ROWS = 3, 12
#: rows of a regression that one series gives: to its own, to one that all share
_MOST, _MOST_SHARED = 4_000, 20_000
#: of the mean square of the inputs
_PENALTY = 0.01
#: how often windows are weighed anew, and the least error, in median ones, that still counts less
_ROUNDS, _LEAST_ERROR = 3, 0.3
#: values of windows that are forecast from at once
_BLOCK = 2_000_000


def _one_thread() -> AbstractContextManager[Any]:
    """For small products: their bits then depend on no number of threads.

    On a busy machine threads that wait for each other also take ten times as long as one.
    """
    from threadpoolctl import threadpool_limits

    one: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return one


class Autoregression(SimpleModel):
    """Each series' last seasons, or rows, go on as those before them did.

    Every origin learns from the rows of its own series before it; positive ones as logarithms.  A
    series too short to learn from repeats its last season.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> season = np.array([1.0, 5.0, 3.0, 4.0])
    >>> history = make_history(np.concatenate([season * 1.1**year for year in range(12)]))
    >>> Autoregression().fit(history, horizon=4, period=4).predict(history).round(1)
    array([[ 3.1, 15.6,  9.4, 12.5]])
    """

    name = "autoregression"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.empty((len(origins), self.horizon_))
        firsts = next_known(history)[history.offsets[origins.series]]
        with _one_thread():
            for i, (first, stop) in enumerate(zip(firsts, origins.rows, strict=True)):
                values = filled(history.target[first:stop], self.period_)
                logs = bool(values.min() > 0)
                drawn = self._draw(np.log(values) if logs else values)
                found[i] = np.exp(drawn) if logs else drawn
        return found

    def _draw(self, values: Array) -> Array:
        """(horizon,): one series without gaps, drawn on."""
        seasons = look_back(len(values), self.horizon_, self.period_)
        weights = np.zeros(shape_of(seasons, self.horizon_, self.period_))
        if seasons > 1:
            weights = solve(*examples(values, seasons, self.horizon_, self.period_, _MOST))
        windows = cut(values, np.array([len(values)]), seasons, self.period_)
        found: Array = ahead(weights, windows, self.horizon_)[0]
        return found


class SharedAutoregression(SimpleModel):
    """The same weights for all series, learned once: for channels of like kind.

    Every series counts alike, in units of its own usual change within a season.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history([np.resize([1.0, 5.0, 3.0], 60), np.resize([9.0, 4.0, 7.0], 60)])
    >>> SharedAutoregression().fit(history, horizon=4, period=3).predict(history).round(1)
    array([[1., 5., 3., 1.],
           [9., 4., 7., 9.]])
    """

    name = "shared_autoregression"
    learns = True

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        super().fit(history, horizon, period)
        self.seasons_ = look_back(int(history.lengths.max(initial=0)), horizon, period)
        self.weights_ = np.zeros(shape_of(self.seasons_, horizon, period))
        parts = [*self._examples(history)] if self.seasons_ > 1 else []
        if parts:
            inputs, wanted = (np.concatenate(part) for part in zip(*parts, strict=True))
            with _one_thread():
                self.weights_ = solve(inputs, wanted)
        return self

    def _examples(self, history: History) -> Iterator[tuple[Array, Array]]:
        """What each series that is long enough teaches, in its own unit."""
        least = self.seasons_ + self.weights_.shape[1] + 1
        known = next_known(history)
        for series in range(len(history)):
            values = self._values(history, series, known)
            if len(values) >= least * self.period_:
                moves = np.abs(values[self.period_ :] - values[: -self.period_])
                unit = moves.mean() or 1.0
                of = (self.seasons_, self.horizon_, self.period_, _MOST_SHARED)
                yield examples(values / unit, *of)

    def _values(self, history: History, series: int, known: Rows) -> Array:
        """One series from its first known value on, without gaps; ``known`` are the next ones."""
        stop = history.offsets[series + 1]
        first = min(known[history.offsets[series]], stop)
        return filled(history.target[first:stop], self.period_)

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.empty((len(origins), self.horizon_))
        size = max(1, _BLOCK // (self.seasons_ * self.period_ + self.horizon_))
        known, order = next_known(history), np.argsort(origins.series, kind="stable")
        several, starts = np.unique(origins.series[order], return_index=True)
        stops = np.append(starts, len(order))[1:]
        with _one_thread():  # for all: to set it costs milliseconds
            for series, begin, end in zip(several, starts, stops, strict=True):
                chosen = order[begin:end]
                values = self._values(history, series, known)
                places = origins.rows[chosen] - (history.offsets[series + 1] - len(values))
                for start in range(0, len(chosen), size):
                    part = slice(start, start + size)
                    windows = cut(values, places[part], self.seasons_, self.period_)
                    found[chosen[part]] = ahead(self.weights_, windows, self.horizon_)
        return found

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = super().get_state()
        return config | {"seasons": self.seasons_}, arrays | {"weights": self.weights_}

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        self.seasons_, self.weights_ = config["seasons"], arrays["weights"]
        return super().set_state(config, arrays)


def look_back(rows: int, horizon: int, period: int) -> int:
    """Seasons that are looked at: whole weeks where a season may be a day; 1 where rows are few.

    Examples
    --------
    >>> look_back(700, horizon=48, period=24), look_back(8640, horizon=96, period=24)
    (7, 14)
    >>> look_back(900, horizon=13, period=1), look_back(80, horizon=13, period=1)
    (65, 5)
    """
    given = (rows // period - -(-horizon // period)) // _ENOUGH
    most = _SEASONS if period > 1 else _HORIZONS * horizon
    seasons = max(1, min(given, (rows - horizon) // _ENOUGH_ROWS, most))
    return seasons - seasons % 7 if period > 1 and seasons > 7 else seasons


def shape_of(seasons: int, horizon: int, period: int) -> tuple[int, int]:
    """Of the weights: inputs, seasons ahead."""
    return seasons - 1 + 3 * (period > 1), -(-horizon // period)


def filled(values: Array, period: int) -> Array:
    """(rows,): what is missing as it was a season before, or as the last value where none is.

    The first value is known; nothing that comes after a row is looked at.

    Examples
    --------
    >>> filled(np.array([1.0, np.nan, 3.0, 4.0, 5.0, np.nan, np.nan]), 3)
    array([1., 1., 3., 4., 5., 3., 4.])
    """
    missing = np.flatnonzero(~np.isfinite(values))
    if not missing.size:
        return values
    values = values.copy()
    for row in missing:
        values[row] = values[row - period if row >= period else row - 1]
    return values


def cut(values: Array, places: Rows, seasons: int, period: int) -> Array:
    """(n, seasons, period): the values before each place, the oldest first.

    Where there are fewer, the first season stands for those before it.

    Examples
    --------
    >>> cut(np.array([1.0, 2.0, 3.0]), np.array([3, 1]), seasons=2, period=2)
    array([[[2., 1.],
            [2., 3.]],
    <BLANKLINE>
           [[1., 1.],
            [1., 1.]]])
    """
    rows = places[:, None] + np.arange(-seasons * period, 0)
    rows = np.minimum(np.where(rows < 0, rows % period, rows), places[:, None] - 1)
    return np.asarray(values[rows].reshape(len(places), seasons, period))


def inputs_of(windows: Array) -> tuple[Array, Array]:
    """(n, period, inputs) less the last season, which is given too: (n, period)."""
    last = windows[:, -1]
    parts = [windows[:, :-1].transpose(0, 2, 1) - last[..., None]]
    period = windows.shape[2]
    if period > 1:
        means = np.stack([windows[:, -1].mean(axis=1), windows.mean(axis=(1, 2))], axis=1)
        parts.append(means[:, None] - last[..., None])
        before = windows[:, -2, -1] if windows.shape[1] > 1 else windows[:, -1, -1]
        change = (windows[:, -1, -1] - before)[:, None] * np.exp(-4 * np.arange(period) / period)
        parts.append(change[..., None])
    return np.concatenate(parts, axis=2), last


def examples(
    values: Array, seasons: int, horizon: int, period: int, most: int
) -> tuple[Array, Array]:
    """Inputs (m, inputs) and what came (m, seasons ahead), less the last season, of one series.

    About ``most`` rows, of windows that lie evenly.
    """
    count = -(-horizon // period)
    places = np.arange(seasons * period, len(values) - count * period + 1)
    places = places[:: max(1, len(places) * period // most)]
    inputs, last = inputs_of(cut(values, places, seasons, period))
    came = values[places[:, None] + np.arange(count * period)].reshape(-1, count, period)
    wanted = came.transpose(0, 2, 1) - last[..., None]
    return inputs.reshape(-1, inputs.shape[2]), wanted.reshape(-1, count)


def solve(inputs: Array, wanted: Array) -> Array:
    """(inputs, seasons ahead): the weights, by ridge regression.

    Rows are weighed by the size of their error in the round before, so that large ones count by
    their size and not by its square.
    """
    weighed = inputs
    weights = np.zeros((inputs.shape[1], wanted.shape[1]))
    for _ in range(_ROUNDS):
        squares = weighed.T @ inputs
        mean = np.trace(squares) / len(squares)
        if not mean > 0:  # nothing ever moves
            break
        weights = np.linalg.solve(
            squares + _PENALTY * mean * np.eye(len(squares)), weighed.T @ wanted
        )
        errors = np.sqrt(((wanted - inputs @ weights) ** 2).mean(axis=1))
        usual = np.median(errors)
        if not usual > 0:
            break
        weighed = inputs * (usual / np.maximum(errors, _LEAST_ERROR * usual))[:, None]
    return weights


def ahead(weights: Array, windows: Array, horizon: int) -> Array:
    """(n, horizon): windows drawn on, no farther beyond their values than these lie apart."""
    inputs, last = inputs_of(windows)
    drawn = (inputs @ weights + last[..., None]).transpose(0, 2, 1)
    least, most = (limit(windows, axis=(1, 2))[:, None] for limit in (np.min, np.max))
    drawn = drawn.reshape(len(windows), -1)[:, :horizon]
    found: Array = np.clip(drawn, 2 * least - most, 2 * most - least)
    return found
