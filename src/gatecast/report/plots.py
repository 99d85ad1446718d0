"""The style of pictures, which are drawn without a screen and without global state."""

from pathlib import Path

import numpy as np
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


def save(figure: Figure, path: str | Path) -> Path:
    """Write the figure; the folder is made where it is missing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path
