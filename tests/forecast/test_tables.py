"""Tables in and out: every library, every calendar, and what a table says of itself."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import Forecaster
from gatecast.data.frequency import parse_frequency
from gatecast.forecast.calendar import choose_calendar
from gatecast.forecast.grid import make_grid
from gatecast.forecast.layout import Layout
from gatecast.forecast.reading import read_known


def panel(freq="ME", rows=20, ids=(3, 1), start="2024-01-31", zone=None):
    stamps = pd.date_range(start, periods=rows, freq=freq, tz=zone)
    return pd.DataFrame(
        {
            "unique_id": np.repeat(ids, rows),
            "ds": np.tile(stamps, len(ids)),
            "y": np.arange(float(rows * len(ids))),
        }
    )


def forecast(data, horizon=3, **options):
    return Forecaster("naive", horizon=horizon, **options).fit(data).predict()


# -- libraries -----------------------------------------------------------------------------------


def test_columns_are_those_of_the_field():
    found = forecast(panel(), level=(80, 97.5))
    assert list(found) == [
        "unique_id", "ds", "naive", "naive-lo-80", "naive-hi-80", "naive-lo-97.5", "naive-hi-97.5",
    ]  # fmt: skip
    assert found["unique_id"].tolist() == [3, 3, 3, 1, 1, 1]
    assert found["unique_id"].dtype == np.int64


def test_polars_gives_polars_with_its_own_dates():
    data = pl.from_pandas(panel()).with_columns(pl.col("ds").cast(pl.Date))
    found = forecast(data)
    assert isinstance(found, pl.DataFrame)
    assert found.schema["ds"] == pl.Date
    assert found["ds"].to_list()[:3] == [
        pd.Timestamp(day).date() for day in ("2025-09-30", "2025-10-31", "2025-11-30")
    ]
    zoned = pl.from_pandas(panel(freq="D", zone="Europe/Berlin"))
    assert forecast(zoned).schema["ds"] == pl.Datetime("us", "Europe/Berlin")


def test_pyarrow_gives_pyarrow():
    found = forecast(pa.Table.from_pandas(panel(ids=("a", "b"))))
    assert isinstance(found, pa.Table)
    assert found.column("unique_id").to_pylist() == ["a"] * 3 + ["b"] * 3


def test_every_library_gives_the_same_numbers():
    data = panel(ids=("a", "b"))
    expected = forecast(data)["naive-hi-95"].to_numpy()
    assert np.array_equal(forecast(pl.from_pandas(data))["naive-hi-95"].to_numpy(), expected)
    found = forecast(pa.Table.from_pandas(data)).column("naive-hi-95").to_numpy()
    assert np.array_equal(found, expected)


def test_forecasts_of_new_series_come_back_as_their_table_is():
    forecaster = Forecaster("naive", horizon=2).fit(panel(ids=(3, 1)))
    found = forecaster.predict(new=pl.from_pandas(panel(ids=("x", "y"))))
    assert isinstance(found, pl.DataFrame)
    assert found["unique_id"].to_list() == ["x", "x", "y", "y"]


def test_a_series_an_array_and_a_list_are_one_series():
    values = np.arange(30.0)
    series = pd.Series(values, index=pd.date_range("2024-01-01", periods=30, freq="D"))
    found = forecast(series, level=None)
    assert list(found) == ["ds", "naive"]
    assert found["ds"].iloc[0] == pd.Timestamp("2024-01-31")
    for bare in (values, values.tolist(), pl.Series(values), pd.Series(values)):
        assert forecast(bare, level=None)["ds"].tolist() == [30, 31, 32]
    periods = pd.Series(values, index=pd.period_range("2024-01", periods=30, freq="M"))
    assert forecast(periods)["ds"].iloc[0] == pd.Timestamp("2026-07-01")


def test_a_file_is_read(tmp_path):
    path = tmp_path / "sales.csv"
    panel(ids=("a", "b")).to_csv(path, index=False)
    assert len(forecast(path)) == 6
    panel().to_parquet(tmp_path / "sales.parquet")
    assert forecast(tmp_path / "sales.parquet")["unique_id"].tolist() == [3, 3, 3, 1, 1, 1]


def test_other_names_of_columns():
    data = panel(ids=("a", "b")).rename(columns={"unique_id": "shop", "ds": "day", "y": "sold"})
    maker = Forecaster("naive", horizon=2, id="shop", time="day", target="sold").fit(data)
    assert list(maker.predict(level=()))[:2] == ["shop", "day"]
    assert "sold" in maker.cross_validation(n_windows=1)


def test_an_index_with_a_name_holds_the_series():
    data = panel(ids=("a", "b")).set_index("unique_id")
    assert forecast(data)["unique_id"].nunique() == 2


# -- times ---------------------------------------------------------------------------------------

CALENDARS = [
    ("ME", "2023-11-30", ["2024-02-29", "2024-03-31", "2024-04-30"], 3),
    ("B", "2024-03-04", ["2024-03-29", "2024-04-01", "2024-04-02"], 19),
    ("QE", "2023-03-31", ["2024-03-31", "2024-06-30", "2024-09-30"], 4),
    ("YS", "2000-01-01", ["2012-01-01", "2013-01-01", "2014-01-01"], 12),
    ("W-WED", "2024-01-03", ["2024-02-28", "2024-03-06", "2024-03-13"], 8),
    ("15min", "2024-02-28 22:00", ["2024-02-29 00:00", "2024-02-29 00:15", "2024-02-29 00:30"], 8),
]


@pytest.mark.parametrize(("freq", "start", "expected", "rows"), CALENDARS)
def test_times_to_come(freq, start, expected, rows):
    data = panel(freq=freq, rows=rows, ids=("a",), start=start)
    found = forecast(data, level=None, freq=freq)["ds"]
    assert found.tolist() == [pd.Timestamp(stamp) for stamp in expected]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2024-03-30 18:00", ["2024-03-31T03:00:00+02:00", "2024-03-31T04:00:00+02:00"]),
        ("2024-10-26 19:00", ["2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00"]),
    ],
)
def test_hours_over_a_change_of_the_clock(start, expected):
    data = panel(freq="h", rows=8, ids=("a",), start=start, zone="Europe/Berlin")
    found = forecast(data, horizon=2, level=None)["ds"]
    assert [stamp.isoformat() for stamp in found] == expected


def test_days_over_a_change_of_the_clock():
    data = panel(freq="D", rows=8, ids=("a",), start="2024-03-23", zone="Europe/Berlin")
    found = forecast(data, level=None)["ds"]
    assert [str(stamp) for stamp in found[:2]] == [
        "2024-03-31 00:00:00+01:00", "2024-04-01 00:00:00+02:00",
    ]  # fmt: skip


def test_numbered_steps_and_rows_in_order():
    data = pd.DataFrame({"ds": np.arange(0, 100, 5), "y": np.arange(20.0)})
    assert forecast(data, level=None)["ds"].tolist() == [100, 105, 110]
    assert forecast(data[["y"]], level=None, time=None)["ds"].tolist() == [20, 21, 22]


@given(
    st.sampled_from(["h", "D", "B", "W-MON", "MS", "ME", "QS", "YE", "30min"]),
    st.integers(0, 3000),
    st.integers(2, 40),
)
def test_the_grid_gives_every_stamp_that_pandas_does(freq, day, rows):
    start = pd.Timestamp("2010-01-01") + pd.Timedelta(days=day)
    stamps = pd.date_range(start, periods=rows, freq=freq)
    grid = make_grid(stamps[:1], freq)
    series, steps = np.zeros(rows, np.intp), np.arange(rows)
    assert (grid.stamps(series, steps) == stamps).all()
    assert np.array_equal(grid.rows_of(series, stamps), steps)


def test_series_of_different_starts_and_lengths():
    data = pd.concat([panel(rows=12, ids=("a",)), panel(rows=30, ids=("b",), start="2020-05-31")])
    found = forecast(data, level=None)
    assert found["ds"].tolist()[:4:3] == [pd.Timestamp("2025-01-31"), pd.Timestamp("2022-11-30")]


# -- covariates and the calendar -----------------------------------------------------------------


def test_covariates_become_numbers_codes_and_columns():
    data = panel(ids=("a", "b"), rows=4).assign(
        price=np.arange(8.0), day=["x", "y", "x", "z"] * 2, region=["n"] * 4 + ["s"] * 4
    )
    layout = Layout(past=("price",), future=("day",), static=("region",))
    history = read_known(data, layout, calendar=False).history
    assert history.past.ravel().tolist() == list(range(8))
    assert history.future_names == ("day=x", "day=y", "day=z")
    assert history.future[:4].tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert history.codes.ravel().tolist() == [0, 1]
    assert history.code_sizes == (2,)


@pytest.mark.parametrize(
    ("freq", "rows", "cycles"),
    [
        ("h", 24 * 20, ("hour", "weekday")),
        ("h", 24, ()),
        ("D", 100, ("weekday",)),
        ("D", 400, ("weekday", "monthday")),
        ("D", 1000, ("weekday", "monthday", "yearday")),
        ("B", 30, ("weekday",)),
        ("W", 110, ("monthday", "yearday")),
        ("MS", 24, ("yearday",)),
        ("MS", 23, ()),
        ("YS", 50, ()),
        (1, 1000, ()),
    ],
)
def test_the_cycles_of_the_calendar_that_vary_and_were_seen_twice(freq, rows, cycles):
    assert choose_calendar(True, parse_frequency(freq), rows).cycles == cycles


@pytest.mark.parametrize(
    ("freq", "rows", "season", "cycles"),
    [
        ("h", 24 * 800, 24, ("weekday", "monthday", "yearday")),
        ("h", 24 * 20, 24, ("weekday",)),
        ("D", 100, 7, ()),
        ("D", 1000, 7, ("monthday", "yearday")),
        ("B", 600, 5, ("monthday", "yearday")),
        ("MS", 100, 12, ()),
        ("MS", 100, 1, ("yearday",)),
    ],
)
def test_what_the_season_does_not_tell(freq, rows, season, cycles):
    assert choose_calendar("auto", parse_frequency(freq), rows, season).cycles == cycles


def test_the_calendar_tells_the_hour_on_the_wall():
    data = panel(freq="h", rows=72, ids=("a",), start="2024-03-30", zone="Europe/Berlin")
    history = read_known(data, Layout(), calendar=["hour"]).history
    hours = data["ds"].dt.hour.to_numpy()
    assert np.allclose(history.future[:, 0], np.sin(2 * np.pi * hours / 24))
    assert history.future_names == ("hour-sin", "hour-cos")


# -- missing values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mask", [np.nan, 1, np.nan, np.nan, 4, np.nan, np.nan, 8]),
        ("last", [1, 1, 1, 1, 4, 4, 8, 8]),
        ("interpolate", [1, 1, 2, 3, 4, 4, 8, 8]),
    ],
)
def test_missing_values_by_rule_and_said(rule, expected, caplog):
    values = [np.nan, 1.0, np.nan, np.nan, 4.0, np.nan, np.nan, 8.0]
    data = panel(rows=4, ids=("a", "b")).assign(y=values)
    # the first series ends in a hole, the second begins with two
    data["unique_id"] = ["a"] * 6 + ["b"] * 2
    data["ds"] = [*pd.date_range("2024-01-01", periods=6), *pd.date_range("2024-01-01", periods=2)]
    known = read_known(data, Layout(missing=rule), calendar=False)
    assert np.array_equal(known.history.target, np.array(expected, float), equal_nan=True)
    assert any("missing values of column 'y'" in note for note in known.notes)
    assert "missing values of column 'y'" in caplog.text


def test_rows_that_lack_are_put_in_and_said():
    data = panel(freq="D", rows=20, ids=("a",)).drop(index=[5, 6])
    maker = Forecaster("mean", horizon=2, gaps="insert", missing="mask").fit(data)
    assert len(maker.known_.history.target) == 20
    assert any("rows without values were put in" in note for note in maker.notes_)


@given(st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=2, max_size=30))
def test_filling_agrees_with_pandas(values):
    series = pd.Series(values, dtype=float)
    if series.isna().all():
        return
    data = pd.DataFrame({"y": series})
    last = read_known(data, Layout(missing="last", id=None, time=None)).history.target
    assert np.allclose(last, series.ffill().bfill())
    line = read_known(data, Layout(missing="interpolate", id=None, time=None)).history.target
    assert np.allclose(line, series.interpolate(limit_direction="both"))


@pytest.mark.parametrize("freq", ["MS", "BME", "ME", "B"])
def test_rows_that_come_later_than_midnight(freq, tmp_path):
    data = panel(freq, rows=30)
    data["ds"] += pd.Timedelta(hours=8)
    Forecaster("naive", horizon=3).fit(data).save(tmp_path / "m.gatecast")
    found = Forecaster.load(tmp_path / "m.gatecast").predict()
    expected = pd.date_range(data["ds"].max().normalize(), periods=4, freq=freq)[1:]
    assert found["ds"].tolist() == [stamp + pd.Timedelta(hours=8) for stamp in expected] * 2


@pytest.mark.parametrize(("offset", "zone"), [("+02:00", "Etc/GMT-2"), ("+05:30", "UTC")])
def test_offsets_without_a_zone_in_tables_of_others(offset, zone):
    stamps = pd.date_range("2024-01-01", periods=8, freq="h", tz=offset)
    data = pl.DataFrame({"ds": [stamp.isoformat() for stamp in stamps], "y": np.arange(8.0)})
    found = forecast(data, 1)["ds"]
    assert found.dtype == pl.Datetime("us", zone)
    assert found.to_list() == [stamps[-1] + pd.Timedelta(hours=1)]
    arrow = forecast(data.to_arrow(), 1)["ds"]
    assert arrow.to_pylist() == found.to_list()
