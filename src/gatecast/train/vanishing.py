"""Vanishing gradients, looked for at a few updates of each epoch.

**Through depth**: a recurrent layer's gradient is less than ``DEPTH`` times the gradient of the
network's last layer, at every update looked at in an epoch.

**Through time**: the gradient by a recurrent layer's initial state, which is what is left of it
at the first step, is less than ``TIME`` times the gradient of the layer's weights at every update
looked at, *and* from epoch ``PATIENCE`` on the epoch's loss is still above ``NOT_LEARNING`` times
the untrained network's, and no longer falls by the share ``STALLED`` an epoch.  The second half
matters: over long windows the gradient dies out in healthy networks too, which learn from the
near past; it is bad news only where nothing is learned.
"""

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent
from gatecast.nn.sequential import Sequential
from gatecast.train.events import VanishingGradient

DEPTH = 1e-6
TIME = 1e-10
NOT_LEARNING = 0.8
PATIENCE = 3  # epochs that a network is given to learn something
STALLED = 0.005
LOOKS = 8  # updates looked at in an epoch


class VanishingWatch:
    """Collects the largest ratios of an epoch; tells of each layer once."""

    def __init__(self, net: Module, untrained_loss: float) -> None:
        self.net = net
        self.enough = untrained_loss - (1 - NOT_LEARNING) * abs(untrained_loss)
        self.last_loss = math.inf
        self.told: set[tuple[str, str]] = set()
        self.ratios: dict[tuple[str, str], float] = {}

    def look(self, dstart: Any) -> None:
        """Take in one update's gradients, those by the initial states among them."""
        norms = layer_norms(self.net)
        if not norms:
            return
        top = list(norms.values())[-1]
        recurrent = {name: size for name, size in norms.items() if "_l" in name}
        for name, size in recurrent.items():
            self._take(("depth", name), size, top)
        for name, size in start_norms(self.net, dstart):
            if name in recurrent:
                self._take(("time", name), size, recurrent[name])

    def _take(self, key: tuple[str, str], part: float, whole: float) -> None:
        if whole > 0 and math.isfinite(part) and math.isfinite(whole):
            self.ratios[key] = max(self.ratios.get(key, 0.0), part / whole)

    def end_epoch(self, epoch: int, loss: float) -> list[VanishingGradient]:
        """What is to be told after this epoch."""
        stalled = loss > self.last_loss - STALLED * abs(self.last_loss)
        learns_not = epoch >= PATIENCE and loss > self.enough and stalled
        self.last_loss = loss
        limits = {"depth": DEPTH, "time": TIME if learns_not else 0.0}
        events = [
            VanishingGradient(epoch, layer, through, ratio)
            for (through, layer), ratio in self.ratios.items()
            if ratio < limits[through] and (through, layer) not in self.told
        ]
        self.told |= {(event.through, event.layer) for event in events}
        self.ratios = {}
        return events


def layer_norms(net: Module) -> dict[str, float]:
    """The gradient norm of each trained layer: ``0_l1_reverse`` for recurrent ones, else ``2``."""
    trained = ((n, p.grad) for n, p in net.named_parameters().items() if not p.frozen)
    return {
        layer: math.sqrt(sum(_square(grad) for _, grad in members))
        for layer, members in groupby(trained, key=lambda item: layer_of(item[0]))
    }


def layer_of(parameter: str) -> str:
    """The layer that a parameter belongs to, direction and number included.

    Examples
    --------
    >>> layer_of("0.weight_hh_l1_reverse"), layer_of("2.bias"), layer_of("norm_cell_bias_l0")
    ('0_l1_reverse', '2', 'net_l0')
    """
    module, _, own = parameter.rpartition(".")
    _, mark, number = own.rpartition("_l")
    return (module or "net") + (mark + number if mark and number[:1].isdigit() else "")


def start_norms(net: Module, dstart: Any, prefix: str = "") -> Iterator[tuple[str, float]]:
    """The norm of the gradient by each recurrent layer's initial state, where it can be told."""
    if isinstance(net, Sequential):
        for i, (child, part) in enumerate(zip(net, dstart, strict=True)):
            yield from start_norms(child, part, f"{prefix}.{i}" if prefix else str(i))
    elif isinstance(net, Recurrent) and dstart is not None:
        states: list[Array] = list(dstart) if isinstance(dstart, tuple) else [dstart]
        for index in range(len(states[0])):
            layer, direction = divmod(index, net.directions)
            name = f"{prefix or 'net'}_l{layer}" + ("_reverse" if direction else "")
            yield name, math.sqrt(sum(_square(state[index]) for state in states))


def _square(array: Array) -> float:
    """Σ a² in float64: squares of vanishing float32 gradients would be zero."""
    return float(np.sum(np.square(array, dtype=np.float64)))
