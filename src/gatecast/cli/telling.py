"""What the commands of forecasting say: what is being done, and at the end what came of it."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from gatecast.cli.showing import WIDTH
from gatecast.train.ticks import listening

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from gatecast.forecast.forecaster import Forecaster


def make_errors_console() -> Console:
    """Standard error: what is no result goes there."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH)


@contextmanager
def working(words: str) -> Iterator[None]:
    """Say on stderr what is being done, and for how long, where that is a terminal.

    What the package logs meanwhile is kept from the screen: the commands say it at the end.
    """
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    logger = logging.getLogger("gatecast")
    quiet = logging.NullHandler()
    logger.addHandler(quiet)
    shown = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=make_errors_console(), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    try:
        with shown, listening(partial(_show, shown, shown.add_task(words, total=None))):
            yield
    finally:
        logger.removeHandler(quiet)


def _show(shown: "Progress", task: "TaskID", done: int, total: int) -> None:
    """One training after the other fills the bar."""
    shown.update(task, completed=done, total=total)


def tell_fit(forecaster: "Forecaster", console: Console) -> None:
    """Say what was found out, the skill, the alarms and what the intervals cover."""
    statement, calibration = forecaster.statement_, forecaster.calibration_
    said = "" if statement is None else statement.words
    tell_notes([note for note in forecaster.notes_ if note != said], console)
    if calibration is not None:
        report = calibration.report()
        for level in sorted({row.level for row in report.rows}):
            row = report.overall(level)
            if row.count:
                console.print(
                    f"- the {level:g} % interval held {row.coverage:.1f} % ({report.how})"
                )
    if statement is None:
        return
    console.print(escape(said.partition(" Alarm (")[0]), style="bold")
    for alarm in statement.alarms:
        console.print(f"[bold red]! {escape(alarm.kind)}[/]: {escape(alarm.words)}")


def tell_notes(notes: Sequence[str], console: Console) -> None:
    """One line a note."""
    for note in notes:
        console.print(f"- {escape(note)}")
