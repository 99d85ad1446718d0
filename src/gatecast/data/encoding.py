"""Encoders of categories: fitted on training rows, plain JSON, nothing unseen gets through."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gatecast.data.checks import Array
from gatecast.errors import InputError


class LabelEncoder:
    """Categories as the numbers 0 … n - 1, in sorted order.

    Attributes
    ----------
    categories_ : list
        Text, whole numbers or booleans, sorted.

    Examples
    --------
    >>> encoder = LabelEncoder().fit(["Sunday", "Monday", "Sunday"])
    >>> encoder.transform(["Monday", "Sunday"])
    array([0, 1])
    >>> encoder.inverse_transform(np.array([1]))
    array(['Sunday'], dtype=object)
    """

    categories_: list[Any]

    def fit(self, values: Any) -> Self:
        """Learn the categories of the training rows."""
        plain = _plain(values)
        if not plain:
            raise InputError("values has no rows to fit an encoder on")
        kinds = {type(value) for value in plain}
        if len(kinds) > 1:
            names = " and ".join(sorted(kind.__name__ for kind in kinds))
            raise InputError(f"values must be of one kind, they mix {names}; make all of them text")
        self.categories_ = sorted(set(plain))
        return self

    def transform(self, values: Any) -> npt.NDArray[np.intp]:
        """(n,) codes; a category that the fit did not see is refused by name."""
        self._check_fitted()
        codes = {category: code for code, category in enumerate(self.categories_)}
        plain = _plain(values)
        for row, value in enumerate(plain):
            if value not in codes or type(value) is not type(self.categories_[0]):
                raise InputError(
                    f"row {row} of values is {value!r}, a category that the training rows do not "
                    f"have; they have {_listed(self.categories_)}"
                )
        return np.array([codes[value] for value in plain], dtype=np.intp)

    def fit_transform(self, values: Any) -> npt.NDArray[np.intp]:
        """Fit to all of the values and encode them: for training rows."""
        return self.fit(values).transform(values)

    def inverse_transform(self, codes: Array) -> Array:
        """The categories (as objects) of codes."""
        self._check_fitted()
        codes = np.asarray(codes)
        last = len(self.categories_) - 1
        if codes.dtype.kind not in "iu" or (codes.size and (codes.min() < 0 or codes.max() > last)):
            raise InputError(f"codes must be whole numbers in 0 … {last}, they are {codes}")
        found: Array = np.array(self.categories_, dtype=object)[codes]
        return found

    def to_config(self) -> dict[str, Any]:
        """What was learned, as plain JSON; :func:`encoder_from_config` takes it back."""
        self._check_fitted()
        return {"kind": type(self).__name__, "categories": list(self.categories_)}

    def __repr__(self) -> str:
        fitted = _listed(self.categories_) if hasattr(self, "categories_") else "not fitted"
        return f"{type(self).__name__}({fitted})"

    def _check_fitted(self) -> None:
        if not hasattr(self, "categories_"):
            raise InputError(f"the {type(self).__name__} is not fitted; call fit first")


class OneHotEncoder:
    """Categories as columns: 1 in the category's own, 0 elsewhere.

    Parameters
    ----------
    dtype : float32 or float64

    Examples
    --------
    >>> OneHotEncoder().fit_transform(["b", "a"])
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = dtype
        self._labels = LabelEncoder()

    @property
    def categories_(self) -> list[Any]:
        """The category of each column."""
        self._labels._check_fitted()
        return self._labels.categories_

    def fit(self, values: Any) -> Self:
        """Learn the categories of the training rows."""
        self._labels.fit(values)
        return self

    def transform(self, values: Any) -> Array:
        """(n, categories); a category that the fit did not see is refused by name."""
        codes = self._labels.transform(values)
        columns: Array = np.eye(len(self.categories_), dtype=self.dtype)[codes]
        return columns

    def fit_transform(self, values: Any) -> Array:
        """Fit to all of the values and encode them: for training rows."""
        return self.fit(values).transform(values)

    def inverse_transform(self, columns: Array) -> Array:
        """The category of the largest column, so that probabilities will do."""
        columns = np.asarray(columns)
        if columns.ndim != 2 or columns.shape[1] != len(self.categories_):
            raise InputError(
                f"columns must have shape (n, {len(self.categories_)}), it is {columns.shape}"
            )
        return self._labels.inverse_transform(columns.argmax(axis=1))

    def to_config(self) -> dict[str, Any]:
        """What was learned, as plain JSON; :func:`encoder_from_config` takes it back."""
        return {
            "kind": type(self).__name__,
            "categories": list(self.categories_),
            "dtype": np.dtype(self.dtype).name,
        }

    def __repr__(self) -> str:
        return repr(self._labels).replace("LabelEncoder", type(self).__name__)


def encoder_from_config(config: dict[str, Any]) -> LabelEncoder | OneHotEncoder:
    """The encoder that ``to_config`` described.

    Examples
    --------
    >>> encoder_from_config(LabelEncoder().fit(["b", "a"]).to_config())
    LabelEncoder('a', 'b')
    """
    try:
        if config["kind"] == "OneHotEncoder":
            return OneHotEncoder(dtype=np.dtype(config["dtype"]).type).fit(config["categories"])
        if config["kind"] == "LabelEncoder":
            return LabelEncoder().fit(config["categories"])
    except (KeyError, TypeError) as error:
        raise InputError(f"config does not describe an encoder ({error!r})") from error
    raise InputError(f"config does not describe an encoder, its kind is {config['kind']!r}")


def _plain(values: Any) -> list[Any]:
    """Text, whole numbers and booleans as Python's own, so that JSON holds them."""
    if isinstance(values, str):
        raise InputError(f"values must be a sequence of categories, it is the text {values!r}")
    plain = np.asarray(values, dtype=object).tolist()
    for row, value in enumerate(plain):
        if isinstance(value, np.generic):
            plain[row] = value = value.item()
        if not isinstance(value, str | int):
            what = "missing" if value is None or value != value else f"a {type(value).__name__}"
            raise InputError(
                f"row {row} of values must be text, a whole number or a boolean, it is {what}"
            )
    return list(plain)


def _listed(categories: list[Any]) -> str:
    shown = ", ".join(map(repr, categories[:10]))
    return shown + (f" and {len(categories) - 10} more" if len(categories) > 10 else "")
