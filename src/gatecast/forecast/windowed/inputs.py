"""The inputs of a network, assembled from the rows before each origin."""

from typing import NamedTuple

import numpy as np

from gatecast.forecast.columns import standardise
from gatecast.forecast.history import Array, Origins
from gatecast.forecast.windowed.layout import Layout
from gatecast.forecast.windowed.windows import Frame, Windows


class Rows(NamedTuple):
    """What is known of n windows, row by row; L rows, more where steps ahead are filled in.

    Attributes
    ----------
    values : (n, L)
        Transformed, less the seasonal pattern.
    real, observed : (n, L) booleans
        Which are rows of the series with a value carried so far, which were observed themselves.
    covariates : (n, L, P + F) float32
    pattern : (n, period) or None
    """

    values: Array
    real: Array
    observed: Array
    covariates: Array
    pattern: Array | None

    def extended(self, future: Array, flags: Array) -> "Rows":
        """Room for as many steps as ``future`` (n, H, F) has; past covariates stay at their last.

        Their last known values are the best guess where a forecast is fed back, and a guess: of
        those that have flags, ``flags`` (P,) are put up; it is NaN for other columns.
        """
        count, steps = future.shape[:2]
        blank = np.zeros((count, steps))
        known = self.covariates.shape[2] - future.shape[2]
        carried = np.repeat(self.covariates[:, -1:, :known], steps, axis=1)
        carried = np.where(np.isnan(flags), carried, flags).astype(np.float32)
        ahead = np.concatenate([carried, future], axis=2)
        return Rows(
            np.concatenate([self.values, blank], axis=1),
            np.concatenate([self.real, blank > 0], axis=1),
            np.concatenate([self.observed, blank > 0], axis=1),
            np.concatenate([self.covariates, ahead], axis=1),
            self.pattern,
        )

    def window(self, first: int, length: int) -> "Rows":
        """The rows from ``first`` on."""
        part = slice(first, first + length)
        return Rows(
            self.values[:, part],
            self.real[:, part],
            self.observed[:, part],
            self.covariates[:, part],
            self.pattern,
        )


class Batch(NamedTuple):
    """Inputs of n windows, and what leads back from outputs to values.

    Attributes
    ----------
    x : (n, width) float32
        Its columns stand as :class:`Layout` says.
    lengths : (n,) integers or None
        Real rows of each window; None where all have the whole look-back.
    frame : Frame
    """

    x: Array
    lengths: Array | None
    frame: Frame


def rows_before(windows: Windows, origins: Origins) -> Rows:
    """The look-back of each origin."""
    facts, history = windows.facts, windows.history
    pattern = windows.pattern_of(origins)
    values, real, observed = windows.seen(origins, pattern)
    count = facts.past.shape[1] + facts.future.shape[1]
    covariates = np.zeros((*values.shape, count), np.float32)
    if count:
        rows = origins.rows[:, None] + np.arange(-facts.window, 0)
        rows = np.maximum(rows, history.offsets[origins.series][:, None])
        rows = np.minimum(rows, len(history.target) - 1)
        first = 0
        for columns, moments in ((history.past, facts.past), (history.future, facts.future)):
            last = first + columns.shape[1]
            covariates[..., first:last] = standardise(columns[rows], moments)
            first = last
        covariates *= real[..., None]
    return Rows(values, real, observed, covariates, pattern)


def flags_up(windows: Windows) -> Array:
    """(P,): the past covariates' flags when they are up, NaN for the covariates themselves."""
    history = windows.history
    up = np.full(history.past.shape[1], np.nan)
    up[history.flagged("past")] = 1.0
    return np.where(np.isnan(up), np.nan, standardise(up, windows.facts.past))


def known_ahead(windows: Windows, origins: Origins, horizon: int, *, training: bool) -> Array:
    """(n, horizon, F): covariates known in advance, standardised.

    In training they may miss beyond a series' end: what is to be learned from there misses too.
    """
    history, moments = windows.history, windows.facts.future
    if not training:
        found = history.future_of(origins, horizon)
    elif not moments.shape[1]:
        return np.zeros((len(origins), horizon, 0), np.float32)
    else:
        rows = origins.rows[:, None] + np.arange(horizon)
        stops = history.offsets[1:][origins.series][:, None]
        found = history.future[np.minimum(rows, len(history.future) - 1)]
        found[rows >= stops] = np.nan
    return standardise(found, moments).astype(np.float32)


def assemble(windows: Windows, layout: Layout, origins: Origins, rows: Rows, ahead: Array) -> Batch:
    """The inputs of windows whose rows and covariates ahead (n, H, F) are known."""
    facts, history = windows.facts, windows.history
    z, frame = windows.frame(origins, rows.values, rows.real, rows.pattern)
    x = np.zeros((len(z), layout.width), np.float32)
    window, future, static, codes = layout.split(x)
    window[..., 0] = z
    if facts.masked:
        window[..., 1] = rows.observed
    window[..., 1 + facts.masked :] = rows.covariates
    future[...] = ahead
    first = 0
    if windows.recipe.scaled:
        static[:, 0] = np.log(frame.scale[:, 0] / facts.unit)
        first = 1
    static[:, first:] = standardise(history.static[origins.series], facts.static)
    codes[...] = history.codes[origins.series]
    return Batch(x, _lengths(rows.real), frame)


def _lengths(real: Array) -> Array | None:
    """Rows from the first real one on; a window of nothing counts as one row of zeros."""
    if real[:, 0].all():
        return None
    return np.where(real.any(axis=1), real.shape[1] - np.argmax(real, axis=1), 1)


def batch_of(windows: Windows, layout: Layout, origins: Origins, *, training: bool) -> Batch:
    """The inputs at these origins."""
    ahead = known_ahead(windows, origins, layout.horizon, training=training)
    return assemble(windows, layout, origins, rows_before(windows, origins), ahead)
