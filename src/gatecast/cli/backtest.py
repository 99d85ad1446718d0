"""``gatecast backtest``: how good forecasts of a table, or of a saved model, would have been."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatecast import files
from gatecast.cli.forecasters import forecaster_options
from gatecast.cli.sharing import with_options
from gatecast.cli.wording import typed
from gatecast.errors import InputError

if TYPE_CHECKING:
    from gatecast.forecast.forecaster import Forecaster

#: what may be said anew of a saved model
OF_ANY_MODEL = {"table", "horizon", "windows", "step", "refit", "out", "force"}


@with_options("choices", forecaster_options)
def backtest_command(
    ctx: typer.Context,
    table: Annotated[
        Path, typer.Argument(help="CSV or Parquet file, or a model that 'gatecast fit' wrote.")
    ],
    choices: dict[str, Any],
    windows: Annotated[int, typer.Option(help="Origins of each series.")] = 5,
    step: Annotated[
        int | None, typer.Option(help="Rows between them; the horizon by default.")
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Learn anew at every origin, not once before all.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the report.")] = Path(
        "reports/backtest"
    ),
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder of other content.")
    ] = False,
) -> None:
    """Forecast from origins in the past, compare with what came, and write a report."""
    from gatecast.cli.pages import known_ahead
    from gatecast.cli.showing import make_console, show_pages, show_result
    from gatecast.cli.telling import tell_notes, tell_trial, working
    from gatecast.forecast.reporting import make_report
    from gatecast.report import check_folder, write

    check_folder(out, force=force)
    horizon = None
    if files.is_ours(table):
        forecaster = _load(table, ctx)
        horizon = choices["horizon"] if _was_given(ctx, "horizon") else None
    else:
        forecaster = _fit(table, choices)
    with working(f"{forecaster.name} forecasts from {windows} origins"):
        _, done = forecaster.backtest(horizon, windows, step, refit)
        fans = known_ahead(forecaster)
        result = make_report(forecaster, fans=fans, backtest=done, command=typed())
    page = write(result, out, force=force)
    console = make_console()
    show_result(replace(result, alarms=[]), console)  # of the fit: they are told with it
    tell_notes(result.notes, console)
    console.print("When it was fitted, on rows held out:", style="italic")
    tell_trial(forecaster, console)
    show_pages([page], console)


def _fit(table: Path, choices: dict[str, Any]) -> "Forecaster":
    from gatecast.cli.telling import working
    from gatecast.forecast import Forecaster

    forecaster = Forecaster(**choices)
    with working(f"{forecaster.name} learns from {table.name}"):
        return forecaster.fit(table)


def _load(model: Path, ctx: typer.Context) -> "Forecaster":
    from gatecast.forecast import Forecaster

    for name in ctx.params:
        if name not in OF_ANY_MODEL and _was_given(ctx, name):
            option = name.replace("_", "-")
            raise InputError(
                f"--{option} was settled when {model.name} was fitted; give a table to try another"
            )
    return Forecaster.load(model)


def _was_given(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"
