"""What estimators take as X: arrays of two or three axes, tables, ragged lists of sequences."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length, validate_data

from gatecast.errors import InputError
from gatecast.estimators.ragged import Ragged

Array = npt.NDArray[Any]
#: in float64: (n, T, F) where all have T steps
Sequences: TypeAlias = "Array | Ragged"


def read_sequences(estimator: BaseEstimator, X: Any, *, reset: bool) -> Sequences:
    """Check X, note in the estimator what later calls must match (``reset``), or match it.

    An array or table (n, time) holds one feature a step; (n, time, features) and ragged lists of
    (time,) or (time, features) sequences may have another number of steps at every call.
    """
    ragged = is_ragged(X)
    found = _ragged(X) if ragged else _block(estimator, X, reset)
    features = steps_of(found).shape[-1]
    if reset:
        estimator.sequence_features_ = features
        # scikit-learn's rule for (n, columns); sequences with their features may vary in length
        estimator.columns_fixed_ = not ragged and not _is_deep(X)
        if not estimator.columns_fixed_:
            estimator.n_features_in_ = features
    elif features != estimator.sequence_features_:
        raise InputError(
            f"X has {features} features a step, but {type(estimator).__name__} is expecting "
            f"{estimator.sequence_features_} features as input"
        )
    return found


def steps_of(sequences: Sequences) -> Array:
    """The array that holds their steps."""
    return sequences.steps if isinstance(sequences, Ragged) else sequences


def is_ragged(X: Any) -> bool:
    """Whether X is a list (or array of objects) of sequences of unequal lengths.

    Examples
    --------
    >>> is_ragged([[1.0, 2.0], [3.0]]), is_ragged([[1.0, 2.0], [3.0, 4.0]])
    (True, False)
    """
    if isinstance(X, np.ndarray):
        if X.dtype != object or X.ndim != 1:
            return False
    elif not isinstance(X, list | tuple):
        return False
    rows = [row for row in X if isinstance(row, list | tuple) or hasattr(row, "__array__")]
    if not rows or len(rows) != len(X):
        return False
    return len({len(row) if np.ndim(row) else -1 for row in map(np.asarray, rows)}) > 1


def _is_deep(X: Any) -> bool:
    """Whether X has three axes or more."""
    if isinstance(X, list | tuple):
        return np.ndim(X) >= 3
    return len(getattr(X, "shape", ())) >= 3


def _block(estimator: BaseEstimator, X: Any, reset: bool) -> Array:
    """(n, T, F) of an array or table of two or three axes."""
    try:
        if not _is_deep(X) and (reset or estimator.columns_fixed_):
            wide: Array = validate_data(estimator, X, reset=reset, dtype=np.float64)
            return wide[:, :, None]
        block: Array = check_array(
            X, allow_nd=True, dtype=np.float64, input_name="X", estimator=estimator
        )
        block = block[:, :, None] if block.ndim == 2 else block
    except ValueError as error:
        other = "is expecting" in str(error)  # another number of columns than in fit
        remedy = " Sequences of other lengths are taken as (n, time, features)." if other else ""
        raise InputError(f"{error}{remedy}") from None
    if block.ndim != 3:
        raise InputError(
            f"X must be (n, time) or (n, time, features), it has shape {block.shape}; "
            f"Found array with dim {block.ndim}, {type(estimator).__name__} expected <= 3"
        )
    if not block.shape[1] or not block.shape[2]:
        raise InputError(f"X has no time steps or no features, its shape is {block.shape}")
    return block


def _ragged(X: Any) -> Ragged:
    """Sequences of unequal lengths."""
    rows: list[Array] = []
    for i, row in enumerate(X):
        try:
            sequence = np.asarray(row, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"X[{i}] must hold numbers: {error}") from None
        sequence = sequence[:, None] if sequence.ndim == 1 else sequence
        if sequence.ndim != 2 or not sequence.size:
            raise InputError(
                f"X[{i}] must be a sequence (time,) or (time, features) of at least one step, it "
                f"has shape {np.shape(row)}"
            )
        if sequence.shape[1] != (rows[0] if rows else sequence).shape[1]:
            raise InputError(
                f"X[{i}] has {sequence.shape[1]} features and X[0] {rows[0].shape[1]}; all "
                "sequences must have the same"
            )
        if not np.isfinite(sequence).all():
            step = int(np.argmin(np.isfinite(sequence).all(axis=1)))
            raise InputError(f"X[{i}] contains NaN or infinity at step {step}")
        rows.append(sequence)
    return Ragged.of(rows)


def check_target(estimator: BaseEstimator, y: Any, rows: int, *, numbers: bool) -> Array:
    """y as an array with one row for each sequence; numbers are finite float64."""
    if y is None:
        raise InputError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    try:
        array: Array = check_array(
            y,
            dtype=np.float64 if numbers else None,
            ensure_2d=False,
            ensure_all_finite=True,
            input_name="y",
            estimator=estimator,
        )
        check_consistent_length(np.empty(rows), array)
    except ValueError as error:
        raise InputError(str(error)) from None
    if array.ndim > 2:
        raise InputError(f"y must be (n,) or (n, outputs), it has shape {array.shape}")
    return array
