"""The results as pictures: ratios to PyTorch beside their goals, and time against size."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.goals import ratio, torch_goal
from benchmarks.lines import Line, lines
from benchmarks.results import Results
from benchmarks.works import CELLS, Work

COLOURS = {"native": "#0072B2", "reference": "#E69F00"}
INK, QUIET, GRID = "#1a1a1a", "#6b6b6b", "#e6e6e6"
BAR = 0.38


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw what the run has measured; the files that were written."""
    written = []
    if any(ratio(results, w, "torch", own) for w in results.works("train") for own in COLOURS):
        written.append(_save(ratios(results), folder / "ratios.png"))
    found = lines(results)
    if found:
        written.append(_save(linearity(found), folder / "linearity.png"))
    return written


def _save(figure: Figure, path: Path) -> Path:
    FigureCanvasAgg(figure)
    figure.savefig(path)
    return path


def ratios(results: Results) -> Figure:
    """One panel a cell: PyTorch's best time over gatecast's, with the goals as marks."""
    works = results.works("train")
    shapes = list(dict.fromkeys(work.shape for work in works))
    figure = Figure(figsize=(13, 1.6 + 0.55 * len(shapes)), dpi=140, layout="constrained")
    for axes, cell in zip(
        figure.subplots(1, len(CELLS), sharex=True, sharey=True), CELLS, strict=True
    ):
        _plain(axes)
        mine = [work for work in works if work.cell == cell]
        places = np.array([len(shapes) - 1 - shapes.index(work.shape) for work in mine])
        for i, kernels in enumerate(COLOURS):
            _bars(axes, results, mine, places + BAR * (0.5 - i), kernels)
        axes.axvline(1, color=INK, linewidth=1)
        axes.set_xscale("log")
        axes.set_xticks(
            [0.2, 0.5, 1, 2, 5, 10, 20, 50], ["⅕", "½", "1", "2", "5", "10", "20", "50"]
        )
        axes.minorticks_off()
        axes.set_yticks(range(len(shapes)), shapes[::-1])
        axes.set_title(cell, loc="left", fontsize=11, fontweight="bold", color=INK)
        axes.set_xlabel("PyTorch's best time ÷ gatecast's", color=QUIET, fontsize=9)
    figure.axes[0].legend(frameon=False, fontsize=9, loc="lower right")
    figure.suptitle("One training step: how many times faster (goal marked)", fontsize=12)
    return figure


def _bars(axes: Any, results: Results, works: list[Work], places: Any, kernels: str) -> None:
    """One contestant's bars, from 1 to the ratio, and its goals."""
    labelled = False
    for work, place in zip(works, places, strict=True):
        found, wanted = ratio(results, work, "torch", kernels), torch_goal(work, kernels)
        if found is None:
            continue
        label = None if labelled else f"gatecast {kernels}"
        labelled = True
        axes.barh(place, found - 1, BAR, left=1, color=COLOURS[kernels], label=label)
        if wanted is not None:
            axes.plot([wanted, wanted], [place - BAR / 2, place + BAR / 2], color=INK, linewidth=2)


def linearity(found: list[Line]) -> Figure:
    """One panel an axis: measured times and the straight lines through them."""
    names = list(dict.fromkeys(line.axis for line in found))
    figure = Figure(figsize=(4.3 * len(names), 3.6), dpi=140, layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(names)))
    for axes, name in zip(panels, names, strict=True):
        _plain(axes)
        for line in (line for line in found if line.axis == name):
            colour, ends = COLOURS[line.contestant], np.array([0, line.sizes[-1]])
            axes.plot(ends, 1e3 * (line.start + line.each * ends), color=colour, linewidth=1)
            axes.plot(
                line.sizes, 1e3 * np.array(line.seconds), "o", color=colour,
                label=f"gatecast {line.contestant}, R² {line.r_squared:.4f}",
            )  # fmt: skip
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(name, color=QUIET, fontsize=9)
        axes.legend(frameon=False, fontsize=8)
    panels[0].set_ylabel("milliseconds of one epoch (LSTM)", color=QUIET, fontsize=9)
    figure.suptitle("Training time against windows, steps and layers", fontsize=12)
    return figure


def _plain(axes: Any) -> None:
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=9, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
