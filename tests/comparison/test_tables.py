"""From a table to a finished comparison, and every kind of table that is refused."""

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gatecast
from gatecast.comparison import compare
from gatecast.comparison.reading import LARGEST_FILE
from gatecast.errors import GatecastError, TableError

QUICK: dict[str, Any] = {
    "window": 6,
    "seeds": 1,
    "epochs": 3,
    "hidden": 6,
    "jobs": 1,
    "progress": False,
}


def table(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", periods=rows, freq="D")
    y = 50 + np.arange(rows) / 10 + 5 * np.sin(np.arange(rows) * 2 * np.pi / 7)
    return pd.DataFrame(
        {
            "ds": days,
            "y": y + rng.normal(0, 0.5, rows),
            "a": rng.normal(size=rows),
            "colour": np.array(["red", "green", "blue"])[np.arange(rows) % 3],
        }
    )


def test_a_forecast_of_several_steps():
    result = compare(table(), target="y", horizon=3, **QUICK)
    assert result.task == "forecast"
    assert [s.model for s in result.summary if s.kind == "network"] == ["rnn", "gru", "lstm"]
    assert {s.model for s in result.summary if s.kind == "baseline"} == {
        "last_value", "seasonal_naive", "drift", "mean", "linear_regression", "gradient_boosting",
    }  # fmt: skip
    truth = result.truths[0]
    assert truth.values.shape == (38, 3)
    assert str(truth.index[0])[:10] == "2023-06-10"  # the first of the last 40 days
    assert np.allclose(truth.values[:, 0], table()["y"].to_numpy()[160:198])
    seasonal = next(p for p in result.predictions if p.model == "seasonal_naive")
    assert np.allclose(seasonal.forecast[:, 0], table()["y"].to_numpy()[153:191])
    assert result.meta["leaks"].startswith("none: later rows were replaced by noise")
    assert any("Time column: 'ds'" in note for note in result.notes)
    assert result.meta["rows"] == "200"


def test_a_regression_takes_all_other_columns():
    result = compare(table(), target="y", task="regress", cells=["gru"], **QUICK)
    assert any("inputs a, colour=blue, colour=green, colour=red." in n for n in result.notes)
    assert {"last_value", "mean", "linear_regression", "gradient_boosting", "gru"} == {
        s.model for s in result.summary
    }


def test_classes_are_learned_where_they_can_be():
    options = QUICK | {"epochs": 20}
    result = compare(
        table(), target="colour", task='classify', features=["colour", "a"], cells=["gru"],
        baselines=["same_as_last", "most_frequent"], **options,
    )  # fmt: skip
    assert result.headline[0] == "accuracy"
    assert result.best().mean["accuracy"] == 1.0
    assert result.truths[0].classes == ("blue", "green", "red")
    assert [g.kind for g in result.grids] == ["heat"] * 0 + ["confusion"] * 3


def test_a_level_never_seen_before_is_no_obstacle():
    rising = table()
    rising["y"] += 3.0 * np.arange(200)
    result = compare(
        rising, target="y", cells=["gru"], baselines=["last_value"], **QUICK | {"epochs": 40}
    )
    skill = result.best().skill
    assert skill is not None
    assert skill > 0.3


def test_the_same_again_gives_the_same():
    results = [compare(table(), target="y", cells=["rnn"], baselines=[], **QUICK) for _ in "ab"]
    assert results[0].rows[0].metrics == results[1].rows[0].metrics
    assert results[0].meta["fingerprint"] == results[1].meta["fingerprint"]
    other = table()
    other["y"] = other["y"].where(np.arange(200) != 3, 0.0)
    changed = compare(other, target="y", cells=["rnn"], baselines=[], **QUICK)
    assert changed.meta["fingerprint"] != results[0].meta["fingerprint"]


def test_rules_repair_what_they_name(tmp_path):
    spoiled = table().drop(index=[20, 21])
    spoiled.loc[30, "y"] = np.nan
    path = tmp_path / "spoiled.csv"
    spoiled.to_csv(path, index=False)
    result = compare(
        path, target="y", gaps="insert", missing="last", cells=["rnn"], baselines=[], **QUICK
    )
    assert result.meta["rows"] == "200"
    assert any(
        "Column 'y': 3 values filled with the last value known" in note for note in result.notes
    )


def test_an_empty_column_is_left_out_unless_it_was_asked_for(tmp_path):
    path = tmp_path / "table.csv"
    table().assign(remark="").to_csv(path, index=False)
    options = {"target": "y", "task": "regress", "cells": ["rnn"], "baselines": [], **QUICK}
    result = compare(path, **options)
    assert "Column 'remark' is empty and was left out." in result.notes
    with pytest.raises(TableError, match="'remark' of table.csv lacks 200 values"):
        compare(path, features=["a", "remark"], **options)


def test_rows_without_dates_are_taken_in_order_where_that_is_said():
    numbers = table()[["y", "a"]]
    result = compare(numbers, target="y", time="row", cells=["rnn"], baselines=[], **QUICK)
    assert result.truths[0].index[0] == 160


def test_columns_that_say_nothing_are_left_out_and_named():
    spoiled = table().assign(
        day=DAYS,
        same=3.0,
        name=[f"n{i}" for i in range(200)],
        ds=table()["ds"].dt.tz_localize("UTC"),
    )
    result = compare(
        spoiled, target="y", time="ds", task="regress", cells=["rnn"], baselines=[], **QUICK
    )
    notes = " ".join(result.notes)
    assert "Left out of the features, because they hold dates: day." in notes
    assert "Column 'same' is constant; it says nothing and was left out." in notes
    assert "Column 'name' has 200 categories and was left out." in notes
    assert "inputs a, colour=blue, colour=green, colour=red." in notes
    assert str(result.truths[0].index[0])[:10] == "2023-06-10"


@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
def test_files_of_every_kind_are_read(tmp_path, ending):
    path = tmp_path / f"table.{ending}"
    table().to_parquet(path) if ending == "parquet" else table().to_csv(path, index=False)
    from_file = compare(path, target="y", cells=["rnn"], baselines=[], **QUICK)
    from_frame = compare(table(), target="y", cells=["rnn"], baselines=[], **QUICK)
    assert from_file.rows[0].metrics == pytest.approx(from_frame.rows[0].metrics)


def test_a_column_name_outside_utf_8_is_read(tmp_path):
    path = tmp_path / "latin.csv"
    renamed = table().rename(columns={"y": "größe"})
    renamed["colour"] = renamed["colour"].replace("green", "grün")
    path.write_bytes(renamed.to_csv(index=False).encode("cp1252"))
    result = compare(path, target="größe", cells=["rnn"], baselines=[], **QUICK)
    assert result.target == "größe"


def test_the_frequency_may_be_said():
    irregular = table().drop(index=range(1, 198, 3))
    result = compare(
        irregular, target="y", freq="D", gaps="insert", missing="last", cells=["rnn"],
        baselines=[], **QUICK,
    )  # fmt: skip
    assert result.meta["rows"] == "200"


def test_it_is_a_public_name():
    assert gatecast.compare is compare
    assert "compare" in dir(gatecast)
    assert inspect.ismodule(gatecast.comparison)


# -- bad input ------------------------------------------------------------------------------------


def changed(**columns: Any) -> pd.DataFrame:
    return table().assign(**columns)


def unsorted_table() -> pd.DataFrame:
    return table().take([*range(50), 51, 50, *range(52, 200)])


DAYS = table()["ds"].dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (table(), {"target": "Y"}, "did you mean 'y'"),
        (table(), {"target": "y", "time": "sd"}, "no column 'sd'.*did you mean 'ds'"),
        (table(), {"target": "y", "features": ["color"]}, "did you mean 'colour'"),
        (table(), {"target": "y", "features": "a"}, "features must be a list of texts"),
        (table().drop(columns="ds"), {"target": "y"}, "no column of dates.*time='row'"),
        (changed(day=DAYS), {"target": "y"}, "several columns hold dates .*'ds', 'day'"),
        (unsorted_table(), {"target": "y"}, "is not in order: row 52"),
        (
            pd.concat([table().iloc[:9], table().iloc[8:]]), {"target": "y"},
            "has 2023-01-09 00:00:00 twice",
        ),
        (table().drop(index=20), {"target": "y"}, "lacks .*the first 2023-01-21"),
        (changed(y=["x"] + ["1"] * 199), {"target": "y"}, "column 'y'"),
        (changed(y=1.5), {"target": "y"}, "column 'y' is 1.5 in every training row"),
        (changed(colour="red"), {"target": "colour", "task": "classify"}, "every training row"),
        (table(8), {"target": "y"}, "the table has 8 rows"),
        (table(20), {"target": "y"}, "the train rows hold 8 windows, at least 10"),
        (
            table().assign(y=table()["y"].where(np.arange(200) != 4)), {"target": "y"},
            "column 'y' of the table lacks 1 value, the first in row 5",
        ),
        (
            table().assign(y=table()["y"].where(np.arange(200) > 0)),
            {"target": "y", "missing": "last"},
            "no value in row 1",
        ),
        (changed(y=[np.inf] + [1.0] * 199), {"target": "y"}, "row 1 holds inf"),
        (
            changed(ds=["2023-01-01", "02/01/2023", *DAYS[2:]]), {"target": "y", "time": "ds"},
            "column 'ds'",
        ),
        (table(), {"target": "colour"}, "holds text.*task='classify'"),
        (table(), {"target": "y", "task": "classify"}, "200 different values.*task='regress'"),
        (
            changed(name=[f"n{i}" for i in range(200)]),
            {"target": "y", "task": "regress", "features": ["name"]},
            "200 different texts",
        ),
        (table()[["ds", "y"]], {"target": "y", "task": "regress"}, "no column besides 'y'"),
        (table(), {"target": "y", "task": "guess"}, "task must be one of"),
        (table(), {"target": "y", "cells": ["elman"]}, "cells must be one of"),
        (table(), {"target": "y", "cells": "gru"}, "cells must be a list"),
        (table(), {"target": "y", "cells": ["gru", "gru"]}, "cells names 'gru' twice"),
        (table(), {"target": "y", "baselines": ["arima"]}, "no baseline 'arima'"),
        (table(), {"target": "y", "season": 170}, "needs 170 past values"),
        (table(), {"target": "y", "horizon": 0}, "horizon must be a whole number"),
        (table(), {"target": "y", "horizon": 2, "task": "regress"}, 'horizon is for task="fore'),
        (table(), {"target": "y", "window": -1}, "window must be a whole number"),
        (table(), {"target": "y", "epochs": 0}, "epochs must be a whole number"),
        (table(), {"target": "y", "hidden": 0}, "hidden must be a whole number"),
        (table(), {"target": "y", "lr": -1.0}, "lr must be"),
        (table(), {"target": "y", "test": 1.5}, "test must be a share"),
        (table(), {"target": "y", "missing": "zero"}, "missing must be one of"),
        (table(), {"target": "y", "gaps": "ignore"}, "gaps must be one of"),
        ([1, 2, 3], {"target": "y"}, "a table must be"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_in_one_sentence(frame, options, message, monkeypatch):
    monkeypatch.setattr("gatecast.comparison.tables.run", lambda *a, **k: pytest.fail("worked"))
    with pytest.raises(GatecastError, match=message) as refusal:
        compare(frame, **QUICK | options)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "message"), [("", "empty"), ("ds,y\n", "header and no rows|no column of dates")]
)
def test_a_file_without_rows_is_refused(tmp_path, content, message):
    path = tmp_path / "nothing.csv"
    path.write_text(content)
    with pytest.raises(GatecastError, match=message):
        compare(path, target="y", **QUICK)


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2 * LARGEST_FILE)  # sparse: it takes no room
    with pytest.raises(GatecastError, match="huge.csv has 2.1 GB.*cut it down"):
        compare(path, target="y", **QUICK)
