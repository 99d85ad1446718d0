"""What is held out, and that nothing of it stays in the head."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.errors import InputError
from gatecast.forecast.calibration import holdout
from gatecast.forecast.calibration.holdout import hold_out
from gatecast.forecast.history import make_history
from tests.forecast.calibration.models import panel


def test_one_series_gives_a_quarter_of_its_rows_and_an_origin_a_row():
    split = hold_out(make_history(np.arange(400.0)), horizon=14)
    assert len(split.head.target) == 300
    assert (split.origins.rows == np.arange(300, 400)).all()


@given(st.lists(st.integers(2, 80), min_size=1, max_size=30), st.integers(1, 20))
def test_origins_lie_in_the_tail_after_the_head(lengths, horizon):
    history = make_history([np.arange(n, dtype=float) for n in lengths])
    split = hold_out(history, horizon)
    kept = split.head.lengths[split.origins.series]
    place = split.origins.rows - history.offsets[split.origins.series]
    assert (place >= kept).all()
    assert (split.origins.rows < history.offsets[1:][split.origins.series]).all()
    assert (split.head.lengths * 2 >= history.lengths).all()


def test_series_that_cannot_spare_a_tail_stay_whole_in_a_panel():
    history = make_history([np.arange(60.0)] * 25 + [np.arange(10.0)])
    split = hold_out(history, horizon=12)
    assert split.head.lengths[-1] == 10
    assert 25 not in split.origins.series
    assert len(np.unique(split.origins.series)) == 25


def test_short_series_are_looked_at_as_far_as_they_reach():
    history = make_history(np.arange(12.0))
    split = hold_out(history, horizon=10)
    truth = history.truth(split.origins, 10)
    assert (split.origins.rows == np.arange(6, 12)).all()
    assert np.isnan(truth[:, 6:]).all()
    assert not np.isnan(truth[:, 0]).any()


def test_a_panel_holds_less_of_each_series_back():
    history = panel(40, 480)
    # ⌈4096 / 40⌉ whole horizons, and the first steps of 11 more
    assert len(hold_out(history, horizon=12).origins) == 40 * (103 + 11)
    assert (hold_out(panel(3, 480), horizon=12).head.lengths == 360).all()


def test_a_panel_is_looked_at_in_some_rounds_of_some_series(monkeypatch):
    monkeypatch.setattr(holdout, "SERIES", 30)
    monkeypatch.setattr(holdout, "ENOUGH", 60)
    history = panel(50, 80)
    split = hold_out(history, horizon=4, seed=1)
    assert len(np.unique(split.origins.series)) == 30
    assert len(split.origins) == 30 * (holdout.ROUNDS + 3)
    assert (split.head.lengths == 80 - 4 - holdout.ROUNDS + 1).all()
    again = hold_out(history, horizon=4, seed=1)
    assert (again.origins.rows == split.origins.rows).all()


def test_nothing_is_tried_before_the_first_known_value():
    late = np.concatenate([np.full(90, np.nan), np.arange(10.0)])
    split = hold_out(make_history([np.arange(100.0), late]), horizon=5)
    rows = split.origins.rows[split.origins.series == 1]
    assert (rows == np.arange(191, 200)).all()
    assert (split.origins.rows[split.origins.series == 0] == np.arange(75, 100)).all()
    empty = np.append(np.full(19, np.nan), 1.0)
    with pytest.raises(InputError, match="no series has a known value before its last rows"):
        hold_out(make_history(empty), horizon=2)


def test_windows_are_as_many_as_asked_for():
    split = hold_out(make_history(np.arange(100.0)), horizon=3, windows=5)
    assert (split.origins.rows == np.arange(93, 100)).all()
    assert len(split.head.target) == 93


def test_one_row_is_refused():
    with pytest.raises(InputError, match="a series of at least 2 rows"):
        hold_out(make_history([np.ones(1), np.ones(1)]), horizon=1)


def test_of_origins_whose_first_steps_alone_are_known_a_large_panel_gives_some():
    history = panel(1100, 90)
    split = hold_out(history, horizon=24)
    one = split.origins.rows[split.origins.series == 0]
    assert one[:4].tolist() == [63, 64, 65, 66]
    assert len(one) == 4 + holdout.PARTIAL
    assert one[-1] == 89
    assert (np.diff(one) > 0).all()
