"""What every layer and network is: named parameters in one buffer, a forward and a backward."""

from typing import Any, ClassVar

import numpy as np

from gatecast.kernels.contract import Array, check_lengths
from gatecast.kernels.program import Line
from gatecast.nn.summary import summarise
from gatecast.nn.tree import Tree
from gatecast.nn.validation import check_float_array, check_size


class Module(Tree):
    """Base of layers and networks.

    A subclass draws its parameters with :meth:`add_parameter`, or sets other modules as
    attributes, and writes :meth:`forward` and :meth:`backward`.

    Parameters
    ----------
    dtype : float32 or float64
        What the module computes in; inputs of another dtype are refused, never converted.
    seed : int or numpy.random.Generator
        Draws the initial parameters.
    """

    #: whether ``forward`` takes ``target=`` in training (teacher forcing)
    uses_target: ClassVar[bool] = False

    # -- running ----------------------------------------------------------------------------

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, Any, Any]:
        """Outputs, final state, and what :meth:`backward` needs; ``training`` turns dropout on."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(); see docs/networks.md")

    def backward(
        self, saved: Any, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, Any]:
        """Add the parameters' gradients; gradients by the inputs and by the initial state.

        ``need_dx=False`` spares the gradient by the inputs (None is returned for it).
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no backward(); there is no autograd, write it down"
        )

    def lengths_after(self, lengths: Array) -> Array | None:
        """Lengths of a ragged batch's outputs; None where they are no longer sequences."""
        return lengths

    def program(self, start: int, training: bool) -> list[Line] | None:
        """Write the module as lines of a program, parameters from ``start`` on; None if it cannot.

        A module that does nothing (dropout in prediction) is no line at all.
        """
        return None

    def gradients_of(
        self, loss: Any, x: Array, y: Array, sample_weight: Array | None = None
    ) -> float | None:
        """The loss of a training batch, every gradient *written* (not added), by a program.

        None where the network, the loss or the arrays are not such as a program takes: then
        ``forward`` and ``backward`` do the work, and say what is wrong.
        """
        return None

    def __call__(self, x: Array, lengths: Array | None = None) -> Array:
        """Predict: the outputs alone, an array of their own."""
        return _own(self.forward(x, None, lengths)[0], x)

    def run(self, x: Array, state: Any = None, lengths: Array | None = None) -> tuple[Array, Any]:
        """Predict with an initial state, and return the final one."""
        y, state, _ = self.forward(x, state, lengths)
        return _own(y, x), state

    def predict(self, x: Array, lengths: Array | None = None, *, batch_size: int = 1024) -> Array:
        """The outputs of many rows, computed ``batch_size`` at a time to bound the memory."""
        check_size("batch_size", batch_size)
        check_float_array("x", x, self.dtype)
        if x.ndim > 1:
            check_lengths(lengths, x.shape[1], len(x))
        parts = [
            self(x[i : i + batch_size], None if lengths is None else lengths[i : i + batch_size])
            for i in range(0, max(1, len(x)), batch_size)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def start(self, batch: int = 1) -> Any:
        """The state before the first :meth:`step`; None where the module keeps none."""
        check_size("batch", batch, least=0)
        return None

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """One time step: x (batch, features) -> y (batch, features), next state."""
        return self.forward(x)[0], state

    # -- showing ----------------------------------------------------------------------------

    def describe(self) -> str:
        """The constructor's arguments, for the repr."""
        return ""

    def __repr__(self) -> str:
        if not self._children:
            return f"{type(self).__name__}({self.describe()})"
        inner = "".join(
            f"  ({name}): {child!r}\n".replace("\n  ", "\n    ").replace("\n)", "\n  )")
            for name, child in self._children.items()
        )
        return f"{type(self).__name__}(\n{inner})"

    def summary(self) -> str:
        """A table of the layers and their parameters.

        Examples
        --------
        >>> from gatecast import nn
        >>> print(nn.Sequential(nn.LSTM(9, 13), nn.Last(), nn.Linear(13, 1)).summary())
        layer  kind    settings  parameters
        0      LSTM    9, 13          1,248
        1      Last                       0
        2      Linear  13, 1             14
        total                         1,262
        """
        return summarise(self)


def _own(y: Array, x: Array) -> Array:
    """The outputs, copied where others hold their memory: the saved states, or the caller's x."""
    return y.copy() if not y.flags.writeable or np.may_share_memory(x, y) else y
