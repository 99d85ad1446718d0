"""The style of pictures, which are drawn without a screen and without global state."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

#: Okabe and Ito's palette, which survives every common colour blindness
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK, QUIET, GRID = "#1a1a1a", "#6b6b6b", "#e6e6e6"
#: letters of a title or a label that leave room for what it belongs to
LONGEST = 42


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


def shortened(text: str, most: int) -> str:
    """A name on one line that leaves room for the picture: long ones lose their middle.

    Examples
    --------
    >>> shortened("a very long name, and its end", 16)
    'a very l…its end'
    """
    line = " ".join(text.split())
    end = (most - 1) // 2
    return line if len(line) <= most else f"{line[: most - 1 - end]}…{line[-end:]}"


def titled(axes: Axes, title: str, x: str, y: str) -> None:
    """Title at the left, axis labels in quiet grey."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.set_xlabel(x, color=QUIET, fontsize=9)
    axes.set_ylabel(y, color=QUIET, fontsize=9)


def save(figure: Figure, path: str | Path) -> Path:
    """Write the figure; the folder is made where it is missing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with any_letters():
        figure.savefig(path)
    return path


@contextmanager
def any_letters() -> Iterator[None]:
    """Draw names in any script: boxes stand for the letters that the font lacks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
