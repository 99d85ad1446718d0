"""Exponential smoothing: the model and the weights that fit each series best, over many at once."""

from itertools import product

import numpy as np

from gatecast.forecast.classical.simple import SimpleModel, next_known
from gatecast.forecast.classical.states import Kind, Run, States, drawn_on, run, weights_of
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.seasonal import seasonal_indices

#: the last rows that are looked at, those that the first level and trend are told from, and the
#: seasons that the first season is
MOST_ROWS, FIRST_ROWS, FIRST_SEASONS = 1_000, 10, 5
#: known values that a series must have; of fewer, the last one is the forecast
LEAST_ROWS = 5
#: series that are worked on at once
BLOCK = 512
#: of the squared values, what squared errors may be taken to be at least: exact fits are alike
EXACT = 1e-20

KINDS = tuple(
    Kind(trend, season, relative)
    for trend, season, relative in product(
        (False, True), ("none", "additive", "multiplicative"), (False, True)
    )
    if season == "none" or relative == (season == "multiplicative")
)
#: free numbers of the weights that are tried first (0: a half), how many kinds are looked at
#: closer, how far their weights are moved first, and how often
TRIED = {
    "alpha": (-3.0, -1.4, 0.0, 1.7),
    "beta": (-3.0, -0.8),
    "phi": (-1.0, 2.0),
    "gamma": (-3.0, -0.8),
}
CLOSER, STRIDE, ROUNDS, FARTHEST = 3, 1.0, 10, 6.0


class ETS(SimpleModel):
    """Exponential smoothing, fitted to the rows before each origin alone.

    Of the models with additive errors (and season) and, where all values are positive,
    multiplicative ones, without and with a damped trend, the one with the least corrected Akaike
    criterion forecasts.  Weights are sought by trial, from a grid on; the first states are told
    from the first rows, of the last thousand.  Series of fewer than 5 known values keep their
    last one.

    (A trend that is not damped was left out for what it did to the last rows of M3's training
    files: a mean sMAPE of 15.4 instead of 14.6 for the monthly series, and of the others much the
    same.)

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> wave = np.tile([1.0, 5.0, 3.0, 3.0], 8)
    >>> ETS().fit(make_history(wave), horizon=5, period=4).predict(make_history(wave)).round(2)
    array([[1., 5., 3., 3., 1.]])
    """

    name = "ets"

    def _forecast(self, history: History, origins: Origins, last: Rows) -> Array:
        found = np.repeat(history.target[last][:, None], self.horizon_, axis=1)
        begin = np.maximum(history.offsets[origins.series], last + 1 - MOST_ROWS)
        begin = next_known(history)[begin]
        counts = np.concatenate([[0], np.cumsum(np.isfinite(history.target))])
        enough = np.flatnonzero(counts[last + 1] - counts[begin] >= LEAST_ROWS)
        widths = last + 1 - begin
        order = enough[np.argsort(widths[enough], kind="stable")]
        for start in range(0, len(order), BLOCK):
            part = order[start : start + BLOCK]
            gaps = origins.rows[part] - 1 - last[part]
            steps = gaps[:, None] + np.arange(1, self.horizon_ + 1)
            found[part] = forecast(history.target, begin[part], widths[part], self.period_, steps)
        return found


def forecast(target: Array, begin: Rows, widths: Rows, period: int, steps: Array) -> Array:
    """(n, h): each series drawn on by the model that fits it best.

    Parameters
    ----------
    target : (rows,) array
    begin, widths : (n,) integers
        The first row of each series, and how many it has; the first and the last are known.
    period : int
    steps : (n, h) integers
        From the last row.
    """
    place = np.arange(int(widths.max()))
    inside = place < widths[:, None]
    values = np.where(inside, target[np.where(inside, begin[:, None] + place, 0)], np.nan)
    search = Search(values, widths, period)
    found = np.empty(steps.shape)
    kinds, free = search.best()
    for number in np.unique(kinds):
        rows, kind = np.flatnonzero(kinds == number), KINDS[number]
        weights = weights_of(kind, free[rows, None, : len(kind.weights)])
        end = search.run(kind, rows, weights).states
        states = States(end.level[:, 0], end.trend[:, 0], end.season[..., 0])
        phi = weights["phi"][:, 0] if "phi" in weights else None
        found[rows] = drawn_on(states, kind, phi, widths[rows], steps[rows])
    return found


