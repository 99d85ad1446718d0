"""What a forecaster was made with: checked, shown, and as the tables' reader takes it."""

from collections.abc import Sequence
from dataclasses import fields
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calibration import METHODS
from gatecast.forecast.catalogue import find_preset
from gatecast.forecast.history import History
from gatecast.forecast.intervals import check_level
from gatecast.forecast.layout import Layout
from gatecast.forecast.making import PLAN, Choices
from gatecast.forecast.model import Model
from gatecast.forecast.plans import Facts, Plan
from gatecast.forecast.recipe import Recipe
from gatecast.nn.validation import check_choice, check_size

if TYPE_CHECKING:
    from gatecast.forecast.forecaster import Forecaster


#: rows of a forecast of one series: memory ends not far beyond
MOST_STEPS = 1_000_000


def check_settings(forecaster: "Forecaster") -> None:
    """Refuse wrong arguments before any work."""
    if not isinstance(forecaster.model, Recipe | Plan | Model):
        find_preset(forecaster.model)
    # NumPy's small integers would overflow in what is reckoned with them
    forecaster.horizon = check_steps("horizon", forecaster.horizon)
    for name in ("window", "season", "epochs", "updates", "ensemble"):
        if getattr(forecaster, name) is not None:
            setattr(forecaster, name, check_size(name, getattr(forecaster, name)))
    if forecaster.epochs is not None and forecaster.updates is not None:
        raise InputError("epochs and updates both say how long to learn; give one of them")
    if forecaster.interval is not None:
        check_choice("interval", forecaster.interval, METHODS)
    check_size("seed", forecaster.seed, least=0)
    if forecaster.n_jobs is not None and forecaster.n_jobs != -1:
        check_size("n_jobs", forecaster.n_jobs)
    levels_of(forecaster.level)
    _check_names(layout_of(forecaster), name_of(forecaster.model))


def _check_names(layout: Layout, model: str) -> None:
    """Refuse columns whose names the forecasts' own columns have."""
    for role in ("id", "time", "target"):
        column = getattr(layout, role)
        if column in (model, "cutoff") or (column == "path" and role != "target"):
            raise InputError(
                f"{role}={column!r} is a name that a column of the forecasts has; give that column "
                "of the table another"
            )


def layout_of(forecaster: "Forecaster") -> Layout:
    """The columns of its tables, and the rules for reading them."""
    return Layout(**{field.name: getattr(forecaster, field.name) for field in fields(Layout)})


def choices_of(forecaster: "Forecaster", history: History, period: int) -> Choices:
    """What was settled of a network, and the facts of the whole table."""
    named = [field.name for field in fields(Choices) if field.name != "facts"]
    own = {name: getattr(forecaster, name) for name in named}
    return Choices(**own, facts=Facts.of(history, forecaster.horizon, period))


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


def params_of(forecaster: "Forecaster") -> dict[str, Any]:
    """Every argument, by name."""
    return {name: getattr(forecaster, name) for name in signature(type(forecaster)).parameters}


def text_of(forecaster: "Forecaster") -> str:
    """The call that makes it, without what is as by default."""
    given = []
    for name, parameter in signature(type(forecaster)).parameters.items():
        value = getattr(forecaster, name)
        if name == "model":
            given.append(repr(value))
        elif name == "horizon" or repr(value) != repr(parameter.default):
            given.append(f"{name}={value!r}")
    return f"{type(forecaster).__name__}({', '.join(given)})"
