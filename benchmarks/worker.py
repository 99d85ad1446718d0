"""A contestant's process: sleeps on its pipe, and runs steps when it is told to.

Messages are JSON, one a line.  ``python -m benchmarks.worker NAME``.
"""

import importlib
import json
import os
import sys
import time
import traceback
from importlib import metadata
from typing import Any

from benchmarks.contestants.contract import Built, Contestant
from benchmarks.works import Work

#: contestant -> where its class is; nothing of it is imported outside its own process
SOURCES = {
    "native": ("benchmarks.contestants.gatecast_", "Native"),
    "reference": ("benchmarks.contestants.gatecast_", "Reference"),
    "torch": ("benchmarks.contestants.torch_", "Torch"),
    "jax": ("benchmarks.contestants.jax_", "Jax"),
    "onnxruntime": ("benchmarks.contestants.onnxruntime_", "OnnxRuntime"),
    "notebook": ("benchmarks.contestants.notebook", "Notebook"),
    "peak": ("benchmarks.contestants.peak", "Peak"),
}
#: how long a step's duration is estimated at most, once the first steps have run
ESTIMATE_SECONDS = 0.05


class Server:
    """Answers the parent's messages.  The methods' names are the messages'."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.built: dict[str, Built] = {}

    def versions(self) -> dict[str, str]:
        return {name: metadata.version(name) for name in self.contestant.libraries}

    def variants(self, work: dict[str, Any]) -> list[str]:
        return self.contestant.variants(Work(**work))

    def prepare(self, work: dict[str, Any], variant: str) -> dict[str, Any]:
        """Build, warm up, and say what the first two steps gave and how long one takes."""
        contestant = self.contestant
        contestant.enter(variant)
        built = self.built[variant] = contestant.build(Work(**work), variant)
        values = [contestant.value(built.step()) for _ in range(2)]
        count, spent, quickest = 1, 0.0, float("inf")
        while spent < ESTIMATE_SECONDS:
            seconds = self._time(built, count)
            spent, quickest = spent + seconds, min(quickest, seconds / count)
            count *= 2
        return {"values": values, "note": built.note, "seconds": quickest}

    def run(self, variant: str, seconds: float, each: int, warm_up: int) -> list[float]:
        """Run groups of ``each`` steps for that long; seconds a step, once for each group."""
        built = self.built[variant]
        self.contestant.enter(variant)
        if warm_up:
            self._time(built, warm_up)
        samples: list[float] = []
        end = time.perf_counter() + seconds
        while not samples or time.perf_counter() < end:
            samples.append(self._time(built, each) / each)
        return samples

    def forget(self) -> None:
        """Let go of what was built."""
        self.built.clear()

    def _time(self, built: Built, count: int) -> float:
        step, outcome = built.step, None
        start = time.perf_counter()
        for _ in range(count):
            outcome = step()
        self.contestant.finish(outcome)
        return time.perf_counter() - start


def contestant_of(name: str) -> Contestant:
    """Import and make a contestant."""
    module, attribute = SOURCES[name]
    made: Contestant = getattr(importlib.import_module(module), attribute)()
    return made


def main(name: str) -> None:
    """Serve until the pipe is closed."""
    # What libraries print belongs to the terminal; the pipe is for the answers alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")

    try:
        server = Server(contestant_of(name))
    except (ImportError, RuntimeError) as error:
        answer(absent=f"{type(error).__name__}: {error}")
        return
    answer(result="ready")
    for line in sys.stdin:
        call, arguments = json.loads(line)
        try:
            answer(result=getattr(server, call)(**arguments))
        except Exception as error:  # noqa: BLE001  (the parent tells it and goes on)
            traceback.print_exc()
            answer(error=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
