"""The arithmetic of the optimisers: pure functions on flat vectors, without allocating.

``values`` and the optimiser's own vectors are changed in place, ``grads`` is not.  ``scratch``
and ``spare`` are vectors of the same size whose contents do not matter.  Rates are Python
numbers, so float32 vectors stay float32.
"""

import numpy as np

from gatecast.kernels.contract import Array


def sgd_update(
    values: Array,
    grads: Array,
    velocity: Array | None,
    scratch: Array,
    spare: Array,
    *,
    lr: float,
    momentum: float,
    nesterov: bool,
    weight_decay: float,
) -> None:
    """θ ← θ - lr·u;  g ← g + λθ;  v ← μv + g;  u = v, or g + μv (Nesterov), or g (μ = 0)."""
    if weight_decay:
        grads = _decayed(values, grads, weight_decay, spare)
    if velocity is not None:
        velocity *= momentum
        velocity += grads
        if nesterov:
            np.multiply(velocity, momentum, scratch)
            scratch += grads
            grads = scratch
        else:
            grads = velocity
    np.multiply(grads, lr, scratch)
    values -= scratch


def adam_update(
    values: Array,
    grads: Array,
    m: Array,
    v: Array,
    scratch: Array,
    spare: Array,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  θ ← θ - lr · m̂ / (√v̂ + ε).

    m̂ = m / (1-β₁ᵗ), v̂ = v / (1-β₂ᵗ) at the step t, counted from 1.  Weight decay λ adds λθ to
    g, or, decoupled (AdamW), first shrinks θ by lr·λ.
    """
    if weight_decay and decoupled:
        values *= 1 - lr * weight_decay
    elif weight_decay:
        grads = _decayed(values, grads, weight_decay, spare)
    _average(m, grads, 1 - beta1, scratch)
    v *= beta2
    np.multiply(grads, grads, scratch)
    scratch *= 1 - beta2
    v += scratch
    # both corrections as one factor on the quotient and one on ε: two operations fewer
    correction = (1 - beta2**step) ** 0.5
    np.sqrt(v, scratch)
    scratch += eps * correction
    np.divide(m, scratch, scratch)
    scratch *= lr * correction / (1 - beta1**step)
    values -= scratch


def rmsprop_update(
    values: Array,
    grads: Array,
    square: Array,
    mean: Array | None,
    velocity: Array | None,
    scratch: Array,
    spare: Array,
    *,
    lr: float,
    alpha: float,
    eps: float,
    momentum: float,
    weight_decay: float,
) -> None:
    """s ← αs + (1-α)g²;  u = g / (√s + ε);  θ ← θ - lr·u, or  v ← μv + u;  θ ← θ - lr·v.

    Centred, with ``mean`` given: a ← αa + (1-α)g, and √(s - a²) in place of √s.
    """
    if weight_decay:
        grads = _decayed(values, grads, weight_decay, spare)
    square *= alpha
    np.multiply(grads, grads, scratch)
    scratch *= 1 - alpha
    square += scratch
    if mean is None:
        np.sqrt(square, scratch)
    else:
        _average(mean, grads, 1 - alpha, scratch)
        np.multiply(mean, mean, scratch)
        np.subtract(square, scratch, scratch)
        np.maximum(scratch, 0, out=scratch)  # rounding may leave a variance just below 0
        np.sqrt(scratch, scratch)
    scratch += eps
    np.divide(grads, scratch, scratch)
    if velocity is not None:
        velocity *= momentum
        velocity += scratch
        np.multiply(velocity, lr, scratch)
    else:
        scratch *= lr
    values -= scratch


def _decayed(values: Array, grads: Array, weight_decay: float, spare: Array) -> Array:
    """The gradients of the loss plus λ·|θ|²/2."""
    np.multiply(values, weight_decay, spare)
    spare += grads
    return spare


def _average(mean: Array, new: Array, share: float, scratch: Array) -> None:
    """Move a running mean towards what is new by that share."""
    np.subtract(new, mean, scratch)
    scratch *= share
    mean += scratch
