"""How a table is to be read: the options that every command with a table has."""

from typing import Annotated

import typer

Decimal = Annotated[str | None, typer.Option(help="Decimal sign, . or ,")]
DateFormat = Annotated[str | None, typer.Option(help="Of the time stamps, such as %d.%m.%Y")]
DayFirst = Annotated[
    bool | None, typer.Option("--dayfirst/--monthfirst", help="Whether 01/02 is 1 February.")
]
Timezone = Annotated[str | None, typer.Option(help="Of local times, such as Europe/Berlin.")]
Delimiter = Annotated[str | None, typer.Option(help="Between the columns, such as ;")]
Encoding = Annotated[str | None, typer.Option(help="Of a text file, such as cp1252.")]
