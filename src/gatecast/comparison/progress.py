"""What a comparison shows while it runs: one bar over all trainings and fits."""

import sys

from gatecast.comparison.training import Trained


class Progress:
    """Shows nothing."""

    def start(self, total: int) -> None:
        """Before the first training; so many are to come."""

    def done(self, trained: Trained) -> None:
        """One has ended."""

    def stop(self) -> None:
        """After the last, or after an error."""


class Bar(Progress):
    """A rich bar on stderr that says what has just ended."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self.bar = RichProgress(
            TextColumn("comparing"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[shown]}"),
            console=Console(stderr=True),
            transient=True,
        )

    def start(self, total: int) -> None:
        self.bar.start()
        self.task = self.bar.add_task("", total=total, shown="")

    def done(self, trained: Trained) -> None:
        self.bar.update(self.task, advance=1, shown=describe(trained))

    def stop(self) -> None:
        self.bar.stop()


def describe(trained: Trained) -> str:
    """What has just ended, in a few words.

    Examples
    --------
    >>> import numpy as np
    >>> describe(Trained("gru", "window7", "network", 2, np.zeros(1), seconds=1.5))
    'gru, window7, seed 2: ok in 1.5 s'
    """
    parts = [trained.model, trained.variant, "" if trained.seed is None else f"seed {trained.seed}"]
    return f"{', '.join(filter(None, parts))}: {trained.status} in {trained.seconds:.1f} s"


def make_progress(wanted: bool | None) -> Progress:
    """The bar where it is wanted: by default only where stderr is a terminal."""
    if wanted is None:
        wanted = sys.stderr is not None and sys.stderr.isatty()
    return Bar() if wanted else Progress()
