"""Backtests: their scales by the metrics, rows without truth, series that begin late."""

import numpy as np
import pytest
from hypothesis import strategies as st

from gatecast import Forecaster
from gatecast.errors import InputError
from gatecast.forecast.backtest import Backtest, run_backtest
from gatecast.forecast.classical import Naive
from gatecast.forecast.fitting import Terms
from gatecast.forecast.history import History, make_history

value = st.integers(-3, 3).map(float)


def tried(history: History, steps: int = 3, windows: int = 2, refit: bool = False) -> Backtest:
    terms = Terms(lambda known, horizon, period: Naive(), steps)
    return run_backtest(history, terms, steps, windows=windows, step=steps, refit=refit)


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
