"""What a forecaster knows of a panel, as bare arrays, and the origins that it forecasts from.

A *row* is one moment of one series; series stand one after the other, as in
:class:`gatecast.data.Panel`.  An *origin* is the first row that is not known: a forecast from
there may look at nothing in that row or after it, except at covariates known in advance.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Origins:
    """Where forecasts begin: n of them.

    Attributes
    ----------
    series : (n,) integers
        The series of each.
    rows : (n,) integers
        The first row to forecast, counted over all series; that series' end for what lies ahead.
    """

    series: Rows
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: Any) -> "Origins":
        """Some of them, as NumPy indexes arrays."""
        return Origins(self.series[index], self.rows[index])


@dataclass(frozen=True)
class History:
    """The known rows of one series or many.

    Attributes
    ----------
    target : (rows,) float64
        The values, NaN where one is missing.
    offsets : (series + 1,) integers
        First row of each series, and the end of the last.
    past : (rows, P) float64
        Covariates known up to the present only.
    future : (rows, F) float64
        Covariates known in advance, calendar features among them.
    ahead : (series, steps, F) float64
        Their values after the end of each series.
    static : (series, S) float64
        Numbers that belong to a whole series.
    codes : (series, C) integers
        Categories of a whole series, numbered from 0.
    code_sizes : tuple of int
        How many categories each column of ``codes`` has.
    past_names, future_names, static_names, code_names : tuple of str
        What the columns are called.
    flags : tuple of str
        Those names of columns that say where a covariate had no value: 1 there, 0 elsewhere.

    Examples
    --------
    >>> history = make_history([np.arange(5.0), np.arange(3.0)])
    >>> len(history), history.lengths
    (2, array([5, 3]))
    >>> history.ends().rows
    array([5, 8])
    >>> history.rolling(horizon=2, windows=2).rows
    array([2, 3, 6])
    """

    target: Array
    offsets: Rows
    past: Array
    future: Array
    ahead: Array
    static: Array
    codes: Rows
    code_sizes: tuple[int, ...] = ()
    past_names: tuple[str, ...] = field(default=())
    future_names: tuple[str, ...] = field(default=())
    static_names: tuple[str, ...] = field(default=())
    code_names: tuple[str, ...] = field(default=())
    flags: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Rows:
        """(series,): the rows of each series."""
        return np.diff(self.offsets)

    def series(self, index: int) -> Array:
        """The values of one series (a view)."""
        return self.target[self.offsets[index] : self.offsets[index + 1]]

    def ends(self) -> Origins:
        """The origin after the last row of each series."""
        return Origins(np.arange(len(self)), self.offsets[1:])

    def rolling(
        self, horizon: int, windows: int = 1, step: int | None = None, *, least: int = 1
    ) -> Origins:
        """The last origins of each series whose ``horizon`` rows are all known.

        Parameters
        ----------
        horizon : int
        windows : int
            Origins a series; fewer where it is too short for all.
        step : int, optional
            Rows between them; 1 by default.
        least : int
            Rows of the series that must be known before an origin.
        """
        back = horizon + np.arange(windows)[::-1] * (1 if step is None else step)
        rows = self.offsets[1:, None] - back
        real = rows >= self.offsets[:-1, None] + max(least, 0)
        series = np.broadcast_to(np.arange(len(self))[:, None], rows.shape)
        return Origins(series[real], rows[real])

    def truth(self, origins: Origins, horizon: int) -> Array:
        """(n, horizon): the values after each origin, NaN where they are not known."""
        rows = origins.rows[:, None] + np.arange(horizon)
        inside = rows < self.offsets[1:][origins.series][:, None]
        found = np.full(rows.shape, np.nan)
        found[inside] = self.target[rows[inside]]
        return found

    def known_before(self, origins: Origins) -> Rows:
        """(n,): how many values of its series are known before each origin.

        Examples
        --------
        >>> history = make_history([[1.0, np.nan, 3.0], [np.nan]])
        >>> history.known_before(history.ends())
        array([2, 0])
        """
        known = np.concatenate([[0], np.cumsum(np.isfinite(self.target))])
        count: Rows = known[origins.rows] - known[self.offsets[:-1][origins.series]]
        return count

    def latest(self, origins: Origins) -> Rows:
        """(n,): the last row with a value of its series before each origin, -1 where none is.

        Examples
        --------
        >>> history = make_history([[1.0, np.nan], [np.nan]])
        >>> history.latest(history.ends())
        array([ 0, -1])
        """
        known = np.where(np.isfinite(self.target), np.arange(len(self.target)), -1)
        # What precedes row 0 is no row: -1 at the front, so that an origin in row 0 finds it.
        found = np.concatenate([[-1], np.maximum.accumulate(known)])[origins.rows]
        return np.where(found >= self.offsets[origins.series], found, -1).astype(np.intp)

    def never_negative(self, origins: Origins) -> Array:
        """(n,): whether no value known of a series before its origin is below zero.

        Examples
        --------
        >>> history = make_history([[1.0, 0.0], [1.0, -1.0]])
        >>> history.never_negative(history.ends())
        array([ True, False])
        """
        rows = len(self.target)
        below = np.where(self.target < 0, np.arange(rows), rows)
        following = np.append(np.minimum.accumulate(below[::-1])[::-1], rows)
        never: Array = following[self.offsets[:-1][origins.series]] >= origins.rows
        return never

    def floored(self, values: Array, origins: Origins) -> Array:
        """(n, ...) forecasts, or what lies around them, not below zero where the series never was.

        Examples
        --------
        >>> history = make_history([[1.0, 0.0], [1.0, -1.0]])
        >>> history.floored(np.array([[-0.5], [-0.5]]), history.ends())
        array([[ 0. ],
               [-0.5]])
        """
        least = np.where(self.never_negative(origins), 0.0, -np.inf)
        found: Array = np.maximum(values, least.reshape(-1, *[1] * (values.ndim - 1)))
        return found

    def begun(self, origins: Origins) -> Origins:
        """Those of the origins before which any value of their series is known."""
        return origins.take(self.known_before(origins) > 0)

    def future_of(self, origins: Origins, horizon: int) -> Array:
        """(n, horizon, F): the covariates known in advance, of the rows after each origin."""
        count = self.future.shape[1]
        found = np.full((len(origins), horizon, count), np.nan)
        if not count:
            return found
        stops = self.offsets[1:][origins.series][:, None]
        rows = origins.rows[:, None] + np.arange(horizon)
        inside = rows < stops
        found[inside] = self.future[rows[inside]]
        beyond = rows - stops
        reach = ~inside & (beyond < self.ahead.shape[1])
        which = np.broadcast_to(origins.series[:, None], rows.shape)
        found[reach] = self.ahead[which[reach], beyond[reach]]
        if np.isnan(found).any():
            raise InputError(
                f"the covariates known in advance ({', '.join(self.future_names)}) are needed for "
                f"{horizon} steps after each origin, and are not there; give them for those steps"
            )
        return found

    def flagged(self, kind: str) -> Rows:
        """Which columns of ``past``, ``future`` or ``static`` are flags.

        Examples
        --------
        >>> history = make_history(np.ones(3), past=[np.ones((3, 2))])
        >>> names = {"past_names": ("price", "price is missing"), "flags": ("price is missing",)}
        >>> replace(history, **names).flagged("past"), history.flagged("past")
        (array([1]), array([], dtype=int64))
        """
        return np.flatnonzero([name in self.flags for name in getattr(self, f"{kind}_names")])

    def take(self, index: Any) -> "History":
        """Some of the series, in the order of ``index``."""
        chosen = np.arange(len(self))[index]
        return self.cut(
            self.offsets[chosen],
            self.lengths[chosen],
            ahead=self.ahead[chosen],
            static=self.static[chosen],
            codes=self.codes[chosen],
        )

    def until(self, stops: Rows) -> "History":
        """The rows of each series before ``stops`` (series,), as they were known then.

        The covariates known in advance of the rows that go become ``ahead``.
        """
        kept = np.clip(np.asarray(stops) - self.offsets[:-1], 0, self.lengths)
        lost = int((self.lengths - kept).max(initial=0))
        ahead = np.full((len(self), lost + self.ahead.shape[1], self.future.shape[1]), np.nan)
        for i in range(len(self)) if self.future.shape[1] else ():
            start, stop = self.offsets[i] + kept[i], self.offsets[i + 1]
            known = np.concatenate([self.future[start:stop], self.ahead[i]])
            ahead[i, : len(known)] = known
        return self.cut(self.offsets[:-1], kept, ahead=ahead)

    def cut(self, starts: Rows, lengths: Rows, **others: Any) -> "History":
        """Pieces of the rows as series, with what else is theirs: ``ahead``, ``static``, ``codes``.

        Parameters
        ----------
        starts, lengths : (pieces,) integers
            The first row of each piece, and how many it has.
        """
        rows = rows_of(starts, lengths)
        return replace(
            self,
            target=self.target[rows],
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp),
            past=self.past[rows],
            future=self.future[rows],
            **others,
        )


def rows_of(starts: Rows, lengths: Rows) -> Rows:
    """The rows of pieces that begin at ``starts``, one piece after the other.

    Examples
    --------
    >>> rows_of(np.array([10, 3]), np.array([2, 3]))
    array([10, 11,  3,  4,  5])
    """
    before = np.cumsum(lengths) - lengths
    rows: Rows = np.repeat(starts - before, lengths) + np.arange(np.sum(lengths))
    return rows


def make_history(
    values: Any,
    *,
    past: Any = None,
    future: Any = None,
    ahead: Any = None,
    static: Any = None,
    codes: Any = None,
    code_sizes: tuple[int, ...] = (),
) -> History:
    """A history of bare arrays: a list with one array of values a series.

    Parameters
    ----------
    values : list of (n,) arrays, or one (n,) array
    past, future : list of (n, features) arrays, optional
        One array a series.
    ahead : (series, steps, F) array, optional
    static : (series, S) array, optional
    codes : (series, C) integers, optional
    code_sizes : tuple of int
    """
    series = [values] if isinstance(values, np.ndarray) and values.ndim == 1 else list(values)
    if not series:
        raise InputError("values holds no series; give at least one array")
    lengths = [len(one) for one in series]
    rows, count = sum(lengths), len(series)

    def stacked(parts: Any) -> Array:
        if parts is None:
            return np.zeros((rows, 0))
        return np.concatenate([np.asarray(part, np.float64) for part in parts])

    known = stacked(future)
    columns = known.shape[1]
    extra = np.zeros((count, 0, columns)) if ahead is None else np.asarray(ahead, np.float64)
    return History(
        target=np.concatenate([np.asarray(one, np.float64) for one in series]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp),
        past=stacked(past),
        future=known,
        ahead=extra,
        static=np.zeros((count, 0)) if static is None else np.asarray(static, np.float64),
        codes=np.zeros((count, 0), np.intp) if codes is None else np.asarray(codes, np.intp),
        code_sizes=code_sizes,
    )
