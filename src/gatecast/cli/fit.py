"""``gatecast fit``: a table in, a model out; and ``gatecast presets``: what can be fitted."""

import shutil
import sys
import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from gatecast import files
from gatecast.cli.forecasters import forecaster_options
from gatecast.cli.sharing import with_options


@with_options("choices", forecaster_options)
def fit_command(
    table: Annotated[Path, typer.Argument(help="CSV (also compressed) or Parquet file.")],
    choices: dict[str, Any],
    out: Annotated[Path, typer.Option("--out", "-o", help="File of the model.")] = Path(
        "model.gatecast"
    ),
    report: Annotated[
        Path | None, typer.Option(help="Folder of a page that shows what lies ahead.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--force", help="Replace what gatecast did not write.")
    ] = False,
) -> None:
    """Learn from a table, say how good the forecasts are, and save the model."""
    files.check_target(out, overwrite=overwrite)
    if report is not None:
        from gatecast.report import check_folder

        check_folder(report, force=overwrite)

    from gatecast.cli.showing import make_console
    from gatecast.cli.telling import tell_fit, working
    from gatecast.forecast import Forecaster

    forecaster = Forecaster(**choices)
    with working(f"{forecaster.name} learns from {table.name}"):
        forecaster.fit(table)
    forecaster.save(out, overwrite=overwrite)
    tell_fit(forecaster, make_console())
    print(f"The model:\n{out.resolve()}")
    if report is not None:
        from gatecast.cli.pages import known_ahead, write_page

        write_page(forecaster, known_ahead(forecaster), report, force=overwrite)


def presets_command() -> None:
    """List the models that 'gatecast fit --preset' knows."""
    from gatecast.forecast import presets

    described = presets()
    width = max(map(len, described)) + 2
    screen = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for name, words in described.items():
        lines = textwrap.wrap(words, screen - width) if screen > 2 * width else [words]
        print(f"\n{'':<{width}}".join([f"{name:<{width}}{lines[0]}", *lines[1:]]))
