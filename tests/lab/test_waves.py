"""waves: its windows, what its networks learn, the names in its table, the dropout band."""

import numpy as np
import pytest

from gatecast import datasets, metrics
from gatecast.forecast.baselines import make_baseline
from gatecast.lab import waves
from gatecast.lab.settings import Settings
from tests.lab.studies import TINY, known, names, run_cut


@pytest.fixture(scope="module")
def study():
    return waves.describe(TINY)


def variant(study, name):
    return next(v for v in study.variants if v.name == name)


def test_the_split_is_the_published_one_and_the_noise_is_the_datas(study):
    for one in study.variants:
        assert [len(part) for part in (one.train, one.validation, one.test)] == [7000, 2000, 1000]
    ten = variant(study, "10-step/all")
    data = datasets.make_waves(seed=0, horizon=10)
    assert np.array_equal(ten.test.y, data[9000:, 50:])
    assert np.allclose(ten.test.x[..., 0], data[9000:, :50], atol=1e-7)


def test_the_naive_errors_are_those_that_were_measured(study):
    errors = {}
    for name in ("1-step", "10-step/all"):
        one = variant(study, name)
        forecast = make_baseline("naive").fit(one.train).predict(one.test)
        errors[name] = metrics.mse(one.test.y, forecast)
    assert errors["1-step"] == pytest.approx(0.0226, abs=5e-5)
    assert errors["10-step/all"] == pytest.approx(0.2586, abs=5e-5)


def test_every_position_learns_the_ten_values_after_it(study):
    test = variant(study, "10-step/all").test.take(slice(5))
    whole = datasets.make_waves(seed=0, horizon=10)[9000:9005].astype(np.float32)
    learned = waves.windows_of_ten(test)
    assert learned.shape == (5, 50, 10)
    for position in (0, 7, 49):
        assert np.array_equal(learned[:, position], whole[:, position + 1 : position + 11])
    assert np.array_equal(waves.next_values(test)[..., 0], whole[:, 1:51])
    assert np.array_equal(waves.first_value(test), whole[:, 50:51])


def test_after_the_convolution_a_position_learns_what_follows_all_that_it_saw(study):
    test = variant(study, "10-step/all").test.take(slice(5))
    learned = waves.windows_of_ten_after_convolution(test)
    net = waves.build("gru", 20, 2, 10, 0, every_step=True, convolution=True)
    assert learned.shape == net.predict(test.x).shape == (5, 24, 10)
    # output i of a convolution of 4 with stride 2 sees the inputs 2i … 2i + 3
    assert np.array_equal(learned, waves.windows_of_ten(test)[:, 3::2])
    assert np.array_equal(learned[:, -1], test.targets)


def test_a_forecast_is_fed_back_step_by_step():
    def add_one(x):  # what a network that adds one to the last value answers, at every step
        return x + 1

    x = np.zeros((2, 50, 1), np.float32)
    assert np.array_equal(waves.roll_out(add_one, x), [np.arange(1, 11)] * 2)
    assert np.array_equal(waves.roll_out(lambda x: x[:, -1] + 1, x), [np.arange(1, 11)] * 2)


@pytest.mark.parametrize("preset", ["best", "published"])
def test_the_table_has_the_documented_names(preset):
    result = run_cut(waves.describe(Settings(preset, quick=True, epochs=1)))
    found = names(result)
    assert list(found) == ["1-step", "10-step/recursive", "10-step/at-once", "10-step/all"]
    assert {"naive", "linear_regression", "linear", "simple_rnn", "rnn"} <= found["1-step"]
    assert {"naive", "rnn"} <= found["10-step/recursive"]
    assert {"rnn", "gru", "lstm", "conv_gru"} <= found["10-step/all"]
    assert all(row.status == "ok" for row in result.rows)
    line = next(s for s in result.summary if (s.model, s.variant) == ("lstm", "10-step/all"))
    assert line.published == {"mse": 0.00887}


def test_the_dropout_band_is_calibrated_on_validation_rows_and_told_of(study):
    result = waves.finish(run_cut(study, rows=200), waves.describe(TINY), TINY)
    model, name = waves.BANDED
    row = next(r for r in result.rows if (r.model, r.variant) == (model, name))
    assert 0 <= row.metrics["raw_coverage"] < row.metrics["coverage"] <= 1
    line = next(s for s in result.summary if (s.model, s.variant) == (model, name))
    assert line.mean["coverage"] == row.metrics["coverage"]
    drawn = next(p for p in result.predictions if (p.model, p.variant) == (model, name))
    assert drawn.level == 90
    assert (known(drawn.lower) <= known(drawn.upper)).all()
    sentence = result.conclusions[-1]
    assert "Monte-Carlo dropout" in sentence
    assert "before" in sentence
