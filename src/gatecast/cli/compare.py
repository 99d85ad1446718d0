"""``gatecast compare``: RNN, GRU and LSTM beside simple baselines, on anyone's table."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from gatecast.cli.names import names_of
from gatecast.cli.sharing import with_options
from gatecast.cli.table_options import READING, table_options
from gatecast.cli.wording import typed

#: titles over the options in the help
COLUMNS, MODELS = "What is predicted, from which columns", "The models"


def _column(help: str, **more: Any) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(help=help, rich_help_panel=COLUMNS, **more)


def _of_model(help: str, *names: str, **more: Any) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(*names, help=help, rich_help_panel=MODELS, **more)


@with_options("reading", table_options)
def compare_command(
    table: Annotated[Path, typer.Argument(help="CSV (also compressed) or Parquet file.")],
    target: Annotated[str, _column("Column to predict.")],
    time: Annotated[
        str | None,
        _column("Column of time stamps; 'row': the rows are in order as they are."),
    ] = None,
    features: Annotated[
        str | None, _column("Input columns, separated by commas.", metavar="NAMES")
    ] = None,
    categorical: Annotated[
        str | None,
        _column(
            "Columns of categories that look like numbers, separated by commas.", metavar="NAMES"
        ),
    ] = None,
    task: Annotated[str, _column("forecast, regress or classify.")] = "forecast",
    window: Annotated[int, _column("Rows looked back on.")] = 24,
    horizon: Annotated[int, _column("Rows to forecast.")] = 1,
    test: Annotated[
        float, _column("Share (below 1) or number of the last rows, which test.")
    ] = 0.2,
    cells: Annotated[
        str, _of_model("Of rnn, gru, lstm, linear; separated by commas.", metavar="NAMES")
    ] = "rnn,gru,lstm",
    baselines: Annotated[
        str | None,
        _of_model("By name, separated by commas; those that fit by default.", metavar="NAMES"),
    ] = None,
    seeds: Annotated[int, _of_model("Trainings of each network.")] = 3,
    epochs: Annotated[
        int | None, _of_model("By default as many as make about 2,000 updates.")
    ] = None,
    hidden: Annotated[int, _of_model("Hidden units.")] = 32,
    season: Annotated[
        int | None, _of_model("Rows in a season; by default from how often rows come.")
    ] = None,
    torch: Annotated[
        bool, _of_model("Train PyTorch's twins too, same weights and batches.", "--torch")
    ] = False,
    jobs: Annotated[int, _of_model("Trainings at once; -1: one a core.")] = -1,
    missing: Annotated[
        str,
        typer.Option(
            help="Values that lack: error, or last to repeat the last one known.",
            rich_help_panel=READING,
        ),
    ] = "error",
    *,
    reading: dict[str, Any],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the report.")] = Path(
        "reports/compare"
    ),
    every_seed: Annotated[
        bool,
        typer.Option("--every-seed", help="All seeds' forecasts in predictions.csv, not one's."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder of other content.")
    ] = False,
) -> None:
    """Compare RNN, GRU and LSTM with each other and with simple baselines on a table."""
    from gatecast.cli.showing import make_console, show_pages, show_result
    from gatecast.comparison import compare
    from gatecast.comparison.models import write_models
    from gatecast.report import folder

    folder.check_folder(out, force=force)
    result = compare(
        table,
        target=target,
        time=time,
        features=names_of("features", features),
        task=task,
        window=window,
        horizon=horizon,
        cells=names_of("cells", cells) or (),
        baselines=names_of("baselines", baselines),
        seeds=seeds,
        epochs=epochs,
        hidden=hidden,
        test=int(test) if test >= 1 and test.is_integer() else test,
        season=season,
        missing=missing,
        categorical=names_of("categorical", categorical) or (),
        torch=torch,
        jobs=jobs,
        command=typed(),
        **reading,
    )
    console = make_console()
    show_result(result, console)
    page = folder.write(
        result, out, force=force, extra=partial(write_models, result), every_seed=every_seed
    )
    show_pages([page], console)
