"""Scores of point forecasts.  All take the truth first; nothing is broadcast."""

from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.metrics.checks import check_pair


def mse(truth: Any, forecast: Any) -> float:
    """Mean squared error.

    Examples
    --------
    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    truth, forecast = check_pair(truth, forecast)
    return float(np.mean((truth - forecast) ** 2))


def rmse(truth: Any, forecast: Any) -> float:
    """Root of the mean squared error, in the units of the data.

    Examples
    --------
    >>> rmse([1.0, 2.0], [4.0, 6.0])
    3.5355339059327378
    """
    return float(mse(truth, forecast) ** 0.5)


def mae(truth: Any, forecast: Any) -> float:
    """Mean absolute error.

    Examples
    --------
    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    truth, forecast = check_pair(truth, forecast)
    return float(np.mean(np.abs(truth - forecast)))


def r2(truth: Any, forecast: Any) -> float:
    """Share of the variance that is explained: 1 is perfect, 0 is the mean of the truth.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
    0.5
    """
    truth, forecast = check_pair(truth, forecast)
    spread = np.sum((truth - truth.mean()) ** 2)
    if spread == 0:
        raise InputError("r2 is undefined: the truth is constant; use mse or mae")
    return float(1 - np.sum((truth - forecast) ** 2) / spread)


def smape(truth: Any, forecast: Any) -> float:
    """Symmetric mean absolute percentage error in per cent, 0 to 200, as the M competitions do.

    Mean of 200·|y - ŷ| / (|y| + |ŷ|); 0/0 counts as 0.

    Examples
    --------
    >>> round(smape([1.0, 2.0], [1.0, 4.0]), 4)
    33.3333
    """
    truth, forecast = check_pair(truth, forecast)
    size = np.abs(truth) + np.abs(forecast)
    error = 200 * np.abs(truth - forecast)
    return float(np.mean(np.divide(error, size, out=np.zeros_like(error), where=size > 0)))


def mape(truth: Any, forecast: Any) -> float:
    """Mean absolute percentage error in per cent; undefined, and refused, where the truth is 0.

    Examples
    --------
    >>> mape([1.0, 2.0], [1.0, 4.0])
    50.0
    """
    truth, forecast = check_pair(truth, forecast)
    if (truth == 0).any():
        place = tuple(int(i) for i in np.argwhere(truth == 0)[0])
        raise InputError(f"mape is undefined: the truth is 0 at {place}; use smape, mae or mase")
    return float(100 * np.mean(np.abs(truth - forecast) / np.abs(truth)))


def mase(truth: Any, forecast: Any, history: Any, *, period: int = 1) -> float:
    """Mean absolute error, scaled by that of seasonal naive forecasts within ``history``.

    Parameters
    ----------
    truth, forecast : array
    history : (rows,) array
        The series that was learned from, in time order.
    period : int
        Rows in a season; 1 compares with the row before.

    Examples
    --------
    >>> mase([5.0], [7.0], [1.0, 2.0, 4.0, 3.0])
    1.5
    """
    return mae(truth, forecast) / naive_scale(history, period=period)


def rmsse(truth: Any, forecast: Any, history: Any, *, period: int = 1) -> float:
    """Root of the mean squared error over that of seasonal naive forecasts within ``history``.

    Parameters
    ----------
    truth, forecast : array
    history : (rows,) array
        The series that was learned from, in time order.
    period : int
        Rows in a season; 1 compares with the row before.

    Examples
    --------
    >>> rmsse([5.0], [7.0], [1.0, 2.0, 3.0, 4.0])
    2.0
    """
    return float((mse(truth, forecast) / naive_scale(history, period=period, power=2)) ** 0.5)


def naive_scale(history: Any, *, period: int = 1, power: int = 1) -> float:
    """Mean of |y[t] - y[t - period]|**power within a series: what MASE and RMSSE divide by.

    Examples
    --------
    >>> naive_scale([1.0, 2.0, 4.0, 4.0])
    1.0
    """
    history, _ = check_pair(history, history)
    if isinstance(period, bool) or not isinstance(period, int | np.integer) or period < 1:
        raise InputError(f"period must be a whole number >= 1, it is {period!r}")
    if history.ndim != 1 or len(history) <= period:
        raise InputError(
            f"a scaled error needs a history of one axis, longer than its period {period}; it has "
            f"shape {history.shape}"
        )
    scale = float(np.mean(np.abs(history[period:] - history[:-period]) ** power))
    if scale == 0:
        raise InputError(
            "scaled errors are undefined: the history repeats itself exactly; use mae or rmse"
        )
    return scale


def owa(smape: float, mase: float, *, naive2_smape: float, naive2_mase: float) -> float:
    """Overall weighted average of the M4 competition: 1 is as good as Naive2, below 1 is better.

    The mean of sMAPE and MASE, each over that of the Naive2 forecasts of the same series, where
    both are means over series first.

    Examples
    --------
    >>> owa(9.328, 0.893, naive2_smape=18.383, naive2_mase=2.395)  # ES-RNN on M4 hourly
    0.4401...
    """
    for name, value in (("naive2_smape", naive2_smape), ("naive2_mase", naive2_mase)):
        if not value > 0:
            raise InputError(f"{name} must be > 0 to compare with, it is {value!r}")
    return (smape / naive2_smape + mase / naive2_mase) / 2


def skill(error: float, naive_error: float) -> float:
    """Share of the naive error that is gone: 1 is perfect, 0 no better, below 0 worse.

    Examples
    --------
    >>> skill(2.0, 8.0)
    0.75
    """
    if not naive_error > 0:
        raise InputError(f"skill needs a naive error > 0 to compare with, it is {naive_error!r}")
    return 1 - error / naive_error
