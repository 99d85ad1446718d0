"""Losses of numbers: squared, absolute and Huber's error; and what every loss is.

``value, saved = loss.forward(prediction, target)`` and ``dprediction = loss.backward(saved)``
are pure: a loss keeps nothing between calls.  The other losses are in
``distribution_losses.py`` and ``cross_entropy.py``.
"""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.loss_weights import (
    check_float,
    check_same_dtype,
    check_shapes,
    check_weights,
    combine,
)

Scale = float | Array


class LossSaved(NamedTuple):
    """What ``backward`` needs: a loss's own arrays, and each entry's share of the mean."""

    local: tuple[Array, ...]
    scale: Scale


class Loss:
    """Base of losses: a weighted mean Σ w·l / Σ w over the entries of the target.

    A subclass writes ``_entries`` (each entry's loss, and what its gradient needs) and
    ``_gradient`` (the same backward).  Entries and gradients are computed in the prediction's
    dtype; the mean is summed in float64.
    """

    #: how many numbers the prediction's last axis holds for each number of the target's;
    #: None where they are classes
    outputs_per_target: int | None = 1

    # Subclasses whose constructor takes nothing have an empty repr.
    _options: ClassVar[tuple[str, ...]] = ()

    def forward(
        self,
        prediction: Array,
        target: Array,
        sample_weight: Array | None = None,
        mask: Array | None = None,
    ) -> tuple[float, LossSaved]:
        """Compute the loss, and what :meth:`backward` needs.

        Parameters
        ----------
        prediction : (batch, ...) or (batch, time, ...)
        target : (batch, ...) or (batch, time, ...)
            In the prediction's dtype.  What is masked may hold anything, NaN too.
        sample_weight : (batch,) or (batch, time), optional
        mask : boolean, (batch,), (batch, time) or the target's shape, optional
            True where an entry counts.
        """
        if sample_weight is not None or mask is not None:
            self.check(prediction, target, sample_weight, mask)
            return self._weighted(prediction, target, combine(target.shape, sample_weight, mask))
        if not self._fits(prediction, target):
            self.check(prediction, target)
        entries, local = self._entries(prediction, target)
        scale = 1 / self.total_weight(target)
        return float(np.add.reduce(entries, None, np.float64)) * scale, LossSaved(local, scale)

    def _weighted(self, prediction: Array, target: Array, weight: Array) -> tuple[float, LossSaved]:
        """What does not count is zero from here on, so a NaN or a label there does no harm."""
        counts = weight > 0
        target = np.where(counts, target, target.dtype.type(0))
        outputs = prediction.reshape(*target.shape, -1)
        outputs = np.where(counts[..., None], outputs, prediction.dtype.type(0))
        scale = (weight / self.total_weight(target, weight)).astype(prediction.dtype)
        entries, local = self._entries(outputs.reshape(prediction.shape), target)
        return float(np.sum(entries * scale, dtype=np.float64)), LossSaved(local, scale)

    def backward(self, saved: LossSaved) -> Array:
        """Gradient of the value by the prediction."""
        return self._gradient(saved.scale, *saved.local)

    def __call__(
        self,
        prediction: Array,
        target: Array,
        sample_weight: Array | None = None,
        mask: Array | None = None,
    ) -> float:
        """Compute the loss alone."""
        return self.forward(prediction, target, sample_weight, mask)[0]

    def check(
        self,
        prediction: Any,
        target: Any,
        sample_weight: Any = None,
        mask: Any = None,
    ) -> None:
        """Refuse arguments that do not fit together, before any work."""
        check_float("prediction", prediction)
        check_same_dtype(prediction, target)
        check_shapes(prediction, target, self._target_shape(prediction))
        check_weights(target.shape, sample_weight, mask)

    def point(self, prediction: Array) -> Array:
        """The point forecast that a prediction holds, in the target's shape."""
        return prediction

    def _fits(self, prediction: Array, target: Array) -> bool:
        """The checks of a training step, cheap; :meth:`check` says what is wrong."""
        return (
            type(prediction) is type(target) is np.ndarray
            and self.outputs_per_target == 1
            and prediction.shape == target.shape
            and prediction.dtype == target.dtype
            and prediction.dtype.char in "fd"
            and target.ndim > 0
            and target.size > 0
        )

    def _target_shape(self, prediction: Array) -> tuple[int, ...]:
        per_target = self.outputs_per_target or 1
        axes = 1 if per_target == 1 else 2
        if prediction.ndim < axes or prediction.shape[-1] % per_target:
            raise InputError(
                f"prediction has shape {prediction.shape}; for {self} it must have {axes} or more "
                f"axes, the last with {per_target} outputs for each target"
            )
        return (*prediction.shape[:-1], prediction.shape[-1] // per_target)

    def total_weight(self, target: Array, weight: Array | None = None) -> float:
        """The Σ w that the sum of the entries is divided by."""
        return target.size if weight is None else float(weight.sum())

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        """The loss of each entry, in the target's shape, and what ``_gradient`` needs."""
        raise NotImplementedError

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        """Each entry's gradient by the prediction times its share of the mean."""
        raise NotImplementedError

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._options)
        return f"{type(self).__name__}({shown})"


class MSE(Loss):
    """Mean squared error, l = (ŷ - y)².

    Examples
    --------
    >>> loss = MSE()
    >>> prediction, target = np.array([[1.0], [4.0]]), np.array([[0.0], [2.0]])
    >>> value, saved = loss.forward(prediction, target)
    >>> value
    2.5
    >>> loss.backward(saved)
    array([[1.],
           [2.]])
    >>> loss(prediction, target, mask=np.array([True, False]))
    1.0
    """

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        error = prediction - target
        return error * error, (error,)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        (error,) = local
        return error * (2 * scale)


class MAE(Loss):
    """Mean absolute error, l = |ŷ - y|; the gradient where both are equal is 0.

    Examples
    --------
    >>> MAE()(np.array([[1.0], [4.0]]), np.array([[0.0], [2.0]]))
    1.5
    """

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        error = prediction - target
        return np.abs(error), (error,)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        (error,) = local
        return np.sign(error) * scale


class Huber(Loss):
    """Huber's loss of the error e = ŷ - y: e²/2 up to ``delta``, beyond it delta·(|e| - delta/2).

    Parameters
    ----------
    delta : float
        Errors larger than this pull with the same force.

    Examples
    --------
    >>> Huber()(np.array([[0.5], [4.0]]), np.array([[0.0], [2.0]]))
    0.8125
    """

    _options = ("delta",)

    def __init__(self, delta: float = 1.0) -> None:
        number = isinstance(delta, int | float | np.floating) and not isinstance(delta, bool)
        if not number or not 0 < delta < np.inf:
            raise InputError(f"delta must be a number > 0, it is {delta!r}")
        self.delta = float(delta)

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        error = prediction - target
        pull = np.clip(error, -self.delta, self.delta)
        return pull * (error - 0.5 * pull), (pull,)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        (pull,) = local
        return pull * scale
