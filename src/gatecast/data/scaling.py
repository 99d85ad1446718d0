"""Scalers: fitted on training rows, applied to all, undone on forecasts.

Every scaler is (values - center) / scale, column by column; they differ in how the two are
found.  A column that does not vary keeps its scale (1), is listed in ``constant_`` and logged.
NaN is left out of the fit and stays NaN.
"""

import logging
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gatecast.data.checks import Array, check_floats
from gatecast.errors import InputError

logger = logging.getLogger(__name__)

Statistic = npt.NDArray[np.float64]


class Scaler:
    """Center and scale of each column; a subclass says how they are found.

    Attributes
    ----------
    center_, scale_ : (features,) float64 arrays, of one value for values of one axis
    constant_ : list of int
        Columns that did not vary in the rows of the fit.
    """

    center_: Statistic
    scale_: Statistic
    constant_: list[int]
    axes_: int

    def _measure(self, columns: Array) -> tuple[Statistic, Statistic]:
        """Center and scale of (rows, features) in float64; NaN is left out."""
        raise NotImplementedError

    def fit(self, values: Array) -> Self:
        """Learn from the training rows.

        Parameters
        ----------
        values : (rows,) or (…, features) array of floats
            With more than two axes, all but the last count as rows.
        """
        values = check_floats("values", values)
        columns = values.reshape(-1, 1) if values.ndim < 2 else values.reshape(-1, values.shape[-1])
        columns = columns.astype(np.float64)
        _check_columns(columns)
        self.axes_ = 1 if values.ndim < 2 else 2
        self.center_, scale = self._measure(columns)
        flat = np.nanmax(columns, axis=0) == np.nanmin(columns, axis=0)
        self.scale_ = np.where(flat | (scale == 0), 1.0, scale)
        self.constant_ = [int(column) for column in np.flatnonzero(flat)]
        if self.constant_:
            logger.warning("columns %s are constant; they are not scaled", self.constant_)
        return self

    def transform(self, values: Array) -> Array:
        """Scale, in the dtype of ``values``."""
        values = self._checked(values)
        scaled: Array = ((values - self.center_) / self.scale_).astype(values.dtype)
        return scaled

    def inverse_transform(self, values: Array) -> Array:
        """Undo :meth:`transform`, in the dtype of ``values``."""
        values = self._checked(values)
        restored: Array = (values * self.scale_ + self.center_).astype(values.dtype)
        return restored

    def fit_transform(self, values: Array) -> Array:
        """Fit to all of the values and scale them: for training rows."""
        return self.fit(values).transform(values)

    def to_config(self) -> dict[str, Any]:
        """What was learned, as plain JSON; :func:`scaler_from_config` takes it back."""
        self._check_fitted()
        return {
            "kind": type(self).__name__,
            "axes": self.axes_,
            "center": self.center_.tolist(),
            "scale": self.scale_.tolist(),
            "constant": self.constant_,
        }

    def __repr__(self) -> str:
        fitted = f"features={len(self.center_)}" if hasattr(self, "center_") else "not fitted"
        return f"{type(self).__name__}({fitted})"

    def _check_fitted(self) -> None:
        if not hasattr(self, "center_"):
            raise InputError(f"the {type(self).__name__} is not fitted; call fit first")

    def _checked(self, values: Any) -> Array:
        self._check_fitted()
        array = check_floats("values", values)
        if self.axes_ == 2 and (array.ndim < 2 or array.shape[-1] != len(self.center_)):
            raise InputError(
                f"values must have {len(self.center_)} features in the last of 2 or more axes, "
                f"as in fit; they have shape {array.shape}"
            )
        return array


class StandardScaler(Scaler):
    """Mean 0 and standard deviation 1.

    Examples
    --------
    >>> scaler = StandardScaler().fit(np.array([1.0, 3.0]))
    >>> scaler.transform(np.array([1.0, 2.0, 5.0]))
    array([-1.,  0.,  3.])
    """

    def _measure(self, columns: Array) -> tuple[Statistic, Statistic]:
        return np.nanmean(columns, axis=0), np.nanstd(columns, axis=0)


class MinMaxScaler(Scaler):
    """From 0, the smallest of the training rows, to 1, the largest.

    Examples
    --------
    >>> scaler = MinMaxScaler().fit(np.array([2.0, 4.0]))
    >>> scaler.transform(np.array([2.0, 3.0, 5.0]))
    array([0. , 0.5, 1.5])
    """

    def _measure(self, columns: Array) -> tuple[Statistic, Statistic]:
        low = np.nanmin(columns, axis=0)
        return low, np.nanmax(columns, axis=0) - low


class RobustScaler(Scaler):
    """Median 0 and quartiles 1 apart, so that outliers count for little.

    Where the quartiles are equal and the column still varies, its standard deviation scales it.

    Examples
    --------
    >>> scaler = RobustScaler().fit(np.array([1.0, 2.0, 3.0, 4.0, 500.0]))
    >>> scaler.transform(np.array([3.0, 5.0]))
    array([0., 1.])
    """

    def _measure(self, columns: Array) -> tuple[Statistic, Statistic]:
        low, middle, high = np.nanquantile(columns, (0.25, 0.5, 0.75), axis=0)
        spread = high - low
        return middle, np.where(spread > 0, spread, np.nanstd(columns, axis=0))


class NoScaler(Scaler):
    """Leave the values as they are.

    Examples
    --------
    >>> NoScaler().fit_transform(np.array([2.0, 4.0]))
    array([2., 4.])
    """

    def _measure(self, columns: Array) -> tuple[Statistic, Statistic]:
        return np.zeros(columns.shape[1]), np.ones(columns.shape[1])


_KINDS = {kind.__name__: kind for kind in (StandardScaler, MinMaxScaler, RobustScaler, NoScaler)}
SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}


def make_scaler(name: str) -> Scaler:
    """A scaler by its short name: standard, minmax, robust or none.

    Examples
    --------
    >>> make_scaler("minmax")
    MinMaxScaler(not fitted)
    """
    choices = SCALERS | {"none": NoScaler}
    if name not in choices:
        known = ", ".join(map(repr, choices))
        raise InputError(f"the scaler must be one of {known}, it is {name!r}")
    return choices[name]()


def scaler_from_config(config: dict[str, Any]) -> Scaler:
    """The scaler that ``to_config`` described.

    Examples
    --------
    >>> scaler = MinMaxScaler().fit(np.array([2.0, 4.0]))
    >>> scaler_from_config(scaler.to_config()).transform(np.array([3.0]))
    array([0.5])
    """
    try:
        scaler = _KINDS[config["kind"]]()
        scaler.axes_ = int(config["axes"])
        scaler.center_ = np.array(config["center"], dtype=np.float64)
        scaler.scale_ = np.array(config["scale"], dtype=np.float64)
        scaler.constant_ = list(config["constant"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"config does not describe a scaler ({error!r})") from error
    return scaler


def _check_columns(columns: Array) -> None:
    """Refuse what no statistic can be taken of."""
    if columns.size == 0:
        raise InputError("values has no rows to fit a scaler on")
    infinite = np.argwhere(np.isinf(columns))
    if infinite.size:
        row, column = infinite[0]
        raise InputError(
            f"values must be finite to fit a scaler, row {row} of column {column} is "
            f"{columns[row, column]}"
        )
    empty = np.flatnonzero(np.isnan(columns).all(axis=0))
    if empty.size:
        raise InputError(f"column {empty[0]} of values has nothing but NaN; leave it out")
