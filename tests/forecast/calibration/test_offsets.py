"""Bounds from errors: ranks by hand, coverage by simulation, few rows, steps beyond."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.forecast.calibration.offsets import Errors, is_pooled, offsets


@given(st.integers(0, 200), st.floats(50, 90))
def test_many_rows_give_each_side_its_conformal_rank(seed, level):
    values = np.random.default_rng(seed).gamma(2, size=(400, 2)) - 1
    found = offsets(Errors(values, groups=400), level, 2)
    rank = math.ceil(401 * (0.5 + level / 200) - 1e-9)
    for step in range(2):
        assert found[step, 1] == np.sort(values[:, step])[rank - 1]
        assert found[step, 0] == np.sort(values[:, step])[::-1][rank - 1]


def test_fewer_rows_give_the_rank_of_the_absolute_error():
    values = np.random.default_rng(0).normal(size=(120, 3))
    found = offsets(Errors(values, groups=120), 95, 3)
    rank = math.ceil(121 * 0.95)
    for step in range(3):
        half = np.sort(np.abs(values[:, step]))[rank - 1]
        assert tuple(found[step]) == (-half, half)


@pytest.mark.parametrize(("rows", "groups"), [(60, 1), (120, 120), (400, 400)])
@pytest.mark.parametrize("level", [80, 95])
def test_exchangeable_errors_are_covered_as_promised(rows, groups, level):
    rng = np.random.default_rng(rows)
    covered = []
    for _ in range(150):
        draws = rng.standard_t(4, size=(rows + 60, 2)) * [1.0, 3.0]
        found = offsets(Errors(draws[:rows], groups), level, 2)
        new = draws[rows:]
        covered.append(np.mean((new >= found[:, 0]) & (new <= found[:, 1])))
    assert np.mean(covered) == pytest.approx(level / 100, abs=0.02)


@pytest.mark.parametrize(("origins", "horizon"), [(5, 6), (14, 12), (40, 12)])
@pytest.mark.parametrize("level", [80, 95])
def test_a_short_random_walk_is_covered_for_all_that(origins, horizon, level):
    rng = np.random.default_rng(origins)
    covered = []
    for _ in range(300):
        walk = np.cumsum(rng.normal(size=origins + 3 * horizon))
        rows = 1 + np.arange(origins)
        ahead = rows[:, None] + np.arange(horizon)
        errors = Errors(walk[ahead] - walk[rows - 1][:, None])
        assert is_pooled(errors, level)
        found = offsets(errors, level, horizon)
        now = origins + horizon  # the first origin after all of their truth
        truth = walk[now : now + horizon] - walk[now - 1]
        covered.append(np.mean((truth >= found[:, 0]) & (truth <= found[:, 1])))
    assert level / 100 - 0.03 < np.mean(covered) < level / 100 + 0.09


def test_widths_grow_beyond_the_steps_that_are_known():
    errors = Errors(np.cumsum(np.random.default_rng(1).normal(size=(500, 4)), axis=1), groups=500)
    widths = np.ptp(offsets(errors, 80, 16), axis=1)
    assert (np.diff(widths) > 0).all()
    assert widths[15] / widths[3] == pytest.approx(2, rel=0.15)  # √(16 / 4)
    few = np.ptp(offsets(Errors(errors.values[:10]), 80, 16), axis=1)
    assert (np.diff(few) >= 0).all()


def test_steps_without_any_truth_follow_the_law_of_growth():
    values = np.cumsum(np.random.default_rng(2).normal(size=(30, 6)), axis=1)
    values[:, 4:] = np.nan
    widths = np.ptp(offsets(Errors(values), 80, 6), axis=1)
    assert np.isfinite(widths).all()
    assert (widths[4:] > widths[3]).all()


def test_effective_rows_count_what_overlaps_once():
    errors = Errors(np.zeros((21, 4)))
    assert errors.effective == pytest.approx([21, 11, 1 + 20 / 3, 6])
    assert Errors(np.zeros((21, 4)), groups=21).effective == pytest.approx([21] * 4)
    assert Errors(np.zeros((21, 4)), step=4.0).effective == pytest.approx([21] * 4)
