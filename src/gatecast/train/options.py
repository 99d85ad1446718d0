"""The options of ``fit``, each checked, and together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import check_number
from gatecast.nn.validation import check_choice, check_flag, check_size
from gatecast.train.batches import Data

FRACTIONS = (float, np.floating)  # what ``validation`` may be besides a tuple


@dataclass(frozen=True)
class Options:
    """What ``fit`` was asked for; see there."""

    epochs: int
    batch_size: int
    shuffle: bool
    clip_norm: float | None
    clip_value: float | None
    patience: int | None
    min_delta: float
    restore_best: bool
    tbptt: int | None
    carry_state: bool
    on_divergence: str

    def __post_init__(self) -> None:
        check_size("epochs", self.epochs)
        check_size("batch_size", self.batch_size)
        for name in ("shuffle", "restore_best", "carry_state"):
            check_flag(name, getattr(self, name))
        for name in ("patience", "tbptt"):
            if getattr(self, name) is not None:
                check_size(name, getattr(self, name))
        for name in ("clip_norm", "clip_value"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), positive=True)
        check_number("min_delta", self.min_delta)
        if self.min_delta and self.patience is None:
            raise InputError(
                f"min_delta={self.min_delta} says what counts as an improvement for patience, "
                "which is None; give patience= as well"
            )
        check_choice("on_divergence", self.on_divergence, ("raise", "report"))
        if self.carry_state and self.shuffle:
            raise InputError(
                "carry_state=True needs the batches in order, and shuffle is True; "
                "pass shuffle=False"
            )

    def check_states(self, net: Module, data: Data, prefix: str = "") -> None:
        """Refuse a network or a number of rows through which no state can be carried."""
        for name, wanted in (("carry_state", self.carry_state), ("tbptt", self.tbptt)):
            if not wanted:
                continue
            if any("_reverse" in parameter for parameter in net.state_dict()):
                raise InputError(
                    f"{name}={wanted} carries the state forward in time and the network is "
                    "bidirectional; build it with bidirectional=False"
                )
            if net.uses_target:
                raise InputError(
                    f"{name}={wanted} cannot be used with {type(net).__name__}: its final state "
                    "is its decoder's"
                )
        rows = len(data.x)
        if self.carry_state and rows % self.batch_size:
            raise InputError(
                f"carry_state=True needs whole batches, and {prefix}x has {rows} rows, which is no "
                f"multiple of batch_size={self.batch_size}; choose a batch_size that divides it, "
                "or leave rows out"
            )

    def updates_per_epoch(self, data: Data) -> int:
        """Batches, times chunks of time in each."""
        chunks = 1 if self.tbptt is None else -(-data.x.shape[1] // self.tbptt)
        return -(-len(data.x) // self.batch_size) * chunks


def split(data: Data, validation: Any) -> tuple[Data, Data | None]:
    """Training and validation rows; a fraction of the rows is held out at the end."""
    if validation is None:
        return data, None
    if isinstance(validation, FRACTIONS):
        held = max(1, round(len(data.x) * validation))
        if not 0 < validation < 1 or held >= len(data.x):
            raise InputError(
                f"validation must be a fraction between 0 and 1 that leaves rows to train on, it "
                f"is {validation} of {len(data.x)} rows"
            )
        cut = len(data.x) - held
        return data.rows(0, cut), data.rows(cut, None)
    if not isinstance(validation, tuple | list) or not 2 <= len(validation) <= len(Data._fields):
        raise InputError(
            "validation must be a fraction such as 0.2, or a tuple (x, y) with, if need be, "
            f"lengths, sample_weight and mask after them; it is {type(validation).__name__}"
        )
    return data, Data(*validation)
