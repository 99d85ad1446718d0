"""How a forecasting network is built and trained: every choice in one place, all of it plain."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array
from gatecast.nn.distribution_losses import Pinball
from gatecast.nn.optimiser_base import check_number
from gatecast.nn.validation import (
    check_choice,
    check_flag,
    check_positive,
    check_rate,
    check_size,
)

CELLS = ("rnn", "gru", "lstm")
_CHOICES = {
    "form": ("sequence", "direct", "recursive", "encoder_decoder"),
    "cell": CELLS,
    "front": ("none", "conv", "patch"),
    "pooling": ("last", "attention"),
    "decoder": ("linear", "segments"),
    "level": ("last", "season", "mean", "robust", "none"),
    "reference": ("level", "season", "smoothing"),
    "transform": ("auto", "log", "none"),
    "seasonal_adjustment": ("auto", "none"),
    "loss": ("mae", "mse", "huber", "smape", "mape", "quantiles", "gaussian", "student_t"),
}
#: what networks over whole series do not have: they see changes in units of their volatility
_OVER_WINDOWS = ("front", "segment", "pooling", "decoder", "level", "scaled")


@dataclass(frozen=True)
class Recipe:
    """How a forecasting network is built and trained.

    Parameters
    ----------
    form : {"sequence", "direct", "recursive", "encoder_decoder"}
        ``sequence`` runs over whole series and is trained to forecast every horizon at every
        step; ``direct`` gives all steps ahead of a window at once; ``recursive`` one step,
        iterated; ``encoder_decoder`` reads the window, then writes the steps one by one.
    cell : {"rnn", "gru", "lstm"}
    windows : tuple of int
        Look-backs; one network (each seed) for each of them.  Empty: chosen from the data.  Over
        whole series each step sees so many of the last changes, and the states remember the rest.
    hidden_size, num_layers : int
    dropout : float
    front : {"none", "conv", "patch"}
        What comes before the cell: nothing, a convolution, or segments of ``segment`` rows that
        become one step each.
    segment : int
        0: chosen from the season.
    residual : bool
        Whether the cell's input goes past it.
    pooling : {"last", "attention"}
        What the head sees of the states: the last, or a weighted mean.
    skip : bool
        Whether a linear layer leads from the inputs to the forecast, past everything.
    transform : {"auto", "log", "none"}
        ``auto`` takes logarithms where every value is positive.
    decoder : {"linear", "segments"}
        How ``direct`` writes: all steps ahead by linear layers, or ``segment`` of them at a time
        by the cell itself, every segment in parallel from the last state.
    level : {"last", "season", "mean", "robust", "none"}
        What is taken off each window, so that the level never leaks: the last value, the mean of
        the last season or of the window, its median.
    scaled : bool
        Whether each window is also divided by its own volatility; without it one number serves
        the whole panel.
    reference : {"level", "season", "smoothing"}
        Where an untrained network's forecast lies: at the level; over windows also on the last
        season repeated; over whole series also on an averaged exponential smoothing.
    seasonal_adjustment : {"auto", "none"}
        ``auto`` takes a classical seasonal pattern out of a series, as far as it is sure.
    loss : {"mae", "mse", "huber", "smape", "mape", "quantiles", "gaussian", "student_t"}
    quantiles : tuple of float
        Those that ``loss="quantiles"`` learns.
    horizon_weights : tuple of float
        How much each step ahead counts; empty: all alike.
    updates : int
        Steps of the optimiser; 0: chosen from the data.
    batch_size : int
    rate, weight_decay, clip_norm : float
        Of the optimiser AdamW; gradients longer than ``clip_norm`` are shortened (0: none are).
    averaging : float
        Of the weights over the updates (0: none).
    ensemble : int
        Networks from different seeds; their median is the forecast.

    Notes
    -----
    A choice that the others leave without meaning is refused: of ``front``, ``segment``,
    ``pooling``, ``decoder``, ``level`` and ``scaled`` networks over whole series
    (``form="sequence"``) have none, and only the linear decoder of ``direct`` and ``recursive``
    looks at pooled states.

    Examples
    --------
    >>> Recipe(cell="lstm", windows=(24, 48)).changed(ensemble=3).ensemble
    3
    """

    form: str = "direct"
    cell: str = "gru"
    windows: tuple[int, ...] = ()
    hidden_size: int = 64
    num_layers: int = 1
    dropout: float = 0.0
    front: str = "none"
    segment: int = 0
    residual: bool = False
    pooling: str = "last"
    decoder: str = "linear"
    skip: bool = True
    transform: str = "auto"
    level: str = "last"
    scaled: bool = True
    reference: str = "level"
    seasonal_adjustment: str = "auto"
    loss: str = "mae"
    quantiles: tuple[float, ...] = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
    horizon_weights: tuple[float, ...] = ()
    updates: int = 0
    batch_size: int = 64
    rate: float = 2e-3
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    averaging: float = 0.99
    ensemble: int = 1

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        for name in ("residual", "skip", "scaled"):
            check_flag(name, getattr(self, name))
        for name in ("hidden_size", "num_layers", "batch_size", "ensemble"):
            check_size(name, getattr(self, name))
        for name in ("segment", "updates"):
            check_size(name, getattr(self, name), least=0)
        for name in ("dropout", "averaging"):
            check_rate(name, getattr(self, name))
        for name in ("weight_decay", "clip_norm"):
            check_number(name, getattr(self, name))
        check_positive("rate", self.rate)
        self._take("windows", [check_size("windows", one) for one in self._several("windows")])
        self._take("quantiles", Pinball(self._several("quantiles")).quantiles)
        weights = [check_number("horizon_weights", w) for w in self._several("horizon_weights")]
        self._take("horizon_weights", weights)
        if weights and not sum(weights):
            raise InputError("horizon_weights are all 0, so that no step counts; give one above 0")
        check_together(self)

    def _several(self, name: str) -> tuple[Any, ...]:
        """A tuple, of any sequence of numbers."""
        given = getattr(self, name)
        if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
            raise InputError(f"{name} must be a tuple of numbers, such as ({given!r},)")
        return tuple(given)

    def _take(self, name: str, values: Sequence[float]) -> None:
        """Keep a tuple of plain numbers, whatever was given."""
        object.__setattr__(self, name, tuple(values))

    def weights(self, horizon: int) -> Array | None:
        """(horizon,): how much each step ahead counts; None where all count alike."""
        if not self.horizon_weights:
            return None
        if len(self.horizon_weights) != horizon:
            raise InputError(
                f"horizon_weights must be {horizon} numbers, one a step ahead; there are "
                f"{len(self.horizon_weights)}"
            )
        return np.array(self.horizon_weights, np.float64)

    def changed(self, **choices: Any) -> "Recipe":
        """The same recipe but for some choices."""
        unknown = sorted(set(choices) - set(asdict(self)))
        if unknown:
            raise InputError(
                f"a recipe has no {', '.join(unknown)}; it has {', '.join(asdict(self))}"
            )
        return Recipe.from_config(asdict(self) | choices)

    def to_config(self) -> dict[str, Any]:
        """Every choice, as plain JSON."""
        plain = asdict(self)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Take it back."""
        choices: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in config.items()
        }
        return cls(**choices)


