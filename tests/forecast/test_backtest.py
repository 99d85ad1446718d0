"""Backtests: their scales by the metrics, rows without truth, series that begin late."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import Forecaster, metrics
from gatecast.errors import InputError
from gatecast.forecast.backtest import Backtest, run_backtest, scaled_by
from gatecast.forecast.classical import Naive
from gatecast.forecast.fitting import Terms
from gatecast.forecast.history import History, Origins, make_history

value = st.integers(-3, 3).map(float)


def tried(history: History, steps: int = 3, windows: int = 2, refit: bool = False) -> Backtest:
    terms = Terms(lambda known, horizon, period: Naive(), steps)
    return run_backtest(history, terms, steps, windows=windows, step=steps, refit=refit)


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


def test_a_step_without_truth_has_no_error_and_the_others_have():
    values = np.arange(20.0)
    values[-1] = np.nan
    scores = tried(make_history(values), windows=1).evaluate("naive")
    np.testing.assert_array_equal(scores.by_step["mae"], [1.0, 2.0, np.nan])
    assert scores.metrics["mae"] == 1.5


def test_series_are_forecast_from_their_first_value_on():
    late = np.append(np.full(15, np.nan), np.arange(5.0))
    done = tried(make_history([np.arange(20.0), late]), windows=2)
    assert done.origins.series.tolist() == [0, 0, 1]
    assert done.points[2].tolist() == [1.0] * 3
    with pytest.raises(InputError, match="too few for a backtest of 5 steps after a known value"):
        tried(make_history(late), steps=5)


@pytest.mark.parametrize("refit", [True, False])
def test_too_many_windows_are_named_where_too_little_is_left_to_learn_from(refit):
    forecaster = Forecaster("linear", horizon=12, level=None)
    with pytest.raises(InputError, match="before the first of 4 origins; fewer of them"):
        forecaster.cross_validation(df=np.arange(60.0), n_windows=4, refit=refit)
