"""The benchmark's scores: those of utilsforecast, and what the competitions published."""

import pandas as pd
import pytest

pytest.importorskip("utilsforecast.losses")

import numpy as np
from utilsforecast import losses

from benchmarks.accuracy.data import ETT_ENDS, read_competition, read_transformer
from benchmarks.accuracy.scores import (
    Scores,
    pool,
    score_series,
    score_standardised,
    smape,
)


def panel(period):
    rng = np.random.default_rng(0)
    known = [10 + rng.random(n) * 9 for n in (20, 31, 50)]
    truth, forecast = 10 + rng.random((2, 3, 4)) * 9
    return known, truth, forecast


@pytest.mark.parametrize("period", [1, 4])
def test_scores_are_utilsforecasts(period):
    known, truth, forecast = panel(period)
    ids = np.repeat(["a", "b", "c"], 4)
    frame = pd.DataFrame({"unique_id": ids, "y": truth.ravel(), "m": forecast.ravel()})
    train = pd.DataFrame(
        {"unique_id": np.repeat(["a", "b", "c"], [20, 31, 50]), "y": np.concatenate(known)}
    )
    scores = score_series(truth, forecast, known, period, (20.0, 2.0))
    assert scores.smape == pytest.approx(200 * losses.smape(frame, ["m"])["m"].mean())
    scaled = losses.mase(frame, ["m"], seasonality=period, train_df=train)["m"].mean()
    assert scores.mase == pytest.approx(scaled)
    assert scores.smape is not None
    assert scores.mase is not None
    assert scores.owa == pytest.approx((scores.smape / 20 + scores.mase / 2) / 2)


@pytest.mark.parametrize(
    ("name", "seasonal", "percent", "scaled"),
    [("m4_hourly", False, 43.003, 11.608), ("m4_hourly", True, 13.912, 1.193)],
)
def test_naive_forecasts_score_as_published(reference_data, name, seasonal, percent, scaled):
    data = read_competition(reference_data, name)  # M4, 'Evaluation and Ranks.xlsx'
    period = data.period if seasonal else 1
    forecast = np.stack([np.resize(known[-period:], data.horizon) for known in data.known])
    assert data.truth is not None
    scores = score_series(data.truth, forecast, data.known, data.period)
    assert scores.smape == pytest.approx(percent, abs=1e-3)
    assert scores.mase == pytest.approx(scaled, abs=1e-3)


def test_a_repeated_value_scores_as_published_on_ett(reference_data):
    data = read_transformer(reference_data, "etth1_96")  # Repeat*, Zeng et al. 2023
    truth = data.truth()
    last = data.values[ETT_ENDS[1] - 1 : ETT_ENDS[2] - data.horizon]
    forecast = np.repeat(last[:, None], data.horizon, axis=1)
    whole = len(truth) // 32 * 32  # the table leaves the last incomplete batch out
    scores = score_standardised(truth[:whole], forecast[:whole], data.deviation)
    assert scores.mse == pytest.approx(1.295, abs=1e-3)
    assert scores.mae == pytest.approx(0.713, abs=1e-3)


def test_the_points_of_a_pool_count_alike():
    found = pool([(Scores(10.0, 1.0), 1, 6), (Scores(20.0, 3.0), 1, 2)], (12.5, 4.0))
    assert found == Scores(smape=12.5, mase=2.0, owa=0.75)


def test_nothing_against_nothing_is_no_error():
    assert smape(np.zeros(2), np.array([0.0, 1.0])).tolist() == [0.0, 200.0]


def test_series_without_a_unit_are_left_out_of_mase_and_counted():
    known = [np.arange(9.0), np.ones(9), np.arange(3.0)]
    truth, forecast = np.ones((3, 2)), np.zeros((3, 2))
    scores = score_series(truth, forecast, known, 4)
    assert scores.mase == 0.25  # an error of 1 in a series that moves by 4 in a season
    assert scores.unscaled == 2
    assert score_series(truth[1:], forecast[1:], known[1:], 4).mase is None
