"""PyTorch, in its fastest ordinary way: time major, last state, fused optimiser."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.contestants.contract import (
    Built,
    Contestant,
    batch,
    head_weights,
    recurrent_weights,
    thread_variants,
    threads_of,
    time_major,
)
from benchmarks.steel import steel_windows
from benchmarks.works import STEEL_RATES, Work

TRIAL_SECONDS = 0.1
CELL_STEP = "single-step cell"


class Torch(Contestant):
    """``nn.LSTM`` and its kin, a linear head, ``nn.MSELoss`` and ``optim.Adam``."""

    libraries = ("torch",)

    def variants(self, work: Work) -> list[str]:
        own = thread_variants()
        if work.task == "streaming":
            return [*own, f"{CELL_STEP}, {own[0]}"]
        if work.task == "steel":  # one sample a step: nothing for a second thread to do
            return own[:1]
        return [] if work.task == "linear" else own

    def enter(self, variant: str) -> None:
        torch.set_num_threads(threads_of(variant))

    def value(self, outcome: Any) -> float:
        return float(outcome.detach().ravel()[0])

    def build(self, work: Work, variant: str) -> Built:
        if work.task == "train":
            return fastest_training(work)
        if work.task == "streaming":
            return Built(_cell_step(work) if CELL_STEP in variant else _streaming(work))
        return Built({"inference": _inference, "steel": _steel}[work.task](work))


def network(work: Work) -> tuple[nn.Module, nn.Linear]:
    """Recurrent layers and head, with the common weights."""
    layers = getattr(nn, work.cell)(work.inputs, work.hidden, work.layers)
    layers.load_state_dict({k: torch.from_numpy(v) for k, v in recurrent_weights(work).items()})
    head = nn.Linear(work.hidden, 1)
    head.load_state_dict({k: torch.from_numpy(v) for k, v in head_weights(work).items()})
    return layers, head


def last_hidden(work: Work, state: Any) -> torch.Tensor:
    """The top layer's final state: cheaper than cutting it out of the outputs."""
    hidden: torch.Tensor = (state[0] if work.cell == "LSTM" else state)[-1]
    return hidden


def fastest_training(work: Work) -> Built:
    """Try both quick forms of Adam, and begin anew with the better one."""
    forms = {"fused": {"fused": True}, "foreach": {"foreach": True}}
    seconds = {name: _trial(_train(work, options)) for name, options in forms.items()}
    best = min(seconds, key=lambda name: seconds[name])
    return Built(_train(work, forms[best]), f"Adam {best}")


def _trial(step: Callable[[], Any]) -> float:
    step()
    step()
    count, start = 0, time.perf_counter()
    while not count or time.perf_counter() - start < TRIAL_SECONDS:
        step()
        count += 1
    return (time.perf_counter() - start) / count


def _train(work: Work, options: dict[str, bool]) -> Callable[[], Any]:
    layers, head = network(work)
    inputs, targets = batch(work)
    x, y = torch.from_numpy(time_major(inputs)), torch.from_numpy(targets)
    loss = nn.MSELoss()
    parameters = [*layers.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=1e-3, **options)

    def step() -> torch.Tensor:
        optimiser.zero_grad(set_to_none=True)
        value: torch.Tensor = loss(head(last_hidden(work, layers(x)[1])), y)
        value.backward()
        optimiser.step()
        return value

    return step


def _inference(work: Work) -> Callable[[], Any]:
    layers, head = network(work)
    x = torch.from_numpy(time_major(batch(work)[0]))

    def step() -> Any:
        with torch.inference_mode():
            return head(last_hidden(work, layers(x)[1]))

    return step


def _streaming(work: Work) -> Callable[[], Any]:
    layers, head = network(work)
    x = torch.from_numpy(batch(work)[0])
    state = None

    def step() -> Any:
        nonlocal state
        with torch.inference_mode():
            _, state = layers(x, state)
            return head(last_hidden(work, state))

    return step


def _cell_step(work: Work) -> Callable[[], Any]:
    _, head = network(work)
    cell = getattr(nn, f"{work.cell}Cell")(work.inputs, work.hidden)
    weights = recurrent_weights(work).items()
    cell.load_state_dict({k.removesuffix("_l0"): torch.from_numpy(v) for k, v in weights})
    x = torch.from_numpy(batch(work)[0][:, 0])
    state = None

    def step() -> Any:
        nonlocal state
        with torch.inference_mode():
            state = cell(x, state)
            return head(state[0] if work.cell == "LSTM" else state)

    return step


def _steel(work: Work) -> Callable[[], Any]:
    """One pass over the windows, one sample a step."""
    layers, head = network(work)
    inputs, targets = steel_windows(work.windows)
    samples = torch.from_numpy(inputs)[:, :, None].unbind()
    wanted = torch.from_numpy(targets)[:, None].unbind()
    loss = nn.MSELoss()
    parameters = [*layers.parameters(), *head.parameters()]
    optimiser = torch.optim.SGD(parameters, lr=STEEL_RATES[work.cell], fused=True)

    def step() -> Any:
        for x, y in zip(samples, wanted, strict=True):
            optimiser.zero_grad(set_to_none=True)
            value = loss(head(last_hidden(work, layers(x)[1])), y)
            value.backward()
            optimiser.step()
        return value

    return step
