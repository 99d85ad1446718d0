"""``gatecast fit``: options reach the forecaster, the model is written, errors write nothing."""

import numpy as np
import pytest

from gatecast.forecast import Forecaster
from tests.cli.commands import exit_code, refusal, sales


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "table.csv"
    sales(("north",)).drop(columns=["store", "region"]).to_csv(path, index=False)
    return path


@pytest.fixture
def asked(monkeypatch):
    """What a Forecaster was made with, in place of fitting it."""
    found: dict[str, object] = {}

    def fit(self, table):
        found.update(self.get_params(), table=table)
        raise SystemExit(7)

    monkeypatch.setattr(Forecaster, "fit", fit)
    return found


COLUMNS = ("--target", "sales", "--time", "day")


def test_the_issues_command(csv, tmp_path, capsys):
    out = tmp_path / "model.gatecast"
    code = exit_code("fit", csv, *COLUMNS, "--horizon", 7, "--preset", "linear", "-o", out)
    assert code == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-2:] == ["The model:", str(out)]
    assert "held-out origins err" in shown.out
    assert "- The 80 % interval held" in shown.out
    again = Forecaster.load(out)
    expected = Forecaster("linear", horizon=7, time="day", target="sales").fit(csv)
    np.testing.assert_array_equal(again.predict()["linear"], expected.predict()["linear"])


def test_a_network_is_fitted_with_a_window_and_epochs(csv, tmp_path, capsys):
    out = tmp_path / "m.gatecast"
    code = exit_code(
        "fit", csv, *COLUMNS, "--horizon", 3, "--window", 14, "--epochs", 1, "--preset",
        "gru-direct", "--level", "none", "-o", out,
    )  # fmt: skip
    assert code == 0
    made = Forecaster.load(out)
    assert (made.window, made.epochs, made.level) == (14, 1, None)
    assert "interval" not in capsys.readouterr().out


def test_a_page_of_what_lies_ahead(csv, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gatecast.report.folder.draw_all", lambda result: iter(()))
    page = tmp_path / "page"
    options = ("--preset", "naive", "-o", tmp_path / "m.gatecast", "--report", page)
    assert exit_code("fit", csv, *COLUMNS, *options) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(page / "report.html")
    written = {path.name for path in page.iterdir()} - {".gatecast-report"}
    assert written == {"report.html", "metrics.json", "ahead.csv"}  # and nothing that is empty
    assert exit_code("fit", csv, *COLUMNS, "--future", "promotion", *options) == 0
    assert not (page / "ahead.csv").exists()
    capsys.readouterr()
    (tmp_path / "thesis.txt").write_text("years of work")
    told = refusal(capsys, "fit", csv, *COLUMNS, *options[:-1], tmp_path)
    assert "pass --force to write into it" in told


def test_every_option_reaches_the_forecaster(csv, asked):
    code = exit_code(
        "fit", csv, *COLUMNS, "--id", "store", "--covariates", "a,b", "--past", "c",
        "--future", "promotion", "--static", "region", "--categorical", "a",
        "--level", 80, 95, "--level", "99", "--interval", "adaptive", "--freq", "2D",
        "--season", 7, "--calendar", "hour,weekday", "--missing", "mask", "--gaps", "insert",
        "--duplicates", "mean", "--unsorted", "sort", "--missing-texts", "n.a.,-",
        "--decimal", ",", "--date-format", "%d.%m.%Y", "--dayfirst", "--timezone", "Europe/Berlin",
        "--delimiter", ";", "--encoding", "cp1252", "--seed", 3, "--updates", 9, "--ensemble", 2,
        "--jobs", 2, "-o", csv.with_suffix(".gatecast"),
    )  # fmt: skip
    assert code == 7
    assert asked == {
        "model": "gru", "horizon": 14, "window": None, "level": (80, 95, 99), "freq": "2D",
        "season": 7, "interval": "adaptive", "past": ("a", "b", "c"), "future": ["promotion"],
        "static": ["region"], "categorical": ["a"], "calendar": ["hour", "weekday"],
        "missing": "mask",
        "gaps": "insert", "duplicates": "mean", "unsorted": "sort", "id": "store", "time": "day",
        "target": "sales", "epochs": None, "updates": 9, "ensemble": 2, "n_jobs": 2, "decimal": ",",
        "date_format": "%d.%m.%Y", "dayfirst": True, "timezone": "Europe/Berlin",
        "missing_texts": ["n.a.", "-"], "delimiter": ";", "encoding": "cp1252", "seed": 3,
        "table": csv,
    }  # fmt: skip


def test_what_is_not_said_is_the_forecasters_own_default(csv, asked):
    assert exit_code("fit", csv, "-o", csv.with_suffix(".gatecast")) == 7
    assert asked.pop("table") == csv
    assert {k: v or None for k, v in asked.items()} == {
        k: v or None for k, v in Forecaster().get_params().items()
    }


def test_rows_in_order_and_numbered_steps(csv, asked):
    out = csv.with_suffix(".gatecast")
    assert exit_code("fit", csv, "--time", "row", "--freq", "10", "--level=80", "-o", out) == 7
    assert (asked["time"], asked["freq"], asked["level"]) == (None, 10, (80,))


@pytest.mark.parametrize(("text", "given"), [("all", True), ("none", False), ("auto", "auto")])
def test_the_calendar_in_words(csv, asked, text, given):
    out = csv.with_suffix(".gatecast")
    assert exit_code("fit", csv, "--calendar", text, "-o", out) == 7
    assert asked["calendar"] == given


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--target", "sale", "--time", "day"), "has no column 'sale'; did you mean 'sales'?"),
        (("--target", "sales"), "; name the column of the time with --time\n"),
        (("--time", "day"), "; name the column of the target with --target, or put"),
        ((*COLUMNS, "--preset", "gur"), "there is no --preset 'gur'; did you mean 'gru'?"),
        ((*COLUMNS, "--level", "high"), "--level must be numbers such as 80 95, or none"),
        ((*COLUMNS, "--level", "80", "120"), "level must lie between 0 and 100"),
        ((*COLUMNS, "--past", "a,,b"), "--past must be names separated by commas"),
        ((*COLUMNS, "--horizon", "0"), "horizon must be a whole number >= 1"),
        ((*COLUMNS, "--missing", "guess"), "missing must be one of"),
        ((*COLUMNS, "--preset", "theta", "--window", "3"), "--window 3 is a choice of networks"),
    ],
)
def test_a_wrong_input_is_one_line_and_writes_nothing(csv, capsys, options, message):
    out = csv.with_suffix(".gatecast")
    assert message in refusal(capsys, "fit", csv, *options, "-o", out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [("no/m.gatecast", "must lie in a folder that exists"), ("table.csv", "pass --force")],
)
def test_where_it_cannot_be_written_is_said_before_any_work(csv, asked, capsys, name, message):
    before = csv.read_bytes()
    told = refusal(capsys, "fit", csv, *COLUMNS, "-o", csv.parent / name)
    assert message in told
    assert asked == {}
    assert csv.read_bytes() == before


def test_a_table_of_faults_is_refused_in_the_commands_own_words(csv, capsys):
    lines = csv.read_text().splitlines()
    csv.write_text("\n".join([*lines[:50], *lines[52:]]) + "\n")
    told = refusal(capsys, "fit", csv, *COLUMNS, "-o", csv.with_suffix(".gatecast"))
    assert "--gaps insert" in told


def test_presets_are_listed(capsys):
    assert exit_code("presets") == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"gru", "theta", "seasonal_naive"} <= {line.split()[0] for line in lines}
    assert all(len(line.split()) > 2 for line in lines)
