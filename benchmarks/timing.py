"""Alternating runs: each contestant in its own process, asleep while the others run."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.results import Measurement
from benchmarks.works import Work

#: set by users for other reasons; every contestant chooses its own threads
THREAD_SETTINGS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY",
    "GATECAST_NUM_THREADS", "GATECAST_KERNELS",
)  # fmt: skip
#: OpenBLAS and OpenMP threads spin on for up to 25 ms after their last work
SETTLE_SECONDS = 0.03
#: steps are timed in groups of at least this length, which makes the clock's own cost nothing
GROUP_SECONDS = 0.002
#: share of a block's time that is run before the clock starts
WARM_UP = 0.1
#: a step longer than this is warm from the block before
SLOW_STEP = 0.1


class WorkerError(Exception):
    """A contestant could not do what it was asked."""


class WorkerProcess:
    """The parent's end of a contestant's process."""

    def __init__(self, name: str) -> None:
        self.name = name
        environment = {k: v for k, v in os.environ.items() if k not in THREAD_SETTINGS}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=Path(__file__).parents[1],
        )
        self.absent: str | None = self._read().get("absent")

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(f"{self.name}: the process ended ({self.process.wait()})")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.name}: {answer['error']}")
        return answer

    def ask(self, call: str, **arguments: Any) -> Any:
        """Have the contestant do something, and wait for its answer."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps([call, arguments]) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise WorkerError(f"{self.name}: the process has ended") from error
        return self._read()["result"]

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Patience:
    """How long to measure.

    Parameters
    ----------
    seconds : float
        Spent on each contestant and setting of a work, unless its steps are long.
    rounds : int
        Blocks that this time is cut into; contestants take turns.
    """

    seconds: float
    rounds: int


@dataclass
class Entry:
    """One contestant and setting at one work."""

    worker: WorkerProcess
    variant: str
    prepared: dict[str, Any]
    samples: list[float] = field(default_factory=list)

    def run_block(self, seconds: float) -> None:
        """Run for about that long, and keep the seconds a step of each group."""
        step = self.prepared["seconds"]
        each = max(1, round(GROUP_SECONDS / step))
        warm_up = 0 if step > SLOW_STEP else max(1, round(WARM_UP * seconds / step))
        self.samples += self.worker.ask(
            "run", variant=self.variant, seconds=seconds, each=each, warm_up=warm_up
        )


def measure(
    work: Work, workers: Iterable[WorkerProcess], patience: Patience
) -> tuple[list[Measurement], list[str]]:
    """Let all contestants that can do this work take turns; what was measured, what failed."""
    entries: list[Entry] = []
    failures: list[str] = []
    workers = list(workers)
    for worker in workers:
        with _noting(failures, work):
            for variant in worker.ask("variants", work=work.to_json()):
                prepared = worker.ask("prepare", work=work.to_json(), variant=variant)
                entries.append(Entry(worker, variant, prepared))
    for turn in range(patience.rounds):
        first = turn % max(1, len(entries))  # so that nobody always follows the same neighbour
        for entry in entries[first:] + entries[:first]:
            time.sleep(SETTLE_SECONDS)
            with _noting(failures, work):
                entry.run_block(patience.seconds / patience.rounds)
    for worker in workers:
        with _noting(failures, work):
            worker.ask("forget")
    return [_measured(work, entry) for entry in entries if entry.samples], failures


@contextlib.contextmanager
def _noting(failures: list[str], work: Work) -> Iterator[None]:
    """Note that a contestant failed, and let the others go on."""
    try:
        yield
    except WorkerError as error:
        failures.append(f"{work.title}: {error}")


def _measured(work: Work, entry: Entry) -> Measurement:
    samples = sorted(entry.samples)
    quarter = len(samples) // 4
    return Measurement(
        work=work,
        contestant=entry.worker.name,
        variant=entry.variant,
        seconds=statistics.median(samples),
        low=samples[quarter],
        high=samples[-1 - quarter],
        samples=len(samples),
        note=entry.prepared["note"],
        values=entry.prepared["values"],
    )
