"""Forecasters by name, and what each of them is."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

from gatecast.errors import InputError
from gatecast.forecast.plans import Facts, Plan, choose_best, choose_direct, choose_network
from gatecast.forecast.recipe import CELLS, Recipe


@dataclass(frozen=True)
class Preset:
    """A forecaster by name.

    Attributes
    ----------
    name, words : str
    choose : function, optional
        From the facts of the data to the plan of its networks; None for a classical model.
    """

    name: str
    words: str
    choose: Callable[[Facts], Plan] | None = None


def _always(recipe: Recipe) -> Callable[[Facts], Plan]:
    """The same recipe, whatever the data."""
    return lambda _facts: Plan((recipe,))


def _of_cell(cell: str) -> list[Preset]:
    """The same forms with each cell."""
    big, base = cell.upper(), Recipe(cell=cell)
    return [
        Preset(
            f"{cell}-sequence",
            f"{big} run over whole series, trained to forecast from every step",
            _always(base.changed(form="sequence", residual=True)),
        ),
        Preset(
            f"{cell}-direct",
            f"{big} over windows, all steps ahead at once",
            partial(choose_direct, cell),
        ),
        Preset(
            f"{cell}-recursive",
            f"{big} over windows, one step ahead and iterated",
            _always(base.changed(form="recursive")),
        ),
        Preset(
            f"{cell}-encoder-decoder",
            f"{big} that reads a window, and one that writes the steps ahead one by one",
            _always(base.changed(form="encoder_decoder")),
        ),
    ]


_CLASSICAL = {
    "naive": "the last value again",
    "seasonal_naive": "the value of one season before",
    "drift": "the line through the first and the last value",
    "mean": "the mean of all values",
    "theta": "the Theta method, which won the M3 competition",
    "log_theta": "the Theta method on logarithms, with seasons as far as they are sure",
    "damped": "exponential smoothing with a trend that fades",
    "ets": "exponential smoothing: the model and the weights that fit each series best",
    "autoregression": "the seasons ahead from the last ones, by a regression of each series",
    "shared_autoregression": "the same by one regression, for series of like kind",
    "statistics": "the smoothing methods and the autoregression, as a backtest weighs them",
    "linear": "ridge regression on lags and covariates",
    "mlp": "a multi-layer perceptron on lags and covariates",
    "gradient_boosting": "gradient-boosted trees on lags and covariates",
}

_NETWORKS = (
    *(
        Preset(
            cell,
            f"{cell.upper()} in the form that suits the data, over whole series or windows; "
            "with Theta and a damped trend beside it where there is little",
            partial(choose_network, cell),
        )
        for cell in CELLS
    ),
    Preset(
        "best",
        "the most accurate: several GRUs that differ, and statistical methods beside them; "
        "minutes instead of seconds",
        choose_best,
    ),
    *(preset for cell in CELLS for preset in _of_cell(cell)),
    *(
        Preset(name, words, _always(recipe))
        for name, words, recipe in (
            (
                "encoder-decoder",
                "the same as gru-encoder-decoder",
                Recipe(form="encoder_decoder"),
            ),
            (
                "patch",
                "GRU over segments of the window, all segments ahead decoded at once",
                Recipe(front="patch", decoder="segments"),
            ),
            ("conv", "GRU after a convolution over the window", Recipe(front="conv")),
            ("attention", "GRU with attention over its states", Recipe(pooling="attention")),
            ("quantiles", "GRU that learns several quantiles", Recipe(loss="quantiles")),
            ("gaussian", "GRU that learns a mean and a spread", Recipe(loss="gaussian")),
            ("student-t", "GRU that learns a heavy-tailed spread", Recipe(loss="student_t")),
            ("dropout", "GRU with dropout, for intervals that it draws", Recipe(dropout=0.2)),
        )
    ),
)


#: name -> what it is
PRESETS = {
    preset.name: preset
    for preset in (*_NETWORKS, *(Preset(name, words) for name, words in _CLASSICAL.items()))
}


def presets() -> dict[str, str]:
    """Every model that ``Forecaster`` knows by name, each in one sentence.

    Examples
    --------
    >>> presets()["naive"]
    'the last value again'
    """
    return {preset.name: preset.words for preset in PRESETS.values()}


def find_preset(name: Any) -> Preset:
    """The preset of a name; others are refused."""
    if isinstance(name, str) and name in PRESETS:
        return PRESETS[name]
    plain = name.strip().lower().replace(" ", "_") if isinstance(name, str) else ""
    near = get_close_matches(plain, PRESETS, n=1) or get_close_matches(
        plain.replace("_", "-"), PRESETS, n=1
    )
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InputError(
        f"there is no model {name!r}; {hint}it must be a Recipe, a Plan, a Model or one of "
        f"{', '.join(PRESETS)}"
    )
