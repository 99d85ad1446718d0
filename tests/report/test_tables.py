"""What programs read: plain finite numbers under stable names, and tables that add up."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import report
from gatecast.report import tables
from gatecast.results import Predictions, Result, Row, Truth
from tests.report import made_results

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "metrics-json.md").read_text("utf-8")


def numbers_in(value):
    if isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(entry)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize(
    "made", [made_results.regression, made_results.classification, made_results.forecasts]
)
def test_metrics_json_holds_the_result(made):
    result = made()
    read = json.loads(json.dumps(tables.metrics_json(result), allow_nan=False))
    assert [(r["model"], r["variant"], r["seed"], r["status"]) for r in read["rows"]] == [
        (r.model, r.variant, r.seed, r.status) for r in result.rows
    ]
    assert [r["metrics"] for r in read["rows"]] == [r.metrics for r in result.rows]
    assert [s["mean"] for s in read["summary"]] == [s.mean for s in result.summary]
    assert all(map(math.isfinite, numbers_in(read)))


def test_every_key_is_documented():
    read = tables.metrics_json(made_results.regression())
    names = set(read) | set(read["rows"][0]) | set(read["summary"][0]) | set(read["alarms"][0])
    assert {name for name in names if f"`{name}`" not in DOCUMENTED} == set()


def test_nan_infinity_and_numpy_numbers_become_plain_or_nothing():
    metrics = {"mse": np.float32(0.5), "mae": math.nan, "r2": -math.inf}
    row = Row("gru", "", "network", np.int64(3), metrics, seconds=math.nan)  # type: ignore[arg-type]
    result = replace(made_results.regression(rows=20), rows=[row])
    read = tables.metrics_json(result)["rows"][0]
    assert read["metrics"] == {"mse": 0.5}
    assert read["seconds"] is None
    assert type(read["seed"]) is int
    assert type(read["metrics"]["mse"]) is float


def test_csv_files_hold_every_row(tmp_path):
    result = made_results.forecasts(windows=20)
    report.write(result, tmp_path, every_seed=True)
    predictions = pd.read_csv(tmp_path / "predictions.csv")
    assert (
        ",".join(map(str, predictions))
        == "model,variant,seed,row,time,step,truth,forecast,lower,upper"
    )
    assert len(predictions) == sum(np.size(p.forecast) for p in result.predictions)
    one = result.predictions[-2]
    mine = predictions.query(f"model == '{one.model}' and variant == '{one.variant}'")
    np.testing.assert_allclose(mine.forecast, np.ravel(one.forecast), rtol=1e-12)
    np.testing.assert_array_equal(mine.step, np.tile(np.arange(1, 11), 20))
    np.testing.assert_array_equal(mine.row, np.repeat(np.arange(20), 10))
    history = pd.read_csv(tmp_path / "history.csv")
    np.testing.assert_allclose(history.train, np.concatenate([c.train for c in result.curves]))
    metrics = pd.read_csv(tmp_path / "metrics.csv")
    np.testing.assert_allclose(metrics.mse, [r.metrics["mse"] for r in result.rows])
    assert metrics.seed.isna().sum() == sum(r.seed is None for r in result.rows)


def test_one_seed_of_each_model_is_written_by_default_and_none_that_diverged():
    rows = [
        Row("gru", "", "network", 0, {}, "diverged"),
        Row("gru", "", "network", 1, {}),
        Row("rnn", "", "network", 0, {}, "diverged"),
        Row("naive", "", "baseline", None, {}),
    ]
    forecasts = [
        Predictions(row.model, row.variant, row.seed, np.full((3, 1), place))
        for place, row in enumerate(rows)
    ]
    result = Result(
        "mine", "best", "Mine", "forecast", "y", rows, predictions=forecasts,
        truths=[Truth("", np.zeros((3, 1)), np.arange(3))],
    )  # fmt: skip
    assert tables.predictions_table(result).forecast.unique().tolist() == [1, 2, 3]
    assert len(tables.predictions_table(result, every_seed=True)) == 12


TEXTS = st.text("=+-@\t\r1.5eA", max_size=6)


@given(st.lists(TEXTS | st.floats(allow_nan=False) | st.none(), min_size=1, max_size=8))
def test_no_text_is_a_formula_and_no_number_is_touched(values):
    table = pd.DataFrame({"cell": pd.Series(values, dtype=object), "number": -1.5})
    mended = tables.harmless(table)
    assert mended["number"].tolist() == table["number"].tolist()
    for before, after in zip(values, mended["cell"], strict=True):
        if after == before or (before is None and pd.isna(after)):
            continue
        assert isinstance(before, str)
        assert after == f"'{before}"
        assert before[0] in "=+-@\t\r"
        with pytest.raises(ValueError, match="could not convert"):
            float(before)
    for text in (v for v in mended["cell"] if isinstance(v, str) and v):
        assert text[0] not in "=@"


def test_classes_called_like_formulas_are_harmless_in_the_files(tmp_path):
    called = replace(made_results.classification(rows=30))
    called.truths = [replace(t, classes=("=1+1", "@b", "-5")) for t in called.truths]
    report.write(called, tmp_path)
    written = pd.read_csv(tmp_path / "predictions.csv", dtype=str)
    assert set(written.truth) <= {"'=1+1", "'@b", "-5"}
    assert not written.model.str.startswith("'").any()


def test_classes_are_written_by_name():
    table = tables.predictions_table(made_results.classification(rows=30))
    assert set(table.truth) <= {"Light_Load", "Medium_Load", "Maximum_Load"}
    assert set(table.forecast) <= {"Light_Load", "Medium_Load", "Maximum_Load"}


def test_time_stamps_read_back(tmp_path):
    result = made_results.regression(rows=30)
    tables.predictions_table(result).to_csv(tmp_path / "p.csv", index=False)
    read = pd.read_csv(tmp_path / "p.csv", parse_dates=["time"])
    np.testing.assert_array_equal(read.time[:30].to_numpy(), result.truths[0].index)
