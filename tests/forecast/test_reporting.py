"""What a forecaster's page is made of: against the frames and the metrics that users get."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatecast import metrics
from gatecast.forecast import Forecaster, reporting
from gatecast.forecast.reporting import MOST_WINDOWS, fans_in
from gatecast.report.page import render

make_report: Any = reporting.make_report  # its parts may be None, and are not here


def panel(series=3, rows=70, seed=0):
    rng = np.random.default_rng(seed)
    t = np.arange(rows)
    frames = [
        pd.DataFrame(
            {
                "unique_id": f"store {i}",
                "ds": pd.date_range("2024-01-01", periods=rows, freq="D"),
                "y": 50.0 * (i + 1) + 10 * np.sin(2 * np.pi * t / 7) + rng.normal(size=rows),
            }
        )
        for i in range(series)
    ]
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def fitted():
    return Forecaster("linear", horizon=5, seed=1).fit(panel())


@pytest.fixture(scope="module")
def done(fitted):
    return fitted.backtest(n_windows=3)[1]


def test_fans_are_the_frame_of_predict_and_the_rows_before_it(fitted):
    frame = fitted.predict(level=[80, 95.5])
    fans = fans_in(frame, fitted.known_, "linear")
    assert [fan.series for fan in fans] == ["store 0", "store 1", "store 2"]
    table = panel()
    for fan in fans:
        mine = frame[frame["unique_id"] == fan.series]
        np.testing.assert_array_equal(fan.forecast, mine["linear"])
        np.testing.assert_array_equal(fan.bands[95.5][1], mine["linear-hi-95.5"])
        np.testing.assert_array_equal(fan.index[-5:], mine["ds"].to_numpy())
        past = table[table["unique_id"] == fan.series].tail(len(fan.known))
        np.testing.assert_array_equal(fan.known, past["y"])
        np.testing.assert_array_equal(fan.index[:-5], past["ds"].to_numpy())


def test_scores_are_those_of_the_backtests_frame(fitted, done):
    result = make_report(fitted, backtest=done)
    frame = fitted.cross_validation(n_windows=3)
    own, rival = result.summary
    assert (own.model, rival.model) == ("linear", "seasonal_naive")
    assert own.mean["mae"] == pytest.approx(metrics.mae(frame["y"], frame["linear"]))
    assert own.mean["rmse"] == pytest.approx(metrics.rmse(frame["y"], frame["linear"]))
    assert own.skill == pytest.approx(1 - own.mean["mase"] / rival.mean["mase"])
    error = frame["linear"] - frame["y"]
    by_cutoff = error.abs().groupby(frame["cutoff"]).mean()
    origins, steps = result.outlook.breakdowns
    np.testing.assert_allclose(origins.metrics["mae"]["linear"], by_cutoff)
    np.testing.assert_array_equal(
        origins.places, by_cutoff.index.to_numpy() + np.timedelta64(1, "D")
    )
    step = (frame["ds"] - frame["cutoff"]).dt.days
    np.testing.assert_allclose(steps.metrics["bias"]["linear"], error.groupby(step).mean())
    np.testing.assert_allclose(
        steps.metrics["rmse"]["linear"], (error**2).groupby(step).mean() ** 0.5
    )


def test_coverage_is_that_of_the_backtests_frame(fitted, done):
    reliability = make_report(fitted, backtest=done).outlook.reliability
    frame = fitted.cross_validation(n_windows=3)
    inside = frame["y"].between(frame["linear-lo-80"], frame["linear-hi-80"])
    assert reliability.levels.tolist() == [80, 95]
    assert reliability.points == len(frame)
    assert reliability.covered[0] == pytest.approx(100 * inside.mean())
    step = (frame["ds"] - frame["cutoff"]).dt.days
    np.testing.assert_allclose(reliability.by_step[:, 0], 100 * inside.groupby(step).mean())
    score = metrics.interval_score(
        frame["y"].to_numpy(), frame["linear-lo-80"].to_numpy(), frame["linear-hi-80"].to_numpy(),
        level=80,
    )  # fmt: skip
    assert reliability.scores[0] == pytest.approx(score)


def test_the_page_says_first_what_the_backtest_found(fitted, done):
    said = make_report(fitted, backtest=done).outlook.statement
    skill = fitted.evaluate(n_windows=3).skill
    assert said.startswith(
        f"linear: in the backtest its forecasts of 5 steps from 9 origins err {100 * skill:.1f} % "
        "less than seasonal naive (MASE). When it was fitted, from "
    )
    assert said.endswith(f"held-out origins, they erred {fitted.statement_.verdict}.")
    assert make_report(fitted).outlook.statement == fitted.statement_.sentence


def test_a_panel_is_told_where_naive_is_better(fitted, done):
    (note,) = [n for n in make_report(fitted, backtest=done).notes if "series they err" in n]
    frame = fitted.cross_validation(n_windows=3)
    naive = Forecaster("seasonal_naive", horizon=5).fit(panel()).cross_validation(n_windows=3)
    names = frame["unique_id"]
    own = (frame["linear"] - frame["y"]).abs().groupby(names).sum()
    rival = (naive["seasonal_naive"] - naive["y"]).abs().groupby(names).sum()
    assert note.startswith(f"In {(own < rival).sum()} of 3 series they err less than seasonal")
    worse = (own / rival)[own > rival].sort_values(ascending=False)
    assert [f"{i} ({t:.2g} times" in note for i, t in worse.items()] == [True] * len(worse)


def test_windows_show_what_was_known_and_what_came(fitted, done):
    result = make_report(fitted, backtest=done)
    (truth,) = result.truths
    assert truth.index[0] == "store 0, 2024-02-25"
    table = panel()
    first = table[table["unique_id"] == "store 0"]["y"].to_numpy()
    np.testing.assert_array_equal(truth.values[0], first[55:60])
    np.testing.assert_array_equal(truth.history[0], first[25:55])
    own, rival = result.predictions
    np.testing.assert_array_equal(own.forecast, done.points)
    assert own.level == 95
    assert rival.level is None
    np.testing.assert_array_equal(rival.forecast[0], first[[48, 49, 50, 51, 52]])


def test_importance_names_the_season(fitted, done):
    importance = make_report(fitted, backtest=done).outlook.importance
    assert importance[0].loss == max(one.loss for one in importance)
    assert any(one.name.startswith("y, ") for one in importance)


def test_without_a_backtest_the_calibration_speaks(fitted):
    result = make_report(fitted, command="gatecast forecast m")
    report = fitted.calibration_.report()
    assert result.outlook.reliability.covered.tolist() == [
        report.overall(80).coverage, report.overall(95).coverage,
    ]  # fmt: skip
    assert result.summary == []
    assert result.meta["command"] == "gatecast forecast m"
    assert "Calibration" in render(result)


def test_the_statement_heads_the_page_and_alarms_stand_apart():
    walk = np.cumsum(np.random.default_rng(3).normal(size=200))
    forecaster = Forecaster("mean", horizon=3).fit(walk)
    result = make_report(forecaster)
    assert result.outlook.statement.endswith("or try 'best', or columns that explain the target.")
    assert {alarm.kind for alarm in result.alarms} >= {"worse than naive"}
    assert all("Alarm" not in note for note in result.notes)


def test_a_rival_of_its_own_name_is_not_asked_twice():
    forecaster = Forecaster("seasonal_naive", horizon=3, season=7, level=None).fit(panel(1))
    result = make_report(forecaster, backtest=forecaster.backtest()[1])
    assert [line.model for line in result.summary] == ["seasonal_naive"]
    assert result.outlook.reliability is None


def test_many_windows_are_drawn_in_part():
    forecaster = Forecaster("naive", horizon=1, level=None).fit(panel(series=MOST_WINDOWS // 40))
    done = forecaster.backtest(n_windows=45, step_size=1)[1]
    result = make_report(forecaster, backtest=done)
    assert len(result.truths[0].values) == MOST_WINDOWS
    assert any(
        note.startswith(f"{MOST_WINDOWS:,} of the backtest's 2,250 windows")
        for note in result.notes
    )


def test_numbered_rows_have_a_page_too():
    forecaster = Forecaster("drift", horizon=2).fit(np.arange(50.0) % 9)
    fans = fans_in(forecaster.predict(), forecaster.known_, "drift")
    result = make_report(forecaster, fans=fans, backtest=forecaster.backtest()[1])
    assert fans[0].index[-1] == 51
    assert "row" in render(result)


def test_fewer_steps_than_were_learned_need_no_covariates_beyond_them():
    fitted = Forecaster("linear", horizon=5, calendar=True).fit(panel())
    assert fitted.known_.history.future_names
    done = fitted.backtest(h=2, n_windows=2)[1]
    assert done.points.shape == (6, 2)
    result = make_report(fitted, backtest=done)
    assert result.title == "y, 2 steps ahead"
    assert result.outlook.importance
    whole = fitted.backtest(n_windows=1)[1]
    early = fitted.backtest(h=2, n_windows=4, step_size=1)[1]
    at = np.flatnonzero(early.origins.rows == whole.origins.rows[0])
    np.testing.assert_allclose(early.points[at], whole.points[:1, :2], rtol=1e-12)
