"""The benchmark of intervals: nothing of the test rows is used, and its scores are the metrics."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import intervals
from benchmarks.accuracy.data import Competition
from gatecast import metrics
from gatecast.forecast.classical import Naive
from gatecast.forecast.plans import Plan
from gatecast.forecast.recipe import Recipe


def competition(seed: int = 0, series: int = 40) -> Competition:
    rng = np.random.default_rng(seed)
    walks = 100 + np.cumsum(rng.normal(size=(series, 64)), axis=1)
    ids = [f"s{i}" for i in range(series)]
    return Competition("walks", 1, 4, ids, list(walks[:, :60]), walks[:, 60:], None)


def test_scores_are_the_metrics_of_intervals_made_without_the_test_rows():
    data = competition()
    first, second = intervals.judge(data, Naive, "conformal", 0)
    assert (first.level, second.level) == (80, 95)
    assert first.coverage == pytest.approx(80, abs=12)
    assert first.held_out == pytest.approx(80, abs=4)
    assert data.truth is not None
    other = Competition(**(vars(data) | {"truth": data.truth + 1e6}))
    far, _ = intervals.judge(other, Naive, "conformal", 0)
    assert far.coverage == 0
    assert far.width == first.width
    unit = np.array([metrics.naive_scale(one) for one in data.known])
    assert first.scaled == pytest.approx(first.score / unit.mean(), rel=0.2)


def test_the_command_prints_a_table_and_refuses_what_is_not_there(tmp_path, capsys, monkeypatch):
    assert intervals.main(["--data", str(tmp_path)]) == 2
    assert "m3_monthly_train.csv.gz does not exist" in capsys.readouterr().err
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(intervals, "choose_best", lambda facts: Plan((Recipe(
        windows=(12,), hidden_size=4, updates=3),)))  # fmt: skip
    rng = np.random.default_rng(0)
    for kind, rows in (("train", 50), ("test", 18)):
        frame = pd.DataFrame({"unique_id": np.repeat(["a", "b"], rows),
                              "y": rng.normal(50, 5, 2 * rows)})  # fmt: skip
        frame.to_csv(tmp_path / f"m3_monthly_{kind}.csv.gz", index=False)
    assert intervals.main(["--data", str(tmp_path), "--processes", "1"]) == 0
    shown = capsys.readouterr().out
    for name in ("seasonal_naive", "theta", "gatecast"):
        assert name in shown
