"""``gatecast backtest``: of a table and of a model, into a report."""

import json

import pytest

from gatecast.forecast import Forecaster
from tests.cli.commands import exit_code, refusal, sales

COLUMNS = ("--target", "sales", "--time", "day", "--id", "store")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    sales().to_csv(folder / "panel.csv", index=False)
    forecaster = Forecaster("linear", horizon=5, id="store", time="day", target="sales")
    forecaster.fit(folder / "panel.csv").save(folder / "m.gatecast")
    return folder


@pytest.fixture
def without_pictures(monkeypatch):
    """Drawing takes most of a command's time, and is tested elsewhere."""
    monkeypatch.setattr("gatecast.report.folder.draw_all", lambda result: iter(()))


def test_a_table(folder, tmp_path, capsys):
    out = tmp_path / "report"
    code = exit_code(
        "backtest", folder / "panel.csv", *COLUMNS, "--horizon", 5, "--preset", "linear",
        "--windows", 2, "--out", out,
    )  # fmt: skip
    assert code == 0
    shown = capsys.readouterr().out
    for expected in ("linear", "seasonal_naive", "MASE", "skill", "held-out origins"):
        assert expected in shown
    assert shown.splitlines()[-1] == str(out / "report.html")
    described = json.loads((out / "metrics.json").read_text())
    evaluation = Forecaster.load(folder / "m.gatecast").evaluate(n_windows=2)
    assert described["rows"][0]["metrics"] == pytest.approx(evaluation.metrics)
    assert {p.name for p in (out / "figures").iterdir()} >= {
        "ahead.png", "errors-by-origin.png", "errors-by-step.png", "calibration.png",
        "importance.png", "residuals.png",
    }  # fmt: skip


def test_a_model_with_fewer_steps_and_learning_anew(folder, tmp_path, capsys, without_pictures):
    out = tmp_path / "report"
    code = exit_code(
        "backtest", folder / "m.gatecast", "--horizon", 2, "--windows", 3, "--step", 1, "--refit",
        "--out", out,
    )  # fmt: skip
    assert code == 0
    described = json.loads((out / "metrics.json").read_text())
    steps, origins = (
        next(b for b in described["outlook"]["breakdowns"] if b["by"] == by)
        for by in ("step", "origin")
    )
    assert (len(steps["places"]), len(origins["places"])) == (2, 3)
    assert described["title"] == "sales, 2 steps ahead"


def test_with_covariates_known_in_advance_nothing_lies_ahead(
    folder, tmp_path, capsys, without_pictures
):
    out = tmp_path / "report"
    code = exit_code(
        "backtest", folder / "panel.csv", *COLUMNS, "--future", "promotion", "--horizon", 3,
        "--preset", "linear", "--level", "none", "--out", out,
    )  # fmt: skip
    assert code == 0
    assert not (out / "ahead.csv").exists()
    assert "promotion" in (out / "report.html").read_text()


def test_alarms_are_said(tmp_path, capsys, without_pictures):
    table = sales(("north",))
    table.to_csv(tmp_path / "t.csv", index=False)
    code = exit_code(
        "backtest", tmp_path / "t.csv", *COLUMNS, "--preset", "mean", "--horizon", 3,
        "--out", tmp_path / "report",
    )  # fmt: skip
    assert code == 0
    shown = capsys.readouterr().out
    assert shown.count("! worse than naive") == 1
    assert shown.count("! flat") == 1
    assert "Use 'seasonal_naive' as the model" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("m.gatecast", "--window", "7"), "--window was settled when m.gatecast was fitted"),
        (("m.gatecast", "--missing-texts", "x"), "--missing-texts was settled"),
        (("m.gatecast", "--windows", "0"), "windows must be a whole number >= 1"),
        (("panel.csv", *COLUMNS, "--horizon", "200"), "200"),
        (("gone.csv",), "gone.csv"),
    ],
)
def test_a_wrong_input_is_one_line_and_writes_nothing(folder, tmp_path, capsys, arguments, message):
    out = tmp_path / "report"
    name, *options = arguments
    assert message in refusal(capsys, "backtest", folder / name, *options, "--out", out)
    assert not out.exists()


def test_a_folder_of_other_content_is_refused_before_any_work(
    folder, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(Forecaster, "fit", lambda *a, **k: pytest.fail("worked"))
    (tmp_path / "thesis.txt").write_text("years of work")
    told = refusal(capsys, "backtest", folder / "panel.csv", "--out", tmp_path)
    assert "pass --force to write into it" in told
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
