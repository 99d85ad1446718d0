"""What is measured: the configurations, and how many operations one training step needs."""

import os
from dataclasses import asdict, dataclass
from typing import Any

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
CELLS = tuple(GATES)

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
#: the thread settings that peers are tried with; the best one counts
THREADS = tuple(sorted({1, min(2, CORES), CORES}))


def threads_label(threads: int) -> str:
    """The name of a thread setting."""
    return f"{threads} thread{'s' if threads > 1 else ''}"


#: rows and columns of the matrix product that defines the machine's peak
PEAK_SIZE = 2048

STEEL_WINDOWS = {"quick": 500, "full": 3000}
STEEL_RATES = {"LSTM": 1e-3, "GRU": 1e-3, "RNN": 1e-2}  # as published, SGD


@dataclass(frozen=True)
class Work:
    """One thing to measure.

    Parameters
    ----------
    task : {"train", "inference", "streaming", "steel", "linear"}
    cell : {"LSTM", "GRU", "RNN"}
    batch, steps, inputs, hidden, layers : int
    windows : int
        Training windows of one ``fit``; 0 where a work is a single step.
    """

    task: str
    cell: str
    batch: int
    steps: int
    inputs: int
    hidden: int
    layers: int = 1
    windows: int = 0

    @property
    def shape(self) -> str:
        """The configuration in words, the cell left out.

        Examples
        --------
        >>> Work("train", "LSTM", 32, 24, 1, 45, layers=4).shape
        '32 × 24, 1 → 45, 4 layers'
        """
        words = f"{self.batch} × {self.steps}, {self.inputs} → {self.hidden}"
        return words + (f", {self.layers} layers" if self.layers > 1 else "")

    @property
    def title(self) -> str:
        """Task, cell and configuration in words."""
        windows = f", {self.windows} windows" if self.windows else ""
        return f"{self.task} {self.cell} {self.shape}{windows}"

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the workers and the results file."""
        return asdict(self)


def operations(work: Work) -> int:
    """Multiplications and additions in the matrix products of one training step.

    Counted are forward, dW, dh, and dx between the layers; not the head, element-wise work or
    the gradient by the first layer's inputs.

    Examples
    --------
    >>> operations(Work("train", "RNN", batch=1, steps=1, inputs=3, hidden=5))
    210
    """
    rows, total = GATES[work.cell] * work.hidden, 0
    for layer in range(work.layers):
        inputs = work.inputs if layer == 0 else work.hidden
        forward = rows * (inputs + work.hidden)
        dh = rows * work.hidden
        dx = rows * inputs if layer > 0 else 0
        total += 2 * forward + dh + dx
    return 2 * work.batch * work.steps * total


#: batch, steps, inputs, hidden, layers
SHAPES = (
    (1, 7, 9, 13, 1),
    (32, 7, 9, 13, 1),
    (64, 50, 1, 20, 2),
    (32, 24, 1, 45, 4),
    (32, 24, 9, 64, 1),
    (64, 24, 9, 128, 1),
    (64, 48, 8, 256, 1),
    (128, 48, 8, 512, 1),
)
#: a quick run has all cells at these shapes, the LSTM up to 128 hidden, and nothing larger
QUICK = (SHAPES[0], SHAPES[1], SHAPES[4])
QUICK_HIDDEN = 128


def grid(task: str, quick: bool) -> list[Work]:
    """Every shape and cell of one task."""
    return [
        Work(task, cell, *shape)
        for shape in SHAPES
        for cell in CELLS
        if not quick or shape in QUICK or (cell == "LSTM" and shape[3] <= QUICK_HIDDEN)
    ]


def linear(quick: bool) -> dict[str, list[Work]]:
    """One ``fit`` of growing length along each axis; the others stay as they are."""
    windows = 256 if quick else 512
    base = {"batch": 32, "steps": 24, "inputs": 1, "hidden": 32, "layers": 1, "windows": windows}
    axes = {
        "windows": [windows * i for i in (1, 2, 4, 6, 8)],
        "steps": [24, 48, 96, 144, 192],
        "layers": [1, 2, 3, 4, 6],
    }
    return {
        axis: [Work("linear", "LSTM", **(base | {axis: value})) for value in values]
        for axis, values in axes.items()
    }


def works(task: str, quick: bool) -> list[Work]:
    """All works of one task."""
    if task in ("train", "inference"):
        return grid(task, quick)
    if task == "streaming":
        return [Work(task, cell, 1, 1, 9, 64) for cell in CELLS]
    if task == "steel":
        windows = STEEL_WINDOWS["quick" if quick else "full"]
        return [Work(task, cell, 1, 7, 9, 13, windows=windows) for cell in CELLS]
    return list(dict.fromkeys(work for part in linear(quick).values() for work in part))


TASKS = ("train", "inference", "streaming", "steel", "linear")
