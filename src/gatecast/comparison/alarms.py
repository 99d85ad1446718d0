"""Alarms: what a reader of the table must not overlook, in words with the figures that say so."""

from collections.abc import Iterator

import numpy as np

from gatecast.comparison.scoring import best_naive, error_of
from gatecast.comparison.study import Study, Variant
from gatecast.comparison.training import Trained
from gatecast.forecast.alarms import flat_words, lag_words
from gatecast.results import Alarm, Row, Summary, label

RISE = 1.15  # of the validation loss above its lowest
FAR = 3.0  # test loss over training loss


def raise_alarms(
    study: Study, trained: list[Trained], rows: list[Row], summary: list[Summary], metric: str
) -> list[Alarm]:
    """Every alarm of every network, and of peers that diverged, in the order of the table."""
    alarms = []
    for line in summary:
        if line.kind == "baseline":
            continue
        variant = next(v for v in study.variants if v.name == line.variant)
        mine = [t for t in trained if (t.model, t.variant) == (line.model, line.variant)]
        for kind, words in _of_model(variant, mine, rows, line, metric):
            alarms.append(Alarm(line.model, line.variant, kind, words))
    return alarms


def _of_model(
    variant: Variant,
    mine: list[Trained],
    rows: list[Row],
    line: Summary,
    metric: str,
) -> Iterator[tuple[str, str]]:
    if line.diverged:
        seeds = f"{line.diverged} of {line.seeds} trainings"
        note = next(t.note for t in mine if t.status == "diverged")
        yield "diverged", f"{seeds} diverged and are left out of the means: {note}"
    good = [t for t in mine if t.status == "ok"]
    if not good or line.kind == "peer":  # a peer is a copy: its other faults are ours
        return
    yield from _flat(variant, good)
    naive = best_naive(variant, rows, metric)
    if naive is not None and metric in line.mean:
        name, error = naive
        own = error_of(metric, line.mean[metric])
        if own > error:
            what = label(metric) if error_of(metric, 0.0) == 0 else f"1 - {label(metric)}"
            words = (
                f"its {what} of {own:.4g} is worse than the {error:.4g} of {name}, which learns "
                "nothing: do not use this network"
            )
            yield "worse than naive", words
    yield from _lag(variant, good)
    yield from _overfits(good)


def _flat(variant: Variant, good: list[Trained]) -> Iterator[tuple[str, str]]:
    """Forecasts that hardly move where the truth does."""
    truth = variant.test.y
    if variant.test.classes:
        stuck = [t for t in good if len(np.unique(t.forecast)) == 1]
        if len(np.unique(truth)) > 1 and 2 * len(stuck) > len(good):
            code = int(stuck[0].forecast[0])
            name = variant.classes[code] if code < len(variant.classes) else str(code)
            yield "flat", f"it predicts the class {name!r} for every row, whatever it is given"
        return
    if words := flat_words(truth, [t.forecast for t in good]):
        yield "flat", words


def _lag(variant: Variant, good: list[Trained]) -> Iterator[tuple[str, str]]:
    """Forecasts that are the last value again, one step late."""
    past = variant.test.past
    if past is None or variant.test.classes:
        return
    last = past[:, -1].astype(np.float64)
    if words := lag_words(variant.test.y[:, 0], last, [t.forecast[:, 0] for t in good]):
        yield "lag", words


def _overfits(good: list[Trained]) -> Iterator[tuple[str, str]]:
    """A validation loss that rises while the training loss falls, or a test loss far above it."""
    rises = [found for t in good if (found := _rise(t)) is not None]
    if 2 * len(rises) > len(good):
        best, times = rises[len(rises) // 2]
        words = (
            f"from epoch {best} on its validation loss rose, to {times:.2f} times its lowest, "
            "while its training loss fell; the weights of the best epoch were kept"
        )
        yield "overfits", words
        return
    ratios = [
        t.losses["test_loss"] / t.losses["train_loss"]
        for t in good
        if t.losses.get("train_loss", 0) > 0 and t.losses.get("test_loss", 0) > 0
    ]
    if ratios and (ratio := float(np.median(ratios))) > FAR:
        words = (
            f"its loss on the test rows is {ratio:.1f} times that on the training rows: it has "
            "learned these by heart, or the test rows are of another kind"
        )
        yield "overfits", words


def _rise(trained: Trained) -> tuple[int, float] | None:
    """The best epoch and how far the validation loss rose after it, where it rose clearly."""
    history = trained.history
    if history is None or len(history) < 5 or history["val_loss"][0] is None:
        return None
    validation, training = np.array(history["val_loss"]), np.array(history["loss"])
    best = int(validation.argmin())
    tail = float(np.median(validation[-3:]))
    rose = tail > RISE * validation[best] > 0 and len(validation) - best > 3
    if not rose or training[-1] >= training[best]:
        return None
    return best + 1, tail / float(validation[best])
