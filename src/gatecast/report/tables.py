"""What programs read of a run: ``metrics.json`` and the three CSV files.

The JSON is documented in ``docs/metrics-json.md``.  Its numbers are plain and finite: what is not
a finite number is left out of ``metrics``, ``mean`` and the like, and ``null`` elsewhere.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from gatecast.results import Predictions, Result, Row, Summary

FORMAT = 1


def metrics_json(result: Result) -> dict[str, Any]:
    """The run as plain dicts, lists, strings and finite numbers.

    Examples
    --------
    >>> from gatecast.results import Result, Row
    >>> row = Row("gru", "", "network", 0, {"mse": float("nan")}, "diverged")
    >>> result = Result("mine", "best", "Mine", "forecast", "y", [row])
    >>> metrics_json(result)["rows"][0]["metrics"]
    {}
    """
    return {
        "format": FORMAT,
        "written_by": "gatecast",
        "experiment": str(result.experiment),
        "preset": str(result.preset),
        "title": str(result.title),
        "task": str(result.task),
        "target": str(result.target),
        "headline": [str(name) for name in result.headline],
        "rows": [_row(row) for row in result.rows],
        "summary": [_summary(summary) for summary in result.summary],
        "significance": [
            {k: finite(v) if k in ("statistic", "p_value") else str(v) for k, v in entry.items()}
            for entry in map(asdict, result.significance)
        ],
        "alarms": [{k: str(v) for k, v in asdict(alarm).items()} for alarm in result.alarms],
        "conclusions": [str(text) for text in result.conclusions],
        "notes": [str(text) for text in result.notes],
        "meta": {str(k): str(v) for k, v in result.meta.items()},
    }


def table_names(result: Result) -> list[str]:
    """The CSV files of a run; a forecaster has none that would be empty.

    Examples
    --------
    >>> table_names(Result("mine", "best", "Mine", "forecast", "y"))
    ['metrics', 'predictions', 'history']
    """
    if (outlook := result.outlook) is None:
        return ["metrics", "predictions", "history"]
    content = {
        "metrics": result.rows,
        "predictions": result.predictions,
        "ahead": outlook.fans,
        "history": result.curves or outlook.trainings,
    }
    return [name for name, found in content.items() if found]


def finite(value: Any) -> float | None:
    """A plain float, or None where there is no finite one."""
    return float(value) if value is not None and math.isfinite(value) else None


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {str(k): float(v) for k, v in values.items() if finite(v) is not None}


def _row(row: Row) -> dict[str, Any]:
    return {
        "model": str(row.model),
        "variant": str(row.variant),
        "kind": str(row.kind),
        "seed": None if row.seed is None else int(row.seed),
        "status": str(row.status),
        "metrics": _numbers(row.metrics),
        "parameters": int(row.parameters),
        "seconds": finite(row.seconds),
        "windows_per_second": finite(row.windows_per_second),
        "note": str(row.note),
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "model": str(summary.model),
        "variant": str(summary.variant),
        "kind": str(summary.kind),
        "seeds": int(summary.seeds),
        "diverged": int(summary.diverged),
        "mean": _numbers(summary.mean),
        "spread": _numbers(summary.spread),
        "skill": finite(summary.skill),
        "published": _numbers(summary.published),
        "parameters": int(summary.parameters),
        "seconds": finite(summary.seconds),
        "windows_per_second": finite(summary.windows_per_second),
    }


def metrics_table(result: Result) -> pd.DataFrame:
    """One line a run: model, variant, kind, seed, status, its metrics, and what it cost."""
    names = list(dict.fromkeys(str(n) for row in result.rows for n in row.metrics))
    lines = []
    for entry in map(_row, result.rows):
        metrics = entry.pop("metrics")
        cost = {k: entry.pop(k) for k in ("parameters", "seconds", "windows_per_second", "note")}
        lines.append({**entry, **{name: metrics.get(name) for name in names}, **cost})
    columns = ["model", "variant", "kind", "seed", "status", *names]
    columns += ["parameters", "seconds", "windows_per_second", "note"]
    return _whole_seeds(pd.DataFrame(lines, columns=columns))


def predictions_table(result: Result, *, every_seed: bool = False) -> pd.DataFrame:
    """One line a forecast value: ``row`` counts the test rows from 0, ``step`` ahead from 1.

    Of each model the first seed that did not diverge, unless ``every_seed`` is asked for: five of
    them make a file of many megabytes that says little more.
    """
    columns = ["model", "variant", "seed", "row", "time", "step", "truth", "forecast"]
    columns += ["lower", "upper"]
    truths = {truth.variant: truth for truth in result.truths}
    frames = []
    for prediction in result.predictions if every_seed else _first_seeds(result):
        truth = truths.get(prediction.variant)
        if truth is None:
            continue
        forecast = np.asarray(prediction.forecast)
        steps = 1 if forecast.ndim == 1 else int(np.prod(forecast.shape[1:]))
        frame = pd.DataFrame(
            {
                "model": str(prediction.model),
                "variant": str(prediction.variant),
                "seed": prediction.seed,
                "row": np.repeat(np.arange(len(forecast)), steps),
                "time": np.repeat(np.asarray(truth.index), steps),
                "step": np.tile(np.arange(1, steps + 1), len(forecast)),
                "truth": _named(truth.values, truth.classes),
                "forecast": _named(forecast, truth.classes),
                "lower": None if prediction.lower is None else np.ravel(prediction.lower),
                "upper": None if prediction.upper is None else np.ravel(prediction.upper),
            }
        )
        frames.append(frame.astype({"lower": object, "upper": object}))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return _whole_seeds(table)


def _first_seeds(result: Result) -> list[Predictions]:
    """Of each model and variant the first seed, one that did not diverge where there is one."""
    diverged = {(r.model, r.variant, r.seed) for r in result.rows if r.status == "diverged"}
    found: dict[tuple[str, str], Predictions] = {}
    for one in sorted(result.predictions, key=lambda p: (p.model, p.variant, p.seed) in diverged):
        found.setdefault((one.model, one.variant), one)
    return [one for one in result.predictions if found[one.model, one.variant] is one]


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a quote before each text that a spreadsheet would run as a formula.

    Names of classes and columns come from anybody's file.  Numbers stay, also those in text.

    Examples
    --------
    >>> harmless(pd.DataFrame({"truth": ["=1+1", "-5", "low"]}))["truth"].tolist()
    ["'=1+1", '-5', 'low']
    """
    mended = {}
    for name in map(str, table):
        if table[name].dtype.kind != "O":
            continue
        found = {t: f"'{t}" for t in table[name].unique() if isinstance(t, str) and _formula(t)}
        if found:
            mended[name] = table[name].map(lambda value, found=found: found.get(value, value))
    return table.assign(**mended)


def _formula(text: str) -> bool:
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _named(values: Any, classes: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """Class codes as the names that they stand for; anything else as it is."""
    flat = np.ravel(np.asarray(values))
    if classes and flat.dtype.kind in "iu" and np.all((flat >= 0) & (flat < len(classes))):
        return np.array([classes[code] for code in flat.tolist()], dtype=object)
    return flat


def history_table(result: Result) -> pd.DataFrame:
    """One line an epoch: losses, and accuracies where there are any."""
    fields = ("train", "validation", "test", "train_accuracy", "test_accuracy")
    lines = []
    for curve in result.curves:
        epochs = max((len(getattr(curve, name)) for name in fields), default=0)
        for epoch in range(epochs):
            values = {
                name: finite(getattr(curve, name)[epoch])
                for name in fields
                if epoch < len(getattr(curve, name))
            }
            lines.append(
                {"model": curve.model, "variant": curve.variant, "seed": curve.seed,
                 "epoch": epoch + 1, **values}
            )  # fmt: skip
    return pd.DataFrame(lines, columns=["model", "variant", "seed", "epoch", *fields])


def _whole_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Seeds as whole numbers although some are missing."""
    return table.assign(seed=table["seed"].astype("Int64"))
