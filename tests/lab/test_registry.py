"""Running an experiment by its name, from Python and from the command line."""

import json

import pytest
from typer.testing import CliRunner

from gatecast import lab
from gatecast.cli.main import app, main
from gatecast.errors import InputError

NAMES = ["steel-usage", "steel-load", "electric", "grades", "waves"]


def test_the_five_experiments():
    assert list(lab.EXPERIMENTS) == NAMES


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("wave", {}, "no experiment 'wave'.*waves"),
        ("waves", {"preset": "fast"}, "preset"),
        ("waves", {"cells": ["rnn", "esn"]}, "cells"),
        ("waves", {"cells": "rnn"}, "cells must be a list"),
        ("waves", {"seeds": 0}, "seeds"),
    ],
)
def test_what_cannot_be_run_is_refused(name, options, message):
    with pytest.raises(InputError, match=message):
        lab.run(name, **options)


def test_a_preset_without_a_network_of_the_cells_is_refused(reference_data):
    with pytest.raises(InputError, match="published.*'grades' has no network"):
        lab.run("grades", preset="published", cells=["gru"])


def test_the_command_lists_them():
    printed = CliRunner().invoke(app, ["lab"]).stdout
    assert all(name in printed for name in NAMES)


def test_the_command_runs_one_and_prints_where_the_report_is(reference_data, tmp_path):
    out = tmp_path / "run"
    arguments = ["lab", "electric", "--quick", "--epochs", "1", "--cells", "rnn,gru", "--jobs", "1"]
    ran = CliRunner().invoke(app, [*arguments, "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines()[-1] == str(out / "report.html")
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert (found["experiment"], found["preset"]) == ("electric", "best")
    assert {r["model"] for r in found["rows"] if r["kind"] == "network"} == {"rnn", "gru"}
    assert {r["variant"] for r in found["rows"]} == {"best"}
    assert {r["status"] for r in found["rows"]} == {"ok"}


def test_the_command_refuses_an_unknown_experiment_and_a_folder_of_other_content(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["lab", "steel"])
    assert ended.value.code == 2
    assert "steel-usage" in capsys.readouterr().err
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["lab", "waves", "--quick", "--out", str(tmp_path)])
    assert ended.value.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
