"""``gatecast compare``: a table in, a report out; a wrong input writes nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from gatecast import files
from gatecast.cli import main as cli


@pytest.fixture
def csv(tmp_path):
    rng = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", periods=150, freq="D")
    y = 5 * np.sin(np.arange(150) * 2 * np.pi / 7) + rng.normal(0, 0.5, 150)
    path = tmp_path / "table.csv"
    pd.DataFrame({"ds": days, "y": y}).to_csv(path, index=False)
    return path


QUICK = ("--window", "7", "--seeds", "1", "--epochs", "2", "--hidden", "4", "--jobs", "1")


def exit_code(*arguments: object) -> object:
    with pytest.raises(SystemExit) as end:
        cli.main([str(argument) for argument in arguments])
    return end.value.code


def test_a_comparison_prints_its_table_and_writes_its_report(csv, tmp_path, capsys):
    out = tmp_path / "report"
    code = exit_code(
        "compare", csv, "--target", "y", "--time", "ds", *QUICK, "--cells", "rnn,gru",
        "--baselines", "last_value,seasonal_naive", "--horizon", "2", "--test", "31", "--out", out,
    )  # fmt: skip
    shown = capsys.readouterr().out
    assert code == 0
    for expected in ("rnn", "gru", "last_value", "seasonal_naive", "MSE", "skill"):
        assert expected in shown
    assert shown.splitlines()[-1] == str(out / "report.html")
    assert (out / "report.html").stat().st_size > 1000
    assert any("the last 31 test" in note for note in written_notes(out))
    models = sorted(path.name for path in (out / "models").iterdir())
    assert models == ["gru-0.gatecast", "rnn-0.gatecast"]
    arrays, config = files.read(out / "models" / "gru-0.gatecast")
    assert "0.weight_hh_l0" in arrays
    assert config["target"] == "y"
    written = json.loads((out / "metrics.json").read_text())
    assert {row["model"] for row in written["rows"]} == {
        "rnn", "gru", "last_value", "seasonal_naive",
    }  # fmt: skip


def written_notes(out):
    return json.loads((out / "metrics.json").read_text())["notes"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--target", "z"), "did you mean 'y'?|has no column 'z'"),
        (("--target", "y", "--cells", "rnn,,gru"), "--cells must be names separated by commas"),
        (("--target", "y", "--window", "500"), "the table has 150 rows"),
        (("--target", "y", "--features", "a"), "no column 'a'"),
    ],
)
def test_a_wrong_input_is_one_line_and_writes_nothing(csv, tmp_path, capsys, options, message):
    out = tmp_path / "report"
    assert exit_code("compare", csv, *QUICK, *options, "--out", out) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("gatecast: ")
    assert shown.err.count("\n") == 1
    assert any(part in shown.err for part in message.split("|"))
    assert not out.exists()


def test_a_folder_of_other_content_is_refused_before_any_work(csv, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gatecast.comparison.compare", lambda *a, **k: pytest.fail("worked"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert exit_code("compare", csv, "--target", "y", "--out", tmp_path / "mine") == 2
    assert "thesis" not in capsys.readouterr().out
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
