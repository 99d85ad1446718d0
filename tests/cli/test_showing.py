"""The table in the terminal."""

import io

import pytest
from rich.console import Console

from gatecast import kernels
from gatecast.cli.showing import make_console, show_pages, show_result
from gatecast.results import Alarm, Result, Summary


def shown(result: Result, width: int = 140) -> str:
    text = io.StringIO()
    show_result(result, Console(file=text, width=width))
    return text.getvalue()


def summary(model, kind, mse, **options):
    mean = {} if mse is None else {"mse": mse, "rmse": mse**0.5}
    spread = dict.fromkeys(mean, 0.25)
    return Summary(model, options.pop("variant", ""), kind, 3, mean, spread, None, **options)


def test_spread_published_figures_alarms_and_conclusions_are_there():
    lines = [
        summary("last_value", "baseline", 4.0),
        summary("gru", "network", 1.0, published={"mse": 2.5}, parameters=1234),
        summary("rnn", "network", None, diverged=3),
    ]
    result = Result("test", "best", "A [title]", "forecast", "y", summary=lines)
    result.headline = ("mse", "rmse")
    result.alarms = [Alarm("rnn", "", "diverged", "3 of 3 trainings [diverged]")]
    result.conclusions = ["gru has the lowest MSE."]
    text = shown(result)
    for expected in ("A [title]", "1 ± 0.25", "2.5", "1,234", "diverged", "[diverged]", "- gru"):
        assert expected in text
    assert text.index("gru") < text.index("last_value")  # networks first


def test_each_variant_stands_above_its_models():
    lines = [summary("gru", "network", 1.0, variant=name) for name in ("one", "three")]
    result = Result("test", "best", "T", "forecast", "y", summary=lines, headline=("mse",))
    lines = [line.strip() for line in shown(result).splitlines()]
    starts = [line.split()[0] for line in lines if line]
    assert starts[3:] == ["one", "gru", "three", "gru"]


@pytest.mark.parametrize("width", [76, 80, 100, 130])
def test_a_narrow_terminal_loses_columns_and_no_digits(width):
    mean = dict.fromkeys(("mse", "rmse", "mae", "r2"), 0.001234)
    spread = dict.fromkeys(mean, 0.000123)
    line = Summary(
        "linear_regression", "10-step/recursive", "network", 5, mean, spread, 0.5,
        {"mse": 0.009876}, 0, 12_345, 12.34, 123_456.0,
    )  # fmt: skip
    result = Result("test", "best", "T", "forecast", "y", summary=[line])
    result.headline = ("mse", "rmse", "mae", "r2")
    text = shown(result, width)
    for kept in ("0.001234 ± 0.00012", "0.009876", "published", "+50.0 %", "10-step/recursive"):
        assert kept in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for name, value in (("windows/s", "123,456"), ("seconds", "12.34"), ("parameters", "12,345")):
        assert name in text
        assert (value in text) != (name in text.partition("Not shown")[2])


def test_the_path_of_each_report_is_alone_on_the_last_lines(tmp_path, capsys):
    with kernels.use("reference"):
        show_pages([tmp_path / "a" / "report.html", tmp_path / ("b" * 90)], make_console())
    told = capsys.readouterr().out.splitlines()
    assert "reference kernels" in told[0]
    assert told[-2:] == [str(tmp_path / "a" / "report.html"), str(tmp_path / ("b" * 90))]
    if "native" in kernels.info()["available"]:
        with kernels.use("native"):
            show_pages([tmp_path], make_console())
        assert capsys.readouterr().out == f"The report:\n{tmp_path}\n"
