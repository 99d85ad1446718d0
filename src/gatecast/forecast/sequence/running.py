"""The same knowledge of a series' rows as :func:`look_at` finds, kept up one value at a time.

Each new value costs the same however long the series is: a few sums, and one a lag of the season.
"""

import numpy as np

from gatecast.forecast.history import Array
from gatecast.forecast.seasonal import CRITICAL, LEAST_SEASONS
from gatecast.forecast.sequence.rows import Adjustment, SeriesRows


class RunningRows:
    """The last rows of one series that grows.

    Parameters
    ----------
    adjustment : Adjustment
    depth : int
        How many of the last rows are kept.

    Examples
    --------
    >>> running = RunningRows(Adjustment(1, logs=False), depth=4)
    >>> for value in (1.0, 3.0, np.nan, 4.0):
    ...     running.add(value)
    >>> running.rows().level, running.rows().volatility
    (array([1., 3., 3., 4.]), array([0. , 2. , 2. , 1.5], dtype=float32))
    """

    def __init__(self, adjustment: Adjustment, depth: int) -> None:
        period = adjustment.period
        self.adjustment = adjustment
        self.depth = max(depth, 2 * period + 2)
        self.count, self.least = 0, np.inf
        self.level, self.known = np.full(self.depth, np.nan), np.zeros(self.depth, bool)
        self.index, self.volatility = np.zeros(self.depth), np.zeros(self.depth, np.float32)
        self.adjusted = np.zeros(self.depth, bool)
        #: sums and numbers of absolute changes: plain, and less the seasonal pattern
        self.changes = np.array([[adjustment.usual] * 2, [float(adjustment.usual > 0)] * 2])
        #: by phase: sum and number of what was over its season
        self.phases = np.zeros((2, period))
        #: of the test: number, sum, sum of squares; by lag: products, late and early values, pairs
        self.moments, self.lagged = np.zeros(3), np.zeros((4, period))
        self.first = np.nan

    def add(self, value: float) -> None:
        """One more row; NaN where its value is missing."""
        level = self._level_of(value)
        before = self.level[-1]
        for array in (self.level, self.known, self.index, self.volatility, self.adjusted):
            array[:-1] = array[1:]
        self.known[-1] = np.isfinite(value)
        self.level[-1] = level if np.isfinite(value) else before
        self.index[-1], self.adjusted[-1] = 0.0, False
        seasonal = self.adjustment.period > 1
        if seasonal:
            self._learn_index(level)
            self.adjusted[-1] = self._test()
        if self.count and self.known[-1] and np.isfinite(before):
            self._learn_change(self.level[-1] - before)
        total, number = self.changes[:, int(self.adjusted[-1])]
        self.volatility[-1] = total / max(number, 1.0)
        self.count += 1

    def _level_of(self, value: float) -> float:
        if not self.adjustment.logs:
            return float(value)
        if value > 0:
            self.least = min(value, self.least)
        elif value <= 0:  # as in gatecast.forecast.positives
            value = self.least if np.isfinite(self.least) else self.adjustment.least
        return float(np.log(value))

    def _learn_index(self, level: float) -> None:
        """What the row half a season ago was over its season, now that all of it is known."""
        period = self.adjustment.period
        half = period // 2
        if self.count < 2 * half:
            return
        season = np.where(self.known, self.level, np.nan)[-(2 * half + 1) :]
        weights = np.full(len(season), 1.0 / period)
        if period % 2 == 0:
            weights[[0, -1]] /= 2
        over = season[half] - weights @ season
        phase = (self.count - half) % period
        if np.isfinite(over):
            self.phases[:, phase] += over, 1.0
        total, number = self.phases[:, phase]
        self.index[-1 - half] = total / number if number else 0.0

    def _test(self) -> bool:
        """Whether the rows up to this one are seasonal; see :func:`growing_test`."""
        if not np.isfinite(self.level[-1]):
            return False
        if not np.isfinite(self.first):
            self.first = self.level[-1]
        period = self.adjustment.period
        value = self.level[-1] - self.first
        self.moments += 1.0, value, value * value
        earlier = self.level[-2 : -2 - period : -1] - self.first
        real = np.isfinite(earlier)
        earlier = np.where(real, earlier, 0.0)
        self.lagged += np.stack([earlier * value, value * real, earlier, real])
        number, total, squares = self.moments
        mean = total / number
        variance = squares - number * mean * mean
        if self.count + 1 < LEAST_SEASONS * period or variance <= 1e-12 * squares:
            return False
        products, late, early, pairs = self.lagged
        found = (products - mean * (late + early) + pairs * mean * mean) / variance
        limit = CRITICAL * np.sqrt((1 + 2 * (found[:-1] ** 2).sum()) / number)
        return bool(abs(found[-1]) > limit)

    def _learn_change(self, change: float) -> None:
        """The last change, plain and less the pattern."""
        self.changes[:, 0] += abs(change), 1.0
        adjustment = self.adjustment
        if adjustment.period < 2:
            return
        now, before = adjustment.offset(0), adjustment.offset(-1)
        if self.count >= -min(now, before) + adjustment.period // 2:
            pattern = self.index[now - 1] - self.index[before - 1]
            self.changes[:, 1] += abs(change - pattern), 1.0

    def rows(self) -> SeriesRows:
        """The rows that are kept, as those of one series."""
        kept = min(self.count, self.depth)
        part = slice(self.depth - kept, None)
        return SeriesRows(
            np.array([0, kept]), self.level[part], self.known[part], self.volatility[part],
            self.index[part].astype(np.float32), self.adjusted[part], self.count - kept,
        )  # fmt: skip

    def get_state(self) -> dict[str, Array]:
        """Every number, by name."""
        return {name: np.asarray(getattr(self, name)).copy() for name in _STATE}

    def set_state(self, state: dict[str, Array]) -> None:
        """Take them back."""
        for name in _STATE:
            setattr(self, name, state[name].copy())
        self.count, self.first = int(state["count"]), float(state["first"])
        self.least = float(state["least"])


_STATE = (
    "count", "level", "known", "index", "volatility", "adjusted", "changes", "phases", "moments",
    "lagged", "first", "least",
)  # fmt: skip
