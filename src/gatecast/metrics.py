"""Scores of points, classes and intervals.  All take the truth first; nothing is broadcast."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError


def _pair(truth: Any, forecast: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Both as float64 arrays of the same shape, not empty, finite."""
    arrays = []
    for name, values in (("truth", truth), ("forecast", forecast)):
        array = np.asarray(values)
        if array.dtype.kind not in "fiu":
            raise InputError(f"{name} must hold numbers, its dtype is {array.dtype}")
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"{name} must be finite, it is {array[place]} at {place}")
        arrays.append(array)
    if arrays[0].shape != arrays[1].shape:
        raise InputError(
            f"truth has shape {arrays[0].shape} and forecast {arrays[1].shape}; "
            "they must be the same, nothing is broadcast"
        )
    if arrays[0].size == 0:
        raise InputError("truth is empty; there is nothing to score")
    return arrays[0], arrays[1]


def mse(truth: Any, forecast: Any) -> float:
    """Mean squared error.

    Examples
    --------
    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    truth, forecast = _pair(truth, forecast)
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
    truth, forecast = _pair(truth, forecast)
    return float(np.mean(np.abs(truth - forecast)))


def r2(truth: Any, forecast: Any) -> float:
    """Share of the variance that is explained: 1 is perfect, 0 is the mean of the truth.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
    0.5
    """
    truth, forecast = _pair(truth, forecast)
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
    truth, forecast = _pair(truth, forecast)
    size = np.abs(truth) + np.abs(forecast)
    error = 200 * np.abs(truth - forecast)
    return float(np.mean(np.divide(error, size, out=np.zeros_like(error), where=size > 0)))


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
    history, _ = _pair(history, history)
    if history.ndim != 1 or len(history) <= period:
        raise InputError(
            f"mase needs a history of one axis, longer than its period {period}; it has shape "
            f"{history.shape}"
        )
    scale = float(np.mean(np.abs(history[period:] - history[:-period])))
    if scale == 0:
        raise InputError("mase is undefined: the history repeats itself exactly; use mae")
    return mae(truth, forecast) / scale


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


# -- intervals ----------------------------------------------------------------------------------


def coverage(truth: Any, lower: Any, upper: Any) -> float:
    """Share of the truth that lies within its interval, bounds included.

    Examples
    --------
    >>> coverage([1.0, 2.0], [0.0, 3.0], [1.0, 4.0])
    0.5
    """
    truth, lower, upper = _bounds(truth, lower, upper)
    return float(np.mean((truth >= lower) & (truth <= upper)))


def interval_score(truth: Any, lower: Any, upper: Any, *, level: float) -> float:
    """Width of the intervals, and 2/α times what the truth lies outside (α = 1 - level/100).

    Smaller is better; neither wide intervals nor missed truths pay (Gneiting, Raftery 2007).

    Parameters
    ----------
    truth, lower, upper : array
    level : float
        Per cent, in (0, 100).

    Examples
    --------
    >>> round(interval_score([1.0, 5.0], [0.0, 3.0], [2.0, 4.0], level=80), 4)
    6.5
    """
    truth, lower, upper = _bounds(truth, lower, upper)
    if not 0 < level < 100:
        raise InputError(f"level must lie between 0 and 100 per cent, it is {level!r}")
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return float(np.mean(upper - lower + 2 / (1 - level / 100) * outside))


def _bounds(truth: Any, lower: Any, upper: Any) -> tuple[npt.NDArray[np.float64], ...]:
    truth, lower = _pair(truth, lower)
    truth, upper = _pair(truth, upper)
    crossed = lower > upper
    if crossed.any():
        place = tuple(int(i) for i in np.argwhere(crossed)[0])
        raise InputError(f"lower is above upper at {place}: {lower[place]} > {upper[place]}")
    return truth, lower, upper


# -- classes ------------------------------------------------------------------------------------


def accuracy(truth: Any, predicted: Any) -> float:
    """Share of the rows whose class is right.

    Examples
    --------
    >>> accuracy([0, 1, 2, 2], [0, 1, 1, 2])
    0.75
    """
    truth, predicted = _classes(truth, predicted)
    return float(np.mean(truth == predicted))


def balanced_accuracy(truth: Any, predicted: Any) -> float:
    """Mean over the classes in the truth of the share that was found.

    Examples
    --------
    >>> balanced_accuracy([0, 0, 0, 1], [0, 0, 0, 0])
    0.5
    """
    truth, predicted = _classes(truth, predicted)
    found = [float(np.mean(predicted[truth == label] == label)) for label in np.unique(truth)]
    return float(np.mean(found))


def macro_f1(truth: Any, predicted: Any) -> float:
    """Mean over the classes, in truth or prediction, of F1 = 2·hits / (true + predicted).

    Examples
    --------
    >>> round(macro_f1([0, 0, 1, 1], [0, 0, 0, 1]), 4)
    0.7333
    """
    truth, predicted = _classes(truth, predicted)
    scores = []
    for label in np.union1d(truth, predicted):
        hits = np.sum((truth == label) & (predicted == label))
        scores.append(2 * hits / (np.sum(truth == label) + np.sum(predicted == label)))
    return float(np.mean(scores))


def log_loss(truth: Any, probabilities: Any) -> float:
    """Mean of -log p of the true class; a p of 0 counts as the smallest float64 step, 2.2e-16.

    Parameters
    ----------
    truth : (rows,) class numbers 0 … C - 1
    probabilities : (rows, C) array

    Examples
    --------
    >>> round(log_loss([0, 1], [[0.5, 0.5], [0.25, 0.75]]), 4)
    0.4904
    """
    chances, _ = _pair(probabilities, probabilities)
    labels = np.asarray(truth)
    if chances.ndim != 2 or labels.shape != chances.shape[:1] or labels.dtype.kind not in "iu":
        raise InputError(
            "log_loss takes (rows,) whole class numbers and (rows, classes) probabilities; they "
            f"have shapes {labels.shape} ({labels.dtype}) and {chances.shape}"
        )
    if labels.min() < 0 or labels.max() >= chances.shape[1]:
        raise InputError(
            f"truth must lie in 0 … {chances.shape[1] - 1}, the classes of the probabilities; it "
            f"reaches from {labels.min()} to {labels.max()}"
        )
    if chances.min() < 0 or np.abs(chances.sum(axis=1) - 1).max() > 1e-4:
        raise InputError("probabilities must be at least 0 and sum to 1 in every row")
    step = np.finfo(np.float64).eps
    of_truth = np.clip(chances[np.arange(len(labels)), labels], step, 1 - step)
    return float(-np.mean(np.log(of_truth)))


def confusion(truth: Any, predicted: Any, classes: int) -> npt.NDArray[np.int64]:
    """(true class, predicted class) counts.

    Examples
    --------
    >>> confusion([0, 1, 1], [0, 0, 1], classes=2)
    array([[1, 0],
           [1, 1]])
    """
    truth, predicted = _classes(truth, predicted)
    if truth.dtype.kind not in "iu" or predicted.dtype.kind not in "iu":
        raise InputError("confusion takes whole class numbers; encode the labels first")
    if min(truth.min(), predicted.min()) < 0 or max(truth.max(), predicted.max()) >= classes:
        raise InputError(f"class numbers must lie in 0 … {classes - 1}")
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def _classes(truth: Any, predicted: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Both as arrays of one axis and the same length, not empty."""
    first, second = np.asarray(truth), np.asarray(predicted)
    for name, array in (("truth", first), ("predicted", second)):
        if array.ndim != 1 or array.dtype.kind == "f":
            raise InputError(
                f"{name} must be one axis of classes, it has shape {array.shape} and dtype "
                f"{array.dtype}"
            )
    if len(first) != len(second):
        raise InputError(f"truth has {len(first)} rows and predicted {len(second)}")
    if not first.size:
        raise InputError("truth is empty; there is nothing to score")
    return first, second
