"""The report's page: one self-contained HTML file that asks nothing of the network.

Its charts are a small script of our own.  uPlot 1.6.32 was measured beside it, in headless
Chromium on two cores, with four lines of 10,505 points: 11 to 14 ms a chart against 6 to 8 ms of
ours, 51 KB minified against 17 KB as written.  Either is quick enough.  What decided is that ours
draws SVG: colours follow the light or dark theme and the printer by CSS alone, print is sharp at
any size, and a keyboard can focus a chart and a screen reader name it.

A Content-Security-Policy lets only that script run, by its hash, and nothing be fetched;
everything that comes from a run is escaped by Jinja2.
"""

import base64
import hashlib
import json
import math
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup, escape

from gatecast.report.content import forecast_panels, metrics_by_variant
from gatecast.report.outlook import outlook_context, outlook_sections
from gatecast.report.payload import chart_data
from gatecast.report.tables import table_names
from gatecast.report.words import (
    by_variant,
    like,
    name_of,
    number,
    per_cent,
    ranked,
    verdict,
)
from gatecast.results import RISING, Grid, Result, Row, Summary, ended, label, sentence

SCRIPTS = ("charts.js", "axes.js", "controls.js", "figures.js", "page.js")
#: before page.js, where there is a forecast
OUTLOOK_SCRIPT = "outlook.js"
GRID_TITLES = {"confusion": "Confusion", "heat": "Correlation"}


