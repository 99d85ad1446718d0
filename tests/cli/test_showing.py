"""The table in the terminal."""

import io

from rich.console import Console

from gatecast.cli.showing import show_result
from gatecast.results import Alarm, Result, Summary


def shown(result: Result) -> str:
    text = io.StringIO()
    show_result(result, Console(file=text, width=140))
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


def test_variants_have_a_column_where_there_are_any():
    lines = [summary("gru", "network", 1.0, variant=name) for name in ("one", "three")]
    result = Result("test", "best", "T", "forecast", "y", summary=lines, headline=("mse",))
    assert "variant" in shown(result)
    assert "three" in shown(result)
    assert "variant" not in shown(Result("test", "best", "T", "forecast", "y"))