def check_together(recipe: Recipe) -> None:
    """Refuse choices that mean nothing beside each other."""
    if recipe.form == "sequence":
        plain = {field.name: field.default for field in fields(Recipe)}
        idle = [name for name in _OVER_WINDOWS if getattr(recipe, name) != plain[name]]
        if idle:
            raise InputError(
                f'form="sequence" runs over whole series and has no {", ".join(idle)}; leave '
                f'{"it" if len(idle) == 1 else "them"} out, or choose form="direct"'
            )
        if recipe.reference == "season":
            raise InputError(
                'form="sequence" adjusts whole series for their season and cannot have '
                'reference="season"; choose "level" or "smoothing"'
            )
    elif recipe.reference == "smoothing":
        raise InputError(
            'reference="smoothing" smooths whole series, it needs form="sequence" and not '
            f'"{recipe.form}"'
        )
    elif recipe.segment and recipe.front != "patch" and recipe.decoder != "segments":
        raise InputError(
            f'segment={recipe.segment} is of front="patch" and decoder="segments"; choose one of '
            "them, or leave segment out"
        )
    if recipe.form == "recursive" and recipe.horizon_weights:
        raise InputError(
            'form="recursive" learns one step ahead alone, so horizon_weights mean nothing; leave '
            'them out, or choose form="direct"'
        )
    if recipe.decoder == "segments" and recipe.form != "direct":
        raise InputError(
            f'decoder="segments" writes all steps at once, it needs form="direct" and not '
            f'"{recipe.form}"'
        )
    if recipe.decoder == "segments" and recipe.front == "none" and not recipe.residual:
        raise InputError(
            'decoder="segments" uses the cell twice, so its inputs must have the hidden size; '
            'use front="patch"'
        )
    steps = recipe.decoder == "segments" or recipe.form == "encoder_decoder"
    if recipe.pooling == "attention" and steps:
        raise InputError(
            'pooling="attention" is for a linear decoder; one that goes on from the last state '
            'does not look at the others: use pooling="last"'
        )
