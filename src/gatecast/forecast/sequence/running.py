"""The same knowledge of a series' rows as :func:`look_at` finds, kept up one value at a time.

Each new value costs the same however long the series is: a few sums, and one a lag of the season.
"""

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array
from gatecast.forecast.seasonal import LEAST_SEASONS, to_be_summed, vouched
from gatecast.forecast.sequence.rows import DRIFT, Adjustment, SeriesRows, drift_of
from gatecast.forecast.smoothing import Smoother


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
        #: the last known values, and how many rows ago the very last was
        self.filled, self.since = self.level.copy(), 0
        self.index, self.volatility = np.zeros(self.depth), np.zeros(self.depth, np.float32)
        self.share = np.zeros(self.depth)
        self.drift = np.zeros((self.depth, DRIFT if adjustment.smoothed else 0), np.float32)
        #: sums and numbers of absolute changes: plain, and less the seasonal pattern
        self.changes = np.array([[adjustment.usual] * 2, [float(adjustment.usual > 0)] * 2])
        #: of all rows and of the known ones, by phase: number, sum and squares of what was over
        #: its season
        self.phases = np.zeros((2, 3, period))
        self.smoother = Smoother(1, max(adjustment.smoothed, 1))

    def add(self, value: float) -> None:
        """One more row; NaN where its value is missing."""
        if np.isinf(value):
            raise InputError(f"the value is {value}; give a finite one, or NaN where it is missing")
        level = self._level_of(value)
        before = self.level[-1]
        for array in (
            self.level, self.filled, self.known, self.index, self.volatility, self.share,
            self.drift,
        ):  # fmt: skip
            array[:-1] = array[1:]
        self.known[-1] = np.isfinite(value)
        self.filled[-1] = self.level[-1] = level if np.isfinite(value) else self.filled[-2]
        self.since = 0 if self.known[-1] else self.since + 1
        self.index[-1], self.share[-1] = 0.0, 0.0
        if self.adjustment.period > 1:
            self._learn_index(level)
            self.share[-1] = self._vouched()
            own, there = (self.index[self.adjustment.offset(k) - 1] for k in (0, -self.since))
            self.level[-1] += self.share[-1] * (own - there)
        if self.count and self.known[-1] and np.isfinite(before):
            self._learn_change(self.level[-1] - before)
        plain, less = self.changes[0] / np.maximum(self.changes[1], 1.0)
        self.volatility[-1] = plain + self.share[-1] * (less - plain)
        if self.adjustment.smoothed:
            self._smooth()
        self.count += 1

    def _vouched(self) -> float:
        """How much of the pattern is believed; see :func:`growing_shares`."""
        period = self.adjustment.period
        if self.count + 1 < LEAST_SEASONS * period:
            return 0.0
        return float(vouched([part.sum() for part in to_be_summed(*self._phases())], period))

    def _smooth(self) -> None:
        """The smoothing, one adjusted value on."""
        pattern = 0.0
        if self.adjustment.period > 1:
            pattern = self.share[-1] * self.index[self.adjustment.offset(0) - 1]
        values = self.level[-1:] - pattern
        self.smoother.add(values)
        self.drift[-1] = drift_of(self.smoother, values)[0]

    def _level_of(self, value: float) -> float:
        if not self.adjustment.logs:
            return float(value)
        if value > 0:
            self.least = min(value, self.least)
        elif value <= 0:  # as in gatecast.forecast.positives
            value = self.least if np.isfinite(self.least) else self.adjustment.least
        return float(np.log(value))

    def _phases(self) -> Array:
        """(3, period): of each phase the known rows, all of them where none is known."""
        every, known = self.phases
        found: Array = np.where(known[0] > 0, known, every)
        return found

    def _learn_index(self, level: float) -> None:
        """What the row half a season ago was over its season, now that all of it is known."""
        period = self.adjustment.period
        half = period // 2
        if self.count < 2 * half:
            return
        season = self.filled[-(2 * half + 1) :]
        weights = np.full(len(season), 1.0 / period)
        if period % 2 == 0:
            weights[[0, -1]] /= 2
        over = season[half] - weights @ season
        phase = (self.count - half) % period
        if np.isfinite(over):
            # what is known counts, and what stands for it only where none is
            self.phases[: 1 + self.known[-1 - half], :, phase] += 1.0, over, over * over
        number, total, _ = self._phases()[:, phase]
        self.index[-1 - half] = total / number if number else 0.0

    def _learn_change(self, change: float) -> None:
        """The last change, plain and less the pattern."""
        self.changes[:, 0] += abs(change), 1.0
        adjustment = self.adjustment
        if adjustment.period < 2:
            return
        now, before = adjustment.offset(0), adjustment.offset(-1)
        if self.count >= -min(now, before) + adjustment.period // 2:
            pattern = self.index[now - 1] - self.index[before - 1]
            self.changes[:, 1] += abs(change - self.share[-1] * pattern), 1.0

    def rows(self) -> SeriesRows:
        """The rows that are kept, as those of one series."""
        kept = min(self.count, self.depth)
        part = slice(self.depth - kept, None)
        return SeriesRows(
            np.array([0, kept]), self.level[part], self.known[part], self.volatility[part],
            self.index[part].astype(np.float32), self.share[part].astype(np.float32),
            self.drift[part], self.count - kept,
        )  # fmt: skip
