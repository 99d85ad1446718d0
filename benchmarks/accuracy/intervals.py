"""How honest the intervals are: ``python -m benchmarks.accuracy.intervals --help``.

Every method forecasts the test rows of a competition with intervals at 80 and 95 % that were
calibrated inside its training file: a model is fitted to the head of every series, its errors on
the tail are the calibration, and a second model, fitted to all rows, forecasts.  The test rows
are looked at once, to score.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import gatecast
from benchmarks.accuracy.data import COMPETITIONS, Competition, read_competition
from benchmarks.accuracy.scores import season_steps
from gatecast import metrics
from gatecast.errors import GatecastError, InputError
from gatecast.forecast.calibration import METHODS, Calibration, CoverageReport, hold_out
from gatecast.forecast.classical import SeasonalNaive, Theta
from gatecast.forecast.intervals import Interval
from gatecast.forecast.making import Choices, make_planned
from gatecast.forecast.model import Model
from gatecast.forecast.plans import Facts, choose_best

LEVELS = (80.0, 95.0)


@dataclass(frozen=True)
class Scored:
    """The intervals of one method on the test rows.

    Attributes
    ----------
    name : str
    level : float
        Per cent.
    held_out, coverage : float
        Per cent, measured on the calibration's own held-out origins, and on the test rows.
    score, scaled : float
        Mean interval score; and each series' over its seasonal naive error (M4's MSIS).
    width : float
        Mean width over that error.
    seconds : float
    """

    name: str
    level: float
    held_out: float
    coverage: float
    score: float
    scaled: float
    width: float
    seconds: float


def judge(data: Competition, make: Callable[[], Model], method: str, seed: int) -> list[Scored]:
    """Fit, calibrate, fit to all rows, forecast, score."""
    if data.truth is None:
        raise InputError(f"{data.name} has no test file to score intervals on")
    started = time.perf_counter()
    history = data.history()
    split = hold_out(history, data.horizon, seed=seed)
    trial = make().fit(split.head, data.horizon, data.period)
    calibration = Calibration(method, LEVELS, seed).fit(trial, history, split.origins)
    report = calibration.report()
    model = make().fit(history, data.horizon, data.period)
    intervals = calibration.apply(model, history)
    seconds = time.perf_counter() - started
    return [score(data, model.name, report, each, seconds) for each in intervals.values()]


def score(
    data: Competition, name: str, report: CoverageReport, interval: Interval, seconds: float
) -> Scored:
    """Compare with the test rows."""
    assert data.truth is not None  # the caller looked
    unit = season_steps(data.known, data.period)[:, None]
    moves = np.isfinite(unit[:, 0])
    bounds = interval.lower, interval.upper
    truth, *ends = ((each / unit)[moves] for each in (data.truth, *bounds))
    return Scored(
        name,
        interval.level,
        report.overall(interval.level).coverage,
        100 * metrics.coverage(data.truth, *bounds),
        metrics.interval_score(data.truth, *bounds, level=interval.level),
        metrics.interval_score(truth, *ends, level=interval.level),
        float(np.mean(ends[1] - ends[0])),
        seconds,
    )


def show(name: str, scores: list[Scored], console: Console) -> None:
    """A table of one data set."""
    table = Table(title=f"{name}: per cent covered, interval score, scaled score and width")
    for column in (
        "", "level", "held out", "test", "score", "MSIS", "width", "seconds",
    ):  # fmt: skip
        table.add_column(column, justify="right" if column else "left")
    for one in sorted(scores, key=lambda one: (one.level, one.scaled)):
        table.add_row(
            one.name, f"{one.level:g}", f"{one.held_out:.1f}", f"{one.coverage:.1f}",
            f"{one.score:.0f}", f"{one.scaled:.3f}", f"{one.width:.3f}", f"{one.seconds:.0f}",
        )  # fmt: skip
    console.print(table)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("benchmarks.accuracy.intervals", description=__doc__)
    parser.add_argument("--only", nargs="+", default=["m3_monthly"], choices=list(COMPETITIONS))
    parser.add_argument("--data", type=Path, metavar="DIR", help="instead of GATECAST_DATA")
    parser.add_argument("--method", default="conformal", choices=METHODS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Score every method on every data set that was asked for."""
    options, console = arguments(given), Console(soft_wrap=True)
    folder = options.data or os.environ.get("GATECAST_DATA")
    try:
        if folder is None:
            raise InputError("the data is not known; set GATECAST_DATA, or give --data")
        for name in options.only:
            data = read_competition(Path(folder), name)
            plan = choose_best(Facts.of(data.history(), data.horizon, data.period))
            choices = Choices(seed=options.seed, n_jobs=options.processes)
            ours = partial(make_planned, plan, "gatecast", choices)
            scores: list[Scored] = []
            for make in (SeasonalNaive, Theta, ours):
                scores += judge(data, make, options.method, options.seed)
            show(name, scores, console)
    except GatecastError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    gatecast.set_num_threads(int(os.environ.get("GATECAST_NUM_THREADS", "2")))
    sys.exit(main())
