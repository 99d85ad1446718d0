"""The numbers behind the page's charts, packed small.

Forecasts are stored as 16-bit steps between the least and the greatest value of their array
(an error of 1/131,000 of the range, a hundredth of a pixel), classes as bytes.  Where a run has
more test rows than the page should carry, a part of them is shown and the page says which; the
CSV files hold everything.
"""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from gatecast.report.content import (
    Forecast,
    ForecastPanel,
    LossPanel,
    forecast_panels,
    loss_panels,
    metrics_by_variant,
    model_order,
    variants_of,
)
from gatecast.report.words import label
from gatecast.results import RISING, Result

Array = npt.NDArray[Any]
#: bytes of forecasts that a page carries, of its 2 MB
BUDGET = 1_200_000
MISSING = 65_535
MISSING_CLASS = 255
#: finer than a pixel of any screen
EPOCHS_SHOWN = 1_000


def chart_data(result: Result, budget: int = BUDGET) -> dict[str, Any]:
    """Everything that the page's script draws, as JSON can hold it."""
    panels = forecast_panels(result)
    cost = sum(_bytes(panel) for panel in panels)
    kept = min(1.0, budget / cost) if cost else 1.0
    return {
        "target": str(result.target),
        "classify": result.task == "classify",
        "models": model_order(result),
        "baselines": sorted({s.model for s in result.summary if s.kind == "baseline"}),
        "losses": [_losses(panel) for panel in loss_panels(result)],
        "forecasts": [_forecasts(panel, kept) for panel in panels],
        "variants": {
            "names": variants_of(result),
            "metrics": [
                {"name": name, "label": label(name), "rising": name in RISING, "models": models}
                for name, models in _plain(metrics_by_variant(result)).items()
            ],
        },
    }


def _plain(metrics: dict[str, dict[str, list[float | None]]]) -> dict[str, dict[str, list[Any]]]:
    return {
        n: {m: [_rounded(v) for v in values] for m, values in models.items()}
        for n, models in metrics.items()
    }


def _rounded(value: Any) -> float | None:
    """Five significant digits: what a chart and its hover show."""
    return float(f"{value:.5g}") if value is not None and np.isfinite(value) else None


def _losses(panel: LossPanel) -> dict[str, Any]:
    longest = max(len(line.mean) for line in panel.lines)
    epochs = np.unique(np.linspace(0, longest - 1, min(longest, EPOCHS_SHOWN)).astype(int))
    lines = [
        {
            "model": line.model,
            "role": line.role,
            "seeds": line.seeds,
            **{
                name: [_rounded(v) for v in getattr(line, name)[epochs[epochs < len(line.mean)]]]
                for name in (("mean", "low", "high") if line.seeds > 1 else ("mean",))
            },
        }
        for line in panel.lines
    ]
    return {
        "variant": panel.variant,
        "quantity": panel.quantity,
        "logarithmic": panel.logarithmic,
        "epochs": (epochs + 1).tolist() if len(epochs) < longest else longest,
        "lines": lines,
    }


def _bytes(panel: ForecastPanel) -> float:
    """What a panel costs as base64 text."""
    bands = sum(3 if model.lower is not None else 1 for model in panel.models)
    values = panel.truth.size * (1 + bands)
    values += panel.history.size if panel.history is not None else 0
    return values * (1 if panel.classes else 2) * 4 / 3


def _forecasts(panel: ForecastPanel, kept: float) -> dict[str, Any]:
    rows = len(panel.truth)
    shown = max(min(rows, 1), int(rows * kept))
    # Windows are pictures of their own, so any will do; a line over time must not have holes.
    chosen = (
        np.linspace(0, rows - 1, shown).astype(int) if panel.windowed else np.arange(shown)
    )  # fmt: skip
    classes = bool(panel.classes)
    return {
        "variant": panel.variant,
        "rows": rows,
        "shown": shown,
        "steps": panel.truth.shape[1],
        "windowed": panel.windowed,
        "classes": list(panel.classes),
        "index": _index(panel.index[chosen]),
        "truth": _packed(panel.truth[chosen], classes),
        "history": None if panel.history is None else _packed(panel.history[chosen], False),
        "window": 0 if panel.history is None else panel.history.shape[1],
        "models": [_model(model, chosen, classes) for model in panel.models],
    }


def _model(model: Forecast, chosen: Array, classes: bool) -> dict[str, Any]:
    return {
        "model": model.model,
        "seed": model.seed,
        "values": _packed(model.values[chosen], classes),
        "lower": None if model.lower is None else _packed(model.lower[chosen], classes),
        "upper": None if model.upper is None else _packed(model.upper[chosen], classes),
        "level": model.level,
    }


def _index(index: Array) -> dict[str, Any]:
    """Time stamps as milliseconds, numbers as they are, anything else as text."""
    if index.dtype.kind == "M":
        kind = "time"
        numbers = index.astype("datetime64[ms]").astype(np.int64).astype(np.float64)
    elif index.dtype.kind in "iuf":
        kind, numbers = "row", index.astype(np.float64)
    else:
        return {"kind": "text", "values": [str(value) for value in index]}
    steps = np.diff(numbers)
    if len(numbers) and np.all(np.isfinite(numbers)) and np.all(steps == steps[:1]):
        return {"kind": kind, "from": numbers[0], "step": steps[0] if len(steps) else 1.0}
    return {"kind": kind, "values": [v if np.isfinite(v) else None for v in numbers.tolist()]}


def _packed(values: Array, classes: bool) -> dict[str, Any]:
    """Bytes of codes, or 16-bit steps between the least and the greatest finite value."""
    flat = np.ravel(values)
    known = np.isfinite(flat)
    if classes:
        codes = np.where(known, flat, MISSING_CLASS).astype(np.uint8)
        return {"bytes": _text(codes)}
    low, high = (float(flat[known].min()), float(flat[known].max())) if known.any() else (0.0, 0.0)
    step = (high - low) / (MISSING - 1) or 1.0
    steps = np.full(len(flat), MISSING, dtype="<u2")
    steps[known] = np.rint((flat[known] - low) / step)
    return {"low": low, "step": step, "steps": _text(steps)}


def _text(values: Array) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
