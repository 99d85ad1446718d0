"""Naive, seasonal naive, drift, mean: by hand, and by a slow loop over origins."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from gatecast.errors import InputError
from gatecast.forecast.classical import CLASSICAL, make_classical
from gatecast.forecast.history import Origins, make_history

SIMPLE = ("naive", "seasonal_naive", "drift", "mean")


def slowly(name, values, horizon, period):
    """One origin at a time, in plain Python; None where nothing is known."""
    known = [(i, v) for i, v in enumerate(values) if np.isfinite(v)]
    if not known:
        return None
    (first, start), (last, stop) = known[0], known[-1]
    if name == "naive":
        return [stop] * horizon
    if name == "mean":
        return [sum(v for _, v in known) / len(known)] * horizon
    if name == "drift":
        slope = (stop - start) / (last - first) if last > first else 0.0
        drawn = [stop + slope * (len(values) + s - last) for s in range(horizon)]
        return [max(v, 0.0) for v in drawn] if min(v for _, v in known) >= 0 else drawn
    found = []
    for s in range(horizon):
        same = [v for i, v in known if (i - len(values) - s) % period == 0]
        found.append(same[-1] if same else stop)
    return found


value = st.floats(-100, 100) | st.just(float("nan"))
series = st.lists(st.lists(value, min_size=1, max_size=14), min_size=1, max_size=4)


@pytest.mark.parametrize("name", SIMPLE)
@given(values=series, horizon=st.integers(1, 6), period=st.integers(1, 5))
def test_every_origin_equals_the_slow_loop(name, values, horizon, period):
    history = make_history([np.array(one) for one in values])
    pairs = [(s, r) for s, one in enumerate(values) for r in range(1, len(one) + 1)]
    expected = {(s, r): slowly(name, values[s][:r], horizon, period) for s, r in pairs}
    chosen = np.array([pair for pair in pairs if expected[pair] is not None]).reshape(-1, 2)
    if not len(chosen):
        return
    which, rows = chosen.T
    origins = Origins(which, history.offsets[which] + rows)
    model = make_classical(name).fit(history, horizon, period)
    predicted = model.predict(history, origins)
    np.testing.assert_allclose(
        predicted, [expected[tuple(p)] for p in chosen.tolist()], rtol=1e-12, atol=1e-10
    )


@pytest.mark.parametrize("name", SIMPLE)
def test_the_future_is_not_looked_at(name):
    rng = np.random.default_rng(0)
    values = rng.normal(size=60)
    history = make_history([values[:30], values[30:]])
    origins = history.rolling(horizon=4, windows=5)
    model = make_classical(name).fit(history, 4, 7)
    before = model.predict(history, origins)
    for i in range(len(origins)):
        changed = history.target.copy()
        changed[origins.rows[i] :] = 1e9
        after = model.predict(make_history([changed[:30], changed[30:]]), origins.take([i]))
        np.testing.assert_array_equal(after, before[[i]])


def test_a_long_gap_is_looked_through_at_once():
    gap = np.concatenate([np.arange(40.0), np.full(200_000, np.nan)])
    history = make_history([np.ones(5), gap])
    origins = Origins(np.ones(500, np.intp), np.arange(199_000, 199_500))
    model = make_classical("seasonal_naive").fit(history, 8, 7)
    expected = 33 + (origins.rows[:, None] - 5 - 33 + np.arange(8)) % 7
    np.testing.assert_array_equal(model.predict(history, origins), expected)


def test_a_series_of_great_values_does_not_blur_the_mean_of_the_next():
    history = make_history([np.full(50, 1e15), np.array([1e-3, 3e-3])])
    model = make_classical("mean").fit(history, 1)
    np.testing.assert_array_equal(model.predict(history), [[1e15], [2e-3]])


@pytest.mark.parametrize("name", SIMPLE)
def test_nothing_known_is_refused(name):
    history = make_history([np.ones(3), np.array([np.nan, 1.0])])
    model = make_classical(name).fit(history, 2)
    with pytest.raises(InputError, match="series 1 .* has none before row 4"):
        model.predict(history, Origins(np.array([0, 1]), np.array([3, 4])))
    with pytest.raises(InputError, match="series 0 .* has none before row 0"):
        model.predict(history, Origins(np.array([0]), np.array([0])))


def test_state_goes_there_and_back():
    history = make_history(np.arange(9.0))
    for name in SIMPLE:
        model = make_classical(name).fit(history, 3, 4)
        twin = make_classical(name).set_state(*model.get_state())
        np.testing.assert_array_equal(twin.predict(history), model.predict(history))


def test_refusals():
    with pytest.raises(InputError, match="no classical model 'arima'; choose from naive, "):
        make_classical("arima")
    for name in CLASSICAL:
        with pytest.raises(InputError, match="not fitted"):
            make_classical(name).predict(make_history(np.ones(3)))
