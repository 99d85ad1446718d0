"""The options that make a forecaster, for every command that fits one."""

from difflib import get_close_matches
from typing import Annotated, Any

import typer

from gatecast.cli.names import names_of, numbers_of
from gatecast.cli.sharing import with_options
from gatecast.cli.table_options import COLUMNS, INTERVALS, MODEL, READING, table_options
from gatecast.errors import InputError


def _column(help: str, **more: Any) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(help=help, rich_help_panel=COLUMNS, **more)


def _names(help: str) -> Any:  # noqa: A002 (Typer's word)
    return _column(f"{help}, separated by commas.", metavar="NAMES")


def _of_model(help: str) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(help=help, rich_help_panel=MODEL)


@with_options("reading", table_options)
def forecaster_options(
    target: Annotated[str, _column("Column to forecast.")] = "y",
    time: Annotated[
        str, _column("Column of time stamps; 'row': the rows are in order as they are.")
    ] = "ds",
    id: Annotated[  # noqa: A002 (the option's name)
        str, _column("Column that names the series, where there are several.")
    ] = "unique_id",
    horizon: Annotated[int, _column("Steps ahead that are learned and forecast.")] = 14,
    past: Annotated[str | None, _names("Covariates known up to now, such as the weather")] = None,
    covariates: Annotated[str | None, _names("The same as --past")] = None,
    future: Annotated[str | None, _names("Covariates known in advance, such as promotions")] = None,
    static: Annotated[str | None, _names("Covariates of a whole series, such as a region")] = None,
    categorical: Annotated[
        str | None, _names("Those covariates whose categories look like numbers")
    ] = None,
    preset: Annotated[
        str, _of_model("gru, lstm, rnn, best, theta, ...; 'gatecast presets' lists them.")
    ] = "gru",
    window: Annotated[
        int | None, _of_model("Rows looked back on; chosen from the data by default.")
    ] = None,
    epochs: Annotated[
        int | None, _of_model("How long networks learn, in passes over the data.")
    ] = None,
    updates: Annotated[
        int | None,
        _of_model("The same in steps of the optimiser; chosen from the data by default."),
    ] = None,
    ensemble: Annotated[
        int | None, _of_model("Networks of different seeds, whose median is the forecast.")
    ] = None,
    jobs: Annotated[
        int | None, _of_model("Networks of an ensemble trained at once; -1: one a core.")
    ] = None,
    season: Annotated[
        int | None, _of_model("Rows in a season; by default from how often rows come.")
    ] = None,
    calendar: Annotated[
        str, _of_model("Cycles that are told: auto, all, none, or such as hour,weekday.")
    ] = "auto",
    seed: Annotated[int, _of_model("The same seed gives the same bits.")] = 0,
    level: Annotated[
        list[str] | None,
        typer.Option(
            help="Per cent of the truth that they are to hold, such as 80 95 (the default); or "
            "none.",
            rich_help_panel=INTERVALS,
            metavar="NUMBERS",
        ),
    ] = None,
    interval: Annotated[
        str,
        typer.Option(
            help="How they are made: conformal, adaptive, quantiles, dropout or paths.",
            rich_help_panel=INTERVALS,
        ),
    ] = "conformal",
    missing: Annotated[
        str,
        typer.Option(
            help="Values that lack: error, mask, interpolate or last.", rich_help_panel=READING
        ),
    ] = "error",
    *,
    reading: dict[str, Any],
) -> dict[str, Any]:
    """Keywords of a Forecaster."""
    _check_preset(preset)
    freq = reading["freq"]
    known = (*(names_of("covariates", covariates) or ()), *(names_of("past", past) or ()))
    return {
        "model": preset,
        "horizon": horizon,
        "window": window,
        "level": (80, 95) if level is None else numbers_of("level", level) or None,
        "season": season,
        "interval": interval,
        "past": known,
        "future": names_of("future", future) or (),
        "static": names_of("static", static) or (),
        "categorical": names_of("categorical", categorical) or (),
        "calendar": _calendar(calendar),
        "missing": missing,
        "id": id,
        "time": None if time == "row" else time,
        "target": target,
        "epochs": epochs,
        "updates": updates,
        "ensemble": ensemble,
        "n_jobs": jobs,
        "seed": seed,
        **reading,
        "freq": int(freq) if freq is not None and freq.isdigit() else freq,
    }


def _check_preset(preset: str) -> None:
    from gatecast.forecast import presets

    known = presets()
    if preset not in known:
        near = get_close_matches(preset, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"there is no --preset {preset!r}{hint} ('gatecast presets' lists all of them)"
        )


def _calendar(text: str) -> bool | str | list[str]:
    """As a Forecaster takes it."""
    words: dict[str, bool | str] = {"auto": "auto", "all": True, "none": False}
    return words[text] if text in words else names_of("calendar", text) or []
