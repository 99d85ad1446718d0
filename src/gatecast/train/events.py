"""What happens in a training besides its epochs: small records that read as sentences."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Base of events; ``epoch`` and ``batch`` count from 1, and 0 is before the first."""

    epoch: int


@dataclass(frozen=True)
class EarlyStop(Event):
    """The watched loss no longer improved."""

    best_epoch: int
    patience: int

    def __str__(self) -> str:
        return (
            f"stopped early after epoch {self.epoch}: no improvement for {self.patience} "
            f"epoch{'s' * (self.patience > 1)}, best was epoch {self.best_epoch}"
        )


@dataclass(frozen=True)
class Stopped(Event):
    """A callback asked for the end."""

    batch: int
    reason: str

    def __str__(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"stopped by a callback in epoch {self.epoch}, batch {self.batch}{why}"


@dataclass(frozen=True)
class Interrupted(Event):
    """Ctrl-C."""

    batch: int

    def __str__(self) -> str:
        return f"interrupted in epoch {self.epoch}, batch {self.batch}"


@dataclass(frozen=True)
class RateDrop(Event):
    """The loss stood on a plateau and the learning rate was lowered."""

    before: float
    after: float

    def __str__(self) -> str:
        return (
            f"plateau: the learning rate went from {self.before:.3g} to {self.after:.3g} "
            f"after epoch {self.epoch}"
        )


@dataclass(frozen=True)
class VanishingGradient(Event):
    """A recurrent layer's gradient has all but vanished.

    Attributes
    ----------
    layer : str
    through : {"depth", "time"}
        On its way down through the layers above, or back through the steps of the sequence.
    ratio : float
        What is left of it.
    """

    layer: str
    through: str
    ratio: float

    def __str__(self) -> str:
        if self.through == "depth" and not self.ratio:
            return (
                f"vanished gradient in epoch {self.epoch}: nothing at all reaches {self.layer}; "
                "its units are saturated, or dead where they are relu; use a lower learning rate, "
                "scaled inputs and targets, tanh, or a GRU or LSTM"
            )
        if self.through == "depth":
            return (
                f"vanishing gradient in epoch {self.epoch}: what reaches {self.layer} is "
                f"{self.ratio:.1g} of the last layer's gradient, so it hardly learns; use fewer "
                "layers, layer_norm=True, or a GRU or LSTM in place of an RNN"
            )
        return (
            f"vanishing gradient in epoch {self.epoch}: at the first step of the sequence "
            f"{self.ratio:.1g} of {self.layer}'s gradient is left and the loss does not fall, so "
            "what lies far back is not learned; use shorter windows, an LSTM or GRU, or "
            'init="keras"'
        )


@dataclass(frozen=True)
class Divergence(Event):
    """The loss or a gradient became NaN or infinite, or the loss exploded.

    Attributes
    ----------
    batch : int
    cause : str
    loss : float
    layer : str
        The first parameter with a gradient that is not finite, else the one with the largest.
    gradient_norm : float
        Of all parameters together, before clipping.
    advice : str
    """

    batch: int
    cause: str
    loss: float
    layer: str
    gradient_norm: float
    advice: str

    def __str__(self) -> str:
        return (
            f"training diverged in epoch {self.epoch}, batch {self.batch}: {self.cause}; the "
            f"gradient norm "
            f"was {self.gradient_norm:.3g}, {self.layer} had the largest part of it; the last "
            f"good weights were restored. Try {self.advice}"
        )


KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (EarlyStop, Stopped, Interrupted, RateDrop, VanishingGradient, Divergence)
}
