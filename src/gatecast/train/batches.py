"""What a training reads: arrays with one row a sample, cut into batches and chunks of time."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.loss_weights import combine
from gatecast.nn.module import Module


class Data(NamedTuple):
    """Inputs, targets and what belongs to them, one row a sample; the last three may be None."""

    x: Array
    y: Array
    lengths: Array | None = None
    sample_weight: Array | None = None
    mask: Array | None = None

    def rows(self, start: int, stop: int | None) -> "Data":
        """Rows ``start`` to ``stop`` as views."""
        return Data(*(None if a is None else a[start:stop] for a in self))  # type: ignore[arg-type]

    def pick(self, rows: Array) -> "Data":
        """Copies of the rows of these numbers."""
        return Data(*(None if a is None else a[rows] for a in self))  # type: ignore[arg-type]


def gatherer(array: Array) -> Callable[[Any], Array]:
    """A function from row numbers to those rows; ``take`` is quicker where it needs no copy."""
    return partial(array.take, axis=0) if array.flags.c_contiguous else array.__getitem__


def chunks(batch: Data, steps: int) -> Iterator[Data]:
    """Cut a batch along time, ``steps`` at a time; a row that has ended has length 0."""
    x, y, lengths, sample_weight, mask = batch
    for start in range(0, x.shape[1], steps):
        part = slice(start, start + steps)
        yield Data(
            x[:, part],
            y[:, part],
            None if lengths is None else _rest(lengths, start, x[:, part].shape[1]),
            _part(sample_weight, part),
            _part(mask, part),
        )


def _rest(lengths: Array, start: int, steps: int) -> Array:
    return np.clip(lengths.astype(np.int64) - start, 0, steps)  # unsigned ones would wrap


def _part(array: Array | None, steps: slice) -> Array | None:
    return array if array is None or array.ndim == 1 else array[:, steps]


def real_steps(net: Module, y: Array, lengths: Array, mask: Array | None) -> Array | None:
    """The mask, with the outputs past a row's length taken out of what counts.

    Examples
    --------
    >>> from gatecast import nn
    >>> y = np.zeros((2, 3, 1), np.float32)
    >>> real_steps(nn.LSTM(4, 1), y, np.array([3, 1]), None)
    array([[ True,  True,  True],
           [ True, False, False]])
    """
    after = net.lengths_after(lengths)
    if after is None:
        return mask
    real = np.arange(y.shape[1]) < after[:, None]
    if mask is None:
        return real
    mask = mask if mask.ndim > 1 else mask[:, None]
    return mask & real.reshape(real.shape + (1,) * (mask.ndim - 2))


def total_weight(loss: Any, y: Array, sample_weight: Array | None, mask: Array | None) -> float:
    """The Σ w by which the loss divides: what a batch weighs in the mean of an epoch."""
    if sample_weight is None and mask is None:
        return float(loss.total_weight(y))
    weight = combine(y.shape, sample_weight, mask)
    if not weight.any():
        return 0.0
    return float(loss.total_weight(np.where(weight > 0, y, 0).astype(y.dtype, copy=False), weight))
