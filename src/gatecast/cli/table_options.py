"""How a table is to be read: the options that every command with a table has."""

from typing import Annotated, Any

import typer

from gatecast.cli.names import names_of

#: titles over the options in a command's help
COLUMNS, MODEL, INTERVALS = "What is forecast, from which columns", "The model", "Intervals"
READING = "How the table is read and repaired"


def _reading(help: str, *names: str, **more: Any) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(*names, help=help, rich_help_panel=READING, **more)


def table_options(
    freq: Annotated[
        str | None,
        _reading("How often rows come, such as 15min, D, MS; found out by default."),
    ] = None,
    gaps: Annotated[
        str, _reading("Rows that lack: error, or insert to put them in without values.")
    ] = "error",
    duplicates: Annotated[str, _reading("A time that comes twice: error, mean or last.")] = "error",
    unsorted: Annotated[
        str,
        _reading(
            "Rows out of order: error, sort, or next_day (a 00:00 that closes its day is the next "
            "day's)."
        ),
    ] = "error",
    missing_texts: Annotated[
        str | None, _reading("Texts that mean 'no value', separated by commas.", metavar="TEXTS")
    ] = None,
    decimal: Annotated[str | None, _reading("Decimal sign: . or ,")] = None,
    date_format: Annotated[str | None, _reading("Of the time stamps, such as %d.%m.%Y")] = None,
    dayfirst: Annotated[
        bool | None, _reading("01/02 is 1 February, or 2 January.", "--dayfirst/--monthfirst")
    ] = None,
    timezone: Annotated[str | None, _reading("Of local times, such as Europe/Berlin.")] = None,
    delimiter: Annotated[str | None, _reading("Between the columns, such as ;")] = None,
    encoding: Annotated[str | None, _reading("Of a text file, such as cp1252.")] = None,
) -> dict[str, Any]:
    """Keywords of ``compare`` and of a Forecaster."""
    return {
        "freq": freq,
        "gaps": gaps,
        "duplicates": duplicates,
        "unsorted": unsorted,
        "missing_texts": names_of("missing-texts", missing_texts) or (),
        "decimal": decimal,
        "date_format": date_format,
        "dayfirst": dayfirst,
        "timezone": timezone,
        "delimiter": delimiter,
        "encoding": encoding,
    }
