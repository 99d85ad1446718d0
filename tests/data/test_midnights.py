"""Days that close with a 00:00 of their own date."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data.midnights import closing_rows
from gatecast.data.series import to_panel
from gatecast.data.tables import read_table
from gatecast.errors import InputError, TableError
from tests.data.meters import meter


def table(frame: pd.DataFrame, **columns):
    return read_table(frame, time="ds", target="y", **columns)


@given(st.integers(2, 5), st.sampled_from([15, 30, 60, 360]), st.sampled_from([None, "UTC"]))
def test_the_midnight_that_closes_a_day_is_the_next_days(days, minutes, zone):
    read = table(meter(days, minutes, zone))
    for rule in ("error", "sort"):  # sorting would scramble the rows and say nothing
        with pytest.raises(TableError, match=f"closes {days} days with.*unsorted='next_day'"):
            to_panel(read, unsorted=rule)
    panel = to_panel(read, unsorted="next_day")
    steps = panel.frame["ds"].diff().dropna()
    assert (steps == pd.Timedelta(minutes=minutes)).all()
    assert panel.frame["y"].tolist() == list(range(len(panel.frame)))
    assert f"closes {days} days with a 00:00 that was taken" in panel.notes[-1]


def test_the_night_when_clocks_change_has_a_midnight_of_its_own():
    """25 hours of 27 October 2024: a day later by the clock, not by 24 hours."""
    hours = pd.date_range("2024-10-26 01:00", "2024-10-29", freq="h", tz="Europe/Berlin")
    local = hours.tz_localize(None)
    closing = local.normalize() == local
    written = local.where(~closing, local - pd.Timedelta(days=1))
    written = written.tz_localize("Europe/Berlin", ambiguous=~local.duplicated())
    read = table(pd.DataFrame({"ds": written, "y": np.arange(float(len(hours)))}))
    panel = to_panel(read, unsorted="next_day")
    assert panel.frame["ds"].tolist() == hours.tolist()


def test_each_series_has_its_own_days():
    first = meter(2, 360).assign(id="a")
    second = meter(3, 360).assign(id="b")
    for frame in (pd.concat([first, second]), pd.concat([second, first])):
        panel = to_panel(table(frame, id="id"), unsorted="next_day")
        assert panel.freq == "6h"
        assert set(panel.ids) == {"a", "b"}
    with pytest.raises(TableError, match=r"series 'a', closes 5 days .*row 4, after 18:00"):
        to_panel(table(pd.concat([first, second]), id="id"))


def test_nothing_else_is_taken_for_such_a_midnight():
    hours = pd.date_range("2024-01-01", periods=72, freq="h")
    shuffled = hours[np.random.default_rng(0).permutation(72)]
    for times in (hours, hours[::-1], shuffled, hours.normalize()):
        assert not len(closing_rows(times.to_numpy(), np.full(71, True)))
    assert not len(closing_rows(np.array([1, 0]), np.full(1, True)))
    backwards = table(pd.DataFrame({"ds": hours[::-1], "y": np.arange(72.0)}))
    with pytest.raises(TableError, match="is not in order: row 2"):
        to_panel(backwards, unsorted="next_day")


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="unsorted must be one of 'error', 'sort', 'next_day'"):
        to_panel(table(meter(1, 60)), unsorted="shuffle")
