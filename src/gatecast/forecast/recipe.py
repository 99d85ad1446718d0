"""How a forecasting network is built and trained: every choice in one place, all of it plain."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from gatecast.errors import InputError
from gatecast.nn.validation import check_choice, check_size

FORMS = ("sequence", "direct", "recursive", "encoder_decoder")
CELLS = ("rnn", "gru", "lstm")
FRONTS = ("none", "conv", "patch")
POOLINGS = ("last", "attention")
DECODERS = ("linear", "segments")
LEVELS = ("last", "season", "mean", "robust", "none")
REFERENCES = ("level", "season")
TRANSFORMS = ("auto", "log", "none")
LOSSES = ("mae", "mse", "huber", "smape", "mape", "quantiles", "gaussian", "student_t")


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
        Look-backs; one network (each seed) for each of them.  Empty: chosen from the data.
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
    reference : {"level", "season"}
        Where an untrained network's forecast lies: at the level, or on the last season repeated.
    seasonal_adjustment : {"auto", "none"}
        ``auto`` takes a classical seasonal pattern out of a series when a test finds one.
    loss : {"mae", "mse", "huber", "smape", "mape", "quantiles", "gaussian", "student_t"}
    quantiles : tuple of float
        Those that ``loss="quantiles"`` learns.
    horizon_weights : tuple of float
        How much each step ahead counts; empty: all alike.
    updates : int
        Steps of the optimiser; 0: chosen from the data.
    batch_size : int
    rate, weight_decay, clip_norm : float
    averaging : float
        Of the weights over the updates (0: none).
    ensemble : int
        Networks from different seeds; their median is the forecast.

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
        for name, choices in (
            ("form", FORMS), ("cell", CELLS), ("front", FRONTS), ("pooling", POOLINGS),
            ("decoder", DECODERS), ("level", LEVELS), ("reference", REFERENCES),
            ("transform", TRANSFORMS), ("loss", LOSSES), ("seasonal_adjustment", ("auto", "none")),
        ):  # fmt: skip
            check_choice(name, getattr(self, name), choices)
        for name in ("hidden_size", "num_layers", "batch_size", "ensemble"):
            check_size(name, getattr(self, name))
        for window in self.windows:
            check_size("windows", window)
        if self.horizon_weights and min(self.horizon_weights) < 0:
            raise InputError(f"horizon_weights must be >= 0, they are {self.horizon_weights}")

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
