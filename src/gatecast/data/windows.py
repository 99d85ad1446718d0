"""Windows over one series or many, without copying: the rows before, and the rows to forecast.

Shape letters: n windows, F features.  The rows of all series are stacked; ``offsets`` says
where each begins.  A window with first target row t looks back on the rows t - width … t - 1 of
its own series and is asked for the rows t … t + horizon - 1, all of them of that series.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatecast.data.checks import Array, Rows, check_floats, check_offsets, check_whole
from gatecast.errors import InputError
from gatecast.kernels.select import active


class Batch(NamedTuple):
    """Some windows.

    Attributes
    ----------
    x : (n, width, F)
        Look-backs, zero past a window's length.
    y : (n, horizon)
        Targets; (n, horizon, K) where the target has K columns.
    lengths : (n,) or None
        Real rows of each look-back, at its front; None where all have ``width``.
    """

    x: Array
    y: Array
    lengths: Rows | None


class Windows:
    """All windows of some series; ``x`` and ``y`` are views, a batch is gathered by index.

    Parameters
    ----------
    features : (rows, F) array of floats
    target : (rows,) or (rows, K) array of floats or integers
    width : int
        Rows of a look-back.
    horizon : int
        Rows to forecast.
    step : int
        Rows from one window to the next.
    offsets : (series + 1,) integers, optional
        First row of each series and the end of the last; one series by default.
    targets : (start, stop) or (series, 2) integers, optional
        Only windows whose target rows all lie in start … stop - 1 (of a split, say).
    context : bool
        Whether a look-back may begin before ``start``, in rows of another split.  That is what
        a forecaster knows on that day and leaks nothing; False windows each split by itself.
    min_width : int, optional
        Take also the windows near the beginning of each series (of each split, without
        ``context``) whose look-back has this many rows and fewer than ``width``; a series too
        short for one whole window has only such.  By default ``width``: they are left out.

    Attributes
    ----------
    first_target : (n,) integers
        Row of each window's first target, in the stacked rows.
    series : (n,) integers
        Index of the series that each window belongs to.
    lengths : (n,) integers
        Rows of each look-back.

    Examples
    --------
    >>> values = np.arange(6.0)
    >>> windows = Windows(values[:, None], values, width=3, horizon=2)
    >>> len(windows)
    2
    >>> windows.x[..., 0]
    array([[0., 1., 2.],
           [1., 2., 3.]])
    >>> windows.y
    array([[3., 4.],
           [4., 5.]])
    """

    def __init__(
        self,
        features: Array,
        target: Array,
        width: int,
        horizon: int = 1,
        *,
        step: int = 1,
        offsets: Any = None,
        targets: Any = None,
        context: bool = True,
        min_width: int | None = None,
    ) -> None:
        self.features = _check_features(features)
        self.target = _check_target(target, len(features))
        self.width = check_whole("width", width)
        self.horizon = check_whole("horizon", horizon)
        step = check_whole("step", step)
        self.min_width = self.width if min_width is None else check_whole("min_width", min_width)
        if self.min_width > self.width:
            raise InputError(f"min_width must be at most the width {width}, it is {min_width}")
        self.offsets = check_offsets(offsets, len(features))
        ranges = _target_ranges(targets, self.offsets)
        earliest = self.offsets[:-1] if context else ranges[:, 0]
        self.first_target, self.series = self._place(ranges, earliest, step)
        self.lengths = np.minimum(self.first_target - earliest[self.series], self.width)

    def _place(self, ranges: Rows, earliest: Rows, step: int) -> tuple[Rows, Rows]:
        """The first target row of every window, and its series."""
        starts = np.maximum(ranges[:, 0], earliest + self.min_width)
        stops = ranges[:, 1] - self.horizon + 1
        counts = np.maximum(-(-(stops - starts) // step), 0)
        series = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return starts[series] + step * place, series

    def __len__(self) -> int:
        return len(self.first_target)

    def __repr__(self) -> str:
        return (
            f"Windows(n={len(self)}, width={self.width}, horizon={self.horizon}, "
            f"features={self.features.shape[1]}, series={len(self.offsets) - 1})"
        )

    @property
    def target_rows(self) -> Rows:
        """(n, horizon): the row of every target."""
        return self.first_target[:, None] + np.arange(self.horizon)

    @property
    def x(self) -> Array:
        """(n, width, F): a read-only view where the windows are evenly spaced, else a copy."""
        evenly = _evenly(self.first_target)
        if evenly is None or (self.lengths < self.width).any():
            return self.batch(np.arange(len(self))).x
        if len(self) == 0:
            return np.empty((0, self.width, self.features.shape[1]), self.features.dtype)
        views = sliding_window_view(self.features, self.width, axis=0).swapaxes(1, 2)
        return views[_shift(evenly, -self.width)]

    @property
    def y(self) -> Array:
        """(n, horizon): a read-only view where the windows are evenly spaced, else a copy."""
        evenly = _evenly(self.first_target)
        if evenly is None or len(self) == 0:
            return self.target[self.target_rows]
        views = sliding_window_view(self.target, self.horizon, axis=0)
        return (views.swapaxes(1, 2) if self.target.ndim == 2 else views)[evenly]

    def batch(self, index: Any) -> Batch:
        """Copy some windows out.

        Parameters
        ----------
        index : integers, slice or boolean mask
            Which windows, as NumPy indexes ``first_target``.

        Examples
        --------
        Two series, the second too short for a whole look-back:

        >>> values = np.arange(7.0)
        >>> windows = Windows(values[:, None], values, 3, offsets=[0, 4, 7], min_width=2)
        >>> x, y, lengths = windows.batch([1, 2])
        >>> x[..., 0]
        array([[0., 1., 2.],
               [4., 5., 0.]])
        >>> y
        array([[3.],
               [6.]])
        >>> lengths
        array([3, 2])
        """
        first = np.atleast_1d(self.first_target[index])
        lengths = np.atleast_1d(self.lengths[index])
        x, ragged = _gather(self.features, first, lengths, self.width)
        return Batch(x, self.target[first[:, None] + np.arange(self.horizon)], ragged)


def latest(features: Array, width: int, *, offsets: Any = None) -> tuple[Array, Rows | None]:
    """The look-back that ends with the last row of each series: what to predict from.

    Parameters
    ----------
    features : (rows, F) array of floats
    width : int
    offsets : (series + 1,) integers, optional

    Returns
    -------
    x : (series, width, F)
    lengths : (series,), or None where every series has ``width`` rows

    Examples
    --------
    >>> latest(np.arange(5.0)[:, None], 2)[0][..., 0]
    array([[3., 4.]])
    """
    features = _check_features(features)
    width = check_whole("width", width)
    found = check_offsets(offsets, len(features))
    return _gather(features, found[1:], np.minimum(np.diff(found), width), width)


def _gather(features: Array, stops: Rows, lengths: Rows, width: int) -> tuple[Array, Rows | None]:
    """Copy the ``lengths`` rows before each of ``stops``, at the front of ``width`` rows."""
    starts = stops - lengths
    if (lengths == width).all():
        windows: Array = active().gather_windows(features, starts, width)
        return windows, None
    steps = np.arange(width)
    rows = starts[:, None] + steps
    real = steps < lengths[:, None]
    x = np.zeros((*rows.shape, features.shape[1]), features.dtype)
    x[real] = features[rows[real]]
    return x, lengths


def _evenly(rows: Rows) -> slice | None:
    """The slice that gives these rows, if there is one."""
    step = int(rows[1] - rows[0]) if len(rows) > 1 else 1
    if len(rows) > 2 and (np.diff(rows) != step).any():
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1, step) if len(rows) else slice(0, 0)


def _shift(rows: slice, by: int) -> slice:
    return slice(rows.start + by, rows.stop + by, rows.step)


def _check_features(features: Any) -> Array:
    array = check_floats("features", features)
    if array.ndim != 2:
        hint = "; one feature is features[:, None]" if array.ndim == 1 else ""
        raise InputError(
            f"features must have 2 axes (rows, features), they have shape {array.shape}{hint}"
        )
    return array


def _check_target(target: Any, rows: int) -> Array:
    if not isinstance(target, np.ndarray) or target.dtype.kind not in "fiu":
        what = getattr(target, "dtype", type(target).__name__)
        raise InputError(f"target must be a NumPy array of numbers, it is {what}")
    if target.ndim not in (1, 2) or len(target) != rows:
        raise InputError(
            f"target must have one value, or one row of values, for each of the {rows} rows of "
            f"features; it has shape {target.shape}"
        )
    return target


def _target_ranges(targets: Any, offsets: Rows) -> Rows:
    """(series, 2): the first target row of each series and the end of them."""
    series = np.stack([offsets[:-1], offsets[1:]], axis=1)
    if targets is None:
        return series
    ranges = np.asarray(targets)
    if ranges.dtype.kind not in "iu" or ranges.shape not in ((2,), series.shape):
        raise InputError(
            f"targets must be (start, stop), or one such pair for each of the {len(series)} "
            f"series; it has shape {ranges.shape} and dtype {ranges.dtype}"
        )
    ranges = np.broadcast_to(ranges, series.shape).astype(np.intp)
    if (ranges[:, 0] > ranges[:, 1]).any() or ranges.min() < 0 or ranges.max() > offsets[-1]:
        raise InputError(
            f"targets must have 0 <= start <= stop <= the {offsets[-1]} rows, "
            f"they are {ranges.tolist()[:4]}"
        )
    clipped: Rows = np.clip(ranges, series[:, :1], series[:, 1:])
    return clipped
