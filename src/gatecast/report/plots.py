"""Pictures of trainings and predictions, drawn without a screen and without global state."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

#: Okabe and Ito's palette, which survives every common colour blindness
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK, QUIET, GRID = "#1a1a1a", "#6b6b6b", "#e6e6e6"


def new_figure(
    rows: int = 1, columns: int = 1, *, width: float = 9.0, height: float = 4.5
) -> Figure:
    """An empty figure in the house's style."""
    figure = Figure(figsize=(width, height), dpi=140, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    for axes in np.ravel(figure.subplots(rows, columns)):
        bare(axes)
    return figure


def bare(axes: Axes) -> Axes:
    """Axes in the house's style: a light grid, no frame."""
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", colors=QUIET, labelsize=9, length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    return axes


def plain(text: str) -> str:
    """Text that Matplotlib takes as it is: a dollar sign would open a formula."""
    return text.replace("$", r"\$")


def titled(axes: Axes, title: str, x: str, y: str) -> None:
    """Title at the left, axis labels in quiet grey."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.set_xlabel(x, color=QUIET, fontsize=9)
    axes.set_ylabel(y, color=QUIET, fontsize=9)


def loss_histories(
    losses: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    levels: Mapping[str, float] | None = None,
    *,
    title: str = "Loss by epoch",
) -> Figure:
    """Training (dashed) and validation (solid) losses of several networks on one figure.

    Parameters
    ----------
    losses : mapping of name to (training losses, validation losses)
    levels : mapping of name to a constant, optional
        Baselines, drawn as dotted horizontal lines.
    title : str
    """
    figure = new_figure()
    axes = figure.axes[0]
    for colour, (name, (train, validation)) in zip(
        _cycle(len(losses)), losses.items(), strict=True
    ):
        epochs = range(1, len(train) + 1)
        axes.plot(epochs, train, color=colour, linestyle="--", linewidth=1.2)
        axes.plot(epochs, validation, color=colour, linewidth=2, label=name)
    for name, level in (levels or {}).items():
        axes.axhline(level, color=QUIET, linestyle=":", linewidth=1.5)
        axes.annotate(
            name, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom",
            fontsize=9, color=QUIET,
        )  # fmt: skip
    axes.set_yscale("log")
    titled(axes, title, "epoch", "mean squared error (training dashed, validation solid)")
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    return figure


def predicted_windows(
    history: npt.NDArray[Any],
    truth: npt.NDArray[Any],
    forecasts: Mapping[str, npt.NDArray[Any]],
    *,
    title: str = "Forecasts against the truth",
) -> Figure:
    """A few windows: what was known, what came, and what each model forecast.

    Parameters
    ----------
    history : (windows, steps) array
    truth : (windows, horizon) array
    forecasts : mapping of model to (windows, horizon) array
    title : str
    """
    count, steps = history.shape
    columns = min(3, count)
    rows = -(-count // columns)
    figure = new_figure(rows, columns, width=11, height=2.6 * rows + 0.4)
    ahead = np.arange(steps, steps + truth.shape[1])
    for i, axes in enumerate(figure.axes):
        if i >= count:
            axes.set_visible(False)
            continue
        axes.plot(np.arange(steps), history[i], color=QUIET, linewidth=1.3)
        axes.plot(ahead, truth[i], "o", color=INK, markersize=7, label="truth")
        for colour, (name, values) in zip(_cycle(len(forecasts)), forecasts.items(), strict=True):
            axes.plot(ahead, values[i], "x", color=colour, markersize=8, mew=2, label=name)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, frameon=False, fontsize=9, loc="outside lower center", ncols=len(labels)
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK)
    return figure


def save(figure: Figure, path: str | Path) -> Path:
    """Write the figure; the folder is made where it is missing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _cycle(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]
