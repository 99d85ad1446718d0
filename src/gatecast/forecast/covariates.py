"""Covariates as numbers; models scale them, by the rows that they learn from."""

from typing import TYPE_CHECKING

import numpy as np

from gatecast.errors import TableError
from gatecast.forecast.history import Array, Rows
from gatecast.forecast.missing import flag_of

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 50  # columns that one covariate may become
#: a network's numbers are float32, and errors are squared
LARGEST = 1e15


def learn_categories(
    frame: "pd.DataFrame", names: tuple[str, ...], static: tuple[str, ...], where: str
) -> dict[str, tuple[str, ...]]:
    """The categories of each covariate that holds text, in sorted order.

    A static one may have any number of categories, as it becomes a code; others become a column
    for each.
    """
    found = {}
    for name in names:
        if frame[name].dtype.kind == "f":
            continue
        kinds = tuple(sorted(frame[name].dropna().unique()))
        if len(kinds) > MOST_CATEGORIES and name not in static:
            raise TableError(
                f"column {name!r} of {where} has {len(kinds)} different texts, more than "
                f"{MOST_CATEGORIES}; leave it out of the covariates or group them"
            )
        found[name] = kinds
    return found


def learn_masked(
    frame: "pd.DataFrame", names: tuple[str, ...], target: str, where: str
) -> tuple[str, ...]:
    """The covariates that lack values where ``mask`` is the rule: each gets a flag."""
    found = tuple(name for name in names if frame[name].isna().any())
    for name in found:
        if flag_of(name) in (*names, target):
            raise TableError(
                f"column {flag_of(name)!r} of {where} is named as the column that is to say where "
                f"{name!r} has no value; rename it"
            )
    return found


def give_away(frame: "pd.DataFrame", target: str, names: tuple[str, ...]) -> list[str]:
    """What to say of covariates known in advance that are the target itself."""
    truth = frame[target].to_numpy()
    return [
        f"column {name!r} holds the target itself: nobody knows that in advance, and forecasts in "
        "a backtest are the truth"
        for name in names
        if frame[name].dtype.kind == "f" and np.array_equal(frame[name], truth, equal_nan=True)
    ]


def one_hot(codes: Rows, name: str, kinds: tuple[str, ...]) -> tuple[Array, tuple[str, ...]]:
    """(rows, categories) of one category each, and the columns' names.

    Examples
    --------
    >>> one_hot(np.array([1, 0]), "day", ("Mo", "Tu"))
    (array([[0., 1.], [1., 0.]]), ('day=Mo', 'day=Tu'))
    """
    columns = (codes[:, None] == np.arange(len(kinds))).astype(np.float64)
    return columns, tuple(f"{name}={kind}" for kind in kinds)


def codes_of(frame: "pd.DataFrame", name: str, kinds: tuple[str, ...], where: str) -> Array:
    """(rows,) the number of each row's category, NaN where missing; an unseen one is refused."""
    import pandas as pd

    values = frame[name]
    absent = values.isna().to_numpy()
    codes = pd.Index(kinds, dtype=object).get_indexer(pd.Index(values, dtype=object))
    unknown = np.flatnonzero((codes < 0) & ~absent)
    if unknown.size:
        row = int(unknown[0])
        shown = ", ".join(map(repr, kinds[:8])) + (" …" if len(kinds) > 8 else "")
        raise TableError(
            f"column {name!r} of {where} holds {str(values.iloc[row])!r}, a category that the "
            f"training rows do not have (they have {shown}); name one of those, or fit anew with it"
        )
    return np.where(absent, np.nan, codes)


def numbers_of(frame: "pd.DataFrame", name: str, where: str) -> Array:
    """(rows,) float64 of a column that was numbers in the fit."""
    if frame[name].dtype.kind != "f":
        raise TableError(
            f"column {name!r} of {where} holds text where numbers are needed; mend it, or name it "
            "in categorical="
        )
    numbers: Array = frame[name].to_numpy(dtype=np.float64)
    refuse_large(numbers, f"column {name!r} of {where}")
    return numbers


def one_a_series(
    values: Array, offsets: Rows, column: str, place: str, names: tuple[str, ...]
) -> Array:
    """(series,) the one value that each series has; rows that were put in have none."""
    starts = offsets[:-1]
    low = np.minimum.reduceat(np.where(np.isnan(values), np.inf, values), starts)
    high = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), starts)
    bad = np.flatnonzero(low != high)
    if bad.size:
        series = int(bad[0])
        what = "has no value" if np.isinf(low[series]) else "changes"
        raise TableError(
            f"column {column!r} of {place} {what} in {names[series]}, and a static covariate has "
            "one value in all rows of a series; mend it, or name it in past= or future="
        )
    return low


def refuse_large(numbers: Array, where: str) -> None:
    """Refuse what no network can compute with."""
    large = np.flatnonzero(np.abs(numbers) > LARGEST)
    if large.size:
        row = int(large[0])
        raise TableError(
            f"{where}, row {row + 1} holds {numbers[row]:g}, too large to compute with (above "
            f"{LARGEST:g}); is it a wrong value, or a wrong unit?"
        )
