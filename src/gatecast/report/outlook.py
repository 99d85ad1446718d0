"""What a forecaster's report has beside a comparison's: sections, chart data, tables.

The page is that of :mod:`gatecast.report.page`; a run whose result has an ``outlook`` gets the
sections of this file on it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gatecast.report.packing import packed, packed_index, rounded
from gatecast.report.tables import finite
from gatecast.report.words import number
from gatecast.results import (
    Breakdown,
    Fan,
    Importance,
    Outlook,
    Reliability,
    Result,
    Training,
    label,
)

#: fans that a page carries, and numbers in them, so that it stays small enough to send by mail
MOST_FANS, MOST_NUMBERS = 300, 100_000
MOST_INPUTS = 20
#: points of a training's line, more than are kept of it
MOST_UPDATES = 200
#: metrics with a sign: nearer to zero is better
SIGNED = frozenset({"bias"})


def outlook_sections(outlook: Outlook | None) -> dict[str, tuple[str, bool]]:
    """Section -> its title, and whether there is anything to show.

    Examples
    --------
    >>> [key for key, (title, there) in outlook_sections(Outlook("")).items() if there]
    []
    """
    chosen = Outlook("") if outlook is None else outlook
    return {
        "ahead": ("What lies ahead", bool(chosen.fans)),
        "breakdown": ("The backtest by origin and by step", bool(chosen.breakdowns)),
        "reliability": ("Calibration", bool(chosen.reliability and chosen.reliability.points)),
        "importance": ("What the forecast rests on", bool(chosen.importance)),
        "trainings": ("How the networks learned", bool(chosen.trainings)),
    }


def outlook_data(result: Result) -> dict[str, Any]:
    """What the page's script draws of it; empty where there is none."""
    outlook = result.outlook
    if outlook is None:
        return {}
    return {
        "model": outlook_model(result),
        "series": len(outlook.fans),
        "fans": [_fan(fan) for fan in _carried(outlook.fans)],
        "breakdowns": [_breakdown(one) for one in outlook.breakdowns],
        "reliability": None if outlook.reliability is None else _reliability(outlook.reliability),
        "trainings": _trainings(outlook.trainings) if outlook.trainings else None,
    }


