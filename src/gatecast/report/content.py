"""What is drawn, before it is drawn: chosen and averaged once, for the page and the pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError
from gatecast.report.words import ranked
from gatecast.results import RISING, Curve, Predictions, Result, Truth

Array = npt.NDArray[Any]
ROLES = ("train", "validation", "test")


@dataclass(frozen=True)
class Line:
    """One model's loss (or accuracy) by epoch: the mean of its seeds, and their range."""

    model: str
    role: str
    mean: Array
    low: Array
    high: Array
    seeds: int


@dataclass(frozen=True)
class LossPanel:
    """The lines of one variant; ``quantity`` is "loss" or "accuracy"."""

    variant: str
    quantity: str
    lines: tuple[Line, ...]

    @property
    def logarithmic(self) -> bool:
        """Losses are read on a logarithmic scale, where none is zero or below."""
        return self.quantity == "loss" and all(
            bool(np.all(line.low[np.isfinite(line.low)] > 0)) for line in self.lines
        )


@dataclass(frozen=True)
class Forecast:
    """One model's forecasts (rows, steps), of the seed in the middle of its seeds."""

    model: str
    seed: int | None
    values: Array
    lower: Array | None = None
    upper: Array | None = None
    level: float | None = None


@dataclass(frozen=True)
class ForecastPanel:
    """Truth and forecasts of one variant, (rows, steps) each; classes as their codes."""

    variant: str
    truth: Array
    index: Array
    history: Array | None
    classes: tuple[str, ...]
    models: tuple[Forecast, ...]

    @property
    def windowed(self) -> bool:
        """Whether each row is a picture of its own rather than one point of a line."""
        return self.history is not None or self.truth.shape[1] > 1


def model_order(result: Result) -> list[str]:
    """Each model once, networks and peers before baselines: its place is its colour."""
    of_summary = sorted(result.summary, key=lambda s: s.kind == "baseline")
    names = [s.model for s in of_summary]
    names += [c.model for c in result.curves] + [p.model for p in result.predictions]
    return list(dict.fromkeys(names))


def loss_panels(result: Result) -> list[LossPanel]:
    """Losses of each variant, then accuracies, where there are any."""
    variants = list(dict.fromkeys(curve.variant for curve in result.curves))
    panels = []
    for quantity, fields in (
        ("loss", dict(zip(ROLES, ROLES, strict=True))),
        ("accuracy", {"train": "train_accuracy", "test": "test_accuracy"}),
    ):
        for variant in variants:
            curves = [c for c in result.curves if c.variant == variant]
            lines = tuple(_lines(curves, fields))
            if lines:
                panels.append(LossPanel(variant, quantity, lines))
    return panels


def _lines(curves: list[Curve], fields: dict[str, str]) -> Iterable[Line]:
    for model in dict.fromkeys(curve.model for curve in curves):
        for role, name in fields.items():
            values = [getattr(c, name) for c in curves if c.model == model and getattr(c, name)]
            if values:
                yield _mean_line(model, role, values)


def _mean_line(model: str, role: str, values: list[list[float]]) -> Line:
    """Average the seeds that reached an epoch with a finite value."""
    table = np.full((len(values), max(map(len, values))), np.nan)
    for row, entries in zip(table, values, strict=True):
        row[: len(entries)] = entries
    table[~np.isfinite(table)] = np.nan
    known = np.isfinite(table)
    count = known.sum(axis=0)
    mean = np.where(known, table, 0.0).sum(axis=0) / np.where(count, count, np.nan)
    low = np.where(known, table, np.inf).min(axis=0)
    high = np.where(known, table, -np.inf).max(axis=0)
    low[count == 0] = high[count == 0] = np.nan
    return Line(model, role, mean, low, high, len(values))


