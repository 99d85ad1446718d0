"""Streaming: value by value the same as all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History, Origins, make_history
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.engine import fit_sequence
from gatecast.forecast.sequence.rows import Adjustment, look_at
from gatecast.forecast.sequence.running import RunningRows
from gatecast.forecast.sequence.stream import SequenceStream

RECIPE = Recipe(form="sequence", residual=True, hidden_size=8, updates=20, rate=5e-3)


def seasonal(seed: int, steps: int = 60, period: int = 6, gaps: bool = False) -> Array:
    rng = np.random.default_rng(seed)
    wave = np.resize(np.exp(0.3 * rng.normal(size=period)), steps)
    values: Array = 50 * wave * np.exp(0.03 * rng.normal(size=steps).cumsum())
    if gaps:
        values[rng.integers(steps, size=6)] = np.nan
    return values


@pytest.mark.parametrize("period", [1, 2, 5, 6])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(("logs", "smoothed"), [(False, 0), (True, 0), (True, 5)])
def test_running_rows_are_those_of_the_whole(
    period: int, gaps: bool, logs: bool, smoothed: int
) -> None:
    values = seasonal(period, 70, max(period, 2), gaps)
    adjustment = Adjustment(period, logs, usual=0.2, smoothed=smoothed)
    running = RunningRows(adjustment, depth=30)
    for row, value in enumerate(values):
        running.add(float(value))
        found, expected = running.rows(), look_at(make_history(values[: row + 1]), adjustment)
        kept = len(found.level)
        assert found.before + kept == row + 1
        for name in ("level", "known", "volatility", "share", "drift"):
            one, other = getattr(found, name), getattr(expected, name)[-kept:]
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=name)
        settled = kept - period // 2  # later ones are read by nobody
        np.testing.assert_allclose(
            found.index[:settled], expected.index[-kept:][:settled], rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize(
    "choices", [{"cell": "rnn"}, {}, {"cell": "lstm"}, {"reference": "smoothing"}]
)
@pytest.mark.parametrize("gaps", [False, True])
def test_every_step_is_the_forecast_from_there(choices: dict[str, str], gaps: bool) -> None:
    panel = make_history([seasonal(seed, gaps=gaps) for seed in range(6)])
    fitted = fit_sequence(panel, RECIPE.changed(**choices), horizon=4, period=6)
    values = seasonal(9, 80, gaps=gaps)
    history, stream = make_history(values), SequenceStream(fitted)
    found = [stream.step(float(value)) for value in values]
    origins = Origins(np.zeros(80, np.intp), np.arange(1, 81))
    np.testing.assert_allclose(found, fitted.predict(history, origins), rtol=2e-4)


def rich() -> History:
    rng = np.random.default_rng(3)
    return make_history(
        [seasonal(1), seasonal(2)], past=rng.normal(size=(2, 60, 1)),
        future=rng.normal(size=(2, 60, 2)), ahead=rng.normal(size=(2, 3, 2)),
        static=[[1.0], [2.0]], codes=[[0], [1]], code_sizes=(2,),
    )  # fmt: skip


def test_covariates_are_given_at_each_step() -> None:
    history = rich()
    fitted = fit_sequence(history, RECIPE, horizon=3, period=6)
    stream = SequenceStream(fitted, static=[2.0], codes=[1])
    future = np.concatenate([history.future[60:], history.ahead[1]])
    for row in range(60):
        found = stream.step(history.series(1)[row], history.past[60 + row], future[row : row + 4])
    expected = fitted.predict(history, history.ends())[1]
    np.testing.assert_allclose(found, expected, rtol=2e-4)


def test_what_does_not_fit_is_refused() -> None:
    fitted = fit_sequence(rich(), RECIPE.changed(updates=1), horizon=3, period=6)
    with pytest.raises(InputError, match="codes must be 1 number.*the network learned from so"):
        SequenceStream(fitted, static=[2.0])
    stream = SequenceStream(fitted, static=[2.0], codes=[1])
    with pytest.raises(InputError, match="past must be 1 number"):
        stream.step(1.0)
    with pytest.raises(InputError, match="the value is inf; give a finite one, or NaN"):
        stream.step(np.inf, [0.0], np.zeros((4, 2)))
    with pytest.raises(InputError, match=r"future must have shape \(4, 2\)"):
        stream.step(1.0, [0.0])


def test_values_that_come_to_nothing_are_seen_the_same_at_once_and_one_by_one() -> None:
    fitted = fit_sequence(make_history(seasonal(1)), RECIPE.changed(updates=2), horizon=3, period=6)
    values = np.concatenate([[0.0], seasonal(2)[:20], [0.0, -3.0, 5.0]])
    stream = SequenceStream(fitted)
    for value in values:
        found = stream.step(value)
    history = make_history(values)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, fitted.predict(history, history.ends())[0], rtol=2e-4)


@given(seed=st.integers(0, 100), share=st.floats(0.0, 0.6))
def test_rows_across_gaps_are_the_same_at_once_and_one_by_one(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(50) < share, np.nan, seasonal(seed)[:50])
    adjustment = Adjustment(6, True, 0.1, smoothed=3)
    whole, running = look_at(make_history(values), adjustment), RunningRows(adjustment, 14)
    for row, value in enumerate(values):
        running.add(value)
        for name in ("level", "volatility", "share", "drift"):
            one, other = getattr(running.rows(), name)[-1], getattr(whole, name)[row]
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5, err_msg=f"{name} {row}")
