"""The numbers behind the page's charts.

Where a run has more test rows than the page should carry, a part of them is shown and the page
says which; the CSV files hold everything.
"""

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
from gatecast.report.outlook import outlook_data
from gatecast.report.packing import packed, packed_index, rounded
from gatecast.results import RISING, Result, label

Array = npt.NDArray[Any]
#: bytes of forecasts that a page carries, of its 2 MB
BUDGET = 1_200_000
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
        "outlook": outlook_data(result),
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
        n: {m: [rounded(v) for v in values] for m, values in models.items()}
        for n, models in metrics.items()
    }


def _losses(panel: LossPanel) -> dict[str, Any]:
    longest = max(len(line.mean) for line in panel.lines)
    epochs = np.unique(np.linspace(0, longest - 1, min(longest, EPOCHS_SHOWN)).astype(int))
    lines = [
        {
            "model": line.model,
            "role": line.role,
            "seeds": line.seeds,
            **{
                name: [rounded(v) for v in getattr(line, name)[epochs[epochs < len(line.mean)]]]
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
        "index": packed_index(panel.index[chosen]),
        "truth": packed(panel.truth[chosen], classes),
        "history": None if panel.history is None else packed(panel.history[chosen]),
        "window": 0 if panel.history is None else panel.history.shape[1],
        "models": [_model(model, chosen, classes) for model in panel.models],
    }


def _model(model: Forecast, chosen: Array, classes: bool) -> dict[str, Any]:
    return {
        "model": model.model,
        "seed": model.seed,
        "values": packed(model.values[chosen], classes),
        "lower": None if model.lower is None else packed(model.lower[chosen], classes),
        "upper": None if model.upper is None else packed(model.upper[chosen], classes),
        "level": model.level,
    }
