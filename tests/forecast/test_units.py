"""The unit of an error: MASE's own scale, at every origin."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import metrics
from gatecast.errors import InputError
from gatecast.forecast.history import Origins, make_history
from gatecast.forecast.units import scaled_by

value = st.integers(-3, 3).map(float)


@given(
    st.lists(st.lists(value, min_size=1, max_size=12), min_size=1, max_size=4), st.integers(1, 4)
)
def test_scales_are_those_of_mase_at_every_origin(series, period):
    history = make_history([np.array(one) for one in series])
    which, rows = np.array(
        [(s, r) for s, one in enumerate(series) for r in range(1, len(one) + 1)]
    ).T
    found = scaled_by(history, Origins(which, history.offsets[which] + rows), period)
    for s, r, scale in zip(which, rows, found, strict=True):
        expected = 1.0
        for lag in (1, period):
            with suppress(InputError):
                expected = metrics.naive_scale(series[s][:r], period=lag)
        assert scale == pytest.approx(expected)


def test_missing_values_and_great_neighbours_do_not_move_a_scale():
    small = np.array([1e-3, np.nan, 3e-3, 7e-3])
    history = make_history([np.full(50, 1e15), small, np.full(3, np.nan)])
    found = scaled_by(history, history.ends(), 1)
    assert found == pytest.approx([1.0, 4e-3, 1.0])
