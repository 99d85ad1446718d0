"""What intervals covered on origins that they were not calibrated on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from gatecast.forecast.calibration.bank import Bank
from gatecast.forecast.history import Array

#: parts that the held-out origins are cut in; each is measured with the others' errors
FOLDS = 5
#: the offsets (horizon, 2) of each level, made of some origins for others
Offers = list[tuple[Bank, list[Array]]]


@dataclass(frozen=True)
class CoverageRow:
    """What an interval covered, at one step ahead or all of them.

    Attributes
    ----------
    level : float
        Per cent, promised.
    step : int
        1 … horizon, or 0 for all of them together.
    coverage : float
        Per cent, measured; NaN where there was nothing to measure.
    width, score : float
        Mean width and mean interval score, in the units of the target.
    count : int
        Forecasts that it was measured on.
    """

    level: float
    step: int
    coverage: float
    width: float
    score: float
    count: int


@dataclass(frozen=True)
class CoverageReport:
    """Measured coverage of a method of intervals.

    Attributes
    ----------
    method : str
    origins, series : int
        Held out, and of how many series.
    how : str
        How the origins that were measured differ from those that calibrated.
    rows : tuple of CoverageRow
    """

    method: str
    origins: int
    series: int
    how: str
    rows: tuple[CoverageRow, ...]

    def overall(self, level: float) -> CoverageRow:
        """The row of a level over all steps."""
        return next(row for row in self.rows if row.level == level and row.step == 0)

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain dictionary a row, what a table is made of."""
        return [asdict(row) for row in self.rows]

    def to_config(self) -> dict[str, Any]:
        """Plain JSON: what was not measured is None."""
        rows = [
            {name: None if value != value else value for name, value in row.items()}
            for row in self.to_rows()
        ]
        return asdict(self) | {"rows": rows}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Take it back."""
        rows: list[dict[str, Any]] = [
            {name: np.nan if value is None else value for name, value in row.items()}
            for row in config["rows"]
        ]
        return cls(**config | {"rows": tuple(CoverageRow(**row) for row in rows)})


def crossed(bank: Bank, offers: Callable[[Bank], list[Array]]) -> tuple[Offers, str]:
    """Offsets for each part of the origins, made of the other parts; and in words, how.

    Parts are stretches of time; of series, where the origins of many are so close in time that
    stretches would share what they forecast.
    """
    times = np.unique(bank.times)
    close = len(times) < 2 or times[-1] - times[0] < 2 * bank.horizon
    if not close or len(np.unique(bank.series)) < FOLDS:
        keys, what = bank.times, "stretches of time"
        parts = np.array_split(times, min(FOLDS, len(times)))
    else:  # like series often stand side by side: each group has some of all
        keys, what = bank.series, "groups of series"
        parts = [np.unique(bank.series)[start::FOLDS] for start in range(FOLDS)]
    if len(parts) < 2:
        return [], "too few origins to measure coverage"
    found: Offers = []
    for part in parts:
        inside = np.isin(keys, part)
        found.append((bank.take(inside), offers(bank.take(~inside))))
    return found, f"on each of {len(found)} {what} with the errors of the others"


def measured(
    found: Offers, levels: Sequence[float], scale_of: Callable[[float], int]
) -> tuple[CoverageRow, ...]:
    """The rows of a report."""
    rows: list[CoverageRow] = []
    for place, level in enumerate(levels):
        parts = [_parts(here, offers[place], scale_of(level), level) for here, offers in found]
        if not parts:
            rows.append(CoverageRow(level, 0, np.nan, np.nan, np.nan, 0))
            continue
        inside, width, score = (np.concatenate(each) for each in zip(*parts, strict=True))
        rows.append(_row(level, 0, inside, width, score))
        rows += [
            _row(level, step + 1, inside[:, [step]], width[:, [step]], score[:, [step]])
            for step in range(inside.shape[1])
        ]
    return tuple(rows)


def _parts(here: Bank, offer: Array, scale: int, level: float) -> tuple[Array, Array, Array]:
    """Whether each truth is inside, the width and the score; NaN where there is no truth."""
    full = np.broadcast_to(here.scales[scale], (*here.errors.shape, here.scales.shape[-1]))
    lower = offer[:, 0] * np.where(offer[:, 0] < 0, full[..., 0], full[..., -1])
    upper = offer[:, 1] * np.where(offer[:, 1] < 0, full[..., 0], full[..., -1])
    outside = np.maximum(lower - here.errors, 0) + np.maximum(here.errors - upper, 0)
    missing = np.isnan(here.errors)
    width = np.where(missing, np.nan, upper - lower)
    inside = np.where(missing, np.nan, outside == 0)
    return inside, width, width + 2 / (1 - level / 100) * outside


def _row(level: float, step: int, inside: Array, width: Array, score: Array) -> CoverageRow:
    count = int(np.sum(~np.isnan(inside)))
    if not count:
        return CoverageRow(level, step, np.nan, np.nan, np.nan, 0)
    means = [float(np.nanmean(each)) for each in (inside, width, score)]
    return CoverageRow(level, step, 100 * means[0], means[1], means[2], count)
