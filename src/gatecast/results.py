"""What runs, comparisons and forecasts return: plain dataclasses, drawn by ``report``."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: metrics of which more is better
RISING = frozenset(
    {"r2", "accuracy", "train_accuracy", "test_accuracy", "balanced_accuracy", "macro_f1"}
)

#: how metrics are called
LABELS = {
    "mse": "MSE", "rmse": "RMSE", "mae": "MAE", "mase": "MASE", "r2": "R²", "accuracy": "accuracy",
    "macro_f1": "macro F1", "coverage": "coverage", "smape": "sMAPE", "mape": "MAPE",
}  # fmt: skip


def label(metric: str) -> str:
    """How a metric is called on the page.

    Examples
    --------
    >>> label("r2"), label("train_loss")
    ('R²', 'train loss')
    """
    return LABELS.get(metric, metric.replace("_", " "))


_WORD = re.compile(r"[a-z]+ ")


def sentence(note: str) -> str:
    """A note with a capital and a full stop; names of files and models stay as they are.

    Examples
    --------
    >>> sentence("column 'y' has decimal commas"), sentence("sales.csv was read as UTF-16")
    ("Column 'y' has decimal commas.", 'sales.csv was read as UTF-16.')
    """
    begun = note[:1].upper() + note[1:] if _WORD.match(note) else note
    return ended(begun)


def ended(text: str) -> str:
    """A text with a full stop.

    Examples
    --------
    >>> ended("its forecasts hardly move"), ended("it is flat.")
    ('its forecasts hardly move.', 'it is flat.')
    """
    return text if text.endswith((".", "!", "?")) else f"{text}."


@dataclass(frozen=True)
class Row:
    """One model, trained or fitted once.

    Attributes
    ----------
    model : str
        ``rnn gru lstm linear naive seasonal_naive ... torch_lstm``.
    variant : str
        What else tells it apart: ``window7``, ``10-step/all``, ...; may be empty.
    kind : {"network", "baseline", "peer"}
    seed : int or None
        None where nothing is drawn.
    metrics : dict
        Name -> value, on the test rows, in the target's units.
    status : {"ok", "diverged"}
    parameters : int
    seconds : float
        Of training.
    windows_per_second : float or None
        Seen in training.
    note : str
        One sentence where something must be said: what was chosen, why it diverged.
    """

    model: str
    variant: str
    kind: str
    seed: int | None
    metrics: dict[str, float]
    status: str = "ok"
    parameters: int = 0
    seconds: float = 0.0
    windows_per_second: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """All seeds of one model and variant: mean and spread of each metric."""

    model: str
    variant: str
    kind: str
    seeds: int
    mean: dict[str, float]
    spread: dict[str, float]  # standard deviation over the seeds; 0 for one
    skill: float | None  # 1 - error / error of the best naive baseline
    published: dict[str, float] = field(default_factory=dict)
    diverged: int = 0
    parameters: int = 0
    seconds: float = 0.0
    windows_per_second: float | None = None


@dataclass(frozen=True)
class Significance:
    """A paired test of two models on the same test rows."""

    better: str
    worse: str
    test: str  # "Diebold-Mariano", "McNemar", "paired bootstrap"
    statistic: float
    p_value: float
    words: str


@dataclass(frozen=True)
class Alarm:
    """Something that a reader must not overlook, in words."""

    model: str
    variant: str
    kind: str  # "flat", "lag", "worse than naive", "diverged", "overfits"
    words: str


@dataclass(frozen=True)
class Predictions:
    """Forecasts of one model on the test rows, aligned with the truth of its variant.

    ``forecast`` is (rows,) or (rows, horizon); for classes the predicted class, with
    ``probabilities`` (rows, classes) beside it.  ``lower`` and ``upper`` bound an interval of
    ``level`` per cent where there is one.
    """

    model: str
    variant: str
    seed: int | None
    forecast: Array
    lower: Array | None = None
    upper: Array | None = None
    level: float | None = None
    probabilities: Array | None = None


@dataclass(frozen=True)
class Truth:
    """The test rows of one variant: what came, when, and what was known before."""

    variant: str
    values: Array
    index: Array  # time stamps or row numbers, one a row
    history: Array | None = None  # (rows, window) values before, where they are shown
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Curve:
    """The losses of one training, one entry an epoch."""

    model: str
    variant: str
    seed: int
    train: list[float]
    validation: list[float]
    test: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Grid:
    """A matrix to draw: a correlation heat map or a confusion matrix."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array
    kind: str = "heat"  # "heat" (-1..1) or "confusion" (counts)


