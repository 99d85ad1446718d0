"""Clipping of gradients, by their global norm or one by one; frozen parameters do not count."""

import math

import numpy as np

from gatecast.kernels.select import active
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import check_number


def gradient_norm(net: Module) -> float:
    """The Euclidean norm of all gradients as one vector, in float64.

    Examples
    --------
    >>> from gatecast import nn
    >>> net = nn.Linear(1, 1)
    >>> net.flat_grad[:] = 3.0, 4.0
    >>> gradient_norm(net)
    5.0
    """
    grads, norm = net.flat_grad, active().global_norm
    parts = [norm(grads[start:stop]) for start, stop in net.trainable_ranges()]
    return parts[0] if len(parts) == 1 else math.hypot(*parts)


def clip_norm(net: Module, max_norm: float) -> float:
    """Scale the gradients down to a norm of ``max_norm`` where theirs is larger.

    Returns
    -------
    float
        The norm before.  Where it is not finite the gradients stay as they are: look before
        the optimiser's step.

    Examples
    --------
    >>> from gatecast import nn
    >>> net = nn.Linear(1, 1)
    >>> net.flat_grad[:] = 3.0, 4.0
    >>> clip_norm(net, 1.0), net.flat_grad.round(4)
    (5.0, array([0.6, 0.8], dtype=float32))
    """
    max_norm = check_number("max_norm", max_norm, positive=True)
    norm = gradient_norm(net)
    factor = max_norm / (norm + 1e-6)  # PyTorch's guard against a norm of 0
    if factor < 1 and norm < np.inf:
        grads = net.flat_grad
        for start, stop in net.trainable_ranges():
            grads[start:stop] *= factor
    return norm


def clip_value(net: Module, limit: float) -> None:
    """Limit each gradient to ±``limit``.

    Examples
    --------
    >>> from gatecast import nn
    >>> net = nn.Linear(1, 1)
    >>> net.flat_grad[:] = 3.0, -0.5
    >>> clip_value(net, 1.0)
    >>> net.flat_grad
    array([ 1. , -0.5], dtype=float32)
    """
    limit = check_number("limit", limit, positive=True)
    grads = net.flat_grad
    for start, stop in net.trainable_ranges():
        part = grads[start:stop]
        np.clip(part, -limit, limit, out=part)
