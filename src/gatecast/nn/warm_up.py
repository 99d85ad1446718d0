"""The schedule that goes before another."""

from collections.abc import Mapping
from typing import Any

from gatecast.errors import InputError
from gatecast.nn.optimiser_base import check_number
from gatecast.nn.schedules import Constant, Schedule
from gatecast.nn.validation import check_size


class WarmUp(Schedule):
    """A line from ``start_factor`` times the base rate up to it, then another schedule.

    PyTorch's LinearLR, and SequentialLR for what comes after; each step.  The other schedule
    knows nothing of the warm-up: its steps, epochs and losses are those after it.

    Parameters
    ----------
    steps : int
        Of the warm-up.
    start_factor : float
        In (0, 1].
    after : Schedule, optional
        Without it, the base rate stays.

    Examples
    --------
    >>> from gatecast.nn.schedules import Cosine
    >>> schedule = WarmUp(2, start_factor=0.5, after=Cosine())
    >>> schedule.begin(0.1, total_steps=4)
    >>> for _ in range(4):
    ...     print(round(schedule.rate(), 4))
    ...     schedule.after_step()
    0.05
    0.075
    0.1
    0.05
    """

    _options = ("steps", "start_factor", "after")

    def __init__(
        self, steps: int, start_factor: float = 1 / 3, after: Schedule | None = None
    ) -> None:
        self.steps = check_size("steps", steps)
        self.start_factor = check_number("start_factor", start_factor, positive=True)
        if self.start_factor > 1:
            raise InputError(f"start_factor must lie in (0, 1], it is {start_factor!r}")
        if after is not None and not isinstance(after, Schedule):
            raise InputError(f"after must be a schedule, it is a {type(after).__name__}")
        self.after = after or Constant()

    def begin(self, base_lr: float, total_steps: int, steps_per_epoch: int = 1) -> None:
        super().begin(base_lr, total_steps, steps_per_epoch)
        self.after.begin(base_lr, max(1, total_steps - self.steps), steps_per_epoch)

    def rate(self) -> float:
        if self.steps_made >= self.steps:
            return self.after.rate()
        passed = self.steps_made / self.steps
        return self.base_lr * (self.start_factor + (1 - self.start_factor) * passed)

    def after_step(self) -> None:
        if self.steps_made >= self.steps:
            self.after.after_step()
        super().after_step()

    def after_epoch(self, loss: float) -> None:
        super().after_epoch(loss)
        if self.steps_made > self.steps:  # an epoch of warm-up alone is not the other's
            self.after.after_epoch(loss)

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"after": self.after.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        own = dict(state)
        after = own.pop("after", {})
        self._check_state(own)
        self.after.load_state_dict(after)
        super().load_state_dict(own)
