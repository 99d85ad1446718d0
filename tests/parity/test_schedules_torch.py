"""The schedules against PyTorch's over 100 steps, stepped a batch or an epoch at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from gatecast.nn.plateau import ReduceOnPlateau
from gatecast.nn.schedules import Constant, Cosine, OneCycle, Schedule, Step
from gatecast.nn.warm_up import WarmUp

BASE, STEPS = 0.1, 100
Twin = Callable[[torch.optim.Optimizer], Any]


def twin_of(make: Twin, **options: Any) -> tuple[torch.optim.Optimizer, Any]:
    """A PyTorch schedule and the optimiser whose rate it sets."""
    parameter = torch.zeros(1, requires_grad=True)
    parameter.grad = torch.zeros(1)
    optimiser = torch.optim.SGD([parameter], lr=BASE)
    return optimiser, make(optimiser, **options)


def rates_of_twin(make: Twin, losses: Any = None, **options: Any) -> list[float]:
    """The rate of each of its periods: steps, or epochs with a loss."""
    optimiser, twin = twin_of(make, **options)
    rates = []
    for period in range(STEPS):
        rates.append(float(optimiser.param_groups[0]["lr"]))
        if period == STEPS - 1:
            break  # some refuse to go past their last rate
        optimiser.step()
        twin.step(*(() if losses is None else (losses[period],)))
    return rates


def rates_by_step(schedule: Schedule) -> list[float]:
    schedule.begin(BASE, STEPS)
    rates = []
    for _ in range(STEPS):
        rates.append(schedule.rate())
        schedule.after_step()
    return rates


def rates_by_epoch(schedule: Schedule, losses: Any = (1.0,) * STEPS) -> list[float]:
    schedule.begin(BASE, STEPS)
    rates = []
    for loss in losses:
        rates.append(schedule.rate())
        schedule.after_epoch(loss)
    return rates


def assert_same(ours: list[float], theirs: list[float]) -> None:
    assert len(ours) == len(theirs) == STEPS
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15)


def test_constant() -> None:
    twin = rates_of_twin(lr_scheduler.ConstantLR, factor=1.0)
    assert_same(rates_by_step(Constant()), twin)


@pytest.mark.parametrize(("every", "factor"), [(1, 0.97), (7, 0.5), (30, 0.1)])
def test_step_counts_epochs(every: int, factor: float) -> None:
    twin = rates_of_twin(lr_scheduler.StepLR, step_size=every, gamma=factor)
    assert_same(rates_by_epoch(Step(every, factor)), twin)


@pytest.mark.parametrize("minimum", [0.0, 0.01])
def test_cosine_counts_steps(minimum: float) -> None:
    twin = rates_of_twin(lr_scheduler.CosineAnnealingLR, T_max=STEPS, eta_min=minimum)
    assert_same(rates_by_step(Cosine(minimum)), twin)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pct_start": 0.5},
        {"pct_start": 0.05, "div_factor": 10.0, "final_div_factor": 100.0},
        {"pct_start": 1.0},
        {"pct_start": 0.0},
        {"pct_start": 0.123},
    ],
    ids=str,
)
def test_one_cycle_counts_steps(options: dict[str, float]) -> None:
    twin = rates_of_twin(
        lr_scheduler.OneCycleLR, max_lr=0.7, total_steps=STEPS, cycle_momentum=False, **options
    )
    assert_same(rates_by_step(OneCycle(0.7, **options)), twin)


@pytest.mark.parametrize(
    "options",
    [
        {"factor": 0.5, "patience": 3},
        {"factor": 0.5, "patience": 0},
        {"factor": 0.3, "patience": 2, "cooldown": 4},
        {"factor": 0.5, "patience": 1, "threshold": 0.1},
        {"factor": 0.5, "patience": 0, "minimum": 0.004},
        {"factor": 0.1, "patience": 0},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", range(3))
def test_reduce_on_plateau_counts_epochs(options: dict[str, float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    losses = np.exp(-np.arange(STEPS) / 30) + rng.uniform(0, 0.2, STEPS) + 0.1
    losses[[0, 40, 41]] = np.nan
    theirs = {("min_lr" if name == "minimum" else name): v for name, v in options.items()}
    twin = rates_of_twin(lr_scheduler.ReduceLROnPlateau, losses, **theirs)
    assert len(set(twin)) > 2
    assert_same(rates_by_epoch(ReduceOnPlateau(**options), losses), twin)  # type: ignore[arg-type]


@pytest.mark.parametrize("steps", [1, 10, 100])
@pytest.mark.parametrize("start", [0.01, 1 / 3, 1.0])
def test_warm_up_counts_steps(steps: int, start: float) -> None:
    twin = rates_of_twin(lr_scheduler.LinearLR, start_factor=start, total_iters=steps)
    assert_same(rates_by_step(WarmUp(steps, start)), twin)


@pytest.mark.parametrize("steps", [1, 10])
def test_warm_up_then_cosine(steps: int) -> None:
    def make(optimiser: torch.optim.Optimizer) -> lr_scheduler.SequentialLR:
        first = lr_scheduler.LinearLR(optimiser, start_factor=0.1, total_iters=steps)
        then = lr_scheduler.CosineAnnealingLR(optimiser, T_max=STEPS - steps)
        return lr_scheduler.SequentialLR(optimiser, [first, then], milestones=[steps])

    assert_same(rates_by_step(WarmUp(steps, 0.1, after=Cosine())), rates_of_twin(make))
