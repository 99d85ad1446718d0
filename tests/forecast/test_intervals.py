"""Intervals: what they promise, and that they keep it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import nn
from gatecast.errors import InputError
from gatecast.forecast.intervals import DropoutIntervals, SplitConformal


@given(st.integers(30, 200), st.floats(50, 95), st.integers(0, 100))
def test_the_half_width_is_the_conformal_rank(n, level, seed):
    errors = np.random.default_rng(seed).normal(size=(n, 2))
    found = SplitConformal(level).fit(errors, np.zeros((n, 2))).half_width_
    rank = math.ceil((n + 1) * level / 100 - 1e-9)
    for step in range(2):
        assert found[step] == sorted(abs(errors[:, step]))[rank - 1]


@pytest.mark.parametrize("level", [50, 80, 95])
def test_new_rows_are_covered_as_promised(level):
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        forecast = rng.normal(size=(160, 2))
        truth = forecast + rng.standard_t(3, size=(160, 2)) * [1.0, 4.0]
        conformal = SplitConformal(level).fit(truth[:60], forecast[:60])
        covered.append(conformal.apply(forecast[60:]).coverage(truth[60:]))
    promised = math.ceil(61 * level / 100) / 61  # exact for exchangeable rows
    assert np.mean(covered) == pytest.approx(promised, abs=0.012)


def test_each_step_has_its_own_width():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(100, 3)) * [1, 2, 4]
    interval = SplitConformal(90).fit(truth, np.zeros((100, 3))).apply(np.ones((5, 3)))
    widths = interval.upper - interval.lower
    assert (np.diff(widths, axis=1) > 0).all()
    assert interval.score(np.ones((5, 3))) == pytest.approx(widths.mean())


def made_network() -> nn.Sequential:
    return nn.Sequential(nn.GRU(1, 8), nn.Last(), nn.Dropout(0.3), nn.Linear(8, 2), seed=3)


def made_rows(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 6, 1)).astype(np.float32), rng.normal(size=(n, 2)) * [1.0, 3.0]


@pytest.mark.parametrize("level", [80, 90])
def test_dropout_intervals_cover_new_rows_once_calibrated(level):
    net = made_network()
    intervals = DropoutIntervals(level, samples=40, seed=0).fit(net, *made_rows(0))
    assert intervals.raw_coverage_ < level / 100 - 0.2  # dropout knows nothing of the noise
    assert intervals.coverage_ == pytest.approx(level / 100, abs=0.01)
    x, truth = made_rows(1)
    mean, interval = intervals.apply(net, x)
    assert interval.coverage(truth) == pytest.approx(level / 100, abs=0.05)
    assert (interval.lower < mean).all()
    assert (mean < interval.upper).all()


def test_dropout_intervals_are_drawn_from_the_seed_and_in_the_units_of_the_target():
    net, (x, truth) = made_network(), made_rows(0, 100)
    plain = DropoutIntervals(80, samples=20, seed=5).fit(net, x, truth)
    scaled = DropoutIntervals(80, samples=20, seed=5)
    scaled.fit(net, x, truth * 10 + 3, lambda outputs: outputs * 10 + 3)
    assert np.allclose(plain.factor_, scaled.factor_)
    wide = scaled.apply(net, x, lambda outputs: outputs * 10 + 3)[1]
    narrow = plain.apply(net, x)[1]
    assert np.allclose(wide.lower, narrow.lower * 10 + 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SplitConformal(0), "level must lie between 0 and 100"),
        (lambda: SplitConformal(True), "level must lie between 0 and 100"),
        (
            lambda: SplitConformal(95).fit(np.zeros((10, 1)), np.zeros((10, 1))),
            "95 % needs at least 19 calibration rows, there are 10",
        ),
        (lambda: SplitConformal().fit(np.zeros(10), np.zeros(10)), "truth must be"),
        (
            lambda: SplitConformal().fit(np.zeros((10, 1)), np.zeros((10, 2))),
            "truth has shape",
        ),
        (lambda: SplitConformal().apply(np.zeros((1, 1))), "is not fitted"),
        (
            lambda: SplitConformal(50).fit(np.ones((9, 1)), np.zeros((9, 1))).apply(np.ones(3)),
            "as in fit",
        ),
        (lambda: DropoutIntervals(samples=1), "samples must be a whole number >= 2"),
        (lambda: DropoutIntervals().apply(made_network(), made_rows(0)[0]), "is not fitted"),
        (
            lambda: DropoutIntervals().fit(
                nn.Sequential(nn.GRU(1, 2, dropout=0.5), nn.Last()), *made_rows(0)
            ),
            "has no dropout",
        ),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_nineteen_rows_are_enough_for_95_per_cent():
    found = SplitConformal(95).fit(np.zeros((19, 1)), np.arange(1.0, 20.0)[:, None])
    assert found.half_width_.tolist() == [19.0]  # the largest error
