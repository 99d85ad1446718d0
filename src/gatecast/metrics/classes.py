"""Scores of classes and of their probabilities.  All take the truth first."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError
from gatecast.metrics.checks import check_pair


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
    chances, _ = check_pair(probabilities, probabilities)
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
