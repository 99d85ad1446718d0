"""What a run found: measurements, and the questions that tables and goals ask of them."""

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.works import CORES, PEAK_SIZE, Work, operations, threads_label

#: how far two contestants' first losses or outputs may differ, relatively
AGREEMENT = 2e-3
COMPARABLE = ("train", "inference", "streaming")


@dataclass(frozen=True)
class Measurement:
    """The time of one step of a work by one contestant at one setting.

    Parameters
    ----------
    work : Work
    contestant, variant : str
    seconds, low, high : float
        Median and quartiles of a step's time.
    samples : int
        Timed groups of steps.
    note : str
        The setting that the contestant found to be its fastest.
    values : list of float
        What the first two steps gave: losses in training, else the first output.
    """

    work: Work
    contestant: str
    variant: str
    seconds: float
    low: float
    high: float
    samples: int
    note: str = ""
    values: list[float] = field(default_factory=list)


@dataclass
class Results:
    """One run of the benchmark.

    Parameters
    ----------
    about : dict
        Date, command, machine and versions.
    measurements : list of Measurement
    left_out : list of str
        Contestants that were missing, each with its reason.
    failures : list of str
        Works that a contestant could not do, or where it did other work than the rest.
    """

    about: dict[str, Any]
    measurements: list[Measurement] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def works(self, task: str) -> list[Work]:
        """The works of a task, in the order in which they were measured."""
        return list(dict.fromkeys(m.work for m in self.measurements if m.work.task == task))

    def of(self, work: Work, contestant: str, variant: str | None = None) -> Measurement | None:
        """A contestant's best setting, or the one that is asked for."""
        found = [
            m
            for m in self.measurements
            if m.work == work and m.contestant == contestant and variant in (None, m.variant)
        ]
        return min(found, key=lambda m: m.seconds, default=None)

    def default(self, work: Work, contestant: str) -> Measurement | None:
        """Gatecast with its default number of threads, which is all cores."""
        return self.of(work, contestant, threads_label(CORES))

    def peak(self, threads: int) -> float | None:
        """Operations a second of the machine's matrix product; the median over the run."""
        seconds = [
            m.seconds
            for m in self.measurements
            if (m.contestant, m.variant) == ("peak", threads_label(threads))
        ]
        return 2 * PEAK_SIZE**3 / statistics.median(seconds) if seconds else None

    def share_of_peak(self, measured: Measurement, threads: int) -> float | None:
        """The part of the machine's matrix-product peak that a training step reaches."""
        peak = self.peak(threads)
        return None if peak is None else operations(measured.work) / measured.seconds / peak

    def disagreements(self) -> list[str]:
        """Contestants whose first losses or outputs are not those of the work's first one."""
        told = []
        for work in (work for task in COMPARABLE for work in self.works(task)):
            mine = [m for m in self.measurements if m.work == work and m.contestant != "peak"]
            for m in mine[1:]:
                pairs = list(zip(m.values, mine[0].values, strict=True))
                if any(abs(a - b) > AGREEMENT * max(abs(b), 1e-2) for a, b in pairs):
                    told.append(
                        f"{work.title}: {m.contestant} ({m.variant}) gives {m.values}, "
                        f"{mine[0].contestant} {mine[0].values}"
                    )
        return told

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what :meth:`save` has written."""
        plain = json.loads(path.read_text("utf-8"))
        measurements = [
            Measurement(**(m | {"work": Work(**m["work"])})) for m in plain["measurements"]
        ]
        return cls(plain["about"], measurements, plain["left_out"], plain["failures"])
