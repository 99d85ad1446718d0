"""The figures of a report as pictures: the same as on the page, for slides and papers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from gatecast.report.content import (
    ForecastPanel,
    LossPanel,
    forecast_panels,
    loss_panels,
    metrics_by_variant,
    model_order,
    variants_of,
)
from gatecast.report.outlook import outlook_model
from gatecast.report.outlook_figures import draw_outlook
from gatecast.report.plots import (
    COLOURS,
    GRID,
    INK,
    LONGEST,
    QUIET,
    new_figure,
    plain,
    shortened,
    titled,
)
from gatecast.results import Grid, Result, label

MARKERS = "osD^Pv"
DASHES = {"train": "--", "validation": "-", "test": ":"}
#: more panels than these are left to the page, whose selector shows each
MOST_PANELS = 9
MOST_MODELS = 4
FIRST_ROWS = 300
DIVERGING = LinearSegmentedColormap.from_list("gatecast", ["#0072B2", "#FFFFFF", "#D55E00"])
COUNTS = LinearSegmentedColormap.from_list("gatecast-counts", ["#FFFFFF", "#0072B2"])
Style = dict[str, Any]


def draw_all(result: Result) -> Iterator[tuple[str, Figure]]:
    """Each figure of the run with the name of its file, one at a time."""
    styles = {name: _style(place) for place, name in enumerate(model_order(result))}
    if result.outlook is not None:
        yield from draw_outlook(result.outlook, styles, outlook_model(result), result.target)
    for quantity in ("loss", "accuracy"):
        losses = [panel for panel in loss_panels(result) if panel.quantity == quantity]
        if losses:
            yield quantity, _panels(losses, lambda axes, p: _loss(axes, p, styles))
    panels = [panel for panel in forecast_panels(result) if panel.models and len(panel.truth)]
    if panels:
        target = result.target
        yield "predictions", _panels(panels, lambda axes, p: _predictions(axes, p, styles, target))
        numeric = [panel for panel in panels if not panel.classes]
        if numeric:
            yield "residuals", _panels(numeric, lambda axes, p: _residuals(axes, p, styles))
            yield "histogram", _panels(numeric, lambda axes, p: _histogram(axes, p, styles))
    by_variant = metrics_by_variant(result)
    if by_variant:
        names, variants = list(by_variant), variants_of(result)
        yield (
            "variants",
            _panels(
                names, lambda axes, name: _variants(axes, name, variants, by_variant[name], styles)
            ),
        )
    for kind in ("heat", "confusion"):
        grids = [grid for grid in result.grids if grid.kind == kind]
        if grids:
            yield kind, _grids(grids)


def _style(place: int) -> Style:
    colour = place % len(COLOURS)
    return {
        "color": COLOURS[colour],
        "marker": MARKERS[(place + place // len(COLOURS)) % len(MARKERS)],
    }


def _panels(items: Sequence[Any], draw: Callable[[Axes, Any], None]) -> Figure:
    """A figure with one small chart an item, and one legend below."""
    shown = items[:MOST_PANELS]
    columns = 1 if len(shown) == 1 else 2 if len(shown) < 5 else 3
    rows = -(-len(shown) // columns)
    figure = new_figure(rows, columns, width=5 + 3.5 * columns, height=1 + 3.2 * rows)
    for axes, item in zip(figure.axes, shown, strict=False):
        draw(axes, item)
    for axes in figure.axes[len(shown) :]:
        axes.set_visible(False)
    handles: dict[str, Any] = {}
    for axes in figure.axes[: len(shown)]:
        lines, names = axes.get_legend_handles_labels()
        handles |= dict(zip(names, lines, strict=True))
    figure.legend(
        list(handles.values()), [plain(name) for name in handles], frameon=False, fontsize=9,
        loc="outside lower center", ncols=max(1, min(len(handles), 3 * columns)),
    )  # fmt: skip
    return figure


def _named(text: str) -> str:
    return plain(text) or "all"


def _loss(axes: Axes, panel: LossPanel, styles: dict[str, Style]) -> None:
    for line in panel.lines:
        epochs = np.arange(1, len(line.mean) + 1)
        axes.plot(
            epochs, line.mean, **styles[line.model], linestyle=DASHES[line.role], linewidth=1.5,
            markersize=4, markevery=max(1, len(epochs) // 8), label=f"{line.model}, {line.role}",
        )  # fmt: skip
        if line.seeds > 1 and line.role != "train":
            axes.fill_between(
                epochs, line.low, line.high, color=styles[line.model]["color"], alpha=0.15, lw=0
            )
    if panel.logarithmic:
        axes.set_yscale("log")
    titled(axes, plain(panel.variant), "epoch", panel.quantity)


def _predictions(axes: Axes, panel: ForecastPanel, styles: dict[str, Style], target: str) -> None:
    if panel.windowed:
        _first_window(axes, panel, styles)
        titled(axes, plain(panel.variant), "step", plain(shortened(target, LONGEST)))
        return
    rows = slice(0, FIRST_ROWS)
    axes.plot(panel.truth[rows, 0], color=INK, linewidth=1.6, label="truth")
    for model in panel.models[:MOST_MODELS]:
        values = model.values[rows, 0]
        style = styles[model.model]
        axes.plot(
            values, **style, linewidth=1.1, markersize=3.5, markevery=max(1, len(values) // 12),
            label=model.model,
        )  # fmt: skip
        if model.lower is not None and model.upper is not None:
            axes.fill_between(
                np.arange(len(values)), model.lower[rows, 0], model.upper[rows, 0],
                color=style["color"], alpha=0.15, lw=0,
            )  # fmt: skip
    if panel.classes:
        axes.set_yticks(range(len(panel.classes)), [plain(name) for name in panel.classes])
    shown = min(len(panel.truth), FIRST_ROWS)
    titled(
        axes,
        plain(panel.variant),
        f"the first {shown} test rows",
        plain(shortened(target, LONGEST)),
    )


def _first_window(axes: Axes, panel: ForecastPanel, styles: dict[str, Style]) -> None:
    if panel.history is not None:
        steps = np.arange(1 - panel.history.shape[1], 1)
        axes.plot(steps, panel.history[0], color=QUIET, linewidth=1.3, label="known")
    ahead = np.arange(1, panel.truth.shape[1] + 1)
    axes.plot(ahead, panel.truth[0], color=INK, marker="o", markersize=5, label="truth")
    for model in panel.models[:MOST_MODELS]:
        style = styles[model.model]
        axes.plot(ahead, model.values[0], **style, markersize=5, linewidth=1.2, label=model.model)
        if model.lower is not None and model.upper is not None:
            axes.fill_between(
                ahead, model.lower[0], model.upper[0], color=style["color"], alpha=0.15, lw=0
            )


def _residuals(axes: Axes, panel: ForecastPanel, styles: dict[str, Style]) -> None:
    axes.axhline(0, color=QUIET, linewidth=1)
    for model in panel.models[:MOST_MODELS]:
        axes.plot(
            np.ravel(panel.truth - model.values), **styles[model.model], linestyle="none",
            markersize=2, alpha=0.5, label=model.model,
        )  # fmt: skip
    steps = panel.truth.shape[1]
    where = "test row" if steps == 1 else f"test row, {steps} steps each"
    titled(axes, plain(panel.variant), where, "truth − forecast")


def _histogram(axes: Axes, panel: ForecastPanel, styles: dict[str, Style]) -> None:
    residuals = {m.model: np.ravel(panel.truth - m.values) for m in panel.models[:MOST_MODELS]}
    sizes = np.abs(np.concatenate(list(residuals.values())))
    known = sizes[np.isfinite(sizes)]
    reach = float(np.quantile(known, 0.999)) if known.size and known.any() else 1.0
    edges = np.linspace(-reach, reach, 42)
    for name, values in residuals.items():
        clipped = np.clip(values[np.isfinite(values)], -reach, reach)
        if clipped.size:
            axes.hist(
                clipped, bins=edges.tolist(), weights=np.full(clipped.size, 100 / clipped.size),
                histtype="step", linewidth=1.6, color=styles[name]["color"], label=name,
            )  # fmt: skip
    titled(axes, plain(panel.variant), "truth − forecast", "% of the test rows")


def _variants(
    axes: Axes, metric: str, variants: list[str], models: dict[str, list[float | None]],
    styles: dict[str, Style],
) -> None:  # fmt: skip
    for name, values in models.items():
        heights = [np.nan if value is None else value for value in values]
        axes.plot(heights, **styles[name], markersize=5, linewidth=1.5, label=name)
    axes.set_xticks(range(len(variants)), [_named(name) for name in variants])
    if max(map(len, variants)) > 6:
        axes.tick_params(axis="x", rotation=30)
    titled(axes, label(metric), "variant", "")


def _grids(grids: list[Grid]) -> Figure:
    shown = grids[: 2 * MOST_PANELS]
    columns = min(len(shown), 3)
    rows = -(-len(shown) // columns)
    cells = max(len(grid.columns) for grid in shown)
    side = min(11.0, max(3.6, 0.85 * cells + 1.5))
    figure = new_figure(rows, columns, width=side * columns + 0.5, height=side * 0.85 * rows)
    for axes, grid in zip(figure.axes, shown, strict=False):
        _grid(axes, grid)
    for axes in figure.axes[len(shown) :]:
        axes.set_visible(False)
    return figure


def _grid(axes: Axes, grid: Grid) -> None:
    values = np.asarray(grid.values, dtype=float)
    confusion = grid.kind == "confusion"
    totals = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    shade, low = (shares, 0.0) if confusion else (values, -1.0)
    axes.imshow(shade, cmap=COUNTS if confusion else DIVERGING, vmin=low, vmax=1.0, aspect="auto")
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(values):
        text = "–" if not np.isfinite(value) else f"{value:.0f}" if confusion else f"{value:.2f}"
        dark = np.isfinite(value) and abs(shade[row, column]) > 0.6
        axes.text(
            column, row, text, ha="center", va="center", fontsize=9, color="white" if dark else INK
        )
    turned = max(map(len, grid.columns)) > 8
    axes.set_xticks(range(len(grid.columns)), [plain(name) for name in grid.columns])
    axes.tick_params(axis="x", rotation=40 if turned else 0)
    axes.set_yticks(range(len(grid.rows)), [plain(name) for name in grid.rows])
    axes.set_facecolor(GRID)
    titled(axes, plain(grid.title), "predicted" if confusion else "", "truth" if confusion else "")
