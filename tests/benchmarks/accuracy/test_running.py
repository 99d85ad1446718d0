"""The accuracy benchmark from its command line to the files that it leaves."""

import numpy as np
import pandas as pd
import pytest

import benchmarks.accuracy.work as work
from benchmarks.accuracy.__main__ import main, parts_of
from benchmarks.accuracy.data import ETT_ENDS
from benchmarks.accuracy.work import units_of
from gatecast.forecast.plans import Plan
from gatecast.forecast.recipe import Recipe


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A competition of ten series, and networks that train in no time."""
    rng = np.random.default_rng(0)
    whole = [50 + np.cumsum(rng.normal(size=40)) for _ in range(10)]
    for kind, rows in (("train", slice(0, 36)), ("test", slice(36, 40))):
        frames = [
            pd.DataFrame({"unique_id": f"T{i}", "ds": np.arange(len(y[rows])), "y": y[rows]})
            for i, y in enumerate(whole)
        ]
        pd.concat(frames).to_csv(tmp_path / f"made_{kind}.csv.gz", index=False)
    recipe = Recipe(hidden_size=4, updates=3, batch_size=8, windows=(5, 9), ensemble=2)
    plan = Plan((recipe,), (("theta", 0.5),))
    monkeypatch.setattr(work, "choose_best", lambda facts: plan)
    monkeypatch.delenv("GATECAST_DATA", raising=False)
    return tmp_path


def given(folder, *more):
    return ["--only", "made", "--data", str(folder), "--period", "1", "--horizon", "4",
            "--processes", "1", *more]  # fmt: skip


def test_any_competition_is_forecast_and_scored(folder, capsys):
    assert main(given(folder, "--out", str(folder / "out"))) == 0
    shown = capsys.readouterr().out
    assert "made" in shown
    assert "gatecast, network alone" in shown
    assert "4 networks" in shown
    left = pd.read_csv(folder / "out" / "made.csv")
    assert list(left.columns) == ["unique_id", "step", "yhat"]
    assert len(left) == 40
    assert left["step"].tolist()[:5] == [1, 2, 3, 4, 1]
    assert main([*given(folder, "--out", str(folder / "again"))]) == 0
    again = pd.read_csv(folder / "again" / "made.csv")
    pd.testing.assert_frame_equal(left, again)


def test_without_a_test_file_there_are_forecasts_alone(folder, capsys):
    (folder / "made_test.csv.gz").unlink()
    path = str(folder / "made_train.csv.gz")
    code = main(["--only", path, "--period", "1", "--horizon", "4", "--processes", "1",
                 "--out", str(folder / "out")])  # fmt: skip
    assert code == 0
    assert len(pd.read_csv(folder / "out" / "made.csv")) == 40
    assert "sMAPE" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "m3_yearly"], "set GATECAST_DATA, or give --data"),
        (["--only", "made", "--data", "FOLDER"], "give --period, --horizon"),
        (["--only", "other", "--data", "FOLDER", "--period", "1", "--horizon", "4"],
         "other_train.csv.gz does not exist"),
        (["--only", "made", "--data", "FOLDER", "--period", "1", "--horizon", "3"],
         "must have 3 rows for each of the 10 series"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(folder, capsys, arguments, words):
    found = [str(folder) if part == "FOLDER" else part for part in arguments]
    assert main([*found, "--processes", "1"]) == 2
    assert words in capsys.readouterr().err


def test_a_pool_is_its_parts(folder):
    from benchmarks.accuracy.__main__ import arguments

    parts = parts_of(arguments(["--only", "m3", "etth1_96", "--data", str(folder)]))
    assert [part.name for part in parts] == [
        "m3_yearly", "m3_quarterly", "m3_monthly", "m3_other", "etth1_96",
    ]  # fmt: skip


def test_every_network_of_a_plan_is_a_unit(folder):
    part = work.Part("made", folder, 1, 4)
    plan = Plan((Recipe(windows=(4, 8), ensemble=2), Recipe(form="sequence")))
    units = units_of(part, plan, seed=3)
    assert [(u.group, u.seed) for u in units] == [
        ((0, 4), 300), ((0, 4), 301), ((0, 8), 300), ((0, 8), 301), ((1, 0), 300),
    ]  # fmt: skip
    assert all(unit.recipe.ensemble == 1 for unit in units)


def test_windows_of_a_long_table_are_forecast_with_companions(tmp_path, monkeypatch, capsys):
    rng, rows = np.random.default_rng(0), ETT_ENDS[2]
    wave = 10 + np.sin(2 * np.pi * np.arange(rows) / 24)
    columns = {name: wave + rng.normal(0, 0.1, rows) for name in ("one", "two")}
    pd.DataFrame({"date": np.arange(rows)} | columns).to_csv(
        tmp_path / "etth1_wide.csv.gz", index=False
    )
    recipe = Recipe(front="patch", segment=24, hidden_size=4, updates=2, windows=(48,))
    for share in (0.0, 0.5, 1.0):
        plan = Plan((recipe,), (("shared_autoregression", share),) if share else ())
        monkeypatch.setattr(work, "choose_best", lambda facts, plan=plan: plan)
        assert main(["--only", "etth1_96", "--data", str(tmp_path), "--processes", "1",
                     "--out", str(tmp_path / f"{share}")]) == 0  # fmt: skip
        assert ("network alone" in capsys.readouterr().out) == (share > 0)
    alone, both, line = (np.load(tmp_path / f"{s}" / "etth1_96.npy") for s in (0.0, 0.5, 1.0))
    assert both.shape == (2880 - 96 + 1, 96, 2)
    assert np.abs(both - (alone + line) / 2).max() < 1e-4
    truth = np.lib.stride_tricks.sliding_window_view(
        np.stack(list(columns.values()), axis=1)[ETT_ENDS[1] :], 96, axis=0
    ).transpose(0, 2, 1)
    assert np.abs(line - truth).mean() < 0.15  # noise of 0.1: the wave is found
