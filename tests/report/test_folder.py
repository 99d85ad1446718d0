"""The folder of a run: what is in it, what it refuses, and that a failure leaves nothing half."""

import json
import os
from dataclasses import replace

import pytest

from gatecast import report
from gatecast.errors import InputError
from gatecast.report import folder as folder_file
from gatecast.results import Result, Row
from tests.report import made_results

SMALL = Result("mine", "best", "Mine", "forecast", "y", [Row("gru", "", "network", 0, {"mse": 1})])


@pytest.mark.parametrize(
    ("made", "figures"),
    [
        (
            made_results.regression,
            {"loss.png", "predictions.png", "residuals.png", "histogram.png", "heat.png"},
        ),
        (
            made_results.classification,
            {"loss.png", "accuracy.png", "predictions.png", "variants.png", "confusion.png"},
        ),
        (
            made_results.forecasts,
            {"loss.png", "predictions.png", "residuals.png", "histogram.png"},
        ),
        (
            made_results.hostile,
            {"loss.png", "predictions.png", "residuals.png", "histogram.png", "heat.png"},
        ),
    ],
)
def test_everything_is_written(tmp_path, made, figures):
    page = report.write(made(), tmp_path / "deep" / "run")
    assert page == tmp_path / "deep" / "run" / "report.html"
    assert {p.name for p in page.parent.iterdir()} == {
        "report.html", "metrics.json", "metrics.csv", "predictions.csv", "history.csv", "figures",
        ".gatecast-report",
    }  # fmt: skip
    drawn = {p.name: p.read_bytes() for p in (page.parent / "figures").iterdir()}
    assert set(drawn) == figures
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())
    assert [p.name for p in page.parent.parent.iterdir()] == ["run"]


def test_an_earlier_run_is_written_over_and_what_is_not_ours_stays(tmp_path):
    report.write(made_results.forecasts(windows=5), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    report.write(SMALL, tmp_path)
    assert json.loads((tmp_path / "metrics.json").read_text())["experiment"] == "mine"
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "figures").exists(), "this run has none; the old ones would mislead"


def test_a_folder_of_other_content_is_refused_unless_forced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="other content than a report"):
        report.write(SMALL, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    report.write(SMALL, tmp_path, force=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("metrics", "marker"),
    [
        ('{"written_by": "others"}', '{"files": []}'),
        ('{"written_by": "gatecast"}', "{}"),
        ("[]", '{"files": []}'),
        ('{"written_by": "gatecast"', '{"files": []}'),
    ],
)
def test_a_metrics_file_of_others_is_no_pass(tmp_path, metrics, marker):
    (tmp_path / "metrics.json").write_text(metrics)
    (tmp_path / ".gatecast-report").write_text(marker)
    with pytest.raises(InputError, match="other content"):
        report.check_folder(tmp_path)


@pytest.mark.parametrize("place", ["run", "run/deep/deeper", "."])
def test_a_folder_that_cannot_be_made_is_refused_before_the_work(place, tmp_path, monkeypatch):
    report.check_folder(tmp_path / place)
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)  # root may all
    with pytest.raises(InputError, match=f"{tmp_path.name}' may not be written into; choose"):
        report.check_folder(tmp_path / place)


def test_a_file_on_the_way_to_a_folder_is_named(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(InputError, match="notes' on the way to it is a file"):
        report.check_folder(tmp_path / "notes" / "run" / "one")


def test_a_forged_marker_reaches_nothing_outside(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("keep")
    run = tmp_path / "run"
    report.write(SMALL, run)
    (run / ".gatecast-report").write_text('{"files": ["../precious.txt", "..", 3, "old.csv"]}')
    (run / "old.csv").write_text("old")
    report.write(SMALL, run, force=True)
    assert precious.exists()
    assert not (run / "old.csv").exists()


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(InputError, match="a file; it must be a folder"):
        report.write(SMALL, tmp_path / "run", force=True)


def test_extra_files_come_with_the_rest_and_collide_with_nothing_of_others(tmp_path):
    def extra(folder):
        (folder / "models").mkdir()
        (folder / "models" / "gru.bin").write_bytes(b"weights")

    report.write(SMALL, tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "theirs.bin").write_bytes(b"theirs")
    with pytest.raises(InputError, match="holds models"):
        report.write(SMALL, tmp_path, extra=extra)
    assert (tmp_path / "models" / "theirs.bin").exists()
    report.write(SMALL, tmp_path / "other", extra=extra)
    report.write(SMALL, tmp_path / "other", extra=extra)
    assert (tmp_path / "other" / "models" / "gru.bin").read_bytes() == b"weights"


@pytest.mark.parametrize("existing", [True, False])
def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch, existing):
    run = tmp_path / "run"
    if existing:
        report.write(SMALL, run)
    before = {p.name: p.read_bytes() for p in run.iterdir()} if existing else None

    def fail(result):
        raise RuntimeError("no ink")

    monkeypatch.setattr(folder_file, "render", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        report.write(replace(SMALL, title="new"), run)
    after = {p.name: p.read_bytes() for p in run.iterdir()} if existing else None
    assert after == before
    assert run.exists() == existing
    assert [p for p in tmp_path.iterdir() if p != run] == []
