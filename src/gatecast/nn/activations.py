"""Activations as layers.  Each says its function and its derivative by output or by input."""

from typing import Any

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.validation import check_float_array, check_like


class Activation(Module):
    """An elementwise function: subclasses give :meth:`value` and :meth:`slope`.

    Parameters
    ----------
    dtype : float32 or float64
    seed : int or numpy.random.Generator
        Unused: nothing is drawn.
    """

    def value(self, x: Array) -> Array:
        """The function."""
        raise NotImplementedError

    def slope(self, x: Array, y: Array) -> Array:
        """Its derivative, from the input x and the output y."""
        raise NotImplementedError

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, tuple[Array, Array]]:
        """Apply the function to every value."""
        x = check_float_array("x", x, self.dtype)
        y = self.value(x)
        return y, None, (x, y)

    def backward(
        self,
        saved: tuple[Array, Array],
        dy: Array | None,
        dstate: Any = None,
        *,
        need_dx: bool = True,
    ) -> tuple[Array | None, None]:
        """dx = dy · slope."""
        if dy is None or not need_dx:
            return None, None
        dy = check_like("dy", dy, saved[0].shape, self.dtype)
        return dy * self.slope(*saved), None


class Tanh(Activation):
    """tanh x."""

    def value(self, x: Array) -> Array:
        """tanh x."""
        y: Array = np.tanh(x)
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """1 - y²."""
        return 1 - y * y


class Sigmoid(Activation):
    """1 / (1 + e⁻ˣ)."""

    def value(self, x: Array) -> Array:
        """(1 + tanh(x/2)) / 2, which cannot overflow."""
        half = x.dtype.type(0.5)
        y: Array = half * np.tanh(half * x) + half
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """y (1 - y)."""
        slope: Array = y * (1 - y)
        return slope


class ReLU(Activation):
    """max(0, x)."""

    def value(self, x: Array) -> Array:
        """max(0, x)."""
        y: Array = np.maximum(x, 0)
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """1 where x > 0."""
        return (x > 0).astype(x.dtype)


class LeakyReLU(Activation):
    """x where x > 0, else a hundredth of it."""

    def value(self, x: Array) -> Array:
        """x, or x / 100 below zero."""
        y: Array = np.where(x > 0, x, x * x.dtype.type(0.01))
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """1, or 1 / 100 below zero."""
        slope: Array = np.where(x > 0, x.dtype.type(1), x.dtype.type(0.01))
        return slope


class ELU(Activation):
    """x where x > 0, else eˣ - 1."""

    def value(self, x: Array) -> Array:
        """x, or eˣ - 1 below zero."""
        return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))

    def slope(self, x: Array, y: Array) -> Array:
        """1, or eˣ = y + 1 below zero."""
        return np.where(x > 0, x.dtype.type(1), y + 1)


class SiLU(Activation):
    """x σ(x), also called swish."""

    def value(self, x: Array) -> Array:
        """x σ(x)."""
        half = x.dtype.type(0.5)
        y: Array = x * (half * np.tanh(half * x) + half)
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """σ + y (1 - σ)."""
        half = x.dtype.type(0.5)
        gate = half * np.tanh(half * x) + half
        slope: Array = gate + y * (1 - gate)
        return slope


class GELU(Activation):
    """x Φ(x) in its tanh form (Hendrycks, Gimpel 2016)."""

    def _bounded(self, x: Array) -> Array:
        """x where the tanh can tell: beyond ±10 it is ±1 to the last bit, and x³ may overflow."""
        bounded: Array = np.clip(x, x.dtype.type(-10), x.dtype.type(10))
        return bounded

    def _inner(self, x: Array) -> Array:
        kind, x = x.dtype.type, self._bounded(x)
        inner: Array = np.tanh(kind(np.sqrt(2 / np.pi)) * (x + kind(0.044715) * x * x * x))
        return inner

    def value(self, x: Array) -> Array:
        """x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2."""
        y: Array = x.dtype.type(0.5) * x * (1 + self._inner(x))
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """By the product and the chain rule."""
        kind, inner, x = x.dtype.type, self._inner(x), self._bounded(x)
        climb = kind(np.sqrt(2 / np.pi)) * (1 + kind(3 * 0.044715) * x * x)
        slope: Array = kind(0.5) * (1 + inner + x * (1 - inner * inner) * climb)
        return slope


class Softplus(Activation):
    """log(1 + eˣ): a smooth, positive ramp."""

    def value(self, x: Array) -> Array:
        """log(1 + eˣ) = max(0, x) + log(1 + e⁻ˡˣˡ), which cannot overflow."""
        y: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
        return y

    def slope(self, x: Array, y: Array) -> Array:
        """σ(x)."""
        half = x.dtype.type(0.5)
        slope: Array = half * np.tanh(half * x) + half
        return slope
