"""Time zones: mixed ones, and the hours that clocks skip and repeat."""

import pandas as pd
import pytest

from gatecast.data.tables import read_table
from gatecast.errors import TableError


def times(*texts, timezone=None, series=None):
    columns = {"ds": list(texts), "y": 1.0}
    if series is not None:
        columns["id"] = series
    frame = pd.DataFrame(columns)
    name = None if series is None else "id"
    return read_table(frame, time="ds", target="y", id=name, timezone=timezone).frame["ds"]


def refusal(*texts, timezone=None):
    with pytest.raises(TableError) as caught:
        times(*texts, timezone=timezone)
    return str(caught.value)


def test_one_offset_is_kept():
    found = times("2024-07-01 12:00+02:00", "2024-07-01 13:00+02:00")
    assert found[0].isoformat() == "2024-07-01T12:00:00+02:00"
    assert times("2024-07-01 12:00Z")[0].isoformat() == "2024-07-01T12:00:00+00:00"


def test_mixed_offsets_are_refused_and_a_zone_settles_them():
    texts = ("2024-03-31 01:00+01:00", "2024-03-31 03:00+02:00")
    assert refusal(*texts) == (
        "column 'ds' of the table mixes time zones (+01:00, +02:00); pass timezone=, such as "
        "'Europe/Berlin' or 'UTC', to put all times into one"
    )
    found = times(*texts, timezone="Europe/Berlin")
    assert found.diff()[1] == pd.Timedelta("1h")
    assert found[1].isoformat() == "2024-03-31T03:00:00+02:00"


def test_local_times_in_their_zone():
    autumn = ["2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 02:00", "2024-10-27 03:00"]
    found = times(*autumn, timezone="Europe/Berlin")
    assert (found.diff()[1:] == pd.Timedelta("1h")).all()


def test_each_series_repeats_its_hour_by_itself():
    hours = ["2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 02:00", "2024-10-27 03:00"]
    mixed = [hour for hour in hours for _ in "ab"]
    found = times(*mixed, timezone="Europe/Berlin", series=["a", "b"] * 4)
    assert (found[::2].diff().dropna() == pd.Timedelta("1h")).all()
    assert (found[1::2].to_numpy() == found[::2].to_numpy()).all()


def test_an_hour_that_does_not_exist():
    assert refusal("2024-03-31 01:00", "2024-03-31 02:30", timezone="Europe/Berlin") == (
        "column 'ds' of the table, row 2 holds 2024-03-31 02:30:00, which does not exist in "
        "Europe/Berlin: clocks skip that hour; are the times in UTC or another zone?"
    )


def test_an_hour_that_comes_twice():
    message = refusal("2024-10-27 01:00", "2024-10-27 02:00", timezone="Europe/Berlin")
    assert "row 2 holds 2024-10-27 02:00:00, which comes twice in Europe/Berlin" in message
    assert "or in UTC" in message


@pytest.mark.parametrize("timezone", ["Europe/Atlantis", "", " ", "../etc", "x\0", 3])
def test_zones_that_are_not_known(timezone):
    for texts in (["2024-01-01"], ["2024-01-01Z", "2024-01-02Z"]):
        assert "write it as 'Europe/Berlin' or 'UTC'" in refusal(*texts, timezone=timezone)


def test_a_time_beyond_the_last_year_of_a_zone():
    assert "cannot be put into America/New_York" in refusal(
        "9999-12-31 23:59", timezone="America/New_York"
    )


def test_steps_have_no_zone():
    with pytest.raises(TableError, match="numbered steps, which have no timezone"):
        times("1", "2", timezone="UTC")
