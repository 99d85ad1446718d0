"""A finished comparison in the terminal: the table, the alarms, what it means, where it lies."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from gatecast import kernels
from gatecast.report.words import by_variant, per_cent
from gatecast.results import Result, Summary, ended, label

#: columns besides the metrics, and the order in which those go that a terminal is too narrow for
COST = ("parameters", "seconds", "windows/s")
WIDTH = 130  # of what is no terminal: a file, a pipe


def make_console() -> Console:
    """Standard output, as wide as the terminal, or as ``COLUMNS`` says."""
    known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(width=None if known else WIDTH)


def show_result(result: Result, console: Console) -> None:
    """Print the table, then alarms and conclusions."""
    table, left_out = _fitting(result, console)
    console.print(table)
    if left_out:
        console.print(f"Not shown for want of width: {', '.join(left_out)}.", style="dim")
    for alarm in result.alarms:
        name = f"{alarm.model}, {alarm.variant}" if alarm.variant else alarm.model
        console.print(
            f"[bold red]! {escape(alarm.kind)}[/] ({escape(name)}): {escape(ended(alarm.words))}"
        )
    for variant, sentences in by_variant(result.conclusions, [s.variant for s in result.summary]):
        if variant:
            console.print(escape(variant), style="italic")
        for sentence in sentences:
            console.print(f"- {escape(sentence)}")


def show_pages(pages: Sequence[Path], console: Console) -> None:
    """Say where the reports are, each path alone on its line, after all else."""
    if kernels.active().name == "reference":
        console.print(
            "The reference kernels (NumPy) ran, the slow ones. With a C++ compiler and a new "
            "installation the compiled ones run, many times as fast."
        )
    console.print("The report:" if len(pages) == 1 else "The reports:")
    for page in pages:
        print(page.resolve())  # not the console's, which would break a long path


def _fitting(result: Result, console: Console) -> tuple[Table, list[str]]:
    """The table with as many of its columns as the width allows, and the names of the others."""
    metrics, cost = list(result.headline), _costs(result)
    left_out: list[str] = []
    endless = console.options.update(max_width=10_000)
    table = _table(result, metrics, cost)
    while Measurement.get(console, endless, table).maximum > console.width:
        if len(metrics) == 1 and not cost:
            break
        # what training cost goes first, then the metrics that do not rank
        left_out.append(cost.pop() if cost else label(metrics.pop()))
        table = _table(result, metrics, cost)
    return table, left_out


def _costs(result: Result) -> list[str]:
    """What training cost, as far as it is known of any model."""
    return [name for name in COST if any(_rest(line)[name] for line in result.summary)]


def _table(result: Result, metrics: Sequence[str], cost: Sequence[str]) -> Table:
    """One line a model below the name of its variant; networks first, the best of them bold."""
    ranking = result.headline[0]
    published = any(ranking in line.published for line in result.summary)
    table = Table(title=escape(result.title), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("model", no_wrap=True)
    for metric in metrics:
        table.add_column(label(metric), justify="right", no_wrap=True)
        if published and metric == ranking:
            table.add_column("published", justify="right", no_wrap=True)
    for name in ("skill", *cost):
        table.add_column(name, justify="right", no_wrap=True)
    best = _best(result)
    for variant in dict.fromkeys(line.variant for line in result.summary):
        if variant:
            table.add_section()
            table.add_row(escape(variant), style="italic")
        lines = [line for line in result.summary if line.variant == variant]
        for line in sorted(lines, key=lambda s: s.kind == "baseline"):
            cells = ["  " * bool(variant) + escape(line.model)]
            for metric in metrics:
                cells.append(_figure(line, metric, metric == ranking))
                if published and metric == ranking:
                    figure = line.published.get(ranking)
                    cells.append("" if figure is None else f"{figure:.4g}")
            rest = _rest(line)
            cells += [rest[name] for name in ("skill", *cost)]
            table.add_row(*cells, style="bold" if line is best else None)
    return table


def _best(result: Result) -> Summary | None:
    learned = any(s.kind != "baseline" and result.headline[0] in s.mean for s in result.summary)
    return result.best() if learned else None


def _figure(line: Summary, metric: str, ranks: bool) -> str:
    """The mean, with the spread over the seeds where the table is ranked by it."""
    if metric not in line.mean:
        return "diverged" if line.diverged else "–"
    spread = line.spread.get(metric, 0.0) if ranks else 0.0
    return f"{line.mean[metric]:.4g}" + (f" ± {spread:.2g}" if spread else "")


def _rest(line: Summary) -> dict[str, str]:
    """Skill and cost, by the name of the column."""
    return {
        "skill": per_cent(line.skill),
        "parameters": f"{line.parameters:,}" if line.parameters else "",
        "seconds": f"{line.seconds:.2f}" if line.seconds else "",
        "windows/s": f"{line.windows_per_second:,.0f}" if line.windows_per_second else "",
    }
