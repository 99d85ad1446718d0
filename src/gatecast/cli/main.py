"""The command ``gatecast``: its options, and how an error looks."""

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from gatecast import kernels
from gatecast.cli.backtest import backtest_command
from gatecast.cli.compare import compare_command
from gatecast.cli.fit import fit_command, presets_command
from gatecast.cli.forecast import forecast_command
from gatecast.cli.lab import lab_command
from gatecast.cli.names import ManyNumbers
from gatecast.cli.wording import in_options, options_of
from gatecast.errors import GatecastError
from gatecast.versions import show_versions, version_of

WRONG_INPUT, CANNOT_WRITE = 2, 1

app = typer.Typer(
    name="gatecast",
    help="Recurrent networks on NumPy, and the forecasting that people want them for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"gatecast {version_of('gatecast')} ({kernels.info()['active']} kernels)")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Hold the options that every command has."""


app.command("fit", cls=ManyNumbers)(fit_command)
app.command("forecast", cls=ManyNumbers)(forecast_command)
app.command("backtest", cls=ManyNumbers)(backtest_command)
app.command("presets")(presets_command)
app.command("compare")(compare_command)
app.command("lab")(lab_command)


@app.command("versions")
def print_versions() -> None:
    """Print the versions of gatecast and what it stands on, for a bug report."""
    show_versions()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a wrong input is one message, no traceback, and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # of a terminal that cannot show every letter
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app(arguments)
        finally:
            sys.stdout.flush()
    except GatecastError as error:
        print(f"gatecast: {_as_typed(str(error), arguments)}", file=sys.stderr)
        sys.exit(WRONG_INPUT)
    except OSError as error:
        _give_up(error)


def _give_up(error: OSError) -> NoReturn:
    """Say what cannot be read or written; of a pipe that is closed nothing, it wants no more."""
    with suppress(OSError), open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())  # takes what is still to be flushed
    if not isinstance(error, BrokenPipeError):
        what = error.filename or "the output cannot be written"
        print(f"gatecast: {what}: {error.strerror or error}", file=sys.stderr)
    sys.exit(CANNOT_WRITE)


def _as_typed(message: str, arguments: Sequence[str] | None) -> str:
    """The message with the options of the command that was typed."""
    typed = sys.argv[1:] if arguments is None else arguments
    commands = getattr(typer.main.get_command(app), "commands", {})
    command = next((commands[word] for word in typed if word in commands), None)
    return message if command is None else in_options(message, options_of(command))
