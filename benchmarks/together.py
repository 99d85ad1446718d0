"""Two trainings at once on two cores; each should keep its lone single-thread speed.

    python -m benchmarks.together

Threads that busy-wait, or two pools that fight for the cores, would show here.  Three rounds
alternate: one process alone with one thread, one alone with the default, two at once with the
default.
"""

import json
import multiprocessing
import statistics
import sys
from multiprocessing.connection import Connection

from rich.console import Console
from rich.table import Table

WORKS = {
    "32 × 24, 9 → 64": (32, 24, 9, 64),
    "64 × 24, 9 → 128": (64, 24, 9, 128),
}
GOAL = 0.8


def train_for(
    sizes: tuple[int, int, int, int], threads: int | None, seconds: float, pipe: Connection
) -> None:
    """Train until the time is up; sends the steps a second."""
    import time

    import numpy as np

    import gatecast
    from gatecast import nn, train

    if threads is not None:
        gatecast.set_num_threads(threads)
    batch, steps, inputs, hidden = sizes
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, steps, inputs)).astype(np.float32)
    y = rng.normal(size=(batch, 1)).astype(np.float32)
    net = nn.Sequential(nn.LSTM(inputs, hidden), nn.Last(), nn.Linear(hidden, 1))
    loss, optimiser = nn.MSE(), nn.Adam(lr=1e-4)
    for _ in range(20):
        train.train_step(net, loss, optimiser, x, y)
    pipe.send("ready")
    pipe.recv()
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        train.train_step(net, loss, optimiser, x, y)
        count += 1
    pipe.send(count / (time.perf_counter() - began))


def rates(
    sizes: tuple[int, int, int, int], processes: int, threads: int | None, seconds: float
) -> list[float]:
    """Steps a second of each of so many processes at once."""
    context = multiprocessing.get_context("spawn")
    workers = []
    for _ in range(processes):
        ours, theirs = context.Pipe()
        process = context.Process(target=train_for, args=(sizes, threads, seconds, theirs))
        process.start()
        workers.append((process, ours))
    for _, pipe in workers:
        pipe.recv()
    for _, pipe in workers:
        pipe.send("go")
    found = [float(pipe.recv()) for _, pipe in workers]
    for process, _ in workers:
        process.join()
    return found


def main() -> None:
    """Measure, print, and say in JSON what was found."""
    seconds = 1.0 if "--quick" in sys.argv else 2.0
    table = Table(title="LSTM training steps a second (medians of three rounds)")
    for column in ("work", "alone, 1 thread", "alone", "each of two at once", "share", ""):
        table.add_column(column, justify="right")
    found = {}
    for title, sizes in WORKS.items():
        lone, default, both = [], [], []
        for _ in range(3):
            lone += rates(sizes, 1, 1, seconds)
            default += rates(sizes, 1, None, seconds)
            both.append(min(rates(sizes, 2, None, seconds)))
        alone, free, slower = map(statistics.median, (lone, default, both))
        share = slower / alone
        found[title] = {"alone": alone, "default": free, "two": slower, "share": share}
        table.add_row(title, f"{alone:.0f}", f"{free:.0f}", f"{slower:.0f}", f"{share:.0%}",
                      "met" if share >= GOAL else "missed")  # fmt: skip
    Console().print(table)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
