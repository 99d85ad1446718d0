"""The page of a forecaster, for the commands that write one."""

from pathlib import Path
from typing import TYPE_CHECKING

from gatecast.cli.wording import typed

if TYPE_CHECKING:
    from gatecast.forecast.forecaster import Forecaster
    from gatecast.results import Fan


def known_ahead(forecaster: "Forecaster") -> "list[Fan]":
    """What lies ahead of each series; nothing where covariates would have to be known."""
    from gatecast.forecast.reporting import fans_in

    known = forecaster.known_
    if known.schema.layout.future:
        return []
    return fans_in(forecaster.predict(), known, forecaster.name)


def write_page(forecaster: "Forecaster", fans: "list[Fan]", folder: Path, *, force: bool) -> None:
    """Write what is known of a forecaster, and say where."""
    from gatecast.forecast.reporting import make_report
    from gatecast.report import write

    result = make_report(forecaster, fans=fans, command=typed())
    print(f"The report:\n{write(result, folder, force=force).resolve()}")
