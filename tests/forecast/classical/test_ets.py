"""Exponential smoothing: its fit against statsmodels', the kind that is chosen, hard series."""

import numpy as np
import pytest

from gatecast.forecast.classical import ets, make_classical
from gatecast.forecast.classical.ets import KINDS, Search
from gatecast.forecast.classical.states import Kind, weights_of
from gatecast.forecast.history import make_history
from tests.forecast.classical.panels import seasonal


def noisy(rows=60, seed=0):
    """A trend, a season of 6 whose swings grow with it, and noise."""
    steps, rng = np.arange(rows), np.random.default_rng(seed)
    return (30 + steps) * (1 + 0.2 * np.sin(steps * np.pi / 3)) * rng.normal(1, 0.03, rows)


@pytest.mark.parametrize(
    "kind",
    [Kind(False, "none", False), Kind(True, "none", True), Kind(True, "additive", False)],
    ids=str,
)
def test_the_weights_are_as_good_as_those_that_statsmodels_finds(monkeypatch, kind):
    models = pytest.importorskip("statsmodels.tsa.exponential_smoothing.ets")
    values = noisy()
    search = Search(values[None], np.array([60]), 6)
    level, trend, season = search.first[kind.season]
    seasonal = kind.season != "none"
    model = models.ETSModel(
        values, error="mul" if kind.relative else "add",
        trend="add" if kind.trend else None, damped_trend=kind.trend,
        seasonal=kind.season[:3] if seasonal else None, seasonal_periods=6 if seasonal else None,
        initialization_method="known", initial_level=level[0],
        initial_trend=trend[0] if kind.trend else None,
        initial_seasonal=season[:, 0] if seasonal else None,
    )  # fmt: skip
    theirs = model.fit(disp=False).llf
    monkeypatch.setattr(ets, "KINDS", (kind,))
    _, free = search.best()
    done = search.run(kind, np.array([0]), weights_of(kind, free[:, None, : len(kind.weights)]))
    ours = -30 * (np.log(2 * np.pi * done.squares / 60) + 1) - done.logs
    assert float(ours[0, 0]) > theirs - 0.3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (20 + np.random.default_rng(0).normal(size=60), (False, "none")),
        (noisy(), (True, "multiplicative")),
        (np.cumsum(1 + 0.3 * np.random.default_rng(1).normal(size=60)), (True, "none")),
        (np.sin(np.arange(60) * np.pi / 3) + 0.1 * np.random.default_rng(2).normal(size=60),
         (False, "additive")),
    ],
)  # fmt: skip
def test_the_kind_that_made_the_series_is_chosen(values, expected):
    (number,), _ = Search(values[None], np.array([60]), 6).best()
    assert (KINDS[number].trend, KINDS[number].season) == expected


def test_a_growing_season_is_foretold():
    history = make_history(noisy(72)[:60])
    truth = noisy(72)[60:]
    found = make_classical("ets").fit(history, 12, 6).predict(history)[0]
    naive = make_classical("seasonal_naive").fit(history, 12, 6).predict(history)[0]
    assert np.abs(found - truth).mean() < 0.6 * np.abs(naive - truth).mean()


def test_a_line_is_drawn_on():
    history = make_history(5.0 + 2.0 * np.arange(30.0))
    model = make_classical("ets").fit(history, 3)
    np.testing.assert_allclose(model.predict(history), [[65.0, 67.0, 69.0]], rtol=5e-3)


def test_missing_values_and_short_series():
    rng = np.random.default_rng(0)
    holed = rng.normal(size=40)
    holed[[0, 10, 38, 39]] = np.nan
    history = make_history([holed, np.array([3.0, np.nan, 4.0]), np.array([2.0, 3.0, 2.0, 9.0])])
    found = make_classical("ets").fit(history, 3, 4).predict(history)
    assert np.abs(found[0]).max() < 2
    np.testing.assert_array_equal(found[1:], [[4.0] * 3, [9.0] * 3])


def test_the_last_thousand_rows_may_begin_in_a_gap():
    rows = np.arange(2000)
    wave = 5 + np.sin(rows * np.pi / 3)
    wave[900:1400] = np.nan
    history = make_history(wave)
    found = make_classical("ets").fit(history, 6, 6).predict(history)[0]
    np.testing.assert_allclose(found, 5 + np.sin((2000 + rows[:6]) * np.pi / 3), rtol=1e-6)


def test_values_that_lack_at_the_end_are_steps_ahead():
    wave = np.tile([1.0, 5.0, 3.0, 3.0], 8)
    history = make_history([wave, np.append(wave, [np.nan, np.nan])])
    found = make_classical("ets").fit(history, 4, 4).predict(history)
    np.testing.assert_allclose(found[1], np.roll(found[0], -2), rtol=1e-9)


@pytest.mark.parametrize("level", [0.0, 7.0, -1e9, 1e-7])
def test_a_constant_series_stays(level):
    history = make_history(np.full(30, level))
    model = make_classical("ets").fit(history, 2, 3)
    np.testing.assert_allclose(model.predict(history), [[level, level]], rtol=1e-9, atol=1e-300)


def test_no_forecast_depends_on_its_unit():
    values = noisy()
    history = make_history([values, 1e-6 * values, 1e9 * values])
    found = make_classical("ets").fit(history, 4, 6).predict(history)
    np.testing.assert_allclose(found[1:] * [[1e6], [1e-9]], found[[0, 0]], rtol=1e-6)


def test_neither_the_future_nor_other_series_nor_blocks_matter(monkeypatch):
    history = seasonal(series=3, rows=50)
    ragged = make_history([history.series(0), history.series(1)[:31], -history.series(2)[5:]])
    origins = ragged.rolling(horizon=4, windows=5, step=3)
    model = make_classical("ets").fit(ragged, 4, 6)
    found = model.predict(ragged, origins)
    monkeypatch.setattr(ets, "BLOCK", 2)
    np.testing.assert_array_equal(model.predict(ragged, origins), found)
    for i in range(len(origins)):
        one = origins.take([i])
        known = ragged.take(one.series).until(one.rows - ragged.offsets[one.series])
        np.testing.assert_array_equal(model.predict(known), found[[i]])
