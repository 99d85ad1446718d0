"""``gatecast forecast``: a model in, forecasts out, as a table with a picture beside it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gatecast.cli.names import numbers_of
from gatecast.cli.writing import check_new, check_output, picture_beside, print_frame, write_frame


def forecast_command(
    model: Annotated[Path, typer.Argument(help="File that 'gatecast fit' wrote.")],
    new: Annotated[
        Path | None, typer.Option(help="Table of other series, or of the same with later rows.")
    ] = None,
    future: Annotated[
        Path | None, typer.Option(help="Table of the covariates known in advance.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(help="Steps ahead; those learned by default, more are iterated.")
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(help="Per cent that the intervals are to hold, such as 80 95; or none."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .csv (.gz) or .parquet; else it is printed."),
    ] = None,
    picture: Annotated[
        bool, typer.Option("--picture/--no-picture", help="Draw a .png beside it.")
    ] = True,
    report: Annotated[
        Path | None, typer.Option(help="Folder of a page that shows the forecasts.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Forecast with a saved model, from the end of each series."""
    drawing = picture_beside(out) if out is not None and picture else None
    if out is not None:
        check_output(out, force=force)
    if drawing is not None:
        check_new(drawing, force=force)
    if report is not None:
        from gatecast.report import check_folder

        check_folder(report, force=force)
    levels = None if level is None else numbers_of("level", level)

    from gatecast.cli.telling import make_errors_console, tell_fit, working
    from gatecast.forecast import Forecaster

    with working("forecasting"):
        forecaster = Forecaster.load(model)
        frame = _as_pandas(forecaster.predict(horizon, levels, new=new, future=future))
    tell_fit(forecaster, make_errors_console())
    if out is None:
        print_frame(frame)
    else:
        write_frame(frame, out)
        print(f"The forecasts:\n{out.resolve()}")
    if drawing is not None or report is not None:
        _show(forecaster, frame, new, drawing, report, force)


def _as_pandas(frame: Any) -> Any:
    import narwhals as nw

    return nw.from_native(frame).to_pandas()


def _show(
    forecaster: Any, frame: Any, new: Path | None, drawing: Path | None, report: Path | None,
    force: bool,
) -> None:  # fmt: skip
    """The picture and the page."""
    from gatecast.cli.pages import write_page
    from gatecast.forecast.reading import read_again
    from gatecast.forecast.reporting import fans_in

    known = forecaster.known_
    if new is not None:
        known = read_again(new, known.schema)
    fans = fans_in(frame, known, forecaster.name)
    if drawing is not None:
        _draw(forecaster, fans, drawing)
    if report is not None:
        write_page(forecaster, fans, report, force=force)


def _draw(forecaster: Any, fans: list[Any], drawing: Path) -> None:
    from io import BytesIO

    from gatecast import files
    from gatecast.report.outlook_figures import draw_fans
    from gatecast.report.plots import any_letters

    content = BytesIO()
    figure = draw_fans(fans, model=forecaster.name, target=forecaster.target)
    with any_letters():
        figure.savefig(content, format="png")
    files.write_bytes(drawing, content.getvalue())
    print(f"The picture:\n{drawing.resolve()}")
