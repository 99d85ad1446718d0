"""What a run found, as tables and files."""

import csv
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy.data import Array, Competition
from benchmarks.accuracy.published import PUBLISHED
from benchmarks.accuracy.scores import Scores

COLUMNS = {"smape": "sMAPE %", "mase": "MASE", "owa": "OWA", "mse": "MSE", "mae": "MAE"}
DIGITS = {"smape": 3, "mase": 3, "owa": 4, "mse": 4, "mae": 4}


@dataclass(frozen=True)
class Result:
    """What came of one data set.

    Attributes
    ----------
    name : str
    ours : dict
        Name -> scores: the networks alone, and with Theta where the recipe blends; empty where
        there is no test file.
    networks : int
    seconds : float
        Of all its networks, one after the other.
    """

    name: str
    ours: dict[str, Scores]
    networks: int
    seconds: float


def show(results: list[Result], console: Console) -> None:
    """A table a data set, ours beside the published."""
    for result in results:
        rows = result.ours | PUBLISHED.get(result.name, {})
        kinds = [
            kind for kind in COLUMNS if any(asdict(s)[kind] is not None for s in rows.values())
        ]
        took = (
            f"{result.networks} networks, {result.seconds:.0f} s" if result.networks else "pooled"
        )
        table = Table(title=f"{result.name}  ({took})", title_justify="left")
        table.add_column("method")
        for kind in kinds:
            table.add_column(COLUMNS[kind], justify="right")
        for method, scores in rows.items():
            values = [asdict(scores)[kind] for kind in kinds]
            shown = [
                "" if v is None else f"{v:.{DIGITS[k]}f}"
                for k, v in zip(kinds, values, strict=True)
            ]
            table.add_row(method, *shown, style="bold" if method in result.ours else None)
        console.print(table)
        if unscaled := max((scores.unscaled for scores in result.ours.values()), default=0):
            console.print(
                f"MASE leaves out {unscaled} series that never move from season to season"
            )


def write_series(path: Path, data: Competition, forecast: Array) -> None:
    """``unique_id, step, yhat``, one row a step."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unique_id", "step", "yhat"])
        for key, row in zip(data.ids, forecast, strict=True):
            writer.writerows([key, step + 1, repr(float(value))] for step, value in enumerate(row))


def write_windows(path: Path, forecast: Array) -> None:
    """(windows, horizon, channels) in the units of the file."""
    np.save(path, forecast.astype(np.float32))
