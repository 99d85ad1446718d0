"""Series: order, doubles, gaps and frequency, each refused by name or repaired by rule."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import datasets
from gatecast.data.series import to_panel
from gatecast.data.tables import read_table
from gatecast.data.windows import Windows
from gatecast.errors import InputError, TableError


def table(times, series=None, timezone=None):
    columns = {
        "ds": times,
        "y": np.arange(float(len(times))),
        "c": [f"c{i}" for i in range(len(times))],
    }
    if series is not None:
        columns["id"] = list(series)
    name = None if series is None else "id"
    return read_table(pd.DataFrame(columns), time="ds", target="y", id=name, timezone=timezone)


def refusal(found, **rules):
    with pytest.raises(TableError) as caught:
        to_panel(found, **rules)
    return str(caught.value)


def days(*numbers):
    return [f"2024-01-{number:02}" for number in numbers]


def test_one_series():
    panel = to_panel(table(days(1, 2, 3)))
    assert panel.freq == "D"
    assert panel.ids == ("",)
    assert panel.offsets.tolist() == [0, 3]
    assert panel.notes == ()
    assert len(panel) == 1


def test_a_table_without_times_is_left_in_its_order():
    found = read_table(pd.DataFrame({"y": [3.0, 1.0], "id": ["b", "a"]}), target="y", id="id")
    panel = to_panel(found)
    assert (panel.freq, panel.ids, panel.frame["y"].tolist()) == (None, ("b", "a"), [3.0, 1.0])


def test_series_that_alternate_are_put_one_after_the_other():
    panel = to_panel(table(days(1, 1, 2, 2, 3), series="baaba"))
    assert panel.ids == ("b", "a")
    assert panel.frame["y"].tolist() == [0, 3, 1, 2, 4]
    assert panel.offsets.tolist() == [0, 2, 5]
    assert repr(panel) == "Panel(2 series, 5 rows, freq='D')"


def test_order():
    found = table(days(1, 3, 2, 4))
    assert refusal(found) == (
        "column 'ds' of the table is not in order: row 3 (2024-01-02 00:00:00) comes after row 2 "
        "(2024-01-03 00:00:00); pass unsorted='sort' to sort the rows"
    )
    panel = to_panel(found, unsorted="sort")
    assert panel.frame["y"].tolist() == [0, 2, 1, 3]
    assert panel.notes == ("1 row was out of order and all were sorted by time",)
    assert "series 'b', is not in order: row 4" in refusal(table(days(1, 2, 2, 1), series="aabb"))


def test_doubles():
    found = table(days(1, 2, 2, 3))
    assert refusal(found) == (
        "column 'ds' of the table has 2024-01-02 00:00:00 twice, in row 2 and row 3 (1 time in "
        "all); pass duplicates='mean' or duplicates='last', or id= if the table holds several "
        "series; if another column holds the time of day, put both into one"
    )
    assert to_panel(found, duplicates="mean").frame["y"].tolist() == [0, 1.5, 3]
    last = to_panel(found, duplicates="last")
    assert last.frame["y"].tolist() == [0, 2, 3]
    assert last.frame["c"].tolist() == ["c0", "c2", "c3"]
    assert last.notes == ("1 time came more than once; kept: last",)
    assert "series 'b'" in refusal(table(days(1, 2, 1, 1), series="aabb"))
    # the mean of what is there
    found.frame.loc[2, "y"] = np.nan
    assert to_panel(found, duplicates="mean").frame["y"].tolist() == [0, 1, 3]


def test_gaps():
    found = table(days(1, 2, 5, 6))
    assert refusal(found) == (
        "column 'ds' of the table lacks 2 times of its frequency 'D', the first 2024-01-03 "
        "00:00:00 after row 2; pass gaps='insert' to put in rows without values, or freq= if it "
        "is another"
    )
    panel = to_panel(found, gaps="insert")
    assert panel.frame["ds"].dt.day.tolist() == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(panel.frame["y"], [0, 1, np.nan, np.nan, 2, 3])
    assert panel.frame["c"].tolist() == ["c0", "c1", None, None, "c2", "c3"]
    assert panel.notes[0].endswith("; rows without values were put in")
    assert "series 'b'" in refusal(table(days(1, 2, 1, 2, 4), series="aabbb"))


@given(
    alias=st.sampled_from(["h", "D", "B", "W-SUN", "MS", "ME", "QE-DEC", "YS-JAN"]),
    lengths=st.lists(st.integers(6, 12), min_size=1, max_size=3),
    zone=st.sampled_from([None, "Europe/Berlin", "America/New_York"]),
    data=st.data(),
)
def test_what_is_lost_and_shuffled_is_put_back(alias, lengths, zone, data):
    """The repaired panel is the whole one, but for the values of the rows that were lost."""
    parts = []
    for number, length in enumerate(lengths):
        start = data.draw(st.sampled_from(["2024-03-29", "2024-10-25", "2023-12-30"]))
        stamps = pd.date_range(start, periods=length, freq=alias, tz=zone)
        lost = data.draw(st.sets(st.integers(2, length - 2), max_size=3 if number else 1))
        parts.append(
            pd.DataFrame({"id": f"s{number}", "ds": stamps, "y": np.arange(float(length))})
        )
        parts[-1].loc[list(lost), "y"] = np.nan
    whole = pd.concat(parts, ignore_index=True)
    holes = whole.dropna()
    shuffled = holes.sample(frac=1, random_state=data.draw(st.integers(0, 99)))
    found = read_table(shuffled, time="ds", target="y", id="id")
    panel = to_panel(found, freq=alias, unsorted="sort", gaps="insert")
    repaired = panel.frame.sort_values("id", kind="stable")
    assert (repaired["ds"].to_numpy() == whole["ds"].to_numpy()).all()
    assert repaired["ds"].dt.tz == whole["ds"].dt.tz
    np.testing.assert_array_equal(repaired["y"], whole["y"])
    assert repaired["id"].tolist() == whole["id"].tolist()
    assert sorted(np.diff(panel.offsets)) == sorted(lengths)


def test_more_rows_than_anyone_means_are_not_put_in():
    found = table(["2024-01-01 00:00:00", "2024-01-01 00:00:01", "9024-01-01 00:00:00"])
    assert "that is too many to put in, is a time wrong?" in refusal(found, gaps="insert")


def test_times_between_the_grid():
    message = refusal(
        table(["2024-01-01 00:00", "2024-01-01 00:15", "2024-01-01 00:30", "2024-01-01 00:47"])
    )
    assert "row 4 (2024-01-01 00:47:00) does not fit the frequency '15min'" in message
    assert "row 2" in refusal(table(["2024-01-01", "2024-02-02", "2024-03-01"]), freq="MS")
    weekend = table(days(5, 6, 8))
    assert "row 2 (2024-01-06 00:00:00) does not fit the frequency 'B'" in refusal(
        weekend, freq="B"
    )


def test_a_frequency_of_the_users():
    found = table(days(1, 3, 5))
    assert to_panel(found).freq == "2D"
    assert "lacks 2 times of its frequency 'D'" in refusal(found, freq="D")
    with pytest.raises(InputError, match="freq=2 does not fit column 'ds' of the table, .* dates"):
        to_panel(found, freq=2)
    steps = read_table(pd.DataFrame({"ds": [1, 2, 4], "y": [1.0, 2.0, 4.0]}), time="ds", target="y")
    assert "lacks 1 time of its frequency '1', the first 3 after row 2" in refusal(steps)
    assert to_panel(steps, gaps="insert").frame["ds"].tolist() == [1, 2, 3, 4]
    with pytest.raises(InputError, match="which holds numbered steps"):
        to_panel(steps, freq="D")
    with pytest.raises(InputError, match="gaps must be one of 'error', 'insert', it is 'fill'"):
        to_panel(steps, gaps="fill")
    assert "no series has two times" in refusal(table(days(1)))
    assert to_panel(table(days(1)), freq="D").freq == "D"


def test_the_night_that_clocks_change_is_explained():
    spring = [f"2024-03-31 0{hour}:00" for hour in (0, 1, 3, 4)]
    assert "clocks change in such a night" in refusal(table(spring))
    assert to_panel(table(spring, timezone="Europe/Berlin")).freq == "h"
    autumn = [f"2024-10-27 0{hour}:00" for hour in (0, 1, 2, 2, 3)]
    assert "clocks change in such a night" in refusal(table(autumn))
    assert to_panel(table(autumn, timezone="Europe/Berlin")).freq == "h"
    assert "clocks change" not in refusal(table(days(1, 2, 5)))


def test_days_of_a_zone_may_have_23_hours():
    local = [f"2024-03-{day}" for day in (29, 30, 31)] + ["2024-04-01", "2024-04-03"]
    found = table(local, timezone="Europe/Berlin")
    panel = to_panel(found, gaps="insert")
    assert panel.freq == "D"
    assert [stamp.isoformat()[:13] for stamp in panel.frame["ds"]][-2:] == [
        "2024-04-02T00",
        "2024-04-03T00",
    ]


def test_from_a_file_to_windows(reference_data):
    path = reference_data / "m4_weekly_train.csv.gz"
    found = read_table(path, time="ds", target="y", id="unique_id")
    panel = to_panel(found)
    assert (len(panel), panel.freq) == (359, "1")
    values = panel.frame["y"].to_numpy().astype(np.float32)
    windows = Windows(values[:, None], values, 52, 13, offsets=panel.offsets)
    lengths = np.diff(panel.offsets)
    assert len(windows) == np.maximum(lengths - 52 - 13 + 1, 0).sum()
    steel = read_table(datasets.load_steel_industry(), time="date", target="Usage_kWh")
    assert to_panel(steel).freq == "15min"
    assert steel.categorical == ("WeekStatus", "Day_of_week", "Load_Type")


def test_the_trap_of_the_raw_steel_file_is_found(reference_data):
    raw = read_table(reference_data / "steel_industry.csv", time="date", target="Usage_kWh")
    for rule in ("error", "sort"):
        assert "closes 365 days with a 00:00 of the same date" in refusal(raw, unsorted=rule)
    mended = to_panel(raw, unsorted="next_day").frame
    steel = read_table(datasets.load_steel_industry(), time="date", target="Usage_kWh").frame
    assert mended["date"].tolist() == steel["date"].tolist()
    assert mended["Usage_kWh"].tolist() == steel["Usage_kWh"].tolist()
    electric = reference_data / "electric_production.csv"
    with pytest.raises(TableError, match="pass dayfirst=True or dayfirst=False"):
        read_table(electric, time="DATE", target="VALUE")
    monthly = read_table(electric, time="DATE", target="VALUE", dayfirst=False)
    assert to_panel(monthly).freq == "MS"


def test_what_odd_times_may_mean_is_said():
    assert "rows come once a month, on days that differ: write them as 2024-01" in refusal(
        table(["2024-01-30", "2024-02-29", "2024-03-28", "2024-04-30"])
    )
    assert "once a month" not in refusal(
        table(["2024-01-30 00:00", "2024-01-31 00:00", "2024-02-01 06:00"])
    )
    assert "put both into one" in refusal(table(days(1, 1, 2, 2)))
    assert "put both" not in refusal(table(["2024-01-01 06:00", "2024-01-01 06:00"]))
    assert "if they are days as Excel counts, pass date_format='excel'" in refusal(
        table([45292, 45323, 45352, 45383])
    )


@pytest.mark.parametrize("other", ["north ", "no\u200brth", "\ufeffnorth"])
def test_names_that_look_alike_are_refused(other):
    message = refusal(table(days(1, 2, 1, 2), series=["north"] * 2 + [other] * 2))
    assert f"has series 'north' and {other!a}, which differ by white space alone, or by" in message


def test_an_accent_of_its_own_is_no_other_name():
    message = refusal(table(days(1, 2, 1, 2), series=["\u00f6"] * 2 + ["o\u0308"] * 2))
    assert "series '\\xf6' and 'o\\u0308', which differ" in message
