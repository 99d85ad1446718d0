"""What the cells with in-cell options share.

The options stand beside the plain cells, not in them: read ``rnn.py``, ``gru.py`` and
``lstm.py`` first.  For every cell:

* **recurrent (variational) dropout** (Gal, Ghahramani 2016): the fed-back state h₋ is
  multiplied by one mask for all steps before the recurrent product;
* **layer normalisation** (Ba et al. 2016): W x and U h₋ are each normalised over the gates and
  multiplied by a gain; the biases b and d follow as their shifts;
* **zoneout** (Krueger et al. 2017): a share ``keep`` of the old state stays,
  h = keep h₋ + (1 - keep) h_new.  A row that has ended is a row with keep = 1, so ragged
  batches need nothing more.
"""

from typing import NamedTuple

import numpy as np

from gatecast.kernels.contract import Array, Masks, Weights
from gatecast.kernels.reference.layer_norm import normalise, normalise_backward
from gatecast.kernels.reference.sequence import input_products, outer_sum


class InputSide(NamedTuple):
    """Gradients of ``gain·norm(W x) + b``, for all steps."""

    dx: Array | None
    weight: Array
    bias: Array | None
    gain: Array | None


def keep_shares(zoneout: Array | None, active: Array | None, like: Array) -> Array | None:
    """(T, B, ·) share of the old state that each step keeps, or None where it is nothing."""
    if active is None:
        return zoneout
    kept = like.dtype.type(0) if zoneout is None else zoneout
    shares: Array = np.where(active, kept, like.dtype.type(1))
    return shares


def unmix(dh: Array, keep: Array | None, t: int) -> tuple[Array, Array]:
    """Backward of :func:`mix` at step t: gradients by the new state and by the old one."""
    if keep is None:
        return dh, np.zeros_like(dh)
    return (1 - keep[t]) * dh, keep[t] * dh


def mix(new: Array, old: Array, keep: Array | None, t: int) -> Array:
    """keep·old + (1 - keep)·new at step t."""
    if keep is None:
        return new
    share = keep[t]
    mixed: Array = share * old + (1 - share) * new  # exactly old where the share is 1
    return mixed


def masked(h: Array, masks: Masks) -> Array:
    """The fed-back state after recurrent dropout."""
    return h if masks.recurrent is None else h * masks.recurrent


def input_side(x: Array, weights: Weights) -> tuple[Array, Array | None, Array | None]:
    """``gain·norm(W x) + b`` of all steps, the normed products and their precision."""
    products = input_products(x, weights.weight_ih, None)
    normed = precision = None
    if weights.norm_ih is not None:
        normed, precision = normalise(products)
        products = normed * weights.norm_ih
    if weights.bias_ih is not None:
        products += weights.bias_ih
    return products, normed, precision


def input_side_backward(
    da: Array,
    x: Array,
    weights: Weights,
    normed: Array | None,
    precision: Array | None,
    need_dx: bool,
) -> InputSide:
    """Gradients of ``input_side`` where da (T, B, G·H) flows in."""
    bias = None if weights.bias_ih is None else da.sum(axis=(0, 1))
    gain = None
    if normed is not None and precision is not None:
        gain = (da * normed).sum(axis=(0, 1))
        da = normalise_backward(da * weights.norm_ih, normed, precision)
    dx = input_products(da, weights.weight_ih.T, None) if need_dx else None
    return InputSide(dx, outer_sum(da, x), bias, gain)


def recurrent_side(
    h: Array, weight: Array, gain: Array | None, bias: Array | None
) -> tuple[Array, Array | None, Array | None]:
    """``gain·norm(U h) + d`` of one step, the normed product and its precision."""
    product: Array = h @ weight.T
    normed = precision = None
    if gain is not None:
        normed, precision = normalise(product)
        product = normed * gain
    if bias is not None:
        product = product + bias
    return product, normed, precision


def recurrent_side_backward(
    du: Array, gain: Array | None, normed: Array | None, precision: Array | None
) -> Array:
    """Gradient by the product ``U h`` where du (B, G·H) flows in."""
    if gain is None or normed is None or precision is None:
        return du
    return normalise_backward(du * gain, normed, precision)
