"""Gatecast itself, with its native and with its reference kernels."""

from typing import Any, ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

import gatecast
from benchmarks.contestants.contract import (
    Built,
    Contestant,
    batch,
    head_weights,
    recurrent_weights,
    thread_variants,
    threads_of,
)
from benchmarks.steel import steel_windows
from benchmarks.works import STEEL_RATES, Work
from gatecast import kernels, nn, train


class Gatecast(Contestant):
    """One implementation of the kernels.  Use :class:`Native` or :class:`Reference`."""

    libraries = ("gatecast", "numpy", "scipy")
    kernels: ClassVar[str]

    def __init__(self) -> None:
        kernels.use(self.kernels)

    def variants(self, work: Work) -> list[str]:
        own = thread_variants()
        return own if work.task in ("train", "inference") else own[-1:]

    def enter(self, variant: str) -> None:
        threads = threads_of(variant)
        threadpool_limits(limits=threads)
        gatecast.set_num_threads(threads)

    def build(self, work: Work, variant: str) -> Built:
        build = {"inference": _inference, "streaming": _streaming, "train": _train}
        return Built(build.get(work.task, _fit)(network(work), work))


class Native(Gatecast):
    """The compiled kernels."""

    kernels = "native"


class Reference(Gatecast):
    """The NumPy kernels."""

    kernels = "reference"


def network(work: Work) -> nn.Sequential:
    """Recurrent layers and a linear head, with the common weights."""
    layer = getattr(nn, work.cell)(work.inputs, work.hidden, work.layers)
    net = nn.Sequential(layer, nn.Last(), nn.Linear(work.hidden, 1))
    net.load_state_dict(
        {f"0.{name}": value for name, value in recurrent_weights(work).items()}
        | {f"2.{name}": value for name, value in head_weights(work).items()}
    )
    return net


def _train(net: nn.Sequential, work: Work) -> Any:
    x, y = batch(work)
    loss, optimiser = nn.MSE(), nn.Adam(lr=1e-3)
    return lambda: train.train_step(net, loss, optimiser, x, y)


def _inference(net: nn.Sequential, work: Work) -> Any:
    x, _ = batch(work)
    return lambda: net(x)


def _streaming(net: nn.Sequential, work: Work) -> Any:
    x, state = batch(work)[0][:, 0], net.start(1)

    def step() -> Any:
        nonlocal state
        y, state = net.step(x, state)
        return y

    return step


def _fit(net: nn.Sequential, work: Work) -> Any:
    """One epoch over all windows, as a user runs it."""
    steel = work.task == "steel"
    x, y = steel_windows(work.windows) if steel else batch(work)
    loss = nn.MSE()
    optimiser = nn.SGD(lr=STEEL_RATES[work.cell]) if steel else nn.Adam(lr=1e-3)

    def step() -> Any:
        history = train.fit(
            net, loss, optimiser, x, y, epochs=1, batch_size=work.batch, progress=False
        )
        return np.float64(history["loss"][-1])

    return step
