"""How a network is trained: plain settings, from which ours and PyTorch's training are made."""

from dataclasses import dataclass

import numpy as np

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.schedules import Schedule
from gatecast.nn.validation import check_choice, check_positive

OPTIMISERS = ("adam", "adamw", "rmsprop", "sgd")
SCHEDULES = ("one_cycle", "cosine", "constant")


@dataclass(frozen=True)
class Recipe:
    """The settings of a training.

    Attributes
    ----------
    epochs, batch_size : int
    lr : float
        The largest learning rate.
    optimiser : {"adam", "adamw", "rmsprop", "sgd"}
    momentum, weight_decay : float
        Momentum is for ``sgd`` and ``rmsprop``.
    schedule : {"one_cycle", "cosine", "constant"}
    clip_norm : float or None
    patience : int or None
        Epochs without improvement on the validation rows.  With validation rows the weights of
        the best epoch are kept, with patience or without.
    shuffle : bool
    half_life : float or None
        Windows, for data that drift: each training window counts half of one that many later.

    Examples
    --------
    >>> Recipe(epochs=5, optimiser="sgd", momentum=0.9, schedule="constant").describe()
    '5 epochs of batches of 64, sgd at 0.01 (constant), momentum 0.9, gradients clipped at 1'
    """

    epochs: int = 30
    batch_size: int = 64
    lr: float = 0.01
    optimiser: str = "adam"
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: str = "one_cycle"
    clip_norm: float | None = 1.0
    patience: int | None = None
    shuffle: bool = True
    half_life: float | None = None

    def __post_init__(self) -> None:
        check_choice("optimiser", self.optimiser, OPTIMISERS)
        check_choice("schedule", self.schedule, SCHEDULES)
        if self.half_life is not None:
            check_positive("half_life", self.half_life)

    def make_optimiser(self) -> Optimiser:
        """A new optimiser."""
        if self.optimiser == "sgd":
            return nn.SGD(self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
        if self.optimiser == "rmsprop":
            return nn.RMSprop(self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
        kind = nn.Adam if self.optimiser == "adam" else nn.AdamW
        return kind(self.lr, weight_decay=self.weight_decay)

    def make_schedule(self) -> Schedule | None:
        """A new schedule; None where the rate is constant."""
        if self.schedule == "one_cycle":
            return nn.OneCycle(max_lr=self.lr)
        return nn.Cosine() if self.schedule == "cosine" else None

    def weights(self, rows: int) -> Array | None:
        """What each of so many training windows, oldest first, counts; None where all count 1.

        Examples
        --------
        >>> Recipe(half_life=2).weights(5)
        array([0.25      , 0.35355339, 0.5       , 0.70710678, 1.        ])
        """
        if self.half_life is None:
            return None
        newest_first: Array = 0.5 ** (np.arange(rows) / self.half_life)
        return newest_first[::-1].copy()

    def describe(self) -> str:
        """The settings in words."""
        parts = [
            f"{self.epochs} epochs of batches of {self.batch_size}",
            f"{self.optimiser} at {self.lr:g} ({self.schedule.replace('_', ' ')})",
        ]
        parts += [f"momentum {self.momentum:g}"] * bool(self.momentum)
        parts += [f"weight decay {self.weight_decay:g}"] * bool(self.weight_decay)
        if self.clip_norm is not None:
            parts.append(f"gradients clipped at {self.clip_norm:g}")
        if self.patience is not None:
            parts.append(f"stopped after {self.patience} epochs without improvement")
        if self.half_life is not None:
            parts.append(f"a window counts half of one {self.half_life:g} windows later")
        return ", ".join(parts)