@dataclass(frozen=True)
class Fan:
    """What lies ahead of one series: its last known values, the forecast, bands around it.

    Attributes
    ----------
    series : str
        Its name; may be empty where there is only one.
    index : (W + H,) array
        Time stamps or row numbers of the known rows and of the steps ahead.
    known : (W,) array
    forecast : (H,) array
    bands : dict of level to (lower, upper)
        Per cent -> (H,) arrays each.
    """

    series: str
    index: Array
    known: Array
    forecast: Array
    bands: dict[float, tuple[Array, Array]] = field(default_factory=dict)


@dataclass(frozen=True)
class Breakdown:
    """Metrics of a backtest by ``"origin"`` or by ``"step"`` ahead.

    Attributes
    ----------
    by : {"origin", "step"}
    places : (n,) array
        The origins' time stamps (or row numbers), or the steps from 1.
    metrics : dict
        Metric -> model -> (n,) array.
    """

    by: str
    places: Array
    metrics: dict[str, dict[str, Array]]


@dataclass(frozen=True)
class Reliability:
    """How much of the truth intervals of each level held.

    Attributes
    ----------
    levels, covered, widths, scores : (L,) arrays
        Per cent meant, per cent measured, mean width, mean interval score.
    by_step : (H, L) array
        Per cent measured at each step ahead.
    points : int
        Values that were measured on.
    """

    levels: Array
    covered: Array
    widths: Array
    scores: Array
    by_step: Array
    points: int


@dataclass(frozen=True)
class Importance:
    """What a forecast loses without an input: ``loss`` is the part that its error grows by."""

    name: str
    loss: float


@dataclass(frozen=True)
class Training:
    """How one network of a forecast learned: the mean loss of the updates up to each of some.

    Attributes
    ----------
    network : str
        What tells it from those of other kinds: how far it looks back, for one.
    seed : int
    updates, losses : (n,) arrays
    """

    network: str
    seed: int
    updates: Array
    losses: Array


@dataclass(frozen=True)
class Outlook:
    """What a forecaster's report has beside a comparison's: the future, and how far to trust it.

    Attributes
    ----------
    statement : str
        The outcome in one sentence, which heads the page.
    fans : list of Fan
    breakdowns : list of Breakdown
    reliability : Reliability or None
    importance : list of Importance
    trainings : list of Training
        Of the networks that forecast; empty where none does.
    """

    statement: str
    fans: list[Fan] = field(default_factory=list)
    breakdowns: list[Breakdown] = field(default_factory=list)
    reliability: Reliability | None = None
    importance: list[Importance] = field(default_factory=list)
    trainings: list[Training] = field(default_factory=list)


@dataclass
class Result:
    """A finished comparison: the table, what it means, and all that the report draws."""

    experiment: str
    preset: str
    title: str
    task: str  # "forecast", "regress" or "classify"
    target: str
    rows: list[Row] = field(default_factory=list)
    summary: list[Summary] = field(default_factory=list)
    headline: tuple[str, ...] = ("mse", "rmse", "r2")  # metrics shown, the first one ranks
    conclusions: list[str] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    significance: list[Significance] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    predictions: list[Predictions] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # protocol, choices, what differs and why
    meta: dict[str, str] = field(default_factory=dict)  # command, versions, seed, fingerprint
    models: dict[str, Any] = field(default_factory=dict, repr=False)  # name -> fitted model
    outlook: Outlook | None = None  # of a forecaster

    def best(self) -> Summary:
        """The network that ranks first by the first headline metric; a peer where there is none."""
        metric = self.headline[0]
        scored = [s for s in self.summary if s.kind != "baseline" and metric in s.mean]
        candidates = [s for s in scored if s.kind == "network"] or scored
        return (max if metric in RISING else min)(candidates, key=lambda s: s.mean[metric])


def summarise(rows: list[Row]) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and spread of each metric over the rows that did not diverge.

    Examples
    --------
    >>> rows = [Row("gru", "", "network", s, {"mse": v}) for s, v in enumerate([1.0, 3.0])]
    >>> summarise(rows)
    ({'mse': 2.0}, {'mse': 1.4142135623730951})
    """
    good = [row for row in rows if row.status == "ok"]
    names = list(dict.fromkeys(name for row in good for name in row.metrics))
    values = {n: np.array([r.metrics[n] for r in good if n in r.metrics]) for n in names}
    mean = {name: float(v.mean()) for name, v in values.items()}
    spread = {name: float(v.std(ddof=1)) if len(v) > 1 else 0.0 for name, v in values.items()}
    return mean, spread
