"""The folder of an experiment: the report, and what only this experiment gives."""

import importlib.util
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gatecast.comparison.models import write_models
from gatecast.lab import grades
from gatecast.report import folder as report_folder
from gatecast.results import Result

if TYPE_CHECKING:
    import pandas as pd


def write(
    result: Result,
    folder: str | os.PathLike[str],
    *,
    force: bool = False,
    every_seed: bool = False,
) -> Path:
    """Write the report of a run, its networks, and for ``grades`` the spreadsheets.

    Parameters
    ----------
    result : Result
    folder : path
    force : bool
        Write into a folder of other content.
    every_seed : bool
        Every seed's forecasts in ``predictions.csv``, not those of one of them.

    Returns
    -------
    Path
        Of the page.
    """
    with_sheets = result.experiment == "grades"
    if with_sheets and not _has_openpyxl():
        word = "The spreadsheets are CSV files: openpyxl is not installed."
        result = replace(result, notes=[*result.notes, f"{word} pip install 'gatecast[excel]'"])

    def extra(target: Path) -> None:
        write_models(result, target)
        if with_sheets:
            _write_spreadsheets(result, target)

    return report_folder.write(result, folder, force=force, extra=extra, every_seed=every_seed)


def _write_spreadsheets(result: Result, target: Path) -> None:
    """The test rows, and beside them each model's forecast, the mean over its seeds."""
    truth = result.truths[0]
    rows = grades.load().loc[truth.index]
    _write_table(rows, target / "test_rows")
    scores = rows[["5th"]].copy()
    for one in result.summary:
        forecasts = [
            p.forecast
            for p in result.predictions
            if (p.model, p.variant) == (one.model, one.variant)
        ]
        scores[f"{one.model} ({one.variant})"] = np.mean(forecasts, axis=0)[:, 0]
    _write_table(scores, target / "predicted_scores")


def _write_table(table: "pd.DataFrame", path: Path) -> None:
    if _has_openpyxl():
        table.to_excel(path.with_suffix(".xlsx"), index_label="row")
    else:
        table.to_csv(path.with_suffix(".csv"), index_label="row", lineterminator="\n")


def _has_openpyxl() -> bool:
    return importlib.util.find_spec("openpyxl") is not None
