"""``gatecast forecast``: the frame of ``predict`` in a file, a picture and a page."""

import io
import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatecast.forecast import Forecaster
from tests.cli.commands import exit_code, refusal, sales

PANEL: dict[str, Any] = {"id": "store", "time": "day", "target": "sales"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of a panel, and one that needs a covariate known in advance."""
    folder = tmp_path_factory.mktemp("models")
    table = sales()
    table.to_csv(folder / "panel.csv", index=False)
    plain = Forecaster("linear", horizon=5, **PANEL).fit(folder / "panel.csv")
    plain.save(folder / "plain.gatecast")
    driven = Forecaster("linear", horizon=5, future=["promotion"], **PANEL)
    driven.fit(folder / "panel.csv").save(folder / "driven.gatecast")
    days = pd.date_range("2024-04-30", periods=5, freq="D")
    ahead = [pd.DataFrame({"store": s, "day": days, "promotion": [0, 1, 0, 0, 1]})
             for s in ("north", "south")]  # fmt: skip
    pd.concat(ahead).to_csv(folder / "future.csv", index=False)
    return folder


def predicted(folder, name="plain", **options):
    return Forecaster.load(folder / f"{name}.gatecast").predict(**options)


def test_the_issues_command(folder, tmp_path, capsys):
    out = tmp_path / "forecast.csv"
    code = exit_code("forecast", folder / "plain.gatecast", "--level", 80, 95, "-o", out)
    assert code == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "The forecasts:", str(out), "The picture:", str(tmp_path / "forecast.png"),
    ]  # fmt: skip
    assert "held-out origins of 2 series err" in shown.err
    frame = pd.read_csv(out, parse_dates=["day"])
    expected = predicted(folder, level=[80, 95])
    assert list(frame) == list(expected)
    assert frame["day"].tolist() == expected["day"].tolist()
    np.testing.assert_array_equal(frame["linear-hi-95"], expected["linear-hi-95"])
    assert (tmp_path / "forecast.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["f.csv.gz", "f.csv.bz2", "f.csv.xz", "f.csv.zip", "f.parquet"])
def test_formats(folder, tmp_path, name):
    out = tmp_path / name
    assert exit_code("forecast", folder / "plain.gatecast", "--no-picture", "-o", out) == 0
    frame = pd.read_parquet(out) if name.endswith("parquet") else pd.read_csv(out)
    np.testing.assert_array_equal(frame["linear"], predicted(folder)["linear"])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_same_forecast_is_the_same_file(folder, tmp_path):
    contents = set()
    for name in ("a.csv.gz", "a.csv.gz"):
        out = tmp_path / name
        assert exit_code("forecast", folder / "plain.gatecast", "-o", out, "--force") == 0
        contents.add(out.read_bytes())
    assert len(contents) == 1


def test_without_a_file_it_prints_the_table_alone(folder, capsys):
    assert exit_code("forecast", folder / "plain.gatecast", "--level", "none", "--horizon", 2) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "store,day,linear"
    assert len(lines) == 5


def test_more_steps_than_were_learned_are_said(folder, capsys):
    assert exit_code("forecast", folder / "plain.gatecast", "--horizon", 8) == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 17
    assert "h=8 is beyond the horizon of 5" in " ".join(shown.err.split())


def test_covariates_known_in_advance(folder, tmp_path, capsys):
    out = tmp_path / "f.csv"
    model = folder / "driven.gatecast"
    told = refusal(capsys, "forecast", model, "-o", out)
    assert "pass --future with them" in told
    assert exit_code("forecast", model, "--future", folder / "future.csv", "-o", out) == 0
    frame = pd.read_csv(out)
    rises = frame["driven" if "driven" in frame else "linear"].to_numpy().reshape(2, 5)
    assert (rises[:, 1] > rises[:, 0] + 8).all()


def test_other_series(folder, tmp_path, capsys):
    west = tmp_path / "new.csv"
    sales(("west",), seed=5).to_csv(west, index=False)
    out = tmp_path / "f.csv"
    assert exit_code("forecast", folder / "plain.gatecast", "--new", west, "-o", out) == 0
    assert set(pd.read_csv(out)["store"]) == {"west"}
    assert (tmp_path / "f.png").exists()


def test_a_page_of_what_lies_ahead(folder, tmp_path, capsys):
    page = tmp_path / "page"
    assert exit_code("forecast", folder / "plain.gatecast", "--report", page) == 0
    assert (page / "report.html").exists()
    described = json.loads((page / "metrics.json").read_text())
    calibration = Forecaster.load(folder / "plain.gatecast").calibration_
    assert calibration is not None
    covered = described["outlook"]["reliability"]["covered"]
    assert covered[0] == calibration.report().overall(80).coverage


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "f.xlsx"), "f.xlsx must end in .csv"),
        (("-o", "f.gz"), "f.gz must end in .csv"),
        (("-o", "no/f.csv"), "must lie in a folder that exists"),
        (("-o", "mine.csv"), "mine.csv exists; choose another name, or pass --force"),
        (("-o", "other.csv"), "other.png exists; choose another name, or pass --force"),
        (("-o", "f.csv", "--report", "."), "holds other content than a report"),
        (("-o", "f.csv", "--level", "much"), "--level must be numbers such as 80 95, or none"),
        (("-o", "f.csv", "--horizon", "0"), "--horizon must be a whole number >= 1"),
        (("-o", "f.csv", "--future", "mine.csv"), "without covariates known in advance"),
        (("-o", "f.csv", "--new", "gone.csv"), "gone.csv"),
    ],
)
def test_a_wrong_input_is_one_line_and_writes_nothing(
    folder, tmp_path, monkeypatch, capsys, options, message
):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.csv", "other.png"):
        (tmp_path / name).write_text("years of work")
    assert message in refusal(capsys, "forecast", folder / "plain.gatecast", *options)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(
        ("mine.csv", "other.png"), "years of work"
    )


def test_what_is_no_model_is_refused(folder, capsys):
    told = refusal(capsys, "forecast", folder / "panel.csv")
    assert "is not a file that gatecast wrote" in told


def test_names_that_a_spreadsheet_would_run_are_made_harmless(tmp_path):
    table = sales(("=1+1",))
    forecaster = Forecaster("naive", horizon=2, level=None, **PANEL).fit(table)
    forecaster.save(tmp_path / "m.gatecast")
    assert exit_code("forecast", tmp_path / "m.gatecast", "-o", tmp_path / "f.csv") == 0
    assert pd.read_csv(tmp_path / "f.csv")["store"].tolist() == ["'=1+1"] * 2


def test_a_printed_table_is_utf_8_in_a_pipe(tmp_path, monkeypatch):
    sales(("Zürich",)).to_csv(tmp_path / "t.csv", index=False)
    Forecaster("naive", horizon=2, **PANEL).fit(tmp_path / "t.csv").save(tmp_path / "m.gatecast")
    printed = io.BytesIO()
    pipe = io.TextIOWrapper(printed, encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", pipe)
    assert exit_code("forecast", tmp_path / "m.gatecast") == 0
    assert printed.getvalue().decode().splitlines()[1].startswith("Zürich,2024-04-30,")


def test_a_folder_is_no_file_to_write(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert ". must end in .csv" in refusal(capsys, "forecast", folder / "plain.gatecast", "-o", ".")
