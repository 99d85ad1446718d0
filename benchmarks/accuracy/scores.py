"""The scores of the published tables: sMAPE, MASE and OWA as M3 and M4 count them, MSE and MAE.

sMAPE is in per cent and weights every forecast point alike, MASE every series.  OWA is the mean
of both, each by that of the Naive2 method (Makridakis et al. 2020).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Scores:
    """Of one data set.

    Attributes
    ----------
    smape, mase, owa : float or None
        Of competitions; OWA only where Naive2 is published.
    mse, mae : float or None
        Of standardised values.
    unscaled : int
        Series that MASE leaves out, because they have no unit.
    """

    smape: float | None = None
    mase: float | None = None
    owa: float | None = None
    mse: float | None = None
    mae: float | None = None
    unscaled: int = 0


def smape(truth: Array, forecast: Array) -> Array:
    """Each point's 200·|y - ŷ| / (|y| + |ŷ|); 0 where both are 0.

    Examples
    --------
    >>> smape(np.array([1.0, 0.0]), np.array([3.0, 0.0]))
    array([100.,   0.])
    """
    both = np.abs(truth) + np.abs(forecast)
    found: Array = np.zeros_like(both)
    np.divide(200 * np.abs(truth - forecast), both, out=found, where=both > 0)
    return found


def season_steps(series: list[Array], period: int) -> Array:
    """(series,): the mean absolute change from a season before, in what was known: MASE's unit.

    NaN where a series has no such change: it is no longer than a season, or every season the same.

    Examples
    --------
    >>> season_steps([np.array([1.0, 5.0, 2.0, 7.0]), np.ones(4)], period=2)
    array([1.5, nan])
    """
    found = np.full(len(series), np.nan)
    for i, values in enumerate(series):
        if len(values) > period:
            found[i] = np.abs(values[period:] - values[:-period]).mean()
    found[found == 0] = np.nan
    return found


def score_series(
    truth: Array,
    forecast: Array,
    known: list[Array],
    period: int,
    naive2: tuple[float, float] | None = None,
) -> Scores:
    """Scores of (series, horizon) forecasts.

    Parameters
    ----------
    truth, forecast : (series, horizon)
    known : list of (rows,) arrays
        What was known of each series.
    period : int
    naive2 : (float, float), optional
        Published sMAPE and MASE of Naive2.
    """
    percent = float(smape(truth, forecast).mean())
    units = season_steps(known, period)
    has = np.isfinite(units)
    scaled = None
    if has.any():
        scaled = float((np.abs(truth - forecast)[has] / units[has, None]).mean(axis=1).mean())
    owa = None
    if naive2 is not None and scaled is not None:
        owa = (percent / naive2[0] + scaled / naive2[1]) / 2
    return Scores(smape=percent, mase=scaled, owa=owa, unscaled=int((~has).sum()))


def pool(parts: list[tuple[Scores, int, int]], naive2: tuple[float, float] | None) -> Scores:
    """Scores of several data sets as one, from (scores, series, horizon) of each.

    Examples
    --------
    >>> pool([(Scores(10.0, 1.0), 1, 6), (Scores(20.0, 3.0), 1, 2)], None)
    Scores(smape=12.5, mase=2.0, owa=None, mse=None, mae=None, unscaled=0)
    """
    points = np.array([series * horizon for _, series, horizon in parts], np.float64)
    series = np.array([count - part.unscaled for part, count, _ in parts], np.float64)
    percent = float(np.average([part.smape or 0.0 for part, *_ in parts], weights=points))
    scaled = float(np.average([part.mase or 0.0 for part, *_ in parts], weights=series))
    owa = None if naive2 is None else (percent / naive2[0] + scaled / naive2[1]) / 2
    unscaled = sum(part.unscaled for part, *_ in parts)
    return Scores(smape=percent, mase=scaled, owa=owa, unscaled=unscaled)


def score_standardised(truth: Array, forecast: Array, deviation: Array) -> Scores:
    """MSE and MAE of (windows, steps, channels) after standardising the channels."""
    error = (forecast - truth) / deviation
    return Scores(mse=float((error**2).mean()), mae=float(np.abs(error).mean()))
