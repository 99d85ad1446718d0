"""A progress bar by rich, imported only where one is shown."""

import sys
import time
from typing import Any

from gatecast.train.history import Epoch

INTERVAL = 0.1  # seconds between two looks within an epoch


class NoProgress:
    """Shows nothing."""

    every_batch = False

    def start(self) -> None:
        """Open the bar."""

    def advance(self, rows: int) -> None:
        """Count the rows of a batch."""

    def end_epoch(self, epoch: Epoch) -> None:
        """Show an epoch's record."""

    def stop(self) -> None:
        """Close the bar."""


class Bar(NoProgress):
    """One bar over all epochs, with losses, learning rate and windows per second.

    Parameters
    ----------
    epochs, rows : int
        Epochs, and rows in each.
    """

    every_batch = True

    def __init__(self, epochs: int, rows: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns: list[Any] = [TextColumn("epoch"), BarColumn(), MofNCompleteColumn()]
        columns.append(TextColumn("{task.fields[shown]}"))
        self.bar = Progress(*columns, console=Console(stderr=True), transient=False)
        self.task = self.bar.add_task("", total=epochs, shown="")
        self.rows = rows
        self.done = 0  # epochs
        self.seen = 0  # rows of this epoch
        self.next_look = 0.0

    def start(self) -> None:
        self.bar.start()

    def advance(self, rows: int) -> None:
        self.seen += rows
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + INTERVAL
            self.bar.update(self.task, completed=self.done + min(1.0, self.seen / self.rows))

    def end_epoch(self, epoch: Epoch) -> None:
        self.done, self.seen = epoch.epoch, 0
        self.bar.update(self.task, completed=epoch.epoch, shown=describe(epoch, self.rows))

    def stop(self) -> None:
        self.bar.stop()


def describe(epoch: Epoch, rows: int) -> str:
    """An epoch in one line.

    Examples
    --------
    >>> describe(Epoch(1, 0.25, 0.5, 0.001, 1.0, 2.0, 2.0, {"mae": 0.125}), rows=100)
    'loss 0.25  val_loss 0.5  mae 0.125  lr 0.001  50 windows/s'
    """
    shown = {"loss": epoch.loss, "val_loss": epoch.val_loss, **epoch.metrics, "lr": epoch.lr}
    parts = [f"{name} {value:.4g}" for name, value in shown.items() if value is not None]
    return "  ".join([*parts, f"{rows / max(epoch.seconds, 1e-9):,.0f} windows/s"])


def make_progress(wanted: bool | None, epochs: int, rows: int) -> NoProgress:
    """The bar where it is wanted: by default only where stderr is a terminal."""
    if wanted is None:
        wanted = sys.stderr is not None and sys.stderr.isatty()
    return Bar(epochs, rows) if wanted else NoProgress()
