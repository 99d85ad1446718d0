"""The recursions of exponential smoothing, against statsmodels and the textbook's loop."""

import numpy as np
import pytest

from gatecast.forecast.classical.ets import KINDS
from gatecast.forecast.classical.states import Kind, States, drawn_on, run

PERIOD, ROWS, AHEAD = 4, 40, 7
WEIGHTS = {"alpha": 0.3, "beta": 0.1, "phi": 0.9, "gamma": 0.2}
FIRST = {
    "none": [0.0],
    "additive": [1.0, 4.0, -1.5, -3.5],
    "multiplicative": [1.02, 1.1, 0.98, 0.9],
}
STEPS = np.arange(ROWS)
VALUES = (
    50 + 0.4 * STEPS + 5 * np.sin(STEPS * np.pi / 2) + np.random.default_rng(0).normal(size=ROWS)
)


def done(kind: Kind, values: np.ndarray, **changed: float):
    """Squares, Σ log μ and forecasts of one series under one set of weights."""
    weights = {name: np.array([[(WEIGHTS | changed)[name]]]) for name in kind.weights}
    first = States(np.array([48.0]), np.array([0.5]), np.array(FIRST[kind.season])[:, None])
    widths = np.array([len(values)])
    came = run(values[:, None], widths, first, kind, weights)
    states = States(came.states.level[:, 0], came.states.trend[:, 0], came.states.season[..., 0])
    phi = weights["phi"][:, 0] if kind.trend else None
    ahead = drawn_on(states, kind, phi, widths, np.arange(1, AHEAD + 1)[None])
    return came.squares[0, 0], came.logs[0, 0], ahead[0]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_kind_is_that_of_statsmodels(kind):
    models = pytest.importorskip("statsmodels.tsa.exponential_smoothing.ets")
    # its multiplicative season is told from the new level, ours (as R's) from what was expected
    gamma = 0.0 if kind.season == "multiplicative" else 0.2
    seasonal = kind.season != "none"
    model = models.ETSModel(
        VALUES,
        error="mul" if kind.relative else "add",
        trend="add" if kind.trend else None,
        damped_trend=kind.trend,
        seasonal=kind.season[:3] if seasonal else None,
        seasonal_periods=PERIOD if seasonal else None,
        initialization_method="known",
        initial_level=48.0,
        initial_trend=0.5 if kind.trend else None,
        initial_seasonal=FIRST[kind.season] if seasonal else None,
    )
    given = [0.3, *([0.1] if kind.trend else []), *([gamma] if seasonal else [])]
    theirs = model.smooth(np.array([*given, *([0.9] if kind.trend else [])]))
    squares, logs, ahead = done(kind, VALUES, gamma=gamma)
    np.testing.assert_allclose(ahead, theirs.forecast(AHEAD), rtol=1e-12)
    assert squares == pytest.approx(np.sum(theirs.resid**2))
    likelihood = -ROWS / 2 * (np.log(2 * np.pi * squares / ROWS) + 1) - logs
    assert likelihood == pytest.approx(theirs.llf)


def test_a_multiplicative_season_is_holt_and_winters():
    level, trend, season = 48.0, 0.5, list(FIRST["multiplicative"])
    alpha, beta, phi, gamma = WEIGHTS.values()
    squares = logs = 0.0
    for step, value in enumerate(VALUES):  # Hyndman, Athanasopoulos 2021, section 8.3
        base, index = level + phi * trend, season[step % PERIOD]
        squares += (value / (base * index) - 1) ** 2
        logs += np.log(base * index)
        level = alpha * value / index + (1 - alpha) * base
        trend = beta / alpha * (level - (base - phi * trend)) + (1 - beta / alpha) * phi * trend
        season[step % PERIOD] = gamma * value / base + (1 - gamma) * index
    fading = np.cumsum(phi ** np.arange(1, AHEAD + 1))
    expected = (level + trend * fading) * [season[(ROWS + k) % PERIOD] for k in range(AHEAD)]
    found = done(Kind(True, "multiplicative", True), VALUES)
    assert found[:2] == pytest.approx((squares, logs))
    np.testing.assert_allclose(found[2], expected, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_missing_value_is_what_was_expected(kind):
    holed, filled = VALUES.copy(), VALUES[:21].copy()
    holed[20] = np.nan
    filled[20] = done(kind, VALUES[:20])[2][0]
    np.testing.assert_allclose(done(kind, holed[:21])[2], done(kind, filled)[2], rtol=1e-12)
    assert done(kind, holed[:21])[0] == done(kind, VALUES[:20])[0]


def test_weights_that_expect_nothing_above_zero_are_unfit_where_errors_are_shares():
    falling = np.array([50.0, 30.0, 5.0, 1.0, 0.5, 0.4])
    squares, logs, _ = done(Kind(True, "none", True), falling, alpha=0.99, beta=0.98)
    assert squares == logs == np.inf
    assert np.isfinite(done(Kind(True, "none", False), falling, alpha=0.99, beta=0.98)[0])
