"""Seasonal adjustment against statsmodels, the published test, and the past alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.seasonal import seasonal_decompose

from gatecast.forecast.history import Array, make_history
from gatecast.forecast.seasonal import (
    as_rows,
    centred_mean,
    growing_indices,
    growing_shares,
    growing_test,
    is_seasonal,
    seasonal_indices,
    shrunk_indices,
)


def made(seed: int, steps: int = 60, period: int = 4, strength: float = 1.0) -> Array:
    rng = np.random.default_rng(seed)
    wave = strength * np.resize(rng.normal(size=period), steps)
    return 20 + 0.1 * np.arange(steps) + wave + rng.normal(size=steps)


def organisers_test(x: Array, period: int) -> bool:
    """The M4 organisers' ``SeasonalityTest``, one series at a time."""
    if len(x) < 3 * period:
        return False
    d = x - x.mean()
    found = np.array([d[k:] @ d[:-k] for k in range(1, period + 1)]) / (d @ d)
    limit = 1.645 * np.sqrt((1 + 2 * np.sum(found[:-1] ** 2)) / len(x))
    return bool(abs(found[-1]) > limit)


@pytest.mark.parametrize("period", [2, 4, 7, 12])
def test_the_growing_test_is_the_organisers_at_every_step(period: int) -> None:
    rows = [made(seed, 50, period, strength=seed / 2) for seed in range(8)]
    found = growing_test(np.stack(rows), period)
    expected = [[organisers_test(x[: t + 1], period) for t in range(50)] for x in rows]
    assert np.array_equal(found, expected)
    assert 0 < found.mean() < 0.9


def test_a_constant_series_has_no_season() -> None:
    assert not is_seasonal(np.full((1, 30), 7.1), 4).any()


def test_without_a_period_nothing_is_seasonal() -> None:
    assert not growing_test(made(0)[None], 1).any()


@pytest.mark.parametrize("period", [2, 3, 4, 12])
@pytest.mark.parametrize("ratios", [False, True])
def test_indices_are_those_of_statsmodels(period: int, ratios: bool) -> None:
    rows = np.stack([made(seed, 61, period) for seed in range(5)])
    found = seasonal_indices(rows, period, ratios=ratios)
    for row, values in zip(found, rows, strict=True):
        model = "multiplicative" if ratios else "additive"
        expected = seasonal_decompose(values, model, period=period).seasonal[:period]
        np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-12)


def test_series_of_different_lengths_do_not_touch() -> None:
    rows = [made(1, 40), made(2, 25), made(3, 7)]
    history = make_history(rows)
    together = as_rows(history, np.arange(3))
    for i, values in enumerate(rows):
        assert np.array_equal(together[i, : len(values)], values)
        alone, tests = seasonal_indices(values[None], 4), is_seasonal(values[None], 4)
        np.testing.assert_allclose(seasonal_indices(together, 4)[i], alone[0], rtol=1e-12)
        assert is_seasonal(together, 4)[i] == tests[0]


def test_a_missing_value_costs_its_season_alone() -> None:
    values = made(0, 40)
    values[11] = np.nan
    trend = centred_mean(values[None], 4)[0]
    assert np.array_equal(np.flatnonzero(np.isnan(trend)), [0, 1, 9, 10, 11, 12, 13, 38, 39])
    assert np.isfinite(seasonal_indices(values[None], 4)).all()


@given(seed=st.integers(0, 1000), cut=st.integers(1, 50))
def test_no_step_knows_those_after_it(seed: int, cut: int) -> None:
    one = made(seed)[None]
    other = one.copy()
    other[0, cut:] = np.random.default_rng(seed + 1).normal(size=60 - cut) * 100
    assert np.array_equal(growing_test(one, 4)[0, :cut], growing_test(other, 4)[0, :cut])
    first, second = (growing_indices(rows, 4)[0, : max(cut - 2, 0)] for rows in (one, other))
    assert np.array_equal(first, second, equal_nan=True)


