"""Scores of each model, means over its seeds, and skill against the best naive baseline."""

from collections.abc import Iterable

import numpy as np

from gatecast import metrics
from gatecast.comparison.study import Study, Variant
from gatecast.comparison.training import Trained
from gatecast.errors import InputError
from gatecast.forecast.intervals import Interval, SplitConformal
from gatecast.forecast.samples import Array
from gatecast.results import RISING, Row, Summary, summarise

HEADLINES = {
    "forecast": ("mse", "rmse", "mae", "r2"),
    "regress": ("mse", "rmse", "mae", "r2"),
    "classify": ("accuracy", "balanced_accuracy", "macro_f1", "log_loss"),
}


def score(trained: Trained, variant: Variant) -> dict[str, float]:
    """All metrics of one model on the test rows."""
    truth = variant.test.y
    found = _of_classes(trained, truth) if variant.test.classes else _of_numbers(trained, variant)
    return found | trained.losses


def _of_numbers(trained: Trained, variant: Variant) -> dict[str, float]:
    truth, forecast = variant.test.y, trained.forecast
    if not np.isfinite(forecast).all():
        return {}
    found = {
        "mse": metrics.mse(truth, forecast),
        "rmse": metrics.rmse(truth, forecast),
        "mae": metrics.mae(truth, forecast),
    }
    if np.ptp(truth) > 0:
        found["r2"] = metrics.r2(truth, forecast)
    if variant.series is not None:
        try:
            found["mase"] = metrics.mase(truth, forecast, variant.series, period=variant.period)
        except InputError:  # the training rows repeat themselves, or are shorter than a season
            return found
    return found


def _of_classes(trained: Trained, truth: Array) -> dict[str, float]:
    predicted, chances = trained.forecast, trained.probabilities
    found = {
        "accuracy": metrics.accuracy(truth, predicted),
        "balanced_accuracy": metrics.balanced_accuracy(truth, predicted),
        "macro_f1": metrics.macro_f1(truth, predicted),
    }
    if chances is not None and chances.shape[1] > truth.max() and np.isfinite(chances).all():
        found["log_loss"] = metrics.log_loss(truth, chances)
    return found


def make_row(trained: Trained, scores: dict[str, float]) -> Row:
    """One line of the long table."""
    return Row(
        trained.model, trained.variant, trained.kind, trained.seed, scores, trained.status,
        trained.parameters, trained.seconds, trained.windows_per_second, trained.note,
    )  # fmt: skip


def interval_of(trained: Trained, variant: Variant, level: float | None) -> Interval | None:
    """A split conformal interval, where there are validation rows enough to calibrate it."""
    if level is None or trained.validation_forecast is None or variant.validation is None:
        return None
    if not np.isfinite(trained.validation_forecast).all():
        return None
    try:
        conformal = SplitConformal(level).fit(variant.validation.y, trained.validation_forecast)
    except InputError:  # too few rows for the level
        return None
    return conformal.apply(trained.forecast)


def error_of(metric: str, value: float) -> float:
    """What there is to lose: the metric itself, or what lacks to 1 where more is better."""
    return 1 - value if metric in RISING else value


def best_naive(variant: Variant, rows: Iterable[Row], metric: str) -> tuple[str, float] | None:
    """The naive baseline with the smallest error in this variant, and that error."""
    naive = {baseline.name for baseline in variant.baselines if baseline.naive}
    errors = {
        row.model: error_of(metric, row.metrics[metric])
        for row in rows
        if row.variant == variant.name and row.model in naive and metric in row.metrics
    }
    return min(errors.items(), key=lambda item: item[1]) if errors else None


def summaries(study: Study, rows: list[Row], metric: str) -> list[Summary]:
    """One line a model and variant, in the order of the study."""
    found = []
    for variant in study.variants:
        naive = best_naive(variant, rows, metric)
        mine = [row for row in rows if row.variant == variant.name]
        for model in dict.fromkeys(row.model for row in mine):
            of_model = [row for row in mine if row.model == model]
            found.append(_summary(of_model, variant, metric, None if naive is None else naive[1]))
    return found


def _summary(rows: list[Row], variant: Variant, metric: str, naive: float | None) -> Summary:
    mean, spread = summarise(rows)
    good = [row for row in rows if row.status == "ok"]
    skill = None
    if naive and metric in mean:
        skill = metrics.skill(error_of(metric, mean[metric]), naive)
    rates = [row.windows_per_second for row in good if row.windows_per_second is not None]
    first = rows[0]
    return Summary(
        first.model,
        first.variant,
        first.kind,
        len(rows),
        mean,
        spread,
        skill,
        dict(variant.published.get(first.model, {})),
        sum(row.status == "diverged" for row in rows),
        first.parameters,
        float(np.mean([row.seconds for row in rows])),
        float(np.mean(rates)) if rates else None,
    )
