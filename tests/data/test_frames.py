"""Tables in memory of any library, and Parquet files."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from gatecast.data.tables import Missing, read_table
from gatecast.errors import MissingDependencyError
from tests.data.refusals import refusal

FRAME: dict[str, Any] = {
    "ds": pd.date_range("2024-01-01", periods=3),
    "y": [1, 2, 3],
    "on": [True, False, True],
    "shop": ["a", "b", None],
}


def polars_frame():
    return pl.DataFrame({**FRAME, "ds": FRAME["ds"].to_list()})


@pytest.mark.parametrize(
    "native",
    [
        pd.DataFrame(FRAME),
        pd.DataFrame(FRAME).convert_dtypes(),
        pd.DataFrame(FRAME).astype({"shop": "category", "y": "float32"}),
        pd.DataFrame(FRAME).set_index("ds"),
        polars_frame(),
        polars_frame().to_arrow(),
    ],
    ids=["pandas", "nullable", "category", "index", "polars", "arrow"],
)
def test_tables_in_memory(native):
    table = read_table(native, time="ds", target="y")
    assert (table.frame["ds"] == FRAME["ds"]).all()
    assert table.frame["y"].dtype == np.float64
    assert table.frame["y"].tolist() == [1.0, 2.0, 3.0]
    assert table.frame["on"].tolist() == ["True", "False", "True"]
    assert table.frame["shop"].tolist() == ["a", "b", None]
    assert table.missing == {"shop": Missing(1, 3)}


def test_nulls_of_every_kind():
    numbers = [1.0, None, 3.0]
    for native in (
        pd.DataFrame({"y": numbers}),
        pd.DataFrame({"y": pd.array([1, None, 3], dtype="Int64")}),
        pd.DataFrame({"y": [1.0, None, "3"]}, dtype=object),
        pl.DataFrame({"y": [1, None, 3]}),
        pa.table({"y": [1, None, 3]}),
    ):
        table = read_table(native, target="y")
        assert table.missing == {"y": Missing(1, 2)}
        np.testing.assert_array_equal(table.frame["y"], [1.0, np.nan, 3.0])


def test_a_series_with_dates_is_a_table():
    series = pd.Series([1.0, 2.0], index=pd.date_range("2024-01-01", periods=2))
    table = read_table(series, time="ds", target="y")
    assert table.frame["ds"].tolist() == series.index.tolist()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_zones_of_tables_in_memory(zone):
    stamps = pd.date_range("2024-03-31", periods=4, freq="h", tz=zone)
    for native in (
        pd.DataFrame({"ds": stamps, "y": 1.0}),
        pd.DataFrame({"ds": stamps, "y": 1.0}).convert_dtypes(dtype_backend="pyarrow"),
        pa.table({"ds": pa.array(stamps), "y": [1.0] * 4}),
        pl.DataFrame({"ds": stamps.tz_convert(None).to_list(), "y": [1.0] * 4}).with_columns(
            pl.col("ds").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        ),
    ):
        found = read_table(native, time="ds", target="y").frame["ds"]
        assert (found == stamps).all()
        assert str(found.dt.tz) == zone


def test_bad_tables_in_memory():
    frame = pd.DataFrame({"ds": ["2024-01-01", None], "y": [1.0, np.inf], "n": [1, 2]})
    assert "row 2 holds inf; infinity cannot" in refusal(frame, target="y", features=())
    assert "row 2 has no time" in refusal(frame, time="ds", target="n", features=())
    stamps = pd.DataFrame({"ds": [pd.Timestamp("2024-01-01"), pd.NaT], "y": [1.0, 2.0]})
    assert "row 2 has no time" in refusal(stamps, time="ds", target="y")
    assert "holds dates; only the time column may" in refusal(stamps, target="y")
    assert "holds decimal numbers" in refusal(frame, time="y", target="n", features=())
    assert "named by text, one is 0" in refusal(pd.DataFrame([[1, 2]]))
    doubled = pd.DataFrame([[1, 2]], columns=["y", "y"])
    assert "two columns called 'y'" in refusal(doubled)
    arrow = pa.table([pa.array([1]), pa.array([2])], names=["y", "y"])
    assert "two columns called 'y'" in refusal(arrow)
    assert "LazyFrame; call its collect() first" in refusal(polars_frame().lazy())
    assert "or a pandas, polars or pyarrow table, it is a builtins.dict" in refusal({"y": [1]})
    assert "has a header and no rows" in refusal(pd.DataFrame({"y": np.empty(0)}))
    whole = pd.DataFrame({"ds": pd.array([1, None], dtype="Int64"), "y": [1.0, 2.0]})
    assert "row 2 has no number for a time" in refusal(whole, time="ds", target="y")
    large = pd.DataFrame({"ds": np.array([1, 2**63], dtype=np.uint64), "y": [1.0, 2.0]})
    assert "row 2 holds 9223372036854775808, too large" in refusal(large, time="ds", target="y")
    assert read_table(large, target="y", id="ds").frame["ds"][1] == "9223372036854775808"


def test_ids_of_any_type_become_text():
    frame = pd.DataFrame({"id": [7, 8], "ds": [1, 2], "y": [0.5, 1.5]})
    table = read_table(frame, time="ds", target="y", id="id")
    assert table.frame["id"].tolist() == ["7", "8"]
    assert table.frame["ds"].dtype == np.int64
    floats = read_table(frame.astype({"id": float}), target="y", id="id", features=())
    assert floats.frame["id"].tolist() == ["7", "8"]  # as they were before a NaN made them floats
    gone = pd.DataFrame({"c": [1.0, np.nan], "y": [1.0, 2.0]})
    assert read_table(gone, target="y", categorical=["c"]).frame["c"].tolist() == ["1", None]
    halves = pd.DataFrame({"c": [1.0, 1.5], "y": [1.0, 2.0]})
    assert read_table(halves, target="y", categorical=["c"]).frame["c"].tolist() == ["1.0", "1.5"]


def test_whole_floats_number_steps():
    frame = pd.DataFrame({"ds": [1980.0, 1981.0], "y": [1.0, 2.0]})
    assert read_table(frame, time="ds", target="y").frame["ds"].tolist() == [1980, 1981]
    lacking = pd.DataFrame({"ds": [np.nan, 1981.0], "y": [1.0, 2.0]})
    assert "row 1 has no number for a time" in refusal(lacking, time="ds", target="y")


def test_periods_are_times():
    periods = pd.period_range("2004-01-05", periods=3, freq="W")
    for native in (
        pd.DataFrame({"ds": periods, "y": 1.0}),
        pd.DataFrame({"y": 1.0}, index=periods),
        pd.DataFrame({"y": 1.0}, index=periods.rename("ds")),
    ):
        found = read_table(native, time="ds", target="y").frame["ds"]
        assert found.tolist() == periods.to_timestamp().tolist()


def test_a_record_batch_is_a_table():
    batch = pa.table({"y": [1.0, 2.0]}).to_batches()[0]
    assert read_table(batch, target="y").frame["y"].tolist() == [1.0, 2.0]


def test_times_that_cannot_be_kept():
    close = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=2, freq="1ns"), "y": 1.0})
    for native in (close, pl.from_pandas(close)):
        assert "less than a microsecond apart" in refusal(native, time="ds", target="y")
    noisy = pd.DataFrame({"ds": pd.to_datetime(["2024-01-01T00:00:00.000000001"]), "y": 1.0})
    assert read_table(noisy, time="ds", target="y").frame["ds"][0] == pd.Timestamp("2024-01-01")
    unnamed = pd.DataFrame(
        {"ds": pd.date_range("2024-01-01", periods=2, tz="dateutil/Europe/Berlin"), "y": 1.0}
    )
    assert "which has no name to be known by" in refusal(unnamed, time="ds", target="y")


def test_numbers_that_mean_no_value(write):
    missing = ["-999", "inf"]
    values = [-999.0, 1.0, np.inf]
    for native in (
        pd.DataFrame({"y": values}),
        pl.DataFrame({"y": values}),
        write("y\n-999.0\n1\ninf\n"),
    ):
        found = read_table(native, target="y", missing=missing).frame["y"]
        np.testing.assert_array_equal(found, [np.nan, 1.0, np.nan])


def test_parquet(tmp_path, monkeypatch):
    pd.DataFrame(FRAME).to_parquet(tmp_path / "x.parquet")
    table = read_table(tmp_path / "x.parquet", time="ds", target="y", features=["shop"])
    assert list(table.frame) == ["ds", "y", "shop"]
    assert "did you mean 'shop'?" in refusal(tmp_path / "x.parquet", target="shops")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no PAR1")
    assert "bad.parquet" in refusal(tmp_path / "bad.parquet", target="y")
    content = bytearray((tmp_path / "x.parquet").read_bytes())
    content[4:60] = bytes(56)
    (tmp_path / "x.parquet").write_bytes(content)
    assert "x.parquet is damaged" in refusal(tmp_path / "x.parquet", target="y")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match="pip install 'gatecast"):
        read_table(tmp_path / "x.parquet")


def test_a_parquet_file_of_times_in_an_index_without_a_name(tmp_path):
    days = pd.date_range("2024-01-01", periods=3)
    pd.DataFrame({"y": [1.0, 2.0, 3.0]}, index=days).to_parquet(tmp_path / "x.parquet")
    table = read_table(tmp_path / "x.parquet", time="ds", target="y")
    assert table.frame["ds"].tolist() == days.tolist()
    pd.DataFrame({"y": [1.0, 2.0]}, index=[3, 5]).to_parquet(tmp_path / "x.parquet")
    assert "no column 'ds'" in refusal(tmp_path / "x.parquet", time="ds", target="y")


def test_only_the_columns_in_use_leave_a_parquet_file(tmp_path, monkeypatch):
    pd.DataFrame(FRAME).to_parquet(tmp_path / "x.parquet")
    asked = []
    read = parquet.read_table

    def spy(path, columns):
        asked.append(columns)
        return read(path, columns=columns)

    monkeypatch.setattr(parquet, "read_table", spy)
    read_table(tmp_path / "x.parquet", target="y", features=())
    assert asked == [["y"]]


def test_parquet_files_of_odd_kinds(tmp_path):
    days = pa.array(FRAME["ds"])
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table([days, days, days], names=["ds", "y", "y"]), path)
    assert refusal(path, time="ds", target="y") == (
        "x.parquet has two columns called 'y'; rename one"
    )
    parquet.write_table(pa.table({"ds": days.cast(pa.timestamp("us", tz="Mars/Phobos"))}), path)
    assert (
        "has the time zone 'Mars/Phobos', which is not known here; write its times in"
        in refusal(path, time="ds")
    )
    parquet.write_table(pa.table({"y": [[1.0], [2.0]]}), path)
    assert "column 'y' of x.parquet holds lists or structures" in refusal(path, target="y")
    parquet.write_table(pa.table({"id": [b"north", "süd".encode()], "y": [1.0, 2.0]}), path)
    assert read_table(path, target="y", id="id").frame["id"].tolist() == ["north", "süd"]


@pytest.mark.parametrize("freq", ["M", "W-SUN", "Q-DEC", "D"])
def test_periods_of_a_parquet_file_are_their_beginnings(tmp_path, freq):
    periods = pd.period_range("2024-01-01", periods=3, freq=freq)
    frame = pd.DataFrame({"ds": periods, "y": [1.0, 2.0, 3.0]})
    frame.to_parquet(tmp_path / "x.parquet")
    found = read_table(tmp_path / "x.parquet", time="ds", target="y").frame["ds"]
    assert found.tolist() == periods.to_timestamp().tolist()
    frame.loc[1, "ds"] = pd.NaT
    frame.to_parquet(tmp_path / "x.parquet")
    assert "row 2 has no time" in refusal(tmp_path / "x.parquet", time="ds", target="y")


def test_dates_and_tables_where_numbers_are_wanted():
    frame = pd.DataFrame({"ds": FRAME["ds"], "y": FRAME["ds"], "x": FRAME["ds"]})
    assert refusal(frame, time="ds", target="y", features=[]).endswith("name another target")
    assert refusal(frame, time="ds", features=["x"]).endswith("leave it out of features")
    assert refusal(pd.DataFrame(), target="y") == "the table has no column 'y' (it has )"
