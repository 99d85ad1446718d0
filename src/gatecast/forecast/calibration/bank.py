"""Errors of held-out forecasts and their scales: what every method of intervals is made of."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from gatecast.forecast.calibration.offsets import Errors
from gatecast.forecast.history import Array, Rows


@dataclass(frozen=True)
class Bank:
    """The errors of forecasts from n held-out origins.

    Attributes
    ----------
    errors : (n, horizon) array
        Truth minus forecast, NaN where there is no truth.
    scales : (levels, n, horizon or 1, 2 or 1) array
        What an error is measured in, below and above the forecast: how much the series moves, or
        how far away the model believes its own bounds to be, tempered (an entry for each level).
    times : (n,) integers
        Row of each origin, counted so that the last are the newest in every series.
    series : (n,) integers
    """

    errors: Array
    scales: Array
    times: Rows
    series: Rows

    def __len__(self) -> int:
        return len(self.errors)

    @property
    def horizon(self) -> int:
        """Steps ahead."""
        return int(self.errors.shape[1])

    def scaled(self, level: int = 0) -> Errors:
        """The errors over their scales, for one of the levels that have scales."""
        scales = np.broadcast_to(self.scales[level], (*self.errors.shape, self.scales.shape[-1]))
        values = self.errors / np.where(self.errors < 0, scales[..., 0], scales[..., -1])
        groups = max(len(np.unique(self.series)), 1)
        rounds = np.unique(self.times)
        step = float(np.mean(np.diff(rounds))) if len(rounds) > 1 else float(self.horizon)
        return Errors(values, groups, step)

    def take(self, rows: Any) -> "Bank":
        """Some of the origins, as NumPy indexes them."""
        return Bank(self.errors[rows], self.scales[:, rows], self.times[rows], self.series[rows])

    def whole(self, end: int) -> "Bank":
        """The origins whose horizon lies before a time."""
        return self.take(self.times + self.horizon <= end)

    def joined(self, newer: "Bank", most: int) -> "Bank":
        """Both, the oldest left out where there are more than ``most``."""
        order = np.argsort(np.concatenate([self.times, newer.times]), kind="stable")[-most:]
        both = Bank(
            np.concatenate([self.errors, newer.errors]),
            np.concatenate([self.scales, newer.scales], axis=1),
            np.concatenate([self.times, newer.times]),
            np.concatenate([self.series, newer.series]),
        )
        return both.take(order)

    def later(self, rows: int) -> "Bank":
        """The same, so many rows later."""
        return replace(self, times=self.times + rows)

    def to_arrays(self) -> dict[str, Array]:
        """Every array, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def moved(points: Array, scales: Array, offsets: Array) -> tuple[Array, Array]:
    """Bounds (n, horizon) around forecasts, so many scales away.

    Parameters
    ----------
    points : (n, horizon) array
    scales : (n, horizon or 1, 2 or 1) array
    offsets : (horizon, 2) array
    """
    full = np.broadcast_to(scales, (*points.shape, scales.shape[-1]))
    sides = [np.where(offsets[:, side] < 0, full[..., 0], full[..., -1]) for side in (0, 1)]
    return points + offsets[:, 0] * sides[0], points + offsets[:, 1] * sides[1]
