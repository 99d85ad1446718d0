"""What the commands of forecasting say: what is being done, and at the end what came of it."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from gatecast.cli.showing import WIDTH
from gatecast.results import ended, sentence
from gatecast.train.ticks import bar

if TYPE_CHECKING:
    from gatecast.forecast.forecaster import Forecaster


def make_errors_console() -> Console:
    """Standard error: what is no result goes there."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH)


@contextmanager
def working(words: str) -> Iterator[None]:
    """Say on stderr what is being done, and for how long, where that is a terminal.

    What the package logs meanwhile is kept from the screen: the commands say it at the end.
    """
    logger = logging.getLogger("gatecast")
    quiet = logging.NullHandler()
    logger.addHandler(quiet)
    try:
        with bar(words):
            yield
    finally:
        logger.removeHandler(quiet)


def tell_fit(forecaster: "Forecaster", console: Console) -> None:
    """Say what was found out, what the intervals hold, the skill and the alarms."""
    statement = forecaster.statement_
    said = "" if statement is None else statement.words
    tell_notes([note for note in forecaster.notes_ if note != said], console)
    tell_trial(forecaster, console)


def tell_trial(forecaster: "Forecaster", console: Console) -> None:
    """Say what the fit found on the rows that it held out."""
    statement, calibration = forecaster.statement_, forecaster.calibration_
    if calibration is not None:
        report = calibration.report()
        rows = [report.overall(level) for level in sorted({row.level for row in report.rows})]
        held = [
            f"the {row.level:g} % interval held {row.coverage:.1f} %" for row in rows if row.count
        ]
        if held:
            tell_notes([f"{' and '.join(held)} of the truth ({report.how})"], console)
    if statement is None:
        return
    worse = statement.skill is not None and statement.skill < 0
    start = "[bold red]! worse than naive[/]: " if worse else ""
    console.print(f"{start}[bold]{escape(statement.sentence)}[/]")
    for alarm in statement.others:
        console.print(f"[bold red]! {escape(alarm.kind)}[/]: {escape(ended(alarm.words))}")


def tell_notes(notes: Sequence[str], console: Console) -> None:
    """One line a note."""
    for note in notes:
        console.print(f"- {escape(sentence(note))}")
