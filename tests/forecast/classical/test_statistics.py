"""Statistics together: which of them a panel's own past prefers."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from gatecast import Forecaster
from gatecast.forecast.classical import make_classical
from gatecast.forecast.classical.statistics import SHARES, Statistics, tried_origins
from gatecast.forecast.history import Array, make_history


def walks(count: int = 60, rows: int = 150) -> list[Array]:
    moves = np.random.default_rng(1).normal(0, 0.01, size=(count, rows))
    return list(100 * np.exp(moves.cumsum(axis=1)))


def regular(count: int = 20, weeks: int = 22) -> list[Array]:
    """Weeks that take turns: odd ones as the odd ones before."""
    rng = np.random.default_rng(2)
    made = []
    for _ in range(count):
        pair = rng.uniform(1, 20, size=14)
        made.append(np.tile(pair, weeks // 2) * rng.uniform(0.99, 1.01, size=7 * weeks))
    return made


def of(name: str, series: list[Array], period: int) -> Array:
    history = make_history(series)
    return make_classical(name).fit(history, 7, period).predict(history)


def test_walks_are_smoothed_and_regular_series_regressed():
    smooth = np.mean([of(name, walks(), 1) for name in ("log_theta", "damped", "ets")], axis=0)
    found = Statistics().fit(make_history(walks()), 7, 1)
    assert found.share_ <= 0.25
    other = (1 - found.share_) * smooth + found.share_ * of("autoregression", walks(), 1)
    np.testing.assert_allclose(of("statistics", walks(), 1), other, rtol=1e-12)
    assert found.notes_[0].startswith("Statistics, by a backtest of past origins: ")

    sure = Statistics().fit(make_history(regular()), 7, 7)
    assert sure.share_ == 1
    assert sure.notes_ == ("Statistics, by a backtest of past origins: 100 % autoregression.",)
    np.testing.assert_array_equal(
        of("statistics", regular(), 7), of("autoregression", regular(), 7)
    )


def test_the_share_is_the_one_that_erred_least():
    history = make_history(regular(3) + walks(5))
    tried, origins = tried_origins(history, 7, 7)
    truth = tried.truth(origins, 7)
    units = np.array([np.abs(one[7:] - one[:-7]).mean() for one in map(tried.series, range(8))])
    errors = []
    for share in SHARES:
        model = Statistics().fit(history, 7, 7)
        model.share_ = float(share)
        wrong = np.abs(model.predict(tried, origins) - truth).mean(axis=1)
        errors.append((wrong / units[origins.series]).mean())
    best = Statistics().fit(history, 7, 7).share_
    assert errors[list(SHARES).index(best)] <= min(errors) * 1.02  # units end at the origins


def test_the_end_of_the_series_and_nothing_after_it_is_tried():
    history = make_history(walks(100))
    tried, origins = tried_origins(history, 7, 1)
    assert len(tried) == 100
    assert (tried.offsets[1:][origins.series] - origins.rows).tolist() == [14, 7] * 100
    assert len(tried_origins(make_history(walks(300, 40)), 7, 1)[0]) == 200


@pytest.mark.parametrize(
    "series",
    [
        [np.array([1.0, 2.0])],
        [np.append(np.arange(30.0), np.full(8, np.nan))],
        [np.full(40, 3.0)],
        [np.append(np.full(60, np.nan), 4.0)],
    ],
    ids=["short", "ends unknown", "constant", "begins late"],
)
def test_where_nothing_can_be_tried_series_are_smoothed(series):
    model = Statistics().fit(make_history(series), 7, 1)
    assert model.share_ == 0
    assert np.isfinite(model.predict(make_history(series))).all()


def test_a_few_rows_are_enough():
    found = Forecaster("statistics", horizon=6, level=None).fit([3.0, 4.0, 5.0]).predict()
    assert len(found) == 6
    assert (found["statistics"] > 3).all()


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_a_unit_changes_nothing(seed, period):
    rng = np.random.default_rng(seed)
    series = [rng.normal(50, 5, size=rng.integers(1, 60)) for _ in range(4)]
    models = [
        Statistics().fit(make_history(s), 4, period) for s in (series, [1024 * s for s in series])
    ]
    assert models[0].share_ == models[1].share_
