"""The schedules by themselves: their shape, how they resume, what they refuse."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import nn
from gatecast.errors import InputError, StateDictError
from gatecast.nn.optimisers import SGD
from gatecast.nn.plateau import ReduceOnPlateau
from gatecast.nn.schedules import Constant, Cosine, OneCycle, Schedule, Step
from gatecast.nn.warm_up import WarmUp

MAKERS: list[Callable[[], Schedule]] = [
    Constant,
    lambda: Step(2, 0.5),
    lambda: Cosine(0.001),
    lambda: OneCycle(0.3),
    lambda: ReduceOnPlateau(0.5, patience=1, cooldown=1),
    lambda: WarmUp(7),
    lambda: WarmUp(7, 0.1, after=Cosine()),
    lambda: WarmUp(3, 0.1, after=WarmUp(4, 0.5, after=ReduceOnPlateau(0.5, patience=0))),
]
every_schedule = pytest.mark.parametrize("make", MAKERS, ids=[repr(make()) for make in MAKERS])
BASE, STEPS, PER_EPOCH = 0.1, 40, 4


def run(schedule: Schedule, start: int = 0, stop: int = STEPS) -> list[float]:
    """The rate of each step, on a loss that falls, stays and rises."""
    rates = []
    for step in range(start, stop):
        rates.append(schedule.rate())
        schedule.after_step()
        if (step + 1) % PER_EPOCH == 0:
            schedule.after_epoch(abs(step - 15.0))
    return rates


def begun(make: Callable[[], Schedule]) -> Schedule:
    schedule = make()
    schedule.begin(BASE, STEPS, PER_EPOCH)
    return schedule


@every_schedule
def test_rates_are_positive_numbers_that_an_optimiser_takes(make: Callable[[], Schedule]) -> None:
    optimiser = SGD(BASE)
    for rate in run(begun(make)):
        assert type(rate) is float
        assert rate > 0
        optimiser.lr = rate


@every_schedule
def test_beginning_again_forgets(make: Callable[[], Schedule]) -> None:
    schedule = begun(make)
    first = run(schedule)
    schedule.begin(BASE, STEPS, PER_EPOCH)
    assert run(schedule) == first


@every_schedule
@pytest.mark.parametrize("stop", [1, 5, 8, 20, 37])
def test_a_resumed_schedule_goes_on(make: Callable[[], Schedule], stop: int) -> None:
    whole, schedule, resumed = begun(make), begun(make), make()
    run(schedule, 0, stop)
    resumed.load_state_dict(json.loads(json.dumps(schedule.state_dict(), allow_nan=False)))
    assert run(resumed, stop) == run(whole)[stop:]


@every_schedule
def test_past_the_last_step_the_rate_stays_small(make: Callable[[], Schedule]) -> None:
    schedule = begun(make)
    last = run(schedule)[-1]
    for _ in range(100):
        schedule.after_step()
        assert schedule.rate() <= max(last, BASE * (1 + 1e-12))


@given(total=st.integers(1, 60), share=st.floats(0, 1))
def test_one_cycle_of_any_length(total: int, share: float) -> None:
    schedule = OneCycle(1.0, pct_start=share)
    schedule.begin(BASE, total)
    rates = []
    for _ in range(total):
        rates.append(schedule.rate())
        schedule.after_step()
    top = int(np.argmax(rates))
    assert max(rates) <= 1.0
    assert min(rates) > 0
    assert (np.diff(rates[: top + 1]) >= 0).all()
    assert (np.diff(rates[top:]) <= 0).all()


def test_the_training_that_is_documented() -> None:
    net, optimiser, schedule = nn.Linear(2, 1), SGD(BASE), Cosine()
    schedule.begin(optimiser.lr, total_steps=4, steps_per_epoch=2)
    moved = []
    for _ in range(4):
        before = net.flat.copy()
        net.flat_grad.fill(1.0)
        optimiser.lr = schedule.rate()
        optimiser.step(net)
        schedule.after_step()
        moved.append(float((before - net.flat)[0]))
    expected = BASE * (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(moved, expected, rtol=1e-5)


# -- plateaus and warm-up ----------------------------------------------------------------------


def after(schedule: Schedule, losses: list[float]) -> list[float]:
    """The rate after each epoch."""
    rates = []
    for loss in losses:
        schedule.after_epoch(loss)
        rates.append(schedule.rate())
    return rates


def test_a_likelihood_below_zero_must_fall_too() -> None:
    schedule = ReduceOnPlateau(0.5, patience=0, threshold=0.1)
    schedule.begin(1.0, 10)
    assert after(schedule, [-10.0, -10.5, -11.5, -12.0]) == [1.0, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_no_improvement(wrong: float) -> None:
    schedule = ReduceOnPlateau(0.5, patience=1)
    schedule.begin(1.0, 10)
    assert after(schedule, [wrong, 1.0, wrong, wrong]) == [1.0, 1.0, 1.0, 0.5]


def test_warm_up_hides_its_steps_and_epochs() -> None:
    inner = Step(2, 0.5)
    schedule = WarmUp(8, after=inner)
    schedule.begin(BASE, STEPS, PER_EPOCH)
    assert inner.total_steps == STEPS - 8
    rates = run(schedule)
    assert rates[8 : 8 + 3 * PER_EPOCH] == [BASE] * 4 + [BASE] * 4 + [BASE / 2] * 4
    assert schedule.epochs_made == inner.epochs_made + 2


def test_warm_up_longer_than_the_training() -> None:
    schedule = WarmUp(100, 0.5, after=Cosine())
    schedule.begin(BASE, 10)
    assert run(schedule)[-1] < BASE


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Step(0), "every must be a whole number >= 1"),
        (lambda: Step(2, 0), "factor must be a finite number > 0"),
        (lambda: Cosine(-1), "minimum must be a finite number >= 0"),
        (lambda: OneCycle(0), "max_lr must be a finite number > 0"),
        (lambda: OneCycle(1, pct_start=1.5), r"pct_start must lie in \[0, 1\], it is 1\.5"),
        (lambda: OneCycle(1, div_factor=0), "div_factor"),
        (lambda: OneCycle(1, final_div_factor=np.nan), "final_div_factor"),
        (lambda: ReduceOnPlateau(1.0), "factor must lie between 0 and 1"),
        (lambda: ReduceOnPlateau(patience=-1), "patience must be a whole number >= 0"),
        (lambda: ReduceOnPlateau(threshold=-1), "threshold"),
        (lambda: ReduceOnPlateau(cooldown=0.5), "cooldown"),  # type: ignore[arg-type]
        (lambda: ReduceOnPlateau(minimum=-1), "minimum"),
        (lambda: WarmUp(0), "steps must be a whole number >= 1"),
        (lambda: WarmUp(5, 0), "start_factor must be a finite number > 0"),
        (lambda: WarmUp(5, 1.5), "start_factor must lie in"),
        (lambda: WarmUp(5, after=0.1), "after must be a schedule, it is a float"),  # type: ignore[arg-type]
        (lambda: Constant().begin(-1, 5), "base_lr must be a finite number >= 0"),
        (lambda: Constant().begin(0.1, 0), "total_steps must be a whole number >= 1"),
        (lambda: Constant().begin(0.1, 5, 0), "steps_per_epoch must be"),
    ],
)
def test_options_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_states_of_another_schedule_are_refused() -> None:
    schedule = WarmUp(5, after=Cosine())
    schedule.begin(BASE, STEPS)
    before = schedule.state_dict()
    lacking = {name: value for name, value in before.items() if name != "steps_made"}
    for state in (
        Constant().state_dict(),
        WarmUp(5, after=Step(1)).state_dict(),
        lacking,
        {},
    ):
        with pytest.raises(StateDictError, match=r"the state of a \w+ schedule must hold base_lr"):
            schedule.load_state_dict(state)
    assert schedule.state_dict() == before


def test_reprs() -> None:
    assert repr(WarmUp(5, 0.5, after=Cosine())) == (
        "WarmUp(steps=5, start_factor=0.5, after=Cosine(minimum=0.0))"
    )
    assert repr(Constant()) == "Constant()"
