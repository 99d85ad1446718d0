"""The windows of the steel industry's energy consumption, or stand-ins of their shape."""

import csv
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

STEPS, COLUMNS = 7, 9
CATEGORIES = ("WeekStatus", "Day_of_week", "Load_Type")
TARGET, STAMP = "Usage_kWh", "date"


def steel_windows(count: int) -> tuple[Array, Array]:
    """The first training windows (count, 7, 9) and the next row's usage (count, 1).

    Read from ``$GATECAST_DATA/steel_industry.csv`` where that is set; else drawn.
    """
    folder = os.environ.get("GATECAST_DATA")
    rows, usage = read(Path(folder) / "steel_industry.csv") if folder else draw(count + STEPS)
    if len(rows) < count + STEPS:
        raise ValueError(f"{count} windows need {count + STEPS} rows, there are {len(rows)}")
    views = np.lib.stride_tricks.sliding_window_view(rows, STEPS, axis=0)
    x = np.ascontiguousarray(views[:count].swapaxes(1, 2))
    return x, usage[STEPS : STEPS + count, None].copy()


def source() -> str:
    """Where the windows come from, in words."""
    return "the data set" if os.environ.get("GATECAST_DATA") else "drawn at random in its shape"


def draw(rows: int) -> tuple[Array, Array]:
    """Scaled inputs in [0, 1] and a usage of the data set's mean and spread."""
    rng = np.random.default_rng(0)
    usage = np.abs(27 + 33 * rng.standard_normal(rows))
    return rng.random((rows, COLUMNS), dtype=np.float32), usage.astype(np.float32)


def read(path: Path) -> tuple[Array, Array]:
    """Numeric columns scaled to [0, 1], categories as label numbers; rows keep their order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    usage = np.array([row[TARGET] for row in table], np.float32)
    columns = []
    for name in table[0]:
        if name in (TARGET, STAMP):
            continue
        values = [row[name] for row in table]
        if name in CATEGORIES:
            columns.append(np.unique(values, return_inverse=True)[1].astype(np.float32))
        else:
            numbers = np.array(values, np.float32)
            low, high = numbers.min(), numbers.max()
            columns.append((numbers - low) / (high - low))
    return np.stack(columns, axis=1), usage
