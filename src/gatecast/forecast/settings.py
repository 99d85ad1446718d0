"""What a forecaster was made with: checked, shown, and as reading and fitting take it."""

from collections.abc import Sequence
from dataclasses import fields
from inspect import signature
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calibration import METHODS
from gatecast.forecast.catalogue import find_preset
from gatecast.forecast.fitting import Terms
from gatecast.forecast.grid import season_of
from gatecast.forecast.intervals import check_level
from gatecast.forecast.layout import Layout
from gatecast.forecast.making import PLAN, Choices, make_model
from gatecast.forecast.model import Model
from gatecast.forecast.plans import Facts, Plan
from gatecast.forecast.reading import Known, read_known
from gatecast.forecast.recipe import Recipe
from gatecast.nn.validation import check_choice, check_size

#: rows of a forecast of one series: memory ends not far beyond
MOST_STEPS = 1_000_000
#: how far and how often forecasts are iterated; beyond, they take hours and say nothing
FAR, ROUNDS = 1_000, 100


class Settled:
    """What a forecaster was made with, as its parts ask for it.

    ``Forecaster``, whose constructor stores all of it, tells what each is.
    """

    model: str | Recipe | Plan | Model
    horizon: int
    level: float | Sequence[float] | None
    season: int | None
    interval: str | None
    calendar: bool | str | Sequence[str]
    epochs: int | None
    updates: int | None
    n_jobs: int | None
    seed: int

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What it was made with; ``deep`` is for scikit-learn's ``clone`` and changes nothing."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def __repr__(self) -> str:
        """The call that makes it, without what is as by default."""
        given = []
        for name, parameter in signature(type(self)).parameters.items():
            value = getattr(self, name)
            if name == "model":
                given.append(repr(value))
            elif name == "horizon" or repr(value) != repr(parameter.default):
                given.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(given)})"

    def _check(self) -> None:
        """Refuse wrong arguments before any work."""
        if not isinstance(self.model, Recipe | Plan | Model):
            find_preset(self.model)
        # NumPy's small integers would overflow in what is reckoned with them
        self.horizon = check_steps("horizon", self.horizon)
        if self.season is not None:
            self.season = check_steps("season", self.season)
        for name in ("window", "epochs", "updates", "ensemble"):
            if getattr(self, name) is not None:
                setattr(self, name, check_size(name, getattr(self, name)))
        if self.epochs is not None and self.updates is not None:
            raise InputError("epochs and updates both say how long to learn; give one of them")
        if self.interval is not None:
            check_choice("interval", self.interval, METHODS)
        check_size("seed", self.seed, least=0)
        if self.n_jobs is not None and self.n_jobs != -1:
            check_size("n_jobs", self.n_jobs)
        levels_of(self.level)
        _check_names(self._layout(), name_of(self.model))

    def _layout(self) -> Layout:
        """The columns of its tables, and the rules for reading them."""
        return Layout(**{field.name: getattr(self, field.name) for field in fields(Layout)})

    def _read(self, df: Any) -> Known:
        """What a table tells."""
        return read_known(df, self._layout(), self.calendar, self.season)

    def _terms(self, known: Known, level: float | Sequence[float] | None = None) -> Terms:
        """On which terms a model of this table is fitted, perhaps for intervals of other levels."""
        longest = int(known.history.lengths.max())
        season = self.season or season_of(known.grid.frequency, longest)
        named = [field.name for field in fields(Choices) if field.name != "facts"]
        choices = Choices(
            **{name: getattr(self, name) for name in named},
            facts=Facts.of(known.history, self.horizon, season),
        )
        return Terms(
            lambda history, h, period: make_model(self.model, history, h, period, choices),
            self.horizon, season, self.interval,
            levels_of(self.level if level is None else level), self.seed,
        )  # fmt: skip


def _check_names(layout: Layout, model: str) -> None:
    """Refuse columns whose names the forecasts' own columns have."""
    for role in ("id", "time", "target"):
        column = getattr(layout, role)
        if column in (model, "cutoff") or (column == "path" and role != "target"):
            raise InputError(
                f"{role}={column!r} is a name that a column of the forecasts has; give that column "
                "of the table another"
            )


def name_of(model: Any) -> str:
    """What the forecasts' column is called."""
    if isinstance(model, Recipe):
        return model.cell
    if isinstance(model, Plan):
        return PLAN
    return model.name if isinstance(model, Model) else str(model)


def levels_of(level: Any) -> tuple[float, ...]:
    """The levels of intervals: one, several or none.

    Examples
    --------
    >>> levels_of(80), levels_of(None), levels_of([80, 95])
    ((80.0,), (), (80.0, 95.0))
    """
    if level is None:
        return ()
    several = level if isinstance(level, Sequence | np.ndarray) else (level,)
    several = (level,) if isinstance(level, str) else several
    return tuple(check_level(one) for one in several)


def check_steps(name: str, value: Any) -> int:
    """A number of steps ahead, or of paths, that a table can hold."""
    steps = check_size(name, value)
    if steps > MOST_STEPS:
        raise InputError(f"{name} must be at most {MOST_STEPS}, it is {steps}")
    return steps


def check_far(h: Any, horizon: int) -> int:
    """Steps ahead that may be iterated: each round reads the series, and the rounds before it.

    Examples
    --------
    >>> check_far(20, horizon=14)
    20
    """
    steps, most = check_steps("h", h), max(FAR, ROUNDS * horizon)
    if steps > most:
        raise InputError(
            f"h must be at most {most} where {horizon} steps were learned, it is {steps}; "
            "fit with a longer horizon"
        )
    return steps