def share_by_hand(values: Array, period: int) -> float:
    """1 - noise of an index / scatter of the indices, phase by phase."""
    over = values - seasonal_decompose(values, period=period).trend
    phases = [over[phase::period] for phase in range(period)]
    phases = [part[np.isfinite(part)] for part in phases]
    freedom = sum(len(part) - 1 for part in phases)
    spread = sum(((part - part.mean()) ** 2).sum() for part in phases) / freedom
    noise = np.mean([spread / len(part) for part in phases])
    return float(np.clip(1 - noise / np.var([part.mean() for part in phases], ddof=1), 0, 1))


@pytest.mark.parametrize("period", [2, 4, 7])
def test_shares_at_each_step_are_those_of_the_rows_up_to_it(period: int) -> None:
    rows = [made(seed, 40, period, strength=seed / 3) for seed in range(5)]
    found = growing_shares(np.stack(rows), period)
    for values, shares in zip(rows, found, strict=True):
        assert not shares[: 3 * period - 1].any()
        for step in range(3 * period, 40, 5):
            expected = share_by_hand(values[: step + 1], period)
            assert shares[step] == pytest.approx(expected, abs=1e-9)
    assert 0.1 < found[:, -1].mean() < 0.95


@pytest.mark.parametrize("ratios", [False, True])
def test_shrunk_indices_are_a_share_of_the_classical(ratios: bool) -> None:
    rows = np.stack([made(seed, 41) for seed in range(5)])
    neutral = float(ratios)
    whole = seasonal_indices(rows, 4, ratios=ratios) - neutral
    share = growing_shares(rows, 4, ratios=ratios)[:, -1:]
    found = shrunk_indices(rows, 4, ratios=ratios)
    np.testing.assert_allclose(found, neutral + share * whole, rtol=1e-12)


def test_too_few_seasons_and_phases_never_known_vouch_for_nothing() -> None:
    values = np.tile([1.0, 5.0, 2.0, np.nan], 10)
    assert not growing_shares(values[None], 4).any()
    assert not growing_shares(np.tile([1.0, 5.0], 2)[None], 2).any()
    assert shrunk_indices(np.tile([1.0, 5.0], 2)[None], 2).tolist() == [[0.0, 0.0]]


@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-100, 100))
def test_shares_do_not_know_the_units(seed: int, scale: float, level: float) -> None:
    values = made(seed, 30)
    found = growing_shares(np.stack([values, values * scale + level]), 4)
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)


@given(seed=st.integers(0, 50))
def test_gaps_that_are_filled_cost_no_other_steps_their_season(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.tile([3.0, 5.0, 1.0, 2.0], 12) + rng.normal(size=48)
    holes = rng.random(48) < 0.2
    seen = np.where(holes, np.nan, values)
    np.testing.assert_array_equal(
        growing_indices(values[None], 4, filled=values[None]), growing_indices(values[None], 4)
    )
    found = growing_indices(seen[None], 4, filled=values[None])[0]
    over = values - centred_mean(values[None], 4)[0]  # of what is known alone, step by step
    for step in range(8, 46):
        mine = np.arange(step % 4, step + 1, 4)
        mine = mine[np.isfinite(over[mine]) & ~holes[mine]]
        if mine.size:
            assert found[step] == pytest.approx(over[mine].mean())


@pytest.mark.parametrize("shut", [6, (0, 6)])
def test_a_phase_that_is_never_known_leaves_the_others_their_season(shut: Any) -> None:
    rng = np.random.default_rng(0)
    wave = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 6.0, 0.0])
    values = np.tile(wave, 20) + 0.1 * rng.normal(size=140)
    values[np.isin(np.arange(140) % 7, shut)] = np.nan
    filled = pd.Series(values).ffill().bfill().to_numpy()
    assert not growing_shares(values[None], 7).any()
    assert growing_shares(values[None], 7, filled=filled[None])[0, -1] > 0.99
    found = growing_indices(values[None], 7, filled=filled[None])[0, 126:133]
    open_ = ~np.isin(np.arange(7), shut)
    np.testing.assert_allclose(np.diff(found[open_]), np.diff(wave[open_]), atol=0.2)
