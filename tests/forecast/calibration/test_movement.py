"""How much a series moves: by hand, and blind to what comes after."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.forecast.calibration.movement import usual_share, volatility
from gatecast.forecast.history import Origins, make_history


@given(st.integers(1, 6), st.integers(0, 100), st.integers(2, 60))
def test_it_is_the_mean_of_recent_steps_and_of_usual_ones_at_this_level(period, seed, row):
    values = np.random.default_rng(seed).normal(size=60)
    history = make_history([np.full(7, 1e9), values])
    found = volatility(history, Origins(np.array([1]), np.array([7 + row])), period)
    lag = period if row > period else 1
    pairs = [(values[t], values[t - lag], t) for t in range(lag, row)]
    recent = [abs(y - x) for y, x, t in pairs if t >= row - max(24, 3 * period)]
    shares = [abs(y - x) / ((abs(x) + abs(y)) / 2) for y, x, _ in pairs]
    level = np.mean(np.abs(values[max(row - period, 0) : row]))
    assert found == pytest.approx([(np.mean(recent) + level * np.mean(shares)) / 2])


def test_nothing_from_the_origin_on_is_looked_at():
    values = np.random.default_rng(0).normal(size=(2, 40))
    changed = values.copy()
    changed[:, 30:] = 1e6
    origins = Origins(np.array([0, 1]), np.array([30, 70]))
    first, second = (volatility(make_history(list(v)), origins, 4) for v in (values, changed))
    assert (first == second).all()


def test_missing_values_and_standing_still():
    gap = np.array([1.0, np.nan, 2.0, 4.0, np.nan, 5.0])
    still, empty = np.full(6, 50.0), np.full(6, np.nan)
    history = make_history([gap, still, empty, np.array([8.0])])
    found = volatility(history, history.ends())
    first = (2.0 + 5.0 * 2 / 3) / 2  # one step is known, from 2 to 4
    nothing = volatility(history, Origins(np.array([1]), np.array([6])))
    assert nothing == pytest.approx([1.0])  # an origin before the first row
    assert found == pytest.approx([first, 0.05, 1.0, 0.008])


def test_a_series_of_one_row_moves_as_others_usually_do():
    history = make_history([[10.0, 12.0, 10.0], [50.0, 50.0, 60.0, 50.0], [200.0], [0.0]])
    usual = usual_share(history, history.ends())
    assert usual is not None
    one, other = volatility(history, history.ends())[:2] / [10.0, 50.0]
    assert usual == pytest.approx((one + other) / 2)
    assert volatility(history, history.ends(), 7, usual)[2:] == pytest.approx([200 * usual, 1.0])
    assert usual_share(history.take([2, 3]), history.take([2, 3]).ends()) is None
