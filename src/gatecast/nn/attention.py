"""Attention pooling: a weighted mean over the steps, whose weights are learned."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.init import Uniform
from gatecast.nn.module import Module
from gatecast.nn.validation import as_lengths, check_like, check_sequences, check_size


class AttentionSaved(NamedTuple):
    """What :class:`AttentionPooling` needs on the way back."""

    x: Array
    keys: Array  # (B, T, F): tanh(W x + b)
    weights: Array  # (B, T)


class AttentionPooling(Module):
    """y = Σ_t a_t x_t,  a = softmax over t of v·tanh(W x_t + b)  (Bahdanau et al. 2015).

    Padded steps weigh nothing; a row of length 0 gives zeros.

    Parameters
    ----------
    features : int
    dtype : float32 or float64
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    >>> pool = nn.AttentionPooling(3)
    >>> pool(x).shape, pool.weights_of(x).sum(axis=1).round(4)
    ((2, 3), array([1., 1.], dtype=float32))
    """

    def __init__(
        self,
        features: int,
        *,
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.features = check_size("features", features)
        uniform = Uniform(self.features**-0.5)
        self.add_parameter("weight", (self.features, self.features), uniform)
        self.add_parameter("bias", (self.features,), uniform)
        self.add_parameter("query", (self.features,), uniform)
        self._sealed()

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, AttentionSaved]:
        """x (B, T, F) -> y (B, F)."""
        x = check_sequences("x", x, self.dtype, self.features)
        lengths = as_lengths(lengths, x.shape[1], len(x))
        if lengths is not None:  # nothing past a row's end may count
            real = np.arange(x.shape[1]) < lengths[:, None]
            x = np.where(real[..., None], x, self.dtype.type(0))
        own = self._parameters
        keys = np.tanh(x @ own["weight"].value.T + own["bias"].value)
        scores = keys @ own["query"].value
        scores -= scores.max(axis=1, keepdims=True)
        weights = np.exp(scores)
        if lengths is not None:
            weights *= real
        total = weights.sum(axis=1, keepdims=True)
        weights /= np.where(total > 0, total, self.dtype.type(1))
        return np.einsum("bt,btf->bf", weights, x), None, AttentionSaved(x, keys, weights)

    def weights_of(self, x: Array, lengths: Array | None = None) -> Array:
        """(B, T): how much each step counts."""
        return self.forward(x, None, lengths)[2].weights

    def backward(
        self, saved: AttentionSaved, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """Through the mean, the softmax and the keys."""
        if dy is None:
            return None, None
        x, keys, weights = saved
        dy = check_like("dy", dy, (len(x), self.features), self.dtype)
        own = self._parameters
        dweights = np.einsum("bf,btf->bt", dy, x)
        dscores = weights * (dweights - np.sum(weights * dweights, axis=1, keepdims=True))
        own["query"].grad += np.einsum("bt,btf->f", dscores, keys)
        dinner = dscores[..., None] * own["query"].value * (1 - keys * keys)
        flat = dinner.reshape(-1, self.features)
        own["weight"].grad += flat.T @ x.reshape(-1, self.features)
        own["bias"].grad += flat.sum(axis=0)
        if not need_dx:
            return None, None
        return weights[..., None] * dy[:, None] + dinner @ own["weight"].value, None

    def lengths_after(self, lengths: Array) -> Array | None:
        """None: single vectors have no lengths."""
        return None

    def describe(self) -> str:
        """The number of features."""
        return str(self.features)
