"""Reports: measured on what did not calibrate, in numbers that can be checked by hand."""

import numpy as np
import pytest

from gatecast import metrics
from gatecast.forecast.calibration.bank import Bank
from gatecast.forecast.calibration.coverage import crossed, measured


def bank_of(count: int, series: int = 1, moments: int | None = None) -> Bank:
    rng = np.random.default_rng(0)
    times = np.arange(count) if moments is None else np.arange(count) % moments
    return Bank(
        rng.normal(size=(count, 2)), np.ones((1, count, 1, 1)), times, np.arange(count) % series
    )


@pytest.mark.parametrize(
    ("bank", "words"),
    [
        (bank_of(40), "stretches of time"),
        (bank_of(3), "stretches of time"),
        (bank_of(40, series=20, moments=5), "stretches of time"),
        (bank_of(40, series=20, moments=3), "groups of series"),
        (bank_of(40, series=4, moments=3), "stretches of time"),
        (bank_of(1), "too few"),
    ],
)
def test_what_is_measured_did_not_calibrate(bank, words):
    parts = []

    def offers(rest):
        parts.append(rest)
        return [np.tile([-1.0, 1.0], (2, 1))]

    found, how = crossed(bank, offers)
    assert words in how
    for (here, _), rest in zip(found, parts, strict=True):
        assert len(here) + len(rest) == len(bank)
        both = np.concatenate([here.errors, rest.errors])
        assert np.unique(both, axis=0).shape == bank.errors.shape


def test_the_rows_are_the_metrics():
    bank = bank_of(30)
    rows = measured([(bank, [np.tile([-1.0, 1.5], (2, 1))])], [80.0], lambda level: 0)
    lower, upper = np.full((30, 2), -1.0), np.full((30, 2), 1.5)
    assert rows[0].step == 0
    assert rows[0].coverage == pytest.approx(100 * metrics.coverage(bank.errors, lower, upper))
    score = metrics.interval_score(bank.errors, lower, upper, level=80)
    assert rows[0].score == pytest.approx(score)
    assert rows[0].width == pytest.approx(2.5)
    by_step = metrics.coverage_by_step(bank.errors, lower, upper)
    assert [row.coverage for row in rows[1:]] == pytest.approx(100 * by_step)
    assert [row.count for row in rows] == [60, 30, 30]
