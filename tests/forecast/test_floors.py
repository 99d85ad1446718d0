"""Series that never were negative: neither are their forecasts, whoever makes them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import Forecaster
from gatecast.forecast.catalogue import presets
from gatecast.forecast.classical import CLASSICAL
from gatecast.forecast.history import History, Origins, make_history

QUICK: dict[str, Any] = {"updates": 5, "window": 8}


def falling(least: float) -> pd.DataFrame:
    """Two series on their way down: one that stays at ``least`` or above, and one that does not."""
    t = np.arange(60.0)
    noise = np.random.default_rng(0).normal(0, 0.2, size=60)
    down = 12 - 0.2 * t + noise
    return pd.DataFrame(
        {
            "unique_id": np.repeat(["sales", "degrees"], 60),
            "ds": np.tile(pd.date_range("2024-01-01", periods=60), 2),
            "y": np.concatenate([np.maximum(down, least), down - 2]),
        }
    )


@pytest.mark.parametrize("name", sorted(presets()))
def test_only_what_was_negative_may_be(name):
    options = {} if name in CLASSICAL else QUICK
    forecaster = Forecaster(name, horizon=12, level=None, **options).fit(falling(0.0))
    found = forecaster.predict().set_index("unique_id")[name]
    assert (found["sales"] >= 0).all()
    if name == "drift":
        assert (found["degrees"] < 0).all()


def test_bounds_and_backtests_keep_to_it_too():
    forecaster = Forecaster("drift", horizon=6, level=(80,)).fit(falling(0.0))
    tried = forecaster.cross_validation(n_windows=3)
    for table in (forecaster.predict(), tried):
        sales = table[table["unique_id"] == "sales"]
        assert (sales[["drift", "drift-lo-80", "drift-hi-80"]] >= 0).all().all()
        assert (sales["drift-hi-80"] >= sales["drift"]).all()
    assert (tried.loc[tried["unique_id"] == "degrees", "drift"] < 0).any()
    paths = forecaster.paths(20)
    assert (paths.loc[paths["unique_id"] == "sales", "drift"] >= 0).all()
    assert (paths.loc[paths["unique_id"] == "degrees", "drift"] < 0).any()


def test_a_stream_keeps_to_it_as_predict_does():
    values = np.maximum(falling(0.0)["y"].to_numpy()[:60] - 2, 0)  # zeros leave no logarithms
    stepping = Forecaster("gru-sequence", horizon=12, level=None, updates=60).fit(values[:55])
    found = [stepping.step(value) for value in values[55:]][-1]
    np.testing.assert_allclose(found, stepping.predict()["gru-sequence"], atol=1e-5)
    assert (found >= 0).all()
    assert (found == 0).any()


@given(st.lists(st.lists(st.integers(-1, 3), min_size=1, max_size=8), min_size=1, max_size=4))
def test_nothing_after_an_origin_is_looked_at(series):
    history: History = make_history([np.array(one, float) for one in series])
    for index, one in enumerate(series):
        for row in range(1, len(one) + 1):
            origin = Origins(np.array([index]), history.offsets[[index]] + row)
            found = history.floored(np.array([[-1.0, 2.0]]), origin)
            assert found.tolist() == [[0.0 if min(one[:row]) >= 0 else -1.0, 2.0]]
