"""What a training did, epoch by epoch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any

from gatecast.errors import InputError
from gatecast.train.events import Event

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("epoch", "loss", "val_loss", "lr", "gradient_norm", "gradient_norm_max", "seconds")


@dataclass(frozen=True)
class Epoch:
    """One epoch.

    Attributes
    ----------
    epoch : int
        Counts from 1.
    loss : float
        Training loss: the mean over what counts, while the weights moved.
    val_loss : float or None
    lr : float
        Learning rate of the last update.
    gradient_norm, gradient_norm_max : float
        Before clipping: mean and largest over the updates.
    seconds : float
        Validation included.
    metrics : dict
        Of the validation rows; of the training rows where there are none.
    complete : bool
        False where the training ended within the epoch.
    """

    epoch: int
    loss: float
    val_loss: float | None
    lr: float
    gradient_norm: float
    gradient_norm_max: float
    seconds: float
    metrics: dict[str, float] = field(default_factory=dict)
    complete: bool = True

    def row(self) -> dict[str, Any]:
        """The columns of the history's table."""
        values = {name: getattr(self, name) for name in COLUMNS}
        return {**dict(list(values.items())[:3]), **self.metrics, **dict(list(values.items())[3:])}


@dataclass
class History:
    """The epochs of a training, what happened besides, and how it ended.

    Attributes
    ----------
    epochs : list of Epoch
    events : list of Event
        Divergence, early stop, interruption, vanishing gradients, ...; ``str(event)`` tells it.
    stopped : {"finished", "early", "interrupted", "diverged"}
    best_epoch : int or None
        The epoch with the lowest validation loss (training loss where there is no validation).
    weights_epoch : int or None
        The epoch whose final weights the network was left with; None where they are of no
        epoch's end.

    Examples
    --------
    >>> history = History([Epoch(1, 0.5, None, 0.001, 1.25, 2.5, 0.1)], best_epoch=1)
    >>> history["loss"]
    [0.5]
    >>> print(history)
    epoch  loss  val_loss     lr  gradient_norm  gradient_norm_max  seconds
        1   0.5         -  0.001           1.25                2.5      0.1
    finished after 1 epoch; best was epoch 1
    """

    epochs: list[Epoch] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    stopped: str = "finished"
    best_epoch: int | None = None
    weights_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    def __getitem__(self, name: str) -> list[Any]:
        """A column by name, metrics included."""
        if name not in self.columns:
            raise InputError(f"no column {name!r}; there are {', '.join(self.columns)}")
        return [epoch.row().get(name) for epoch in self.epochs]

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns, metrics included."""
        found = dict.fromkeys(name for epoch in self.epochs for name in epoch.row())
        return list(found) or list(COLUMNS)

    def __str__(self) -> str:
        columns = self.columns
        rows = [columns]
        rows += [[_show(epoch.row().get(name)) for name in columns] for epoch in self.epochs]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(c.rjust(w) for c, w in zip(r, widths, strict=True)) for r in rows]
        return "\n".join([*lines, *map(str, self.events), self._ending()])

    def _ending(self) -> str:
        count = sum(epoch.complete for epoch in self.epochs)
        ending = f"{self.stopped} after {count} epoch{'s' * (count != 1)}"
        if self.best_epoch is not None:
            ending += f"; best was epoch {self.best_epoch}"
        if self.weights_epoch is not None:
            ending += f"; the network has the weights of epoch {self.weights_epoch}"
        return ending

    def to_frame(self) -> "pd.DataFrame":
        """The epochs as a pandas DataFrame, one row each."""
        import pandas as pd

        rows = [{**epoch.row(), "complete": epoch.complete} for epoch in self.epochs]
        return pd.DataFrame(rows, columns=[*self.columns, "complete"])

    def save(self, path: "str | PathLike[str]") -> None:
        """Write ``.json`` (everything) or ``.csv`` (the epochs); in one step."""
        from gatecast.train.history_file import save

        save(self, path)

    @classmethod
    def load(cls, path: "str | PathLike[str]") -> "History":
        """Read what :meth:`save` wrote as ``.json``."""
        from gatecast.train.history_file import load

        return load(path)


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.5g}"