def forecast_panels(result: Result) -> list[ForecastPanel]:
    """Truth and the forecasts of one seed a model, best model first."""
    panels = []
    for truth in result.truths:
        mine = [p for p in result.predictions if p.variant == truth.variant]
        classes = _classes(result, truth, mine)
        values = _as_table(truth.values, classes)
        order = [s.model for s in ranked(result.summary, result.headline[0])]
        models = list(dict.fromkeys(p.model for p in mine))
        models.sort(key=lambda m: order.index(m) if m in order else len(order))
        chosen = [_middle_seed(result, [p for p in mine if p.model == m]) for m in models]
        forecasts = tuple(_forecast(p, values.shape, classes) for p in chosen)
        history = None if truth.history is None else np.asarray(truth.history, float)
        panels.append(
            ForecastPanel(
                truth.variant, values, np.asarray(truth.index), history, classes, forecasts
            )
        )
    return panels


def _classes(result: Result, truth: Truth, mine: list[Predictions]) -> tuple[str, ...]:
    if result.task != "classify" or truth.classes:
        return truth.classes
    seen = np.concatenate([np.ravel(truth.values), *(np.ravel(p.forecast) for p in mine)])
    if seen.dtype.kind in "iub":
        return tuple(str(code) for code in range(int(seen.max(initial=0)) + 1))
    return tuple(np.unique(seen.astype(str)).tolist())


def _as_table(values: Any, classes: tuple[str, ...]) -> Array:
    """(rows, steps) floats; class names become their codes."""
    table = np.asarray(values)
    if classes and table.dtype.kind not in "iufb":
        codes = {name: float(code) for code, name in enumerate(classes)}
        table = np.array([codes.get(str(v), np.nan) for v in table.ravel()]).reshape(table.shape)
    table = table.astype(np.float64)
    return table[:, None] if table.ndim == 1 else table.reshape(len(table), -1)


def _middle_seed(result: Result, predictions: list[Predictions]) -> Predictions:
    """The seed whose headline metric is the median: neither the luckiest nor the unluckiest."""
    metric = result.headline[0]
    first = predictions[0]
    scores = {
        row.seed: row.metrics[metric]
        for row in result.rows
        if (row.model, row.variant, row.status) == (first.model, first.variant, "ok")
        and metric in row.metrics
    }
    known = sorted(
        (p for p in predictions if p.seed in scores),
        key=lambda p: scores[p.seed],
        reverse=metric in RISING,
    )
    return known[(len(known) - 1) // 2] if known else first


def _forecast(
    prediction: Predictions, shape: tuple[int, ...], classes: tuple[str, ...]
) -> Forecast:
    tables = {
        name: None if values is None else _as_table(values, classes)
        for name, values in (
            ("forecast", prediction.forecast),
            ("lower", prediction.lower),
            ("upper", prediction.upper),
        )
    }
    for name, table in tables.items():
        if table is not None and table.shape != shape:
            raise InputError(
                f"{name} of {prediction.model!r}, variant {prediction.variant!r}, has the shape "
                f"{table.shape} and must have that of its truth, {shape}"
            )
    values = tables["forecast"]
    assert values is not None
    return Forecast(
        prediction.model, prediction.seed, values, tables["lower"], tables["upper"],
        prediction.level,
    )  # fmt: skip


def metrics_by_variant(result: Result) -> dict[str, dict[str, list[float | None]]]:
    """Metric -> model -> one mean a variant; empty where fewer than three variants compare.

    Examples
    --------
    >>> from gatecast.results import Result
    >>> metrics_by_variant(Result("mine", "best", "Mine", "forecast", "y"))
    {}
    """
    variants = variants_of(result)
    models = [
        m for m in model_order(result)
        if len({s.variant for s in result.summary if s.model == m}) > 2
    ]  # fmt: skip
    if len(models) < 2:
        return {}
    means = {(s.model, s.variant): s.mean for s in result.summary}
    names = dict.fromkeys(n for s in result.summary if s.model in models for n in s.mean)
    return {n: {m: [means.get((m, v), {}).get(n) for v in variants] for m in models} for n in names}


def variants_of(result: Result) -> list[str]:
    """The variants in the order of the table."""
    return list(dict.fromkeys(s.variant for s in result.summary))
