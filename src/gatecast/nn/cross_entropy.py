"""Cross-entropy: the loss of classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array
from gatecast.nn.loss_weights import check_float, check_shapes, check_weights, first, show
from gatecast.nn.losses import Loss, Scale
from gatecast.nn.validation import check_rate


def log_softmax(logits: Array) -> Array:
    """log softmax over the last axis, log p = a - log Σ exp(a), with the largest a taken out.

    Examples
    --------
    >>> log_softmax(np.array([1000.0, 1000.0])) == -np.log(2)
    array([ True,  True])
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


class CrossEntropy(Loss):
    """Cross-entropy of logits (..., C) and class labels (...), l = -Σ_c q_c log p_c.

    q is 1 at the label's class and 0 elsewhere; label smoothing moves the share s of it to all
    classes evenly, q ← (1 - s)·q + s/C; class weights multiply q_c.  The mean is divided by the
    weights of the labels' classes, as in PyTorch.

    Parameters
    ----------
    class_weights : sequence of C numbers > 0, optional
        To leave a class out altogether, mask it.
    label_smoothing : float
        In [0, 1).

    Examples
    --------
    >>> loss = CrossEntropy()
    >>> logits, labels = np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([1, 0])
    >>> value, saved = loss.forward(logits, labels)
    >>> round(value, 4)
    0.41
    >>> loss.backward(saved).round(4)
    array([[ 0.25  , -0.25  ],
           [-0.0596,  0.0596]])
    """

    outputs_per_target = None
    _options = ("class_weights", "label_smoothing")

    def __init__(
        self, class_weights: Sequence[float] | Array | None = None, label_smoothing: float = 0.0
    ) -> None:
        self._weights = None if class_weights is None else _check_class_weights(class_weights)
        self.class_weights = None if self._weights is None else tuple(self._weights.tolist())
        self.label_smoothing = check_rate("label_smoothing", label_smoothing)

    def check(
        self,
        prediction: Any,
        target: Any,
        sample_weight: Any = None,
        mask: Any = None,
    ) -> None:
        """Refuse arguments that do not fit together; labels are looked at where they count."""
        check_float("prediction", prediction)
        self._check_classes(prediction)
        if not isinstance(target, np.ndarray) or target.dtype.kind not in "iu":
            kind = getattr(target, "dtype", type(target).__name__)
            raise DtypeError(f"target must be an array of integer class labels, it is {kind}")
        check_shapes(prediction, target, prediction.shape[:-1])
        check_weights(target.shape, sample_weight, mask)
        classes = prediction.shape[-1]
        wrong = (target < 0) | (target >= classes)
        if mask is not None:
            wrong &= mask.reshape(mask.shape + (1,) * (target.ndim - mask.ndim))
        if wrong.any():
            place = first(wrong)
            raise InputError(
                f"target[{show(place)}] is {target[place]}; labels must lie in 0..{classes - 1}, "
                f"the prediction has {classes} classes (shape {prediction.shape})"
            )

    def _check_classes(self, prediction: Array) -> None:
        if prediction.ndim < 2 or not prediction.shape[-1]:
            raise InputError(
                f"prediction must have shape (batch, classes) or (batch, time, classes), "
                f"it has {prediction.shape}"
            )
        if self.class_weights is not None and len(self.class_weights) != prediction.shape[-1]:
            raise InputError(
                f"class_weights holds {len(self.class_weights)} weights and the prediction has "
                f"{prediction.shape[-1]} classes (shape {prediction.shape})"
            )

    def point(self, prediction: Array) -> Array:
        """The likeliest class of each entry."""
        return np.asarray(prediction.argmax(axis=-1))

    def probabilities(self, prediction: Array) -> Array:
        """Probabilities of the classes, in the prediction's shape.

        Examples
        --------
        >>> CrossEntropy().probabilities(np.zeros((1, 4)))
        array([[0.25, 0.25, 0.25, 0.25]])
        """
        return np.asarray(np.exp(log_softmax(prediction)))

    def _fits(self, prediction: Array, target: Array) -> bool:
        return False  # labels are always looked at: one too large would pick a wrong number

    def total_weight(self, target: Array, weight: Array | None = None) -> float:
        if self._weights is None:
            return super().total_weight(target, weight)
        units = self._weights[target]
        return float(units.sum() if weight is None else (units * weight).sum())

    def _entries(self, prediction: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        log_p = log_softmax(prediction)
        classes, smoothing = log_p.shape[-1], self.label_smoothing
        q = np.full_like(log_p, smoothing / classes)
        np.put_along_axis(q, target[..., None], 1 - smoothing + smoothing / classes, axis=-1)
        if self._weights is not None:
            q *= self._weights.astype(q.dtype)
        # a class with q = 0 does not count, though its log p may be -inf (a logit of -inf)
        entries = -(np.where(q > 0, log_p, q.dtype.type(0)) * q).sum(axis=-1)
        return entries, (log_p, q)

    def _gradient(self, scale: Scale, *local: Array) -> Array:
        log_p, q = local
        gradient: Array = np.exp(log_p) * q.sum(axis=-1, keepdims=True) - q
        gradient *= scale[..., None] if isinstance(scale, np.ndarray) else scale
        return gradient


def _check_class_weights(class_weights: Sequence[float] | Array) -> Array:
    """One finite number > 0 a class, in float64."""
    try:
        weights = np.array(class_weights, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"class_weights must be numbers, it is {class_weights!r}") from error
    if weights.ndim != 1 or not weights.size:
        raise InputError(
            f"class_weights must hold one number a class, it has shape {weights.shape}"
        )
    refused = ~(np.isfinite(weights) & (weights > 0))
    if refused.any():
        place = int(np.argmax(refused))
        raise InputError(
            f"class_weights[{place}] is {weights[place]}; weights must be finite and > 0 "
            "(to leave a class out, mask it)"
        )
    return weights