def _carried(fans: list[Fan]) -> list[Fan]:
    """Those that a page has room for."""
    each = max((len(f.known) + (1 + 2 * len(f.bands)) * len(f.forecast) for f in fans), default=1)
    return largest(fans, min(MOST_FANS, max(1, MOST_NUMBERS // max(each, 1))))


def largest(fans: Sequence[Fan], count: int) -> list[Fan]:
    """So many series with the largest values, where there are more, in the order that they have.

    Examples
    --------
    >>> small, large, middle = (
    ...     Fan(name, np.arange(2), np.array([v]), np.array([v]))
    ...     for name, v in (("small", 1.0), ("large", 9.0), ("middle", 5.0)))
    >>> [fan.series for fan in largest([small, large, middle], 2)]
    ['large', 'middle']
    """
    sizes = [float(np.abs(np.nan_to_num(np.append(f.known, f.forecast))).mean()) for f in fans]
    chosen = np.sort(np.argsort(-np.array(sizes), kind="stable")[:count])
    return [fans[i] for i in chosen]


def outlook_model(result: Result) -> str:
    """The name of the forecaster: the first model that is no baseline, or the first there is.

    Examples
    --------
    >>> outlook_model(Result("forecast", "gru", "Sales", "forecast", "sales"))
    'gru'
    """
    names = [s.model for s in result.summary if s.kind != "baseline"]
    names += [s.model for s in result.summary]
    return names[0] if names else result.preset


def _fan(fan: Fan) -> dict[str, Any]:
    return {
        "series": fan.series,
        "window": len(fan.known),
        "steps": len(fan.forecast),
        "index": packed_index(np.asarray(fan.index)),
        "known": packed(fan.known),
        "forecast": packed(fan.forecast),
        # The widest band lies lowest.
        "bands": [
            {"level": _level(level), "low": packed(low), "high": packed(high)}
            for level, (low, high) in sorted(fan.bands.items(), reverse=True)
        ],
    }


def _level(level: float) -> float | int:
    return int(level) if float(level).is_integer() else float(level)


def _breakdown(one: Breakdown) -> dict[str, Any]:
    return {
        "by": one.by,
        "count": len(one.places),
        "places": packed_index(np.asarray(one.places)),
        "metrics": {
            name: {
                "label": label(name),
                "signed": name in SIGNED,
                "models": {m: [rounded(v) for v in values] for m, values in models.items()},
            }
            for name, models in one.metrics.items()
        },
    }


def _reliability(one: Reliability) -> dict[str, Any]:
    return {
        "levels": [_level(level) for level in one.levels.tolist()],
        "covered": [rounded(v) for v in one.covered],
        "bySteps": [[rounded(v) for v in row] for row in one.by_step],
    }


def _trainings(found: list[Training]) -> dict[str, Any]:
    """All on the same updates, so that one axis serves every line."""
    grid = np.unique(np.concatenate([one.updates for one in found]))
    if len(grid) > MOST_UPDATES:
        grid = np.unique(np.linspace(grid[0], grid[-1], MOST_UPDATES).round())
    losses = [np.interp(grid, one.updates, one.losses, np.nan, np.nan) for one in found]
    return {
        "updates": grid.astype(int).tolist(),
        "logarithmic": bool(np.nanmin(np.stack(losses), initial=np.inf) > 0),
        "lines": [
            {"network": one.network, "seed": one.seed, "losses": [rounded(v) for v in values]}
            for one, values in zip(found, losses, strict=True)
        ],
    }


def outlook_context(outlook: Outlook | None) -> dict[str, Any]:
    """What the page's tables hold of it."""
    if outlook is None:
        outlook = Outlook("")
    return {
        "reliability": _reliability_table(outlook.reliability, bool(outlook.breakdowns)),
        "importance": _importance_table(outlook.importance),
        "inputs": len(outlook.importance),
        "breakdowns": [one.by for one in outlook.breakdowns],
    }


def _reliability_table(one: Reliability | None, tested: bool) -> dict[str, Any] | None:
    if one is None:
        return None
    columns = (one.levels, one.covered, one.widths, one.scores)
    return {
        "points": f"{one.points:,}".replace(",", "\u2009"),
        "of": "of the backtest" if tested else "that were held out when the model was fitted",
        "lines": [
            {
                "level": f"{_level(level)} %",
                "covered": f"{covered:.1f} %" if np.isfinite(covered) else "–",
                "off": _off(covered - level),
                "width": number(width),
                "score": number(score),
            }
            for level, covered, width, score in zip(*map(np.ndarray.tolist, columns), strict=True)
        ],
    }


def _off(points: float) -> str:
    """Points of per cent with their sign; what rounds to nothing has none."""
    if not np.isfinite(points):
        return "–"
    return f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0"


def _importance_table(found: list[Importance]) -> list[dict[str, Any]]:
    """Largest first; a bar's length is its share of the largest."""
    ranked = sorted(found, key=lambda one: -one.loss)[:MOST_INPUTS]
    most = max((abs(one.loss) for one in ranked), default=0.0) or 1.0
    return [
        {
            "name": one.name,
            "text": f"{100 * one.loss:+.1f} %".replace("-", "−"),
            "share": round(abs(one.loss) / most, 3),
            "tone": "minus" if one.loss < 0 else "plus",
        }
        for one in ranked
    ]


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """The figures of it for ``metrics.json``: plain, finite numbers."""
    found: dict[str, Any] = {
        "statement": str(outlook.statement),
        "breakdowns": [
            {
                "by": one.by,
                "places": [str(place) for place in one.places],
                "metrics": {
                    name: {m: [finite(v) for v in values] for m, values in models.items()}
                    for name, models in one.metrics.items()
                },
            }
            for one in outlook.breakdowns
        ],
        "importance": {str(one.name): finite(one.loss) for one in outlook.importance},
        "trainings": [
            {
                "network": str(one.network),
                "seed": int(one.seed),
                "updates": [int(update) for update in one.updates],
                "losses": [finite(loss) for loss in one.losses],
            }
            for one in outlook.trainings
        ],
    }
    if (one := outlook.reliability) is not None:
        names = ("levels", "covered", "widths", "scores")
        lists = {name: [finite(v) for v in getattr(one, name)] for name in names}
        by_step = [[finite(v) for v in row] for row in one.by_step]
        found["reliability"] = {**lists, "by_step": by_step, "points": int(one.points)}
    return found


def ahead_table(outlook: Outlook) -> pd.DataFrame:
    """One line a step ahead of each series: forecast and bounds."""
    fans = outlook.fans
    steps = [len(fan.forecast) for fan in fans]
    columns: dict[str, Any] = {
        "series": np.repeat(np.array([fan.series for fan in fans], dtype=object), steps),
        "time": _joined([np.asarray(fan.index)[len(fan.known) :] for fan in fans]),
        "step": _joined([np.arange(1, count + 1) for count in steps]),
        "forecast": _joined([fan.forecast for fan in fans]),
    }
    for level in sorted(fans[0].bands if fans else ()):
        for place, side in enumerate(("lo", "hi")):
            name = f"{side}-{_level(level)}"
            columns[name] = _joined([fan.bands[level][place] for fan in fans])
    return pd.DataFrame(columns)


def training_table(outlook: Outlook) -> pd.DataFrame:
    """One line a point of each network's training: the mean loss up to an update."""
    found = outlook.trainings
    points = [len(one.updates) for one in found]
    return pd.DataFrame(
        {
            "network": np.repeat(np.array([one.network for one in found], dtype=object), points),
            "seed": np.repeat([one.seed for one in found], points),
            "update": _joined([one.updates for one in found]).astype(np.int64),
            "loss": _joined([one.losses for one in found]),
        }
    )


def _joined(parts: list[Any]) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0)
