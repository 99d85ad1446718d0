"""What every contestant is, and the weights and data that all of them start from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from benchmarks.works import GATES, THREADS, Work, threads_label

Array = npt.NDArray[np.float32]


@dataclass
class Built:
    """One work made ready: what a step does, and which setting was found to be the fastest."""

    step: Callable[[], Any]
    note: str = ""


class Contestant:
    """Base of the contestants; a worker process holds one.

    Attributes
    ----------
    libraries : tuple of str
        Distributions whose versions go into the results.
    """

    libraries: ClassVar[tuple[str, ...]] = ()

    def variants(self, work: Work) -> list[str]:
        """The settings that this work is tried with; none where it cannot run it."""
        raise NotImplementedError

    def build(self, work: Work, variant: str) -> Built:
        """Make the work ready."""
        raise NotImplementedError

    def enter(self, variant: str) -> None:
        """Called before each block of steps: set the number of threads."""

    def finish(self, outcome: Any) -> Any:
        """Wait until an outcome is there, where steps return before they end."""
        return outcome

    def value(self, outcome: Any) -> float:
        """One number of a step's outcome, by which contestants are seen to do the same work."""
        return float(np.asarray(self.finish(outcome)).ravel()[0])


def threads_of(variant: str) -> int:
    """The number of threads that a variant's name ends with.

    Examples
    --------
    >>> threads_of("LSTMCell, 2 threads")
    2
    """
    return int(variant.split()[-2])


def thread_variants() -> list[str]:
    """One variant for each thread setting."""
    return [threads_label(threads) for threads in THREADS]


def recurrent_weights(work: Work) -> dict[str, Array]:
    """The recurrent layers' weights, in PyTorch's names, layouts and gate order."""
    rng = np.random.default_rng(0)
    bound, rows = work.hidden**-0.5, GATES[work.cell] * work.hidden
    weights: dict[str, Array] = {}
    for layer in range(work.layers):
        inputs = work.inputs if layer == 0 else work.hidden
        for name, shape in (
            (f"weight_ih_l{layer}", (rows, inputs)),
            (f"weight_hh_l{layer}", (rows, work.hidden)),
            (f"bias_ih_l{layer}", (rows,)),
            (f"bias_hh_l{layer}", (rows,)),
        ):
            weights[name] = rng.uniform(-bound, bound, shape).astype(np.float32)
    return weights


def head_weights(work: Work) -> dict[str, Array]:
    """The linear head's weights."""
    rng = np.random.default_rng(1)
    bound = work.hidden**-0.5
    return {
        "weight": rng.uniform(-bound, bound, (1, work.hidden)).astype(np.float32),
        "bias": rng.uniform(-bound, bound, (1,)).astype(np.float32),
    }


def batch(work: Work) -> tuple[Array, Array]:
    """Inputs (batch, steps, inputs) and targets (batch, 1); ``windows`` rows where there are."""
    rng = np.random.default_rng(2)
    rows = work.windows or work.batch
    x = rng.standard_normal((rows, work.steps, work.inputs), dtype=np.float32)
    return x, rng.standard_normal((rows, 1), dtype=np.float32)


def time_major(x: Array) -> Array:
    """(batch, steps, inputs) as (steps, batch, inputs), contiguous."""
    return np.ascontiguousarray(x.swapaxes(0, 1))
