"""Training: the loop, one step of it, and what it tells."""

from gatecast.train.callbacks import Callback, Run
from gatecast.train.events import (
    Divergence,
    EarlyStop,
    Event,
    Interrupted,
    RateDrop,
    Stopped,
    VanishingGradient,
)
from gatecast.train.history import Epoch, History
from gatecast.train.loop import fit
from gatecast.train.step import train_step

__all__ = [
    "Callback",
    "Divergence",
    "EarlyStop",
    "Epoch",
    "Event",
    "History",
    "Interrupted",
    "RateDrop",
    "Run",
    "Stopped",
    "VanishingGradient",
    "fit",
    "train_step",
]
