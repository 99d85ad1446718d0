"""Learning rates over time: constant, step, cosine and one cycle, and what every schedule is.

A schedule is begun, then asked for the rate of each step, and told of each step and epoch::

    schedule.begin(optimiser.lr, total_steps=epochs * steps_per_epoch, steps_per_epoch=...)
    optimiser.lr = schedule.rate()      # before every step
    schedule.after_step()               # after every step
    schedule.after_epoch(loss)          # after every epoch, with the loss that is watched

``Step`` and ``ReduceOnPlateau`` count epochs; ``Cosine``, ``OneCycle`` and ``WarmUp`` count
steps.  Each gives the rates of its PyTorch twin stepped so.  ``ReduceOnPlateau`` is in
``plateau.py``, ``WarmUp`` in ``warm_up.py``.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from gatecast.errors import InputError, StateDictError
from gatecast.nn.optimiser_base import check_number
from gatecast.nn.validation import check_size


class Schedule:
    """Base of schedules; a subclass writes :meth:`rate`.

    Attributes
    ----------
    base_lr : float
        The rate that was given to :meth:`begin`.
    total_steps, steps_per_epoch : int
    steps_made, epochs_made : int
    """

    _options: ClassVar[tuple[str, ...]] = ()
    #: what changes between begin and the end, and so has to be saved
    _progress: ClassVar[tuple[str, ...]] = (
        "base_lr",
        "total_steps",
        "steps_per_epoch",
        "steps_made",
        "epochs_made",
    )

    base_lr = math.nan  # until it is begun
    total_steps = steps_per_epoch = steps_made = epochs_made = 0

    def begin(self, base_lr: float, total_steps: int, steps_per_epoch: int = 1) -> None:
        """Start anew, for a training of ``total_steps`` from the rate ``base_lr``."""
        self.base_lr = check_number("base_lr", base_lr)
        self.total_steps = check_size("total_steps", total_steps)
        self.steps_per_epoch = check_size("steps_per_epoch", steps_per_epoch)
        self.steps_made = self.epochs_made = 0

    def rate(self) -> float:
        """The learning rate of the next step."""
        raise NotImplementedError

    def after_step(self) -> None:
        """A step has been made."""
        self.steps_made += 1

    def after_epoch(self, loss: float) -> None:
        """An epoch has ended, with that loss (of validation, where there is one)."""
        self.epochs_made += 1

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule stands, as plain numbers."""
        return {"kind": type(self).__name__} | {
            name: getattr(self, name) for name in self._progress
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there; the schedule must have been made with the same options."""
        self._check_state(state)
        for name in self._progress:
            setattr(self, name, state[name])

    def _check_state(self, state: Mapping[str, Any]) -> None:
        wanted = {"kind", *self._progress}
        if set(state) != wanted or state["kind"] != type(self).__name__:
            raise StateDictError(
                f"the state of a {type(self).__name__} schedule must hold "
                f"{', '.join(sorted(wanted))}; this one, of {state.get('kind')}, holds "
                f"{', '.join(sorted(state))}"
            )

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._options)
        return f"{type(self).__name__}({shown})"


class Constant(Schedule):
    """The same rate throughout.

    Examples
    --------
    >>> schedule = Constant()
    >>> schedule.begin(0.1, total_steps=5)
    >>> schedule.rate()
    0.1
    """

    def rate(self) -> float:
        return self.base_lr


class Step(Schedule):
    """Times ``factor`` after every so many epochs (PyTorch's StepLR, stepped each epoch).

    Parameters
    ----------
    every : int
        Epochs.
    factor : float

    Examples
    --------
    >>> schedule = Step(every=2, factor=0.5)
    >>> schedule.begin(0.1, total_steps=4)
    >>> for _ in range(4):
    ...     print(schedule.rate())
    ...     schedule.after_epoch(1.0)
    0.1
    0.1
    0.05
    0.05
    """

    _options = ("every", "factor")

    def __init__(self, every: int, factor: float = 0.1) -> None:
        self.every = check_size("every", every)
        self.factor = check_number("factor", factor, positive=True)

    def rate(self) -> float:
        return float(self.base_lr * self.factor ** (self.epochs_made // self.every))


class Cosine(Schedule):
    """Half a cosine from the base rate down to ``minimum`` (CosineAnnealingLR, each step).

    Past the last step the rate stays at the minimum.

    Parameters
    ----------
    minimum : float

    Examples
    --------
    >>> schedule = Cosine()
    >>> schedule.begin(0.1, total_steps=2)
    >>> schedule.after_step()
    >>> round(schedule.rate(), 4)
    0.05
    """

    _options = ("minimum",)

    def __init__(self, minimum: float = 0.0) -> None:
        self.minimum = check_number("minimum", minimum)

    def rate(self) -> float:
        return _cosine(self.base_lr, self.minimum, self.steps_made / max(1, self.total_steps))


class OneCycle(Schedule):
    """Up to ``max_lr`` and down to almost nothing, on two half cosines (OneCycleLR, each step).

    The rate starts at max_lr / div_factor, whatever the optimiser's was, and ends at that
    divided by final_div_factor.  Momentum is left alone (PyTorch: ``cycle_momentum=False``).

    Parameters
    ----------
    max_lr : float
    pct_start : float
        The share of the steps that go up.
    div_factor, final_div_factor : float

    Examples
    --------
    >>> schedule = OneCycle(max_lr=0.1)
    >>> schedule.begin(0.1, total_steps=10)
    >>> round(schedule.rate(), 4)
    0.004
    """

    _options = ("max_lr", "pct_start", "div_factor", "final_div_factor")

    def __init__(
        self,
        max_lr: float,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        self.max_lr = check_number("max_lr", max_lr, positive=True)
        self.pct_start = check_number("pct_start", pct_start)
        if self.pct_start > 1:
            raise InputError(f"pct_start must lie in [0, 1], it is {pct_start!r}")
        self.div_factor = check_number("div_factor", div_factor, positive=True)
        self.final_div_factor = check_number("final_div_factor", final_div_factor, positive=True)

    def rate(self) -> float:
        start = self.max_lr / self.div_factor
        peak, last = self.pct_start * self.total_steps - 1, self.total_steps - 1
        if self.steps_made <= peak:
            return _cosine(start, self.max_lr, self.steps_made / peak if peak else 1.0)
        # with no step on the way up, PyTorch counts the way down from a peak before step 0
        passed = (self.steps_made - peak) / (last - peak) if last > peak else 1.0
        return _cosine(self.max_lr, start / self.final_div_factor, passed)


def _cosine(start: float, stop: float, passed: float) -> float:
    """From ``start`` (passed 0) along half a cosine to ``stop`` (passed 1), and no further."""
    return stop + (start - stop) * (1 + math.cos(math.pi * min(passed, 1.0))) / 2
