"""One step of training: forward, loss, backward, clipping, update."""

import math
from typing import Any

import numpy as np

from gatecast.errors import DivergenceError, InputError
from gatecast.kernels.contract import Array
from gatecast.nn.clipping import clip_norm as clip_by_norm
from gatecast.nn.clipping import clip_value as clip_by_value
from gatecast.nn.module import Module
from gatecast.train.batches import real_steps
from gatecast.train.checks import check_parts, named


def forward(
    net: Module,
    loss: Any,
    x: Array,
    y: Array,
    lengths: Array | None,
    sample_weight: Array | None,
    mask: Array | None,
    state: Any,
    rng: np.random.Generator | None,
) -> tuple[float, Any, Any, Any]:
    """The loss in training, the final state, and what network and loss need backward."""
    if net.uses_target:
        prediction, state, saved = net.forward(  # type: ignore[call-arg]
            x, state, lengths, True, rng, target=y
        )
    else:
        prediction, state, saved = net.forward(x, state, lengths, True, rng)
    try:
        value, needed = loss.forward(prediction, y, sample_weight, mask)
    except InputError as error:
        raise named(error) from None
    return value, state, saved, needed


def _by_program(
    net: Module, loss: Any, x: Array, y: Array, sample_weight: Array | None
) -> float | None:
    """The loss by a program, which wrote every gradient; None where there is no program."""
    try:
        return net.gradients_of(loss, x, y, sample_weight)
    except InputError as error:
        raise named(error) from None


def train_step(
    net: Module,
    loss: Any,
    optimiser: Any,
    x: Array,
    y: Array,
    *,
    lengths: Array | None = None,
    sample_weight: Array | None = None,
    mask: Array | None = None,
    state: Any = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    rng: np.random.Generator | None = None,
) -> float:
    """Learn from one batch; returns its loss before the update.

    Parameters
    ----------
    net : Module
    loss, optimiser
        Such as ``nn.MSE()`` and ``nn.Adam()``.
    x, y : array
        Inputs (batch, time, features) and the targets that the loss takes.
    lengths : (batch,) integers, optional
        Real steps of each row; outputs past them do not count in the loss.
    sample_weight, mask : array, optional
        What counts, and how much; see the losses.
    state : optional
        The network's state before the first step; zeros without it.
    clip_norm, clip_value : float, optional
        Largest norm of all gradients together, and largest single gradient.
    rng : numpy.random.Generator, optional
        Draws what dropout drops; needed where there is dropout.

    Raises
    ------
    DivergenceError
        The loss is NaN or infinite; the weights have not moved.

    Examples
    --------
    >>> from gatecast import nn
    >>> net = nn.Sequential(nn.LSTM(9, 13), nn.Last(), nn.Linear(13, 1))
    >>> optimiser = nn.Adam(lr=1e-2)
    >>> x, y = np.ones((32, 7, 9), np.float32), np.ones((32, 1), np.float32)
    >>> losses = [train_step(net, nn.MSE(), optimiser, x, y) for _ in range(20)]
    >>> losses[-1] < losses[0]
    True
    """
    check_parts(net, loss, optimiser)
    plain = lengths is None and mask is None and state is None
    if lengths is not None:
        mask = real_steps(net, y, lengths, mask)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # told by the loss
        value = _by_program(net, loss, x, y, sample_weight) if plain else None
        by_program = value is not None
        if value is None:
            value, _, saved, needed = forward(
                net, loss, x, y, lengths, sample_weight, mask, state, rng
            )
        if not -math.inf < value < math.inf:
            raise DivergenceError(
                f"the loss is {value}; the weights have not moved. Look for NaN and huge values in "
                "x and y, try a lower learning rate, and clip_norm=1.0"
            )
        if not by_program:
            net.zero_grad()
            net.backward(saved, loss.backward(needed), need_dx=False)
        if clip_norm is not None:
            clip_by_norm(net, clip_norm)
        if clip_value is not None:
            clip_by_value(net, clip_value)
        optimiser.step(net)
    return value
