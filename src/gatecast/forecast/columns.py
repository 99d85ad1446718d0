"""Columns as networks see them: those of the training and no others, in like units."""

from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History

#: deviations below this share of the values are their rounding: such a column is flat
_ROUNDING = 1e-9
#: by this a flag is divided that was never put up
_UNSEEN = 1e30


def takes_logs(values: Array, transform: str) -> bool:
    """Whether logarithms are taken: as asked for, or where every known value is positive.

    Examples
    --------
    >>> takes_logs(np.array([1.0, np.nan]), "auto"), takes_logs(np.array([0.0, 2.0]), "auto")
    (True, False)
    """
    known = values[np.isfinite(values)]
    positive = bool(known.size) and bool(known.min() > 0)
    if transform == "log" and not positive:
        least = f"the least of y is {known.min():g}" if known.size else "y has none"
        raise InputError(f'transform="log" needs positive values and {least}; use transform="none"')
    return positive and transform != "none"


def moments_of(column: Array) -> tuple[float, float]:
    """Mean and deviation of what is there; 1 is the deviation of a flat column.

    Examples
    --------
    >>> moments_of(np.array([1.0, np.nan, 5.0])), moments_of(np.full(3, 7.0))
    ((3.0, 2.0), (7.0, 1.0))
    """
    known = column[np.isfinite(column)].astype(np.float64)
    if not known.size:
        return 0.0, 1.0
    deviation = float(known.std())
    flat = deviation <= _ROUNDING * float(np.abs(known).max())
    return float(known.mean()), 1.0 if flat else deviation


def moments_by_column(history: History, kind: str) -> list[tuple[float, float]]:
    """Those of each ``past``, ``future`` or ``static`` column; a flag stays 0 and 1.

    However rare it was: by its deviation a flag of one row in a thousand would be a 30.  One that
    these rows never put up is not looked at, for nobody can have learned what it means.
    """
    columns: Array = getattr(history, kind)
    found = [moments_of(column) for column in columns.T]
    for place in history.flagged(kind):
        found[place] = (0.0, 1.0 if columns[:, place].any() else _UNSEEN)
    return found


def standardise(values: Array, moments: Any) -> Array:
    """Less the mean, by the deviation; 0 where a value is missing.

    Parameters
    ----------
    values : (...) or (..., columns) array
    moments : (mean, deviation), or (2, columns) array

    Examples
    --------
    >>> standardise(np.array([[3.0], [np.nan]]), np.array([[1.0], [2.0]]))
    array([[1.],
           [0.]])
    """
    found = np.asarray((values - moments[0]) / moments[1])
    return np.asarray(np.where(np.isfinite(found), found, 0.0))


def check_columns(
    history: History, past: int, future: int, static: int, code_sizes: tuple[int, ...]
) -> None:
    """Refuse a history whose columns are not those of the training."""
    for name, own, found in (
        ("past covariates", past, history.past.shape[1]),
        ("covariates known in advance", future, history.future.shape[1]),
        ("static covariates", static, history.static.shape[1]),
        ("categories", len(code_sizes), history.codes.shape[1]),
    ):
        if own != found:
            raise InputError(
                f"the model was fitted with {own} {name}, here are {found}; "
                "give the columns it was fitted with"
            )
    for column, size in enumerate(code_sizes):
        codes = history.codes[:, column]
        unknown = codes[(codes < 0) | (codes >= size)]
        if unknown.size:
            raise InputError(
                f"category column {column} holds {int(unknown.max())}, and the model knows "
                f"0 … {size - 1}; fit it again with the new category"
            )
