"""What the network sees of each row: written out for one series, and from the past alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History, make_history
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.seasonal import shrunk_indices
from gatecast.forecast.sequence.inputs import View, assemble, lags_of, make_view, targets
from gatecast.forecast.sequence.rows import Adjustment, look_at
from gatecast.forecast.smoothing import Smoother

RECIPE = Recipe(form="sequence", windows=(5,))


def seasonal(seed: int = 0, steps: int = 40) -> Array:
    rng = np.random.default_rng(seed)
    wave = np.resize([1.0, 1.6, 0.7, 1.1], steps)
    return wave * np.exp(0.02 * np.arange(steps) + 0.05 * rng.normal(size=steps).cumsum()) * 50


def seen(history: History, view: View) -> tuple[Any, Array, Array]:
    """The steps of the first series, and what is asked for."""
    rows = look_at(history, view.adjustment)
    series, starts = np.array([0]), history.offsets[:1]
    steps = assemble(history, rows, view, series, starts, history.offsets[1:2])
    return steps, *targets(history, rows, view, series, starts, steps)


def test_the_last_changes_in_units_of_the_volatility() -> None:
    values = np.array([1.0, 3.0, 2.0, 6.0, 5.0])
    history = make_history(values)
    view = make_view(history, RECIPE.changed(transform="none", windows=(2,)), 2, 1)
    steps, wanted, known = seen(history, view)
    usual = view.adjustment.usual
    volatility = [(total + usual) / (count + 1) for count, total in enumerate([0, 2, 3, 7, 8])]
    np.testing.assert_allclose(steps.scale[0], volatility, rtol=1e-6)
    expected = np.array([[0, 0], [2, 0], [-1, 1], [4, 3], [-1, 3]]) / np.array(volatility)[:, None]
    np.testing.assert_allclose(steps.x[0, :, :2], expected, rtol=1e-6)
    np.testing.assert_allclose(wanted[0, :4], [[2, 1], [-1, 3], [4, 3], [-1, 0]])
    assert known[0].tolist() == [[True, True]] * 3 + [[True, False], [False, False]]


def test_the_season_is_that_of_the_values_up_to_each_row() -> None:
    values = seasonal()
    history = make_history(values)
    view = make_view(history, RECIPE, horizon=6, period=4)
    steps, wanted, known = seen(history, view)
    adjusted = np.flatnonzero(look_at(history, view.adjustment).share)
    assert len(adjusted) > 20
    for row in adjusted[::5]:
        past = np.log(values[: row + 1])
        index = shrunk_indices(past[None], 4)[0]
        pattern = index[(row + np.arange(1, 7)) % 4] - index[row % 4]
        np.testing.assert_allclose(steps.pattern[0, row], pattern, atol=1e-6)
        plain = past - np.resize(index, row + 1)
        changes = (plain[row] - plain[row - 5 : row][::-1]) / steps.scale[0, row]
        np.testing.assert_allclose(steps.x[0, row, :5], changes, atol=2e-4)
        if row < 34:
            ahead = np.log(values[row + 1 : row + 7]) - past[row] - pattern
            np.testing.assert_allclose(wanted[0, row], ahead, atol=1e-5)
            assert known[0, row].all()


def rich(values: Array, seed: int = 1) -> History:
    rng = np.random.default_rng(seed)
    steps = len(values)
    return make_history(
        [values], past=[rng.normal(size=(steps, 2))], future=[rng.normal(size=(steps, 1))],
        ahead=rng.normal(size=(1, 3, 1)), static=[[4.0]], codes=[[1]], code_sizes=(3,),
    )  # fmt: skip


@pytest.mark.parametrize("period", [1, 4])
def test_around_a_smoothing_the_pattern_leads_to_its_forecast(period: int) -> None:
    values = seasonal()
    history = make_history(values)
    recipe = RECIPE.changed(reference="smoothing")
    view = make_view(history, recipe, horizon=3, period=period)
    steps, _, _ = seen(history, view)
    without, _, _ = seen(history, make_view(history, RECIPE, horizon=3, period=period))
    rows = look_at(history, view.adjustment)
    smoother, plain = Smoother(1, 3), np.log(values)
    if period > 1:
        plain[4:] -= rows.share[4:] * rows.index[:-4]
    for row, value in enumerate(plain):
        smoother.add(np.array([value]))
        led = steps.pattern[0, row] - without.pattern[0, row]
        np.testing.assert_allclose(led, smoother.ahead(np.arange(1, 4))[0] - value, atol=1e-5)
    level, trends = smoother.mean()
    expected = np.array([level[0] - plain[-1], *trends[0, 1:]]) / steps.scale[0, -1]
    np.testing.assert_allclose(steps.x[0, -1, view.lags : view.lags + 4], expected, rtol=1e-4)


@given(
    seed=st.integers(0, 300), cut=st.integers(1, 39), missing=st.booleans(),
    reference=st.sampled_from(["level", "smoothing"]),
)  # fmt: skip
def test_a_row_knows_nothing_behind_it(seed: int, cut: int, missing: bool, reference: str) -> None:
    values = seasonal(seed)
    if missing:
        values[np.random.default_rng(seed).integers(40, size=4)] = np.nan
    history = rich(values)
    view = make_view(history, RECIPE.changed(reference=reference), horizon=3, period=4)
    whole, _, _ = seen(history, view)
    part, _, _ = seen(history.until(np.array([cut])), view)
    for name in ("x", "scale", "pattern", "level"):
        one, other = getattr(whole, name)[0, :cut], getattr(part, name)[0]
        assert np.array_equal(one, other, equal_nan=True), name


def test_every_covariate_has_its_columns() -> None:
    history = rich(seasonal())
    view = make_view(history, RECIPE, horizon=3, period=4)
    steps, _, _ = seen(history, view)
    assert steps.x.shape[-1] == view.features == 5 + 3 + 2 + 4 * 1 + 1 + 1
    column = (history.future[:, 0] - history.future.mean()) / history.future.std()
    np.testing.assert_allclose(steps.x[0, :, 10], column, atol=1e-6)  # of the row itself
    np.testing.assert_allclose(steps.x[0, :-3, 13], column[3:], atol=1e-6)  # three rows on
    later = (history.ahead[0, 2, 0] - history.future.mean()) / history.future.std()
    assert steps.x[0, -1, 13] == pytest.approx(later, abs=1e-6)
    assert steps.x[0, 0, -2:].tolist() == [0.0, 1.0]  # a static number, a category's number


def test_lags_reach_no_farther_than_the_longest_series() -> None:
    history = make_history([np.arange(1.0, 9), np.arange(1.0, 20)])
    assert lags_of(history, RECIPE.changed(windows=()), 52) == 18
    assert lags_of(history, RECIPE.changed(windows=(400,)), 1) == 18
    assert lags_of(history, RECIPE.changed(windows=()), 12) == 13


def test_missing_values_are_the_last_known_and_said() -> None:
    values = np.array([np.nan, 2.0, np.nan, 5.0, 7.0])
    history = make_history(values)
    view = make_view(history, RECIPE.changed(transform="none", windows=(1,)), 1, 1)
    steps, _, known = seen(history, view)
    assert view.gaps
    assert steps.level[0, 1:].tolist() == [2.0, 2.0, 5.0, 7.0]
    assert steps.x[0, :, -1].tolist() == [0.0, 1.0, 0.0, 1.0, 1.0]
    assert known[0, :, 0].tolist() == [False, False, True, True, False]


def test_a_missing_value_keeps_its_place_in_the_season() -> None:
    wave = np.resize([1.0, 4.0, 2.0, 7.0], 60)
    holes = np.zeros(60, bool)
    holes[[30, 37, 38, 50, 51, 52, 53, 54, 59]] = True
    history = make_history(np.where(holes, np.nan, wave))
    rows = look_at(history, Adjustment(4, logs=False))
    np.testing.assert_allclose(rows.level, wave, atol=0.15)
    plain = look_at(history, Adjustment(1, logs=False)).level
    assert np.array_equal(plain[50:55], np.repeat(wave[49], 5))  # without one, the last known


def test_logarithms_where_all_is_positive() -> None:
    positive, mixed = make_history(np.array([1.0, 2.0])), make_history(np.array([1.0, -2.0]))
    for transform, history, logs in (("auto", positive, True), ("none", positive, False),
                                     ("auto", mixed, False), ("log", positive, True)):  # fmt: skip
        view = make_view(history, RECIPE.changed(transform=transform), 1, 1)
        assert view.adjustment.logs == logs
    with pytest.raises(InputError, match='transform="log" needs positive.*least of y is -2'):
        make_view(mixed, RECIPE.changed(transform="log"), 1, 1)
    view = make_view(positive, RECIPE, 1, 1)
    assert np.exp(look_at(mixed, view.adjustment).level).tolist() == [1.0, 1.0]  # the least so far


def test_a_view_goes_through_plain_json() -> None:
    view = make_view(rich(seasonal()), RECIPE, horizon=3, period=4)
    assert View.from_config(view.to_config()) == view
