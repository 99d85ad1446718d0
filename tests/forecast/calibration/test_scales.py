"""How much a series moves: by hand, and blind to what comes after."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.forecast.calibration.scales import volatility
from gatecast.forecast.history import Origins, make_history


@given(st.integers(1, 6), st.integers(0, 100), st.integers(2, 60))
def test_it_is_the_mean_seasonal_step_of_the_last_rows(period, seed, row):
    values = np.random.default_rng(seed).normal(size=60)
    history = make_history([np.full(7, 1e9), values])
    found = volatility(history, Origins(np.array([1]), np.array([7 + row])), period)
    lag = period if row > period else 1
    first = max(row - max(24, 3 * period), 0)
    steps = [abs(values[t] - values[t - lag]) for t in range(first, row) if t >= lag]
    assert found == pytest.approx([np.mean(steps)])


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
    assert found == pytest.approx([2.0, 0.05, 1.0, 0.008])
