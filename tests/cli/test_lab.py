"""``gatecast lab``: lists, refuses, runs; what it runs is tested in tests/lab."""

import json

import pytest

from gatecast.cli import main as cli
from gatecast.lab import EXPERIMENTS
from gatecast.results import Result, Row, Summary


def exit_code(*arguments: object) -> object:
    with pytest.raises(SystemExit) as end:
        cli.main([str(argument) for argument in arguments])
    return end.value.code


@pytest.fixture
def asked(monkeypatch):
    """What was asked of each run, in place of running it."""
    found = {}

    def run(name, **options):
        found[name] = options
        row = Row("gru", "", "network", 0, {"mse": 1.0})
        line = Summary("gru", "", "network", 1, {"mse": 1.0}, {"mse": 0.0}, None)
        return Result(name, options["preset"], name, "forecast", "y", [row], [line], ("mse",))

    monkeypatch.setattr("gatecast.lab.run", run)
    return found


def test_without_a_name_it_lists_the_experiments(capsys):
    assert exit_code("lab") == 0
    told = capsys.readouterr().out
    assert all(name in told for name in EXPERIMENTS)


def test_one_runs_into_its_folder(asked, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert exit_code("lab", "waves", "--quick", "--cells", "rnn,gru", "--preset", "published") == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "reports/waves/report.html")
    assert asked["waves"]["quick"]
    assert asked["waves"]["cells"] == ["rnn", "gru"]
    assert (
        json.loads((tmp_path / "reports/waves/metrics.json").read_text())["preset"] == "published"
    )


def test_all_run_into_folders_of_their_own(asked, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gatecast.lab.write", lambda result, folder, **_: folder / "report.html")
    assert exit_code("lab", "all", "--seeds", "1", "--out", tmp_path / "all") == 0
    pages = [str(tmp_path / "all" / name / "report.html") for name in EXPERIMENTS]
    assert capsys.readouterr().out.splitlines()[-5:] == pages
    assert list(asked) == list(EXPERIMENTS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("wave",), "there is no experiment 'wave'; choose from steel-usage"),
        (("waves", "--cells", "gry"), "cells must be one of 'rnn', 'gru', 'lstm', it is 'gry'"),
        (("waves", "--preset", "worst"), "preset must be one of 'published', 'best'"),
        (("waves", "--seeds", "0"), "seeds must be a whole number >= 1"),
    ],
)
def test_a_wrong_input_is_one_line_and_writes_nothing(arguments, message, tmp_path, capsys):
    assert exit_code("lab", *arguments, "--out", tmp_path / "out") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("gatecast: ")
    assert shown.err.count("\n") == 1
    assert message in shown.err
    assert not (tmp_path / "out").exists()