class Search:
    """The kind and the weights of the least corrected Akaike criterion.

    Parameters
    ----------
    values : (n, T) array
        NaN past the end of a series, and where a value is missing.
    widths : (n,) integers
    period : int
    """

    def __init__(self, values: Array, widths: Rows, period: int) -> None:
        self.values, self.widths, self.period = values, widths, period
        known = np.isfinite(values)
        self.counts = known.sum(axis=1)
        self.positive = np.nanmin(values, axis=1) > 0
        squares = np.nansum(np.square(values), axis=1)
        self.least = np.maximum(EXACT * squares, np.finfo(np.float64).tiny)
        self.first = {season: first_states(values, period, season) for season in self._seasons()}

    def _seasons(self) -> tuple[str, ...]:
        several = ("none", "additive", "multiplicative")
        return several if 1 < self.period <= int(self.widths.max()) // 2 else several[:1]

    def run(self, kind: Kind, rows: Rows, weights: dict[str, Array]) -> Run:
        """Some series under weights (rows, C) of their own."""
        level, trend, season = self.first[kind.season]
        if kind.season == "none":
            season = np.zeros((1, len(level)))
        first = States(level[rows], trend[rows], season[:, rows])
        last = int(self.widths[rows].max())
        return run(self.values[rows, :last].T, self.widths[rows], first, kind, weights)

    def best(self) -> tuple[Rows, Array]:
        """(n,) numbers of kinds, and (n, 4) free numbers of their weights."""
        shape = len(self.values), len(KINDS)
        criteria, free = np.full(shape, np.inf), np.zeros((*shape, 4))
        for number, kind in enumerate(KINDS):
            rows = self._possible(kind)
            if not len(rows):
                continue
            tried = np.array(list(product(*(TRIED[name] for name in kind.weights))))
            found = self.criteria(kind, rows, np.broadcast_to(tried, (len(rows), *tried.shape)))
            place = np.argmin(found, axis=1)
            criteria[rows, number] = found[np.arange(len(rows)), place]
            free[rows, number, : tried.shape[1]] = tried[place]
        closer = np.argsort(criteria, axis=1, kind="stable")[:, :CLOSER]
        for number, kind in enumerate(KINDS):
            rows = np.flatnonzero((closer == number).any(axis=1) & (criteria[:, number] < np.inf))
            if len(rows):
                criteria[rows, number], free[rows, number, : len(kind.weights)] = self._nearer(
                    kind, rows, free[rows, number, : len(kind.weights)], criteria[rows, number]
                )
        kinds = np.argmin(criteria, axis=1)
        return kinds, free[np.arange(len(kinds)), kinds]

    def _possible(self, kind: Kind) -> Rows:
        """The series that a kind may be fitted to."""
        if kind.season not in self.first:
            return np.zeros(0, np.intp)
        can = self.counts > kind.count(self.period) + 1
        if kind.relative:
            can &= self.positive
        if kind.season != "none":
            can &= self.widths >= 2 * self.period
        return np.flatnonzero(can)

    def criteria(self, kind: Kind, rows: Rows, free: Array) -> Array:
        """(rows, C): the corrected Akaike criterion of weights (rows, C, weights)."""
        done = self.run(kind, rows, weights_of(kind, free))
        count, fitted = self.counts[rows, None], kind.count(self.period)
        least = EXACT * count if kind.relative else self.least[rows, None]
        likelihood = count * np.log(np.maximum(done.squares, least) / count) + 2 * done.logs
        criterion: Array = likelihood + 2 * fitted * count / (count - fitted - 1)
        return criterion

    def _nearer(self, kind: Kind, rows: Rows, free: Array, best: Array) -> tuple[Array, Array]:
        """The least criterion that trying on finds, and where: a step each way of each weight.

        Where none of them is better the steps are halved.
        """
        size = free.shape[1]
        ways = np.concatenate([np.eye(size), -np.eye(size)])
        stride, index = np.full(len(rows), STRIDE), np.arange(len(rows))
        for _ in range(ROUNDS):
            tried = free[:, None] + stride[:, None, None] * ways
            tried = np.clip(tried, -FARTHEST, FARTHEST)
            found = self.criteria(kind, rows, tried)
            place = np.argmin(found, axis=1)
            better = found[index, place] < best
            best = np.where(better, found[index, place], best)
            free = np.where(better[:, None], tried[index, place], free)
            stride = np.where(better, stride, stride / 2)
        return best, free


def first_states(values: Array, period: int, season: str) -> States:
    """What n series begin with: a line through their first values, and the first seasons' mean.

    Parameters
    ----------
    values : (n, T) array
    period : int
    season : {"none", "additive", "multiplicative"}
    """
    index = np.zeros((len(values), 1))
    plain = values[:, :FIRST_ROWS]
    if season != "none":
        ratios = season == "multiplicative"
        index = seasonal_indices(values[:, : FIRST_SEASONS * period], period, ratios=ratios)
        pattern = index[:, np.arange(plain.shape[1]) % period]
        plain = plain / np.where(pattern > 0, pattern, 1.0) if ratios else plain - pattern
    known = np.isfinite(plain)
    place = np.where(known, np.arange(1.0, plain.shape[1] + 1), 0.0)
    count = known.sum(axis=1)
    middle, mean = place.sum(axis=1) / count, np.nansum(plain, axis=1) / count
    away = np.where(known, place - middle[:, None], 0.0)
    slope = np.nansum(away * plain, axis=1) / np.maximum(np.square(away).sum(axis=1), 1.0)
    return States(mean - slope * middle, slope, index.T)
