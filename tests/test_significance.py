"""Paired tests, against published worked values and scipy's own."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gatecast.errors import InputError
from gatecast.significance import diebold_mariano, mcnemar, paired_bootstrap

# -- Diebold and Mariano ------------------------------------------------------------------------


def sample_as_python_2(population: range) -> list[int]:
    """random.sample of all of them as Python 2.7 drew it, which the published values come from."""
    pool = list(population)
    drawn = []
    for left in range(len(pool), 0, -1):
        place = int(random.random() * left)
        drawn.append(pool[place])
        pool[place] = pool[left - 1]
    return drawn


@pytest.fixture
def published_errors() -> tuple[np.ndarray, np.ndarray]:
    """The example in the README of John Tsang's Diebold-Mariano-Test (random.seed(123))."""
    state = random.getstate()
    random.seed(123)
    actual, first, second = (np.array(sample_as_python_2(range(100)), float) for _ in range(3))
    random.setstate(state)
    return actual - first, actual - second


@pytest.mark.parametrize(
    ("power", "statistic", "p_value"),
    [
        (1, 1.3275742446369585, 0.18737195617455585),
        (2, 1.2112523589452902, 0.22868210381769466),
        (4, 0.9124498079287283, 0.36374861695187799),
    ],
)
def test_diebold_mariano_gives_the_published_values(published_errors, power, statistic, p_value):
    first, second = (np.abs(errors) ** power for errors in published_errors)
    found = diebold_mariano(first, second)
    assert found.statistic == pytest.approx(statistic, rel=1e-12)
    assert found.p_value == pytest.approx(p_value, rel=1e-10)


@pytest.mark.parametrize("horizon", [1, 2, 5, 12])
def test_diebold_mariano_follows_the_formulae_of_the_papers(horizon):
    rng = np.random.default_rng(1)
    first = np.convolve(rng.normal(size=80) ** 2, np.ones(3), "valid")
    second = np.convolve(rng.normal(size=80) ** 2, np.ones(3), "valid")
    d = first - second
    n = len(d)
    gamma = [np.sum((d[k:] - d.mean()) * (d[: n - k] - d.mean())) / n for k in range(horizon)]
    plain = d.mean() / np.sqrt((gamma[0] + 2 * sum(gamma[1:])) / n)
    factor = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    found = diebold_mariano(first, second, horizon=horizon)
    assert found.statistic == pytest.approx(plain * factor)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(plain * factor), n - 1))
    uncorrected = diebold_mariano(first, second, horizon=horizon, correction=False)
    assert uncorrected.statistic == pytest.approx(plain)
    assert uncorrected.p_value == pytest.approx(2 * stats.norm.sf(abs(plain)))


def test_one_step_ahead_it_is_the_t_test_of_the_differences():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=30) ** 2, rng.normal(size=30) ** 2
    expected = stats.ttest_rel(first, second)
    found = diebold_mariano(first, second)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_a_negative_variance_falls_back_to_one_step():
    losses = np.tile([1.0, 0.0], 10) + np.linspace(0, 0.1, 20)
    assert diebold_mariano(losses, np.zeros(20), horizon=2) == diebold_mariano(losses, np.zeros(20))


def test_equal_losses_are_no_difference():
    losses = np.arange(5.0)
    assert diebold_mariano(losses, losses) == (0.0, 1.0)
    assert diebold_mariano(losses, losses + 1) == (-np.inf, 0.0)


def test_the_p_values_are_uniform_where_there_is_no_difference():
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(400, 2, 40)) ** 2
    found = [diebold_mariano(first, second).p_value for first, second in draws]
    assert stats.kstest(found, "uniform").pvalue > 0.01


# -- McNemar ------------------------------------------------------------------------------------


def rows(both: int, first_only: int, second_only: int, neither: int) -> tuple[np.ndarray, ...]:
    first = np.repeat([True, True, False, False], [both, first_only, second_only, neither])
    second = np.repeat([True, False, True, False], [both, first_only, second_only, neither])
    return first, second


