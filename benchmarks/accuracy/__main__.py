"""The benchmark's command line: ``python -m benchmarks.accuracy --help``.

Trains every network from scratch on the training files, forecasts, scores on the test files and
prints the scores beside published ones.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.accuracy.data import COMPETITIONS, TRANSFORMERS, Array, Competition, Transformer
from benchmarks.accuracy.published import NAIVE2
from benchmarks.accuracy.report import Result, show, write_series, write_windows
from benchmarks.accuracy.scores import Scores, pool, score_series, score_standardised
from benchmarks.accuracy.work import Done, Part, Unit, combine, run, units_of, with_companions
from gatecast.errors import GatecastError, InputError

#: what our rows are called: as the plan says, and without its statistical methods
OURS, ALONE = "gatecast", "gatecast, network alone"
#: data sets whose scores are also pooled
POOLED = {"m3": ("m3_yearly", "m3_quarterly", "m3_monthly", "m3_other")}


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("benchmarks.accuracy", description=__doc__)
    parser.add_argument("--only", nargs="+", action="extend", metavar="NAME",
                        help=f"{', '.join([*COMPETITIONS, *TRANSFORMERS])}; or the beginning of "
                             "NAME_train.csv.gz of another competition, with --horizon and "
                             "--period")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="DIR", help="leave the forecasts there")
    parser.add_argument("--data", type=Path, metavar="DIR", help="instead of GATECAST_DATA")
    parser.add_argument("--horizon", type=int)
    parser.add_argument("--period", type=int, help="rows of a season; 1 is none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args(given)


def parts_of(options: argparse.Namespace) -> list[Part]:
    """The data sets that were asked for, known ones by name, others by path."""
    folder = options.data or os.environ.get("GATECAST_DATA")
    parts = []
    for name in options.only or [*COMPETITIONS, *TRANSFORMERS]:
        path = Path(name.removesuffix("_train.csv.gz"))
        for known in (*COMPETITIONS, *TRANSFORMERS):
            if known == name or (name in POOLED and known in POOLED[name]):
                if folder is None:
                    raise InputError("the data is not known; set GATECAST_DATA, or give --data")
                parts.append(Part(known, Path(folder)))
        if name not in POOLED and name not in (*COMPETITIONS, *TRANSFORMERS):
            if len(path.parts) == 1 and folder is not None and not path.exists():
                path = Path(folder) / path
            parts.append(Part(path.name, path.parent, options.period, options.horizon))
    return parts


def train(units: list[Unit], processes: int, console: Console) -> list[Done]:
    """Every network, the longest first; several processes take one each."""
    from joblib import Parallel, delayed

    order = sorted(units, key=lambda unit: -unit.cost)
    found = Parallel(n_jobs=processes, return_as="generator_unordered", batch_size=1)(
        delayed(run)(unit) for unit in order
    )
    done = []
    for one in found:
        done.append(one)
        unit = one.unit
        console.print(
            f"[{len(done)}/{len(units)}] {unit.part.name}, look-back {unit.group[1] or 'chosen'}, "
            f"seed {unit.seed}: {one.seconds:.0f} s",
            highlight=False,
        )
    return sorted(done, key=lambda one: (one.unit.part.name, one.unit.group, one.unit.seed))


def finish(part: Part, done: list[Done], out: Path | None) -> tuple[Result, int, int]:
    """Combine, write and score one data set; also its series and horizon."""
    data, problem = part.read(), part.problem()
    plan = problem.plan()
    forecasts = {OURS: combine(done)}
    if plan.companions:
        alone = forecasts[OURS]
        forecasts = {ALONE: alone, OURS: with_companions(alone, problem, plan)}
    if isinstance(data, Competition):
        ours, series = _of_series(data, forecasts, out), len(data.ids)
    else:
        ours, series = _of_windows(data, forecasts, out), 1
    seconds = sum(one.seconds for one in done)
    return Result(part.name, ours, len(done), seconds), series, data.horizon


def _of_series(
    data: Competition, forecasts: dict[str, Array], out: Path | None
) -> dict[str, Scores]:
    """Scores of each forecast of a competition; none where nobody knows the truth."""
    if out is not None:
        write_series(out / f"{data.name}.csv", data, forecasts[OURS])
    if data.truth is None:
        return {}
    naive2 = NAIVE2.get(data.name)
    return {
        name: score_series(data.truth, forecast, data.known, data.period, naive2)
        for name, forecast in forecasts.items()
    }


def _of_windows(
    data: Transformer, forecasts: dict[str, Array], out: Path | None
) -> dict[str, Scores]:
    """Scores of each forecast of all windows of a long table."""
    scores = {}
    for name, standardised in forecasts.items():
        forecast = _windows(standardised, data.values.shape[1]) * data.deviation + data.mean
        if out is not None and name == OURS:
            write_windows(out / f"{data.name}.npy", forecast)
        scores[name] = score_standardised(data.truth(), forecast, data.deviation)
    return scores


def _windows(forecast: Array, channels: int) -> Array:
    """Channel by channel, as (windows, horizon, channels)."""
    return np.ascontiguousarray(
        forecast.reshape(channels, -1, forecast.shape[1]).transpose(1, 2, 0)
    )


def add_pooled(found: list[tuple[Result, int, int]]) -> list[Result]:
    """The results, and those of data sets that are also scored as one."""
    results = {result.name: (result, series, horizon) for result, series, horizon in found}
    every = [result for result, *_ in found]
    for name, parts in POOLED.items():
        if all(part in results for part in parts):
            ours = {}
            for method in (ALONE, OURS):
                scores = [
                    (results[p][0].ours.get(method, results[p][0].ours[OURS]),
                     *results[p][1:])
                    for p in parts
                ]  # fmt: skip
                ours[method] = pool(scores, NAIVE2.get(name))
            if ours[OURS] == ours[ALONE]:
                del ours[ALONE]
            every.append(Result(name, ours, 0, 0.0))
    return every


def main(given: list[str] | None = None) -> int:
    """Run what was asked for."""
    options = arguments(given)
    console = Console(soft_wrap=True)
    started = time.perf_counter()
    try:
        parts = parts_of(options)
        units = [u for part in parts for u in units_of(part, part.problem().plan(), options.seed)]
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
        done = train(units, options.processes, console)
        found = [
            finish(part, [one for one in done if one.unit.part == part], options.out)
            for part in parts
        ]
    except GatecastError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    show(add_pooled(found), console)
    console.print(f"{time.perf_counter() - started:.0f} s in all, {options.processes} processes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
