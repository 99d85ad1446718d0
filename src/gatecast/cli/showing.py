"""A finished comparison in the terminal: the table, the alarms, what it means."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gatecast.results import Result, Summary

NAMES = {"mse": "MSE", "rmse": "RMSE", "mae": "MAE", "r2": "R²", "mase": "MASE"}


def show_result(result: Result, console: Console) -> None:
    """Print the table, then alarms and conclusions."""
    console.print(_table(result))
    for alarm in result.alarms:
        name = f"{alarm.model}, {alarm.variant}" if alarm.variant else alarm.model
        console.print(
            f"[bold red]! {escape(alarm.kind)}[/] ({escape(name)}): {escape(alarm.words)}"
        )
    for sentence in result.conclusions:
        console.print(f"- {escape(sentence)}")


def _table(result: Result) -> Table:
    """One line a model and variant; networks first, the best of them in bold."""
    published = any(metric in s.published for s in result.summary for metric in result.headline)
    variants = any(s.variant for s in result.summary)
    table = Table(title=escape(result.title), title_justify="left")
    table.add_column("model", no_wrap=True)
    if variants:
        table.add_column("variant", no_wrap=True)
    for metric in result.headline:
        table.add_column(NAMES.get(metric, metric.replace("_", " ")), justify="right", no_wrap=True)
    if published:
        table.add_column("published", justify="right")
    for name in ("skill", "parameters", "seconds", "windows/s"):
        table.add_column(name, justify="right", no_wrap=True)
    best = _best(result)
    for line in sorted(result.summary, key=lambda s: (s.variant, s.kind == "baseline")):
        cells = [escape(line.model)] + [escape(line.variant)] * variants
        cells += [_figure(line, name, name == result.headline[0]) for name in result.headline]
        if published:
            figure = line.published.get(result.headline[0])
            cells.append("" if figure is None else f"{figure:.4g}")
        table.add_row(*cells, *_rest(line), style="bold" if line is best else None)
    return table


def _best(result: Result) -> Summary | None:
    learned = any(s.kind != "baseline" and result.headline[0] in s.mean for s in result.summary)
    return result.best() if learned else None


def _figure(line: Summary, metric: str, ranks: bool) -> str:
    """The mean, with the spread over the seeds where the table is ranked by it."""
    if metric not in line.mean:
        return "diverged" if line.diverged else "-"
    spread = line.spread.get(metric, 0.0) if ranks else 0.0
    return f"{line.mean[metric]:.4g}" + (f" ± {spread:.2g}" if spread else "")


def _rest(line: Summary) -> list[str]:
    """Skill, parameters, seconds, windows a second."""
    return [
        "-" if line.skill is None else f"{line.skill:.1%}",
        f"{line.parameters:,}" if line.parameters else "",
        f"{line.seconds:.2f}" if line.seconds else "",
        f"{line.windows_per_second:,.0f}" if line.windows_per_second else "",
    ]