def test_mcnemar_gives_the_values_of_agrestis_approval_ratings():
    # Agresti, Categorical Data Analysis: 794, 150, 86, 570 gives z = -4.17, so z² = 17.36 before
    # the continuity correction; R's mcnemar.test corrects it to 63² / 236
    found = mcnemar(*rows(794, 150, 86, 570), exact=False)
    assert found.statistic == pytest.approx(63**2 / 236)
    assert found.p_value == pytest.approx(4.115e-05, rel=1e-3)


def test_mcnemar_gives_the_values_of_the_textbook_example():
    # b = 6, c = 16: exact 0.052, corrected χ² = 3.68 and p = 0.055 (Fagerland et al. 2013)
    exact = mcnemar(*rows(20, 6, 16, 10))
    assert exact.statistic == 6
    assert exact.p_value == pytest.approx(0.052, abs=5e-4)
    corrected = mcnemar(*rows(20, 6, 16, 10), exact=False)
    assert corrected.statistic == pytest.approx(3.68, abs=5e-3)
    assert corrected.p_value == pytest.approx(0.055, abs=5e-4)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_equals_the_binomial_test(b, c):
    found = mcnemar(*rows(3, b, c, 4), exact=True)
    expected = stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert found.p_value == pytest.approx(expected)


def test_mcnemar_is_exact_for_few_rows():
    assert mcnemar(*rows(0, 4, 20, 0)).statistic == 4
    assert mcnemar(*rows(0, 4, 21, 0)).statistic == pytest.approx(16**2 / 25)


# -- the paired bootstrap -----------------------------------------------------------------------


def test_the_bootstrap_agrees_with_the_t_test_on_many_rows():
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=500), rng.normal(0.1, 1.0, size=500)
    found = paired_bootstrap(first, second)
    expected = stats.ttest_rel(first, second)
    assert found.statistic == pytest.approx(np.mean(first - second))
    assert found.p_value == pytest.approx(expected.pvalue, abs=0.02)


def test_the_bootstrap_is_drawn_from_the_seed():
    rng = np.random.default_rng(5)
    first, second = rng.random(50), rng.random(50)
    assert paired_bootstrap(first, second, seed=7) == paired_bootstrap(first, second, seed=7)
    assert paired_bootstrap(first, second, seed=7) != paired_bootstrap(first, second, seed=8)


def test_blocks_see_that_neighbours_err_alike():
    rng = np.random.default_rng(6)
    alike = np.repeat(rng.normal(size=20), 25) + 0.3  # 20 independent values, each 25 times
    nothing = np.zeros(len(alike))
    single = paired_bootstrap(alike, nothing).p_value
    blocks = paired_bootstrap(alike, nothing, block=25).p_value
    expected = stats.ttest_1samp(alike[::25], 0).pvalue
    assert single < 0.001
    assert blocks == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize("block", [1, 7, 50])
def test_equal_losses_have_p_value_one(block):
    losses = np.arange(50.0)
    assert paired_bootstrap(losses, losses, block=block) == (0.0, 1.0)


# -- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diebold_mariano([1.0, 2.0], [1.0]), "first has 2 losses and second 1"),
        (lambda: diebold_mariano([1.0], [1.0]), "at least 2 losses"),
        (lambda: diebold_mariano([1.0, np.nan], [1.0, 2.0]), "first must be finite, it is nan"),
        (lambda: diebold_mariano([[1.0]], [1.0]), "first must be one axis"),
        (lambda: diebold_mariano([1.0, 2.0], [1.0, 2.0], horizon=0), "horizon must be a whole"),
        (lambda: diebold_mariano([1.0, 2.0], [1.0, 2.0], horizon=2), "horizon must be smaller"),
        (lambda: mcnemar([1, 0], [True, False]), "first_right must be one axis of booleans"),
        (lambda: mcnemar([True], [True, False]), "first_right has 1 rows"),
        (lambda: paired_bootstrap([1.0, 2.0], [1.0, 2.0], block=3), "block must be at most"),
        (lambda: paired_bootstrap([1.0, 2.0], [1.0, 2.0], resamples=0), "resamples must be a who"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
