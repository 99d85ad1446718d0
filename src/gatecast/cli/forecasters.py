"""The options that make a forecaster, for every command that fits one."""

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from typing import Annotated, Any

import typer

from gatecast.cli.names import names_of, numbers_of
from gatecast.cli.table_options import (
    DateFormat,
    DayFirst,
    Decimal,
    Delimiter,
    Encoding,
    Timezone,
)
from gatecast.errors import InputError


def _names(help: str) -> Any:  # noqa: A002 (Typer's word)
    return typer.Option(help=f"{help}, separated by commas.", metavar="NAMES")


def forecaster_options(
    target: Annotated[str, typer.Option(help="Column to forecast.")] = "y",
    time: Annotated[
        str, typer.Option(help="Column of time stamps; 'row': the rows are in order as they are.")
    ] = "ds",
    id: Annotated[  # noqa: A002 (the option's name)
        str, typer.Option(help="Column that names the series, where there are several.")
    ] = "unique_id",
    horizon: Annotated[int, typer.Option(help="Steps ahead that are learned and forecast.")] = 14,
    preset: Annotated[
        str, typer.Option(help="gru, lstm, rnn, theta, ...; 'gatecast presets' lists them.")
    ] = "gru",
    covariates: Annotated[
        str | None, _names("Columns that explain the target, known up to now; the same as --past")
    ] = None,
    past: Annotated[str | None, _names("Covariates known up to now")] = None,
    future: Annotated[str | None, _names("Covariates known in advance")] = None,
    static: Annotated[str | None, _names("Covariates of a whole series")] = None,
    categorical: Annotated[
        str | None, _names("Those covariates whose categories look like numbers")
    ] = None,
    window: Annotated[
        int | None, typer.Option(help="Rows looked back on; chosen from the data by default.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    updates: Annotated[int | None, typer.Option(help="Steps of the optimiser.")] = None,
    ensemble: Annotated[
        int | None, typer.Option(help="Networks whose median is the forecast.")
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(help="Per cent that the intervals are to hold, such as 80 95; or none."),
    ] = None,
    interval: Annotated[
        str, typer.Option(help="conformal, adaptive, quantiles, dropout or paths.")
    ] = "conformal",
    freq: Annotated[
        str | None, typer.Option(help="Of the time stamps, such as 15min, D, MS.")
    ] = None,
    season: Annotated[
        int | None, typer.Option(help="Rows in a season; from the frequency by default.")
    ] = None,
    calendar: Annotated[
        str, typer.Option(help="auto, all, none, or cycles to tell, such as hour,weekday.")
    ] = "auto",
    missing: Annotated[
        str, typer.Option(help="error, mask, interpolate or last: what to do about no value.")
    ] = "error",
    gaps: Annotated[str, typer.Option(help="error or insert: what to do about gaps.")] = "error",
    duplicates: Annotated[str, typer.Option(help="error, mean or last.")] = "error",
    unsorted: Annotated[str, typer.Option(help="error or sort.")] = "error",
    missing_texts: Annotated[str | None, _names("Texts that mean 'no value'")] = None,
    decimal: Decimal = None,
    date_format: DateFormat = None,
    dayfirst: DayFirst = None,
    timezone: Timezone = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bits.")] = 0,
) -> dict[str, Any]:
    """Keywords of a Forecaster."""
    _check_preset(preset)
    known = [*(names_of("covariates", covariates) or ()), *(names_of("past", past) or ())]
    return {
        "model": preset,
        "horizon": horizon,
        "window": window,
        "level": (80, 95) if level is None else numbers_of("level", level) or None,
        "freq": int(freq) if freq is not None and freq.isdigit() else freq,
        "season": season,
        "interval": interval,
        "past": known,
        "future": names_of("future", future) or (),
        "static": names_of("static", static) or (),
        "categorical": names_of("categorical", categorical) or (),
        "calendar": _calendar(calendar),
        "missing": missing,
        "gaps": gaps,
        "duplicates": duplicates,
        "unsorted": unsorted,
        "id": id,
        "time": None if time == "row" else time,
        "target": target,
        "epochs": epochs,
        "updates": updates,
        "ensemble": ensemble,
        "decimal": decimal,
        "date_format": date_format,
        "dayfirst": dayfirst,
        "timezone": timezone,
        "missing_texts": names_of("missing-texts", missing_texts) or (),
        "delimiter": delimiter,
        "encoding": encoding,
        "seed": seed,
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


def with_forecaster(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; it gets what they make as ``choices``."""
    own = list(inspect.signature(command).parameters.values())
    shared = list(inspect.signature(forecaster_options).parameters.values())
    names = [parameter.name for parameter in shared]

    @wraps(command)
    def wrapped(**given: Any) -> None:
        choices = forecaster_options(**{name: given.pop(name) for name in names})
        command(**given, choices=choices)

    first = [p for p in own if p.default is p.empty and p.name != "choices"]
    rest = [p for p in own if p.default is not p.empty]
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*first, *shared, *rest)]
    wrapped.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in keyword}
    return wrapped
