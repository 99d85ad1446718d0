"""Alarms: each rings where it must, and only there."""

import numpy as np
import pytest

from gatecast.comparison.alarms import raise_alarms
from gatecast.comparison.running import run
from gatecast.comparison.scoring import make_row, score, summaries
from gatecast.comparison.study import Variant
from gatecast.forecast.baselines import make_baseline
from gatecast.forecast.samples import Samples
from tests.comparison.studies import history, outcome, sine_variant, study

rng = np.random.default_rng(0)
WALK = np.cumsum(rng.normal(size=301))
TRUTH, LAST = WALK[1:, None], WALK[:-1, None]


def alarms_of(*trained, truth=TRUTH, past=LAST, classes=()):
    """The alarms of made-up forecasts of a random walk, beside the last value."""
    samples = Samples(np.zeros((len(truth), 1, 1)), truth, past)
    naive = "same_as_last" if classes else "last_value"
    baseline = make_baseline(naive, classes=bool(classes))
    variant = Variant("", samples, samples, (), (baseline,), classes=classes)
    one = study(variant, task="classify" if classes else "forecast")
    of_naive = outcome(naive, past[:, -1] if classes else past, "baseline")
    everything = [of_naive, *trained]
    metric = "accuracy" if classes else "mse"
    rows = [make_row(t, score(t, variant)) for t in everything]
    lines = summaries(one, rows, metric)
    return {a.kind: a.words for a in raise_alarms(one, everything, rows, lines, metric)}


def test_a_good_forecast_raises_none():
    assert alarms_of(outcome("gru", TRUTH + 0.3 * rng.normal(size=TRUTH.shape))) == {}


def test_flat_forecasts():
    found = alarms_of(outcome("gru", np.full_like(TRUTH, TRUTH.mean())))
    assert set(found) == {"flat", "worse than naive"}
    assert "variance is 0.00 % of the truth's" in found["flat"]


def test_several_steps_ahead_are_flat_where_no_step_moves():
    truth = np.stack([TRUTH[:, 0], TRUTH[:, 0] + 50], axis=1)
    forecast = np.broadcast_to(truth.mean(axis=0), truth.shape)  # the steps differ, the rows not
    assert "flat" in alarms_of(outcome("gru", forecast), truth=truth, past=np.repeat(LAST, 2, 1))


def test_the_last_value_again():
    found = alarms_of(outcome("gru", LAST + 0.05 * rng.normal(size=LAST.shape)))
    assert "lag" in found
    assert "repeats the last value" in found["lag"]


def test_a_forecast_with_skill_is_not_a_lag():
    assert "lag" not in alarms_of(outcome("gru", 0.7 * LAST + 0.3 * TRUTH))


def test_worse_than_naive():
    found = alarms_of(outcome("gru", TRUTH + 3 * rng.normal(size=TRUTH.shape)))
    assert "last_value, which learns nothing" in found["worse than naive"]


def test_one_class_only():
    truth = np.arange(30) % 3
    past = np.stack([truth, (truth + 1) % 3], axis=1)
    found = alarms_of(
        outcome("gru", np.ones(30, int)), truth=truth, past=past, classes=("a", "b", "c")
    )
    assert found["flat"] == "it predicts the class 'b' for every row, whatever it is given"


@pytest.mark.parametrize(
    ("train", "validation", "rings"),
    [
        ([1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2], [1.0, 0.8, 0.7, 0.9, 1.0, 1.1, 1.2], True),
        ([1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2], [1.0, 0.8, 0.7, 0.65, 0.6, 0.6, 0.61], False),
        ([1.0, 0.8, 0.6, 0.7, 0.8, 0.9, 1.0], [1.0, 0.8, 0.7, 0.9, 1.0, 1.1, 1.2], False),
        ([1.0, 0.8, 0.6], [1.0, 2.0, 3.0], False),
    ],
)
def test_a_validation_loss_that_rises_while_training_goes_on(train, validation, rings):
    good = TRUTH + 0.3 * rng.normal(size=TRUTH.shape)
    found = alarms_of(outcome("gru", good, history=history(train, validation)))
    assert ("overfits" in found) == rings
    if rings:
        assert found["overfits"].startswith("from epoch 3 on its validation loss rose, to 1.57")


def test_a_test_loss_far_above_the_training_loss():
    good = TRUTH + 0.3 * rng.normal(size=TRUTH.shape)
    losses = {"train_loss": 0.1, "test_loss": 0.5}
    assert "5.0 times" in alarms_of(outcome("gru", good, losses=losses))["overfits"]
    losses = {"train_loss": 0.1, "test_loss": 0.2}
    assert alarms_of(outcome("gru", good, losses=losses)) == {}


def test_divergence_says_of_how_many():
    good = outcome("gru", TRUTH + 0.3, seed=0)
    bad = outcome("gru", TRUTH, seed=1, status="diverged", note="training diverged in epoch 2")
    found = alarms_of(good, bad)
    assert found["diverged"].startswith("1 of 2 trainings diverged")
    assert found["diverged"].endswith("training diverged in epoch 2")


def test_baselines_and_healthy_networks_ring_nothing():
    assert run(study(sine_variant(networks=())), jobs=1, progress=False).alarms == []
