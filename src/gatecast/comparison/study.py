"""What is to be compared: windows, networks, baselines.  An experiment is one ``Study``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gatecast.comparison.recipe import Recipe
from gatecast.errors import InputError
from gatecast.forecast.baselines import Baseline
from gatecast.forecast.samples import Array, Samples
from gatecast.nn.losses import Loss
from gatecast.nn.module import Module
from gatecast.results import Grid

TASKS = ("forecast", "regress", "classify")

Predict: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True)
class Network:
    """A network to be trained, once a seed.

    Attributes
    ----------
    model : str
        Its name in the tables.
    build : function of a seed
        Makes the untrained network; must be picklable, as the trainings run in processes.
    loss : Loss
    recipe : Recipe
    targets : function of Samples, optional
        What the network learns where that is not ``samples.targets``: all steps of a sequence,
        say.
    forecast : function of (predict, x), optional
        How its outputs make (n, horizon) forecasts, where they are not that themselves:
        ``predict(x)`` gives the outputs, which may be asked for several times (recursion).
    kind : {"network", "peer"}
        A peer is trained by PyTorch from the same initial weights on the same batches.
    has_peer : bool
        Whether PyTorch has such a network; it has no in-cell dropout, say.
    """

    model: str
    build: Callable[[int], Module]
    loss: Loss
    recipe: Recipe = field(default_factory=Recipe)
    targets: Callable[[Samples], Array] | None = None
    forecast: Callable[[Predict, Array], Array] | None = None
    kind: str = "network"
    has_peer: bool = True

    def learned(self, samples: Samples) -> Array:
        """What the network learns from samples."""
        return samples.targets if self.targets is None else self.targets(samples)

    def outputs(self, predict: Predict, x: Array) -> Array:
        """Forecasts in scaled units, or logits."""
        return predict(x) if self.forecast is None else self.forecast(predict, x)


@dataclass(frozen=True)
class Variant:
    """One set of windows, and what is compared on it.

    Attributes
    ----------
    name : str
        May be empty where there is one variant.
    train, test : Samples
    validation : Samples, optional
        Chooses the epoch whose weights are kept, and calibrates intervals.
    networks : sequence of Network
    baselines : sequence of Baseline
    published : dict of dict
        Model -> metric -> published figure.
    classes : tuple of str
        Names of the classes.
    series : (rows,) array, optional
        The training rows of the target, which MASE is scaled by.
    period : int
        Rows in a season, for MASE.
    in_time : bool
        Whether the test rows follow one another in time, so that neighbours err alike.
    """

    name: str
    train: Samples
    test: Samples
    networks: tuple[Network, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    validation: Samples | None = None
    published: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    series: Array | None = None
    period: int = 1
    in_time: bool = True

    def __post_init__(self) -> None:
        for part in ("train", "test", "validation"):
            samples = getattr(self, part)
            if samples is not None and not len(samples):
                raise InputError(f"the {part} part of variant {self.name!r} has no windows")

    @property
    def horizon(self) -> int:
        """Steps to forecast; 1 for classes."""
        return 1 if self.test.classes else self.test.y.shape[1]


@dataclass(frozen=True)
class Study:
    """A whole comparison.

    Attributes
    ----------
    experiment, preset, title, target : str
    task : {"forecast", "regress", "classify"}
    variants : sequence of Variant
    seeds : sequence of int
        Each network is trained once for each.
    level : float or None
        Per cent of split conformal intervals, calibrated on the validation rows.
    notes : sequence of str
        Protocol and choices, for the reader.
    grids : sequence of Grid
        Heat maps to draw.
    meta : dict
    headline : sequence of str, optional
        Metrics to show, the first one ranks; by default those of the task.
    proof : function, optional
        Replaces later rows by noise, sees that no window before them moves (``check_no_leak``),
        and gives how many windows it compared.  Finished windows do not show what they were made
        of: without a proof the result says that leaks were not looked for.
    """

    experiment: str
    title: str
    task: str
    target: str
    variants: tuple[Variant, ...]
    seeds: tuple[int, ...] = (0, 1, 2)
    preset: str = "best"
    level: float | None = None
    notes: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    headline: tuple[str, ...] = ()
    proof: Callable[[], int] | None = None

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise InputError(f"task must be one of {', '.join(TASKS)}, it is {self.task!r}")
        if not self.variants:
            raise InputError("a study needs at least one variant")
        if not self.seeds:
            raise InputError("a study needs at least one seed")
        names = [variant.name for variant in self.variants]
        if len(set(names)) < len(names):
            raise InputError(f"variants must have names of their own, they are {names}")
        for variant in self.variants:
            models = [n.model for n in variant.networks] + [b.name for b in variant.baselines]
            for model in models:
                if models.count(model) > 1:
                    raise InputError(f"variant {variant.name!r} has two models {model!r}")
