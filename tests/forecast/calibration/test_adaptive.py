"""Adaptive intervals: the recursion by hand, and coverage where the series grows wilder."""

import numpy as np
import pytest

from gatecast.forecast.calibration import Calibration, adaptive
from gatecast.forecast.calibration.adaptive import FIRST, RATE, Adaptive
from gatecast.forecast.calibration.bank import Bank
from gatecast.forecast.calibration.offsets import Errors, offsets
from gatecast.forecast.history import make_history
from tests.forecast.calibration.models import Zero


def bank_of(errors: np.ndarray) -> Bank:
    count = len(errors)
    return Bank(errors, np.ones((1, count, 1, 1)), np.arange(count), np.zeros(count, np.intp))


def test_the_level_follows_what_was_missed():
    errors = np.random.default_rng(0).normal(size=(12, 1))
    adaptive = Adaptive([80.0])
    adaptive.follow(bank_of(errors), 99)
    level, expected = 80.0, []
    for t in range(FIRST, 12):
        lower, upper = offsets(Errors(errors[:t]), level, 1)[0]
        level += 100 * RATE * (float(not lower <= errors[t, 0] <= upper) - 0.2)
        expected.append(level)
    assert adaptive.adapted[:, 0] == pytest.approx(expected)
    assert adaptive.of(80.0) == pytest.approx(expected[-1])
    assert 100 - adaptive.of(90.0) == pytest.approx((100 - expected[-1]) / 2)


def test_following_in_two_parts_is_following_at_once():
    bank = bank_of(np.random.default_rng(1).normal(size=(60, 3)))
    once, twice = Adaptive([80.0, 95.0]), Adaptive([80.0, 95.0])
    once.follow(bank, 99)
    twice.follow(bank.take(slice(40)), 99)
    twice.follow(bank, 99)
    assert (once.adapted == twice.adapted).all()


def test_a_long_stream_remembers_its_newest_rounds(monkeypatch):
    bank = bank_of(np.random.default_rng(1).normal(size=(90, 3)))
    whole, short = Adaptive([80.0]), Adaptive([80.0])
    whole.follow(bank, 99)
    monkeypatch.setattr(adaptive, "ROUNDS", 10)
    offers = []
    for end in range(1, 94):
        offers += short.follow(bank.take(slice(end)), end)
    assert len(offers) == len(whole.times) == 83
    assert len(short.times) == len(short.adapted) == 13
    assert (short.adapted == whole.adapted[-13:]).all()


def test_a_series_that_grows_wilder_is_covered_where_split_conformal_fails():
    rng = np.random.default_rng(2)
    values = rng.normal(size=700) * np.where(np.arange(700) < 400, 1.0, 3.0)
    known = 350
    covered: dict[str, list[float]] = {"conformal": [], "adaptive": []}
    for method, seen in covered.items():
        history = make_history(values[:known])
        model = Zero().fit(history, 2)
        calibration = Calibration(method, [80.0])
        calibration.fit(model, history, history.rolling(2, windows=150))
        for stop in range(known + 10, 690, 10):
            longer = make_history(values[:stop])
            calibration.update(model, longer, 10)
            interval = calibration.apply(model, longer)[80]
            seen.append(interval.coverage(values[None, stop : stop + 2]))
    drifted = slice(8, 20)  # the bank is still half of the calm rows
    assert np.mean(covered["conformal"][drifted]) < 0.7
    assert np.mean(covered["adaptive"][drifted]) > np.mean(covered["conformal"][drifted]) + 0.1
    assert np.mean(covered["adaptive"]) == pytest.approx(0.8, abs=0.08)
