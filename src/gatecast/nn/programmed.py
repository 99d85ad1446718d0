"""Networks that native programs can run: one call for all layers (see ``kernels/program.py``)."""

from typing import Any

from gatecast.kernels import select
from gatecast.kernels.contract import Array
from gatecast.kernels.program import table_of
from gatecast.nn.losses import MSE
from gatecast.nn.module import Module
from gatecast.nn.validation import is_unmasked


class Programmed(Module):
    """Base of modules that try a program first, and run layer by layer where there is none.

    There is none with the reference kernels, with in-cell options, in both directions, with
    dropout in training, or for layers that a program does not know.
    """

    _predicting: Array | None = None
    _training: Array | None = None

    def rebind(self) -> None:
        """Write the programs anew: the parameters stand elsewhere."""
        self._predicting = table_of(self.program(0, training=False))
        self._training = table_of(self.program(0, training=True))

    def __call__(self, x: Array, lengths: Array | None = None) -> Array:
        """Predict: the outputs alone, an array of their own."""
        programs = select.active().programs
        known = programs is not None and lengths is None and self._predicting is not None
        if known and is_unmasked(x):
            y: Array | None = programs.predict(self._predicting, self.flat, x)
            if y is not None:
                return y
        return super().__call__(x, lengths)

    def step_by_program(self, x: Array, state: Any) -> tuple[Array, Any] | None:
        """One time step in one call; None where there is no program or something does not fit."""
        programs = select.active().programs
        if programs is None or self._predicting is None or not is_unmasked(x):
            return None
        ran: tuple[Array, Any] | None = programs.step(self._predicting, self.flat, x, state)
        return ran

    def gradients_of(
        self, loss: Any, x: Array, y: Array, sample_weight: Array | None = None
    ) -> float | None:
        """One native call where the loss is MSE, two around the loss otherwise."""
        programs = select.active().programs
        table, flat = self._training, self.flat
        if programs is None or table is None or not (is_unmasked(x) and is_unmasked(y)):
            return None
        if type(loss) is MSE and sample_weight is None:
            value: float | None = programs.mse(table, flat, x, y, self._flat_grad)
            return value
        ran = programs.forward(table, flat, x)
        if ran is None:
            return None
        prediction, memory = ran
        value, needed = loss.forward(prediction, y, sample_weight)
        done = programs.backward(table, flat, x, memory, loss.backward(needed), self._flat_grad)
        return value if done else None
