"""Forecasters by name, and what each of them is."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.classical import CLASSICAL, make_classical
from gatecast.forecast.history import History
from gatecast.forecast.model import Model
from gatecast.forecast.recipe import CELLS, Recipe

#: series of a panel below which there is too little to learn at every step of whole series
PANEL = 30
#: rows of a series from which its windows alone are enough to learn from
LONG = 500
#: rows in all below which a small network, trained gently, is all that can be learned
SMALL = 1000
#: rows of a season from which the look-back is cut in segments
LONG_SEASON = 24


@dataclass(frozen=True)
class Facts:
    """What a recipe is chosen from.

    Attributes
    ----------
    series : int
    length : int
        Median rows of a series.
    horizon, period : int
    covariates : bool
        Whether there are any.
    """

    series: int
    length: int
    horizon: int
    period: int
    covariates: bool = False

    @property
    def small(self) -> bool:
        """Whether there is little to learn from."""
        return self.series * self.length < SMALL

    @classmethod
    def of(cls, history: History, horizon: int, period: int) -> "Facts":
        """The facts of a history."""
        columns = history.past.shape[1] + history.future.shape[1]
        length = int(np.median(history.lengths))
        return cls(len(history), length, horizon, period, columns > 0)


@dataclass(frozen=True)
class Preset:
    """A forecaster by name.

    Attributes
    ----------
    name, words : str
    recipe : Recipe, optional
        Of a network; None for a classical model.
    choose : function, optional
        From the cell and the facts to the recipe, where that depends on the data.
    """

    name: str
    words: str
    recipe: Recipe | None = None
    choose: Callable[[str, Facts], Recipe] | None = None

    def recipe_for(self, facts: Facts) -> Recipe | None:
        """The recipe for some data."""
        if self.choose is None or self.recipe is None:
            return self.recipe
        return self.choose(self.recipe.cell, facts)


def choose_recipe(cell: str, facts: Facts) -> Recipe:
    """A recipe that suits the data.

    Many short series are run through from beginning to end, so that every row of each is learned
    from; long ones are cut in windows, and in segments of a season where a season is long.  A few
    short ones are too little for a network alone: Theta gets an equal share, unless there are
    covariates, which it cannot see.

    Examples
    --------
    >>> choose_recipe("gru", Facts(series=1000, length=80, horizon=12, period=12)).form
    'sequence'
    >>> choose_recipe("gru", Facts(series=7, length=5000, horizon=24, period=24)).front
    'patch'
    """
    if facts.series >= PANEL and facts.length < LONG and facts.period < LONG_SEASON:
        return Recipe(form="sequence", cell=cell, residual=True)
    share = 0.5 if facts.small and not facts.covariates else 0.0
    return choose_direct(cell, facts).changed(theta=share)


def choose_direct(cell: str, facts: Facts) -> Recipe:
    """Over windows, all steps ahead at once; over segments where a season is long."""
    if facts.period >= LONG_SEASON and facts.length >= LONG:
        return Recipe(cell=cell, front="patch", level="season", reference="season")
    if facts.small:
        return Recipe(cell=cell, hidden_size=16, rate=1e-3, updates=150)
    return Recipe(cell=cell)


def _of_cell(cell: str) -> list[Preset]:
    """The same forms with each cell."""
    big, base = cell.upper(), Recipe(cell=cell)
    return [
        Preset(
            f"{cell}-sequence",
            f"{big} run over whole series, trained to forecast from every step",
            base.changed(form="sequence", residual=True),
        ),
        Preset(
            f"{cell}-direct",
            f"{big} over windows, all steps ahead at once",
            base,
            choose_direct,
        ),
        Preset(
            f"{cell}-recursive",
            f"{big} over windows, one step ahead and iterated",
            base.changed(form="recursive"),
        ),
        Preset(
            f"{cell}-encoder-decoder",
            f"{big} that reads a window, and one that writes the steps ahead one by one",
            base.changed(form="encoder_decoder"),
        ),
    ]


_CLASSICAL_WORDS = {
    "naive": "the last value again",
    "seasonal_naive": "the value of one season before",
    "drift": "the line through the first and the last value",
    "mean": "the mean of all values",
    "theta": "the Theta method, which won the M3 competition",
    "damped": "exponential smoothing with a trend that fades",
    "ets": "exponential smoothing, by statsmodels (needs the extra stats)",
    "linear": "ridge regression on lags and covariates",
    "mlp": "a multi-layer perceptron on lags and covariates",
    "gradient_boosting": "gradient-boosted trees on lags and covariates",
}

_NETWORKS = (
    *(
        Preset(
            cell,
            f"{cell.upper()} in the form that suits the data, over whole series or windows; "
            "with Theta's help where there is little",
            Recipe(cell=cell),
            choose_recipe,
        )
        for cell in CELLS
    ),
    *(preset for cell in CELLS for preset in _of_cell(cell)),
    Preset("encoder-decoder", "the same as gru-encoder-decoder", Recipe(form="encoder_decoder")),
    Preset(
        "patch",
        "GRU over segments of the window, all segments ahead decoded at once",
        Recipe(front="patch", decoder="segments"),
    ),
    Preset("conv", "GRU after a convolution over the window", Recipe(front="conv")),
    Preset("attention", "GRU with attention over its states", Recipe(pooling="attention")),
    Preset("quantiles", "GRU that learns several quantiles", Recipe(loss="quantiles")),
    Preset("gaussian", "GRU that learns a mean and a spread", Recipe(loss="gaussian")),
    Preset("student-t", "GRU that learns a heavy-tailed spread", Recipe(loss="student_t")),
    Preset("dropout", "GRU with dropout, for intervals that it draws", Recipe(dropout=0.2)),
)


def _classical() -> list[Preset]:
    """All classical models that there are, in the order of their words."""
    names = [*_CLASSICAL_WORDS, *(name for name in CLASSICAL if name not in _CLASSICAL_WORDS)]
    return [
        Preset(n, _CLASSICAL_WORDS.get(n, "a classical model")) for n in names if n in CLASSICAL
    ]


#: name -> what it is
PRESETS = {preset.name: preset for preset in (*_NETWORKS, *_classical())}


def presets() -> dict[str, str]:
    """Every model that ``Forecaster`` knows by name, each in one sentence.

    Examples
    --------
    >>> presets()["naive"]
    'the last value again'
    """
    return {preset.name: preset.words for preset in PRESETS.values()}


@dataclass(frozen=True)
class Choices:
    """What the user settled of a network besides its name.

    Attributes
    ----------
    window, updates, epochs, ensemble : int or None
        None leaves it to the recipe.
    seed : int
    positive : bool
        Whether all values of the table are above 0, those held out included: what may be 0 is a
        matter of its unit, and logarithms could not follow it there.
    """

    window: int | None = None
    updates: int | None = None
    epochs: int | None = None
    ensemble: int | None = None
    seed: int = 0
    positive: bool = True


def make_model(model: Any, history: History, horizon: int, period: int, choices: Choices) -> Model:
    """An unfitted model: by name, by recipe, or a copy of the one given.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> make_model("drift", make_history(np.arange(5.0)), 1, 1, Choices()).name
    'drift'
    """
    if isinstance(model, Model):
        _refuse_choices(type(model).__name__, choices)
        return copy.deepcopy(model)
    if isinstance(model, Recipe):
        return _make_network(model, model.cell, history, horizon, choices)
    preset = find_preset(model)
    recipe = preset.recipe_for(Facts.of(history, horizon, period))
    if recipe is None:
        _refuse_choices(repr(model), choices)
        return make_classical(preset.name, choices.seed)
    return _make_network(recipe, preset.name, history, horizon, choices)


def find_preset(name: Any) -> Preset:
    """The preset of a name; others are refused."""
    if not isinstance(name, str) or name not in PRESETS:
        raise InputError(
            f"model must be a Recipe, a Model or one of {', '.join(PRESETS)}; it is {name!r}"
        )
    return PRESETS[name]


def _make_network(
    recipe: Recipe, name: str, history: History, horizon: int, choices: Choices
) -> Model:
    from gatecast.forecast.networks import NetworkModel

    changes: dict[str, Any] = {}
    if recipe.transform == "auto" and not choices.positive:
        changes["transform"] = "none"
    if choices.window is not None:
        changes["windows"] = (choices.window,)
    if choices.ensemble is not None:
        changes["ensemble"] = choices.ensemble
    if choices.updates is not None:
        changes["updates"] = choices.updates
    elif choices.epochs is not None:
        changes["updates"] = choices.epochs * _updates_an_epoch(recipe, history, horizon)
    return NetworkModel(recipe.changed(**changes), name=name, seed=choices.seed)


def _updates_an_epoch(recipe: Recipe, history: History, horizon: int) -> int:
    """Batches that show every window, or every whole series, once."""
    seen = len(history)
    if recipe.form != "sequence":
        seen = int(np.maximum(history.lengths - horizon, 0).sum())
    return max(math.ceil(seen / recipe.batch_size), 1)


def _refuse_choices(name: str, choices: Choices) -> None:
    for choice in ("window", "updates", "epochs", "ensemble"):
        if (value := getattr(choices, choice)) is not None:
            raise InputError(
                f"{choice}={value!r} is a choice of networks, and the model is {name}; leave "
                f"{choice} out"
            )