def render(result: Result) -> str:
    """The whole page as text.

    Examples
    --------
    >>> from gatecast.results import Result
    >>> page = render(Result("mine", "best", "Mine & yours", "forecast", "y"))
    >>> "<h1>Mine &amp; yours</h1>" in page
    True
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gatecast.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["breakable"] = breakable
    *scripts, start = SCRIPTS
    names = [*scripts, *([OUTLOOK_SCRIPT] if result.outlook is not None else []), start]
    script = "\n".join(asset(name) for name in names)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        **_context(result),
        style=Markup(asset("report.css")),
        script=Markup(script),
        script_hash=f"sha256-{digest}",
        data=Markup(json_in_html(chart_data(result))),
    )


def asset(name: str) -> str:
    """The text of a file of ``report/assets``."""
    return (files("gatecast.report") / "assets" / name).read_text(encoding="utf-8")


def breakable(text: str) -> Markup:
    """A name that may be broken after its underscores, where a phone has no room for it.

    Examples
    --------
    >>> str(breakable("load_<b>"))
    'load_<wbr>&lt;b&gt;'
    """
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))


def unbroken(text: str) -> str:
    r"""A text whose numbers stay on the line of their per cent sign.

    Examples
    --------
    >>> ascii(unbroken("5 % less"))
    "'5\\xa0% less'"
    """
    return text.replace(" %", "\u00a0%")


def json_in_html(value: Any) -> str:
    r"""JSON that no HTML parser takes for markup.

    Examples
    --------
    >>> json_in_html("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _context(result: Result) -> dict[str, Any]:
    return {
        "title": result.title or result.experiment,
        "experiment": result.experiment,
        "preset": result.preset,
        "verdict": unbroken(
            verdict(result) if result.outlook is None else result.outlook.statement
        ),
        "of_forecaster": result.outlook is not None,
        **outlook_context(result.outlook),
        "tables": table_names(result),
        "alarms": [
            {
                "kind": a.kind,
                "name": name_of(a.model, a.variant),
                "words": unbroken(ended(a.words)),
            }
            for a in result.alarms
        ],
        "sections": _sections(result),
        "conclusions": by_variant(
            map(unbroken, result.conclusions), [s.variant for s in result.summary]
        ),
        "table": _summary_table(result),
        "grids": [_grid(grid) for grid in result.grids],
        "significance": [
            {
                "better": s.better, "worse": s.worse, "test": s.test, "words": s.words,
                "statistic": number(s.statistic, 3), "p": _probability(s.p_value),
            }
            for s in result.significance
        ],
        "notes": [unbroken(sentence(note)) for note in result.notes],
        "runs": _runs_table(result),
        "meta": list(result.meta.items()),
    }  # fmt: skip


def _probability(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def _sections(result: Result) -> list[dict[str, str]]:
    """The sections that have something to show, in reading order."""
    panels = forecast_panels(result)
    drawn = any(panel.models and len(panel.truth) for panel in panels)
    classify = result.task == "classify"
    grids = [title for kind, title in GRID_TITLES.items() if kind in {g.kind for g in result.grids}]
    ahead = outlook_sections(result.outlook)
    outlook = {key: (key, *ahead[key]) for key in ahead}
    candidates = (
        outlook["ahead"],
        ("conclusions", "Conclusions", result.conclusions),
        ("comparison-section", "Comparison", result.summary),
        outlook["breakdown"],
        ("variants", "By variant", metrics_by_variant(result)),
        ("losses", "Training", result.curves),
        ("predictions", "Predictions", drawn),
        ("residuals", "Residuals", drawn and not classify),
        outlook["reliability"],
        outlook["importance"],
        outlook["trainings"],
        ("mistakes", "Mistakes over time", drawn and classify),
        ("grids", " and ".join(grids), result.grids),
        ("significance", "Significance", result.significance),
        ("protocol", "Protocol and notes", result.notes),
        ("runs", "Every run", result.rows),
        ("made", "How this was made", result.meta),
    )
    return [{"id": key, "title": title} for key, title, content in candidates if content]


def _cell(value: float | None, digits: int = 4) -> dict[str, Any]:
    known = value is not None and math.isfinite(value)
    return {"value": repr(float(value)) if known and value is not None else "",
            "text": number(value, digits)}  # fmt: skip


def _whole(value: float | None) -> dict[str, Any]:
    text = "–" if not value else f"{round(value):,}".replace(",", "\u2009")
    return {"value": "" if not value else repr(float(value)), "text": text}


def _metrics(names: list[str]) -> list[dict[str, Any]]:
    return [{"label": label(name), "rising": name in RISING} for name in names]


def _summary_table(result: Result) -> dict[str, Any]:
    published = [name for s in result.summary for name in s.published]
    names = list(dict.fromkeys([*result.headline, *published]))
    names = [n for n in names if any(n in s.mean or n in s.published for s in result.summary)]
    variants = list(dict.fromkeys(s.variant for s in result.summary))
    lines = []
    for variant in variants:
        group = ranked([s for s in result.summary if s.variant == variant], result.headline[0])
        lines += [_summary_line(s, group, names) for s in group]
    return {
        "metrics": _metrics(names),
        "lines": lines,
        "seeds": max((s.seeds for s in result.summary), default=1),
        "by_variant": len(variants) > 1,
        "published": bool(published),
        "cost": any(s.parameters or s.seconds for s in result.summary),
    }


def _summary_line(summary: Summary, group: list[Summary], names: list[str]) -> dict[str, Any]:
    skill = _cell(summary.skill) | {"text": per_cent(summary.skill)}
    return {
        "model": summary.model,
        "variant": summary.variant,
        "kind": summary.kind,
        "seeds": summary.seeds,
        "diverged": summary.diverged,
        "cells": [_summary_cell(summary, group, name) for name in names],
        "skill": skill,
        "parameters": _whole(summary.parameters),
        "seconds": _cell(summary.seconds or None, 3),
        "speed": _whole(summary.windows_per_second),
    }


def _summary_cell(summary: Summary, group: list[Summary], name: str) -> dict[str, Any]:
    best = ranked(group, name)[0].mean.get(name)
    value = summary.mean.get(name)
    several = value is not None and summary.seeds > 1 and summary.spread.get(name, 0.0) > 0
    return {
        **_cell(value),
        "best": len(group) > 1 and value is not None and value == best,
        "spread": like(summary.spread[name], number(value)) if several else "",
        "published": number(summary.published[name]) if name in summary.published else "",
    }


def _runs_table(result: Result) -> dict[str, Any]:
    names = list(dict.fromkeys(name for row in result.rows for name in row.metrics))
    return {"metrics": _metrics(names), "lines": [_run_line(row, names) for row in result.rows]}


def _run_line(row: Row, names: list[str]) -> dict[str, Any]:
    return {
        "model": row.model,
        "variant": row.variant,
        "kind": row.kind,
        "seed": "" if row.seed is None else str(row.seed),
        "status": row.status,
        "cells": [_cell(row.metrics.get(name)) for name in names],
        "seconds": _cell(row.seconds or None, 3),
        "note": row.note,
    }


def _grid(grid: Grid) -> dict[str, Any]:
    confusion = grid.kind == "confusion"
    values = np.asarray(grid.values, dtype=float)
    lines = []
    for name, row in zip(grid.rows, values, strict=True):
        total = row[np.isfinite(row)].sum()
        make = (lambda v, total=total: _count(v, total)) if confusion else _correlation
        lines.append({"name": name, "cells": [make(v) for v in row]})
    corner = "truth ↓ predicted →" if confusion else ""
    return {"title": grid.title, "columns": grid.columns, "lines": lines, "corner": corner}


def _count(value: float, total: float) -> dict[str, Any]:
    share = value / total if total and math.isfinite(value) else 0.0
    text = f"{value:,.0f}".replace(",", "\u2009") if math.isfinite(value) else "–"
    return {"text": text, "small": f"{100 * share:.1f} %", "share": round(share, 3),
            "tone": "count"}  # fmt: skip


def _correlation(value: float) -> dict[str, Any]:
    share = min(1.0, abs(value)) if math.isfinite(value) else 0.0
    text = f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "–"
    return {"text": text, "small": "", "share": round(share, 3),
            "tone": "minus" if value < 0 else "plus"}  # fmt: skip
