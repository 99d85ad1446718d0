"""What is taken off windows, which origins are drawn, what the data decides."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.forecast.distribution import Distribution, make_loss
from gatecast.forecast.history import Origins, make_history
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.choices import choose_segment, choose_updates, choose_window
from gatecast.forecast.windowed.facts import Facts
from gatecast.forecast.windowed.objective import Objective
from gatecast.forecast.windowed.patterns import patterns_of
from gatecast.forecast.windowed.sampling import Sampler
from gatecast.forecast.windowed.windows import Frame, Windows, carried_from, level_of, volatility

lengths = st.lists(st.integers(0, 40), min_size=1, max_size=6)


@given(lengths, st.integers(1, 12), st.integers(1, 9))
def test_every_origin_has_rows_before_and_after(lengths, window, horizon):
    history = make_history([np.arange(n, dtype=float) for n in lengths])
    if max(lengths) < 2:
        return
    sampler = Sampler.of(history, window, horizon)
    origins = sampler.draw(np.random.default_rng(0), 300)
    start, stop = history.offsets[origins.series], history.offsets[origins.series + 1]
    assert ((origins.rows > start) & (origins.rows < stop)).all()
    long = history.lengths[origins.series] >= 2 * window + horizon
    assert (origins.rows[long] - start[long] >= window).all()
    assert (stop[long] - origins.rows[long] >= horizon).all()
    assert set(origins.series) <= set(sampler.series)


def test_series_are_drawn_alike_whatever_their_length():
    history = make_history([np.arange(1000.0), np.arange(30.0)])
    drawn = Sampler.of(history, 5, 2).draw(np.random.default_rng(0), 4000)
    assert np.bincount(drawn.series) / 4000 == pytest.approx([0.5, 0.5], abs=0.03)
    assert len(np.unique(drawn.rows[drawn.series == 1])) == 24  # all that it has


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(1, 3))
def test_values_are_carried_within_their_series(there, parts):
    there = np.array(there)
    cuts = np.sort(np.random.default_rng(parts).integers(0, len(there) + 1, parts - 1))
    offsets = np.array([0, *cuts, len(there)])
    values = np.where(there, np.arange(len(there), dtype=float), np.nan)
    found = values[carried_from(there, offsets)]
    for start, stop in itertools.pairwise(offsets):
        last = np.nan
        for row in range(start, stop):
            last = values[row] if there[row] else last
            assert found[row] == last or (np.isnan(found[row]) and np.isnan(last))


def test_levels_of_what_is_real():
    values = np.array([[9.0, 1.0, 3.0, 8.0], [9.0, 9.0, 9.0, 9.0]])
    real = np.array([[False, True, True, True], [False] * 4])
    for kind, wanted in (("last", 8.0), ("season", 5.5), ("mean", 4.0), ("robust", 3.0)):
        level = level_of(values, real, kind, 2, typical=7.0)
        assert level[:, 0].tolist() == [wanted, 7.0], kind
    steps = volatility(values, real, np.zeros((2, 1)), "last")
    assert steps[:, 0].tolist() == [3.5, 0.0]
    around = volatility(values, real, np.full((2, 1), 4.0), "mean")
    assert around[:, 0].tolist() == pytest.approx([8 / 3, 0.0])


@pytest.mark.parametrize("transform", ["log", "none"])
@pytest.mark.parametrize("adjustment", ["auto", "none"])
def test_targets_lead_back_to_the_truth(transform, adjustment):
    rng = np.random.default_rng(0)
    series = [10 + np.tile([1.0, 3.0, 2.0], 12) + 0.1 * rng.random(36) for _ in range(3)]
    history = make_history(series)
    recipe = Recipe(transform=transform, seasonal_adjustment=adjustment, reference="season")
    facts = Facts.learn(history, recipe, window=6, horizon=3, period=3)
    windows = Windows(history, facts, recipe)
    origins = Origins(np.arange(3), history.offsets[1:] - 3)
    pattern = windows.pattern_of(origins)
    values, real, _ = windows.seen(origins, pattern)
    _, frame = windows.frame(origins, values, real, pattern)
    wanted, known = windows.targets(origins, frame)
    assert known is None
    assert (pattern is None) == (adjustment == "none")
    np.testing.assert_allclose(
        frame.values(wanted, facts.logs), history.truth(origins, 3), rtol=1e-12
    )


def test_patterns_look_at_nothing_after_their_origin():
    rng = np.random.default_rng(0)
    y = np.tile([1.0, 5.0, 3.0, 2.0], 15) + 0.1 * rng.normal(size=60)
    history = make_history([y])
    for row in (13, 24, 41, 60):
        origins = Origins(np.array([0]), np.array([row]))
        whole = patterns_of(history, y, 4)
        changed = np.where(np.arange(60) < row, y, -50.0)
        other = patterns_of(history, changed, 4)
        assert whole is not None
        assert other is not None
        np.testing.assert_array_equal(
            whole.at(history, origins), other.at(history, origins), err_msg=str(row)
        )
    assert patterns_of(history, y, 1) is None
    assert patterns_of(history, np.ones(60), 4) is None


def test_the_panels_step_counts_no_step_between_series():
    history = make_history([np.arange(5.0), 1000 + 2 * np.arange(5.0), np.full(4, 3.0)])
    facts = Facts.learn(history, Recipe(transform="none"), 2, 1, 1)
    assert facts.unit == 1.5
    flat = Facts.learn(make_history([np.full(4, 3.0)]), Recipe(), 2, 1, 1)
    assert flat.unit == 1.0


@pytest.mark.parametrize("loss", ["smape", "mape"])
@pytest.mark.parametrize("logs", [True, False])
def test_percentages_are_of_the_values(loss, logs):
    rng = np.random.default_rng(0)
    frame = Frame(np.array([[3.0], [4.0]]), np.array([[0.5], [0.2]]), rng.normal(size=(2, 3)), None)
    outputs, wanted = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    objective = Objective(Recipe(loss=loss), logs, 3)
    value, slope = objective.measure(outputs, wanted, None, frame)
    forecast, truth = frame.values(outputs, logs), frame.values(wanted, logs)
    error = np.abs(forecast - truth)
    share = error / (truth if loss == "mape" else (np.abs(forecast) + np.abs(truth)) / 2)
    assert value == pytest.approx(100 * share.mean())
    moved = outputs.copy()
    moved[1, 2] += 1e-6
    above = objective.measure(moved, wanted, None, frame)[0]
    assert slope[1, 2] == pytest.approx((above - value) / 1e-6, rel=1e-4)


def test_horizon_weights_and_unknown_steps():
    frame = Frame(np.zeros((1, 1)), np.ones((1, 1)), np.zeros((1, 3)), None)
    objective = Objective(Recipe(loss="mae", horizon_weights=(1.0, 0.0, 3.0)), False, 3)
    outputs, wanted = np.zeros((1, 3)), np.array([[4.0, 5.0, 8.0]])
    assert objective.measure(outputs, wanted, None, frame)[0] == pytest.approx(7.0)
    known = np.array([[True, True, False]])
    assert objective.measure(outputs, wanted, known, frame)[0] == pytest.approx(4.0)
    value, slope = objective.measure(outputs, wanted, np.zeros((1, 3), bool), frame)
    assert np.isnan(value)
    assert not slope.any()
    value, slope = objective.measure(outputs, wanted, np.array([[False, True, False]]), frame)
    assert np.isnan(value)  # what is known has no weight
    assert not slope.any()


def test_quantiles_between_the_learned_ones():
    reading = Distribution(make_loss(Recipe(loss="quantiles", quantiles=(0.1, 0.5, 0.9)), False))
    outputs = np.array([[[-1.2816, 0.0, 1.2816]]])  # of the standard normal
    found = reading.quantiles(outputs, np.array([0.01, 0.25, 0.5, 0.975]))
    np.testing.assert_allclose(found[0, 0], [-2.326, -0.6745, 0.0, 1.96], atol=2e-3)
    drawn = reading.draw(np.repeat(outputs, 4000, axis=0), np.random.default_rng(0))
    assert drawn.std() == pytest.approx(1.0, abs=0.06)
    one = Distribution(make_loss(Recipe(loss="quantiles", quantiles=(0.5,)), False))
    assert one.quantiles(np.array([[[2.0]]]), np.array([0.1, 0.9])).tolist() == [[[2.0, 2.0]]]


def test_what_the_data_decides():
    assert choose_window(np.array([3, 3]), horizon=5, period=1) >= 1
    assert choose_window(np.array([10_000]), 48, 24) == 96
    assert choose_window(np.array([10_000]), 24, 168) == 192
    assert choose_segment(10, 12) == 1
    assert choose_updates(Recipe(updates=7), 10) == 7


def test_one_unit_for_all_windows_is_twice_how_far_values_move_within_a_window():
    ramp = make_history([np.arange(40.0), np.arange(40.0) * 3])
    single = Recipe(scaled=False, transform="none")
    moves = (38 * 2 + 36 * 4 + 34 * 6) / (38 + 36 + 34)  # over 2, 4 and 6 rows
    assert Facts.learn(ramp, single, 8, 2, 1).unit == pytest.approx(2 * 2 * moves)  # 1 and 3 a row
    short = make_history([np.arange(5.0)])
    assert Facts.learn(short, single, 400, 2, 1).unit == 2.0  # from row to row
