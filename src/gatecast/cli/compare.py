"""``gatecast compare``: RNN, GRU and LSTM beside simple baselines, on anyone's table."""

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gatecast.cli.names import names_of
from gatecast.cli.table_options import (
    DateFormat,
    DayFirst,
    Decimal,
    Delimiter,
    Encoding,
    Timezone,
)


def compare_command(
    table: Annotated[Path, typer.Argument(help="CSV (also compressed) or Parquet file.")],
    target: Annotated[str, typer.Option(help="Column to predict.")],
    time: Annotated[
        str | None,
        typer.Option(help="Column of time stamps; 'row': the rows are in order as they are."),
    ] = None,
    features: Annotated[
        str | None, typer.Option(help="Input columns, separated by commas.")
    ] = None,
    task: Annotated[str, typer.Option(help="forecast, regress or classify.")] = "forecast",
    window: Annotated[int, typer.Option(help="Rows looked back on.")] = 24,
    horizon: Annotated[int, typer.Option(help="Rows to forecast.")] = 1,
    cells: Annotated[
        str, typer.Option(help="Of rnn, gru, lstm, linear; separated by commas.")
    ] = "rnn,gru,lstm",
    baselines: Annotated[
        str | None, typer.Option(help="By name, separated by commas; those that fit by default.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Trainings of each network.")] = 3,
    epochs: Annotated[
        int | None, typer.Option(help="By default as many as make about 2,000 updates.")
    ] = None,
    hidden: Annotated[int, typer.Option(help="Hidden units.")] = 32,
    test: Annotated[
        float, typer.Option(help="Share (below 1) or number of the last rows, which test.")
    ] = 0.2,
    season: Annotated[int | None, typer.Option(help="Rows in a season.")] = None,
    freq: Annotated[
        str | None, typer.Option(help="Of the time stamps, such as 15min, D, MS.")
    ] = None,
    gaps: Annotated[str, typer.Option(help="error or insert: what to do about gaps.")] = "error",
    duplicates: Annotated[str, typer.Option(help="error, mean or last.")] = "error",
    unsorted: Annotated[
        str,
        typer.Option(
            help="error, sort, or next_day: a 00:00 that closes its day is the next day's."
        ),
    ] = "error",
    missing: Annotated[
        str, typer.Option(help="error, or forward to repeat the last known value.")
    ] = "error",
    no_value: Annotated[
        str | None, typer.Option(help="Texts that mean 'no value', separated by commas.")
    ] = None,
    categorical: Annotated[
        str | None,
        typer.Option(help="Columns of categories that look like numbers, separated by commas."),
    ] = None,
    decimal: Decimal = None,
    date_format: DateFormat = None,
    dayfirst: DayFirst = None,
    timezone: Timezone = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    torch: Annotated[
        bool, typer.Option("--torch", help="Train PyTorch's twins too, same weights and batches.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="Trainings at once; -1: one a core.")] = -1,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("reports/compare"),
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
        freq=freq,
        gaps=gaps,
        duplicates=duplicates,
        unsorted=unsorted,
        missing=missing,
        no_value=names_of("no-value", no_value) or (),
        categorical=names_of("categorical", categorical) or (),
        decimal=decimal,
        date_format=date_format,
        dayfirst=dayfirst,
        timezone=timezone,
        delimiter=delimiter,
        encoding=encoding,
        torch=torch,
        jobs=jobs,
        command=shlex.join(["gatecast", *sys.argv[1:]]),
    )
    console = make_console()
    show_result(result, console)
    page = folder.write(
        result, out, force=force, extra=partial(write_models, result), every_seed=every_seed
    )
    show_pages([page], console)
