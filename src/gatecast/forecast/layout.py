"""Which columns a user's table has, and what may be repaired in it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.nn.validation import check_choice, check_flag

MISSING = ("error", "mask", "interpolate", "last")


@dataclass(frozen=True)
class Layout:
    """The columns of a table by their role, and the rules for reading it.

    Parameters
    ----------
    id, time, target : str or None
        Names of the columns; ``id`` and ``time`` None where there are none.
    past, future, static, categorical : tuple of str
        Covariates; ``categorical`` names those of them that hold categories written as numbers.
    freq : str, int or None
    missing : {"error", "mask", "interpolate", "last"}
    gaps, duplicates, unsorted : str
        As :func:`gatecast.data.to_panel` takes them.
    decimal, date_format, dayfirst, timezone, missing_texts, delimiter, encoding
        As :func:`gatecast.data.read_table` takes them.
    """

    id: str | None = "unique_id"
    time: str | None = "ds"
    target: str = "y"
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    freq: str | int | None = None
    missing: str = "error"
    gaps: str = "error"
    duplicates: str = "error"
    unsorted: str = "error"
    decimal: str | None = None
    date_format: str | None = None
    dayfirst: bool | None = None
    timezone: str | None = None
    missing_texts: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        check_choice("missing", self.missing, MISSING)
        for role in ("past", "future", "static", "categorical", "missing_texts"):
            object.__setattr__(self, role, _texts(role, getattr(self, role)))
        _check_text("target", self.target, optional=False)
        for role in ("id", "time", "date_format", "timezone", "delimiter", "encoding"):
            _check_text(role, getattr(self, role))
        if self.dayfirst is not None:
            check_flag("dayfirst", self.dayfirst)
        for name in self.categorical:
            if name not in self.covariates:
                raise InputError(
                    f"categorical names {name!r}, which is not among past, future or static"
                )
        named = [self.id, self.time, self.target, *self.covariates]
        for column in named:
            if column is not None and named.count(column) > 1:
                raise InputError(
                    f"the column {column!r} is named twice; id, time, target, past, future and "
                    "static must differ"
                )

    @property
    def covariates(self) -> tuple[str, ...]:
        """Every column besides series, time and target."""
        return self.past + self.future + self.static

    @property
    def moving(self) -> tuple[str, ...]:
        """The covariates that change from row to row."""
        return self.past + self.future

    def reading(self) -> dict[str, Any]:
        """What ``read_table`` is told besides the columns."""
        return {
            "decimal": self.decimal,
            "date_format": self.date_format,
            "dayfirst": self.dayfirst,
            "timezone": self.timezone,
            "missing": self.missing_texts,
            "delimiter": self.delimiter,
            "encoding": self.encoding,
        }

    def ordering(self) -> dict[str, Any]:
        """What ``to_panel`` is told."""
        return {
            "gaps": self.gaps,
            "duplicates": self.duplicates,
            "unsorted": self.unsorted,
        }

    def to_config(self) -> dict[str, Any]:
        """Every choice, as plain JSON."""
        plain = asdict(self)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items()}


def _texts(name: str, given: Any) -> tuple[str, ...]:
    """One text, several, or None for none, as a tuple."""
    if given is None:
        return ()
    several = (given,) if isinstance(given, str) else given
    ordered = isinstance(several, Sequence | np.ndarray)
    if not ordered or not all(isinstance(one, str) for one in several):
        raise InputError(f"{name} must be texts in a list, such as ['a', 'b'], it is {given!r}")
    return tuple(str(one) for one in several)


def _check_text(name: str, given: Any, *, optional: bool = True) -> None:
    if not isinstance(given, str) and not (optional and given is None):
        raise InputError(f"{name} must be a text{' or None' * optional}, it is {given!r}")


def layout_from_config(config: dict[str, Any]) -> Layout:
    """The layout that ``to_config`` described.

    Examples
    --------
    >>> layout_from_config(Layout(past=("price",)).to_config()).past
    ('price',)
    """
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in config.items()
    }
    return Layout(**plain)
