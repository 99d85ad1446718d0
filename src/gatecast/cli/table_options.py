"""How a table is to be read: the options that every command with a table has."""

from typing import Annotated, Any

import typer

#: titles over the options in a command's help
COLUMNS, MODEL, INTERVALS = "What is forecast, from which columns", "The model", "Intervals"
READING = "How the table is read and repaired"


def _reading(help: str, *names: str, **more: Any) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(*names, help=help, rich_help_panel=READING, **more)


Freq = Annotated[
    str | None, _reading("How often rows come, such as 15min, D, MS; found out by default.")
]
Gaps = Annotated[str, _reading("Rows that lack: error, or insert to put them in without values.")]
Duplicates = Annotated[str, _reading("A time that comes twice: error, mean or last.")]
Unsorted = Annotated[
    str,
    _reading(
        "Rows out of order: error, sort, or next_day (a 00:00 that closes its day is the next "
        "day's)."
    ),
]
MissingTexts = Annotated[
    str | None, _reading("Texts that mean 'no value', separated by commas.", metavar="TEXTS")
]
Decimal = Annotated[str | None, _reading("Decimal sign: . or ,")]
DateFormat = Annotated[str | None, _reading("Of the time stamps, such as %d.%m.%Y")]
DayFirst = Annotated[
    bool | None,
    _reading("01/02 is 1 February, or 2 January.", "--dayfirst/--monthfirst"),
]
Timezone = Annotated[str | None, _reading("Of local times, such as Europe/Berlin.")]
Delimiter = Annotated[str | None, _reading("Between the columns, such as ;")]
Encoding = Annotated[str | None, _reading("Of a text file, such as cp1252.")]
