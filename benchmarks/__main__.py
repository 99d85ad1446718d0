"""The benchmark's command line: ``python -m benchmarks --help``."""

import argparse
import contextlib
import sys
import time
from pathlib import Path

from rich.console import Console

from benchmarks import machine, picture, steel, tables
from benchmarks.results import Results
from benchmarks.timing import Patience, WorkerError, WorkerProcess, measure
from benchmarks.worker import SOURCES
from benchmarks.works import TASKS, works

PATIENCE = {
    "train": (Patience(0.2, 3), Patience(1.0, 5)),
    "inference": (Patience(0.06, 3), Patience(0.4, 5)),
    "streaming": (Patience(0.2, 3), Patience(1.0, 5)),
    "steel": (Patience(0.2, 2), Patience(1.0, 3)),
    "linear": (Patience(0.2, 3), Patience(0.6, 5)),
}

#: load average from which on somebody else is using the machine
BUSY = 0.7


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under three minutes")
    parser.add_argument("--only", choices=TASKS, action="append", help="this task alone")
    parser.add_argument("--match", default="", metavar="TEXT",
                        help="only works with this in their title: '9 → 64'")  # fmt: skip
    parser.add_argument("--without", choices=SOURCES, action="append", default=[],
                        help="leave this contestant out")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("reports/bench"), metavar="DIR")
    parser.add_argument("--goals", action="store_true", help="list every goal that was measured")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    parser.add_argument("--show", type=Path, metavar="RESULTS.json",
                        help="print an earlier run's tables, and measure nothing")  # fmt: skip
    return parser.parse_args()


def run(options: argparse.Namespace) -> Results:
    """Start the contestants, and let them take turns at every work."""
    results = Results(machine.about(options.quick) | {"steel": steel.source()})
    with contextlib.ExitStack() as stack:
        workers = []
        for name in SOURCES:
            if name in options.without:
                results.left_out.append(f"{name}: left out by --without")
                continue
            worker = WorkerProcess(name)
            stack.callback(worker.close)
            if worker.absent is not None:
                results.left_out.append(f"{name}: {worker.absent}")
                continue
            results.about["versions"] |= worker.ask("versions")
            workers.append(worker)
        for line in results.left_out:
            print(f"left out: {line}", file=sys.stderr)
        _warn_of_others(results)
        for task in options.only or TASKS:
            _run_task(task, options, workers, results)
    results.failures += results.disagreements()
    return results


def _run_task(
    task: str, options: argparse.Namespace, workers: list[WorkerProcess], results: Results
) -> None:
    patience = PATIENCE[task][0 if options.quick else 1]
    todo = [work for work in works(task, options.quick) if options.match in work.title]
    for i, work in enumerate(todo, start=1):
        print(f"[{i}/{len(todo)}] {work.title}", file=sys.stderr, flush=True)
        found, failures = measure(work, workers, patience)
        results.measurements += found
        results.failures += failures


def _warn_of_others(results: Results) -> None:
    load = results.about["machine"]["load_before"]
    if load and load[0] > BUSY:
        print(
            f"The machine is busy (load {load[0]:.1f}): times with several threads, above all "
            "those of peers whose threads spin, will be far too long.",
            file=sys.stderr,
        )


def report(results: Results, options: argparse.Namespace) -> None:
    """Print the tables."""
    shown = [tables.goals(results)] if options.goals else tables.tables(results)
    if options.markdown:
        print(tables.markdown(shown, results))
        return
    console = Console(width=None if sys.stdout.isatty() else 200)
    tables.show(shown, console)
    for line in results.left_out:
        console.print(f"left out: {line}", markup=False, highlight=False)
    for line in results.failures:
        console.print(f"failed: {line}", style="red", markup=False, highlight=False)


def save(results: Results, folder: Path) -> None:
    """Write results, tables and pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    results.save(folder / "results.json")
    every = [*tables.tables(results), tables.goals(results)]
    (folder / "results.md").write_text(tables.markdown(every, results), "utf-8")
    written = [folder / "results.json", folder / "results.md", *picture.draw(results, folder)]
    print("written: " + ", ".join(map(str, written)), file=sys.stderr)


def main() -> int:
    """Measure, print and save; 1 if a contestant failed or did other work than the rest."""
    options = arguments()
    if options.show is not None:
        report(Results.load(options.show), options)
        return 0
    start = time.perf_counter()
    try:
        results = run(options)
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 1
    results.about["seconds"] = round(time.perf_counter() - start)
    save(results, options.out)
    report(results, options)
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
