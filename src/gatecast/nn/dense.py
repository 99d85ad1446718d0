"""The linear layer, on the last axis: it serves single vectors and every step of a sequence."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.kernels import select
from gatecast.kernels.contract import Array
from gatecast.kernels.program import Line
from gatecast.nn.init import Constant, Glorot, Uniform, check_scheme
from gatecast.nn.module import Module
from gatecast.nn.validation import check_last_axis, check_like, check_positive, check_size


class Linear(Module):
    """y = W x + b on the last axis of (B, I) or (B, T, I).

    Parameters
    ----------
    in_features, out_features : int
    bias : bool
    init : {"pytorch", "keras"}
    dtype : float32 or float64
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> nn.Linear(3, 2)(np.zeros((5, 7, 3), np.float32)).shape
    (5, 7, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        bias: bool = True,
        init: str = "pytorch",
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.in_features = check_size("in_features", in_features)
        self.out_features = check_size("out_features", out_features)
        self.bias = bool(bias)
        keras = check_scheme(init) == "keras"
        uniform = Uniform(self.in_features**-0.5)
        shape = (self.out_features, self.in_features)
        self.add_parameter("weight", shape, Glorot() if keras else uniform)
        if self.bias:
            self.add_parameter("bias", shape[:1], Constant(0.0) if keras else uniform)
        self._sealed()

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, Array]:
        """x (..., I) -> y (..., O); saves x."""
        x = check_last_axis("x", x, self.dtype, self.in_features)
        bias = self._parameters["bias"].value if self.bias else None
        rows = x.reshape(-1, self.in_features)
        y = select.active().linear_forward(rows, self._parameters["weight"].value, bias)
        return y.reshape(*x.shape[:-1], self.out_features), None, x

    def backward(
        self, saved: Array, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """dW = Σ dy ⊗ x, db = Σ dy, dx = Wᵀ dy."""
        if dy is None:
            return None, None
        dy = check_like("dy", dy, (*saved.shape[:-1], self.out_features), self.dtype)
        weight = self._parameters["weight"]
        dx, _, _ = select.active().linear_backward(
            saved.reshape(-1, self.in_features),
            weight.value,
            dy.reshape(-1, self.out_features),
            into=(weight.grad, self._parameters["bias"].grad if self.bias else None),
            need_dx=need_dx,
        )
        return (dx.reshape(saved.shape) if need_dx else None), None

    def program(self, start: int, training: bool) -> list[Line] | None:
        """One line."""
        weights = self.out_features * self.in_features
        bias = start + weights if self.bias else -1
        return [Line("linear", self.in_features, self.out_features, start, bias_ih=bias)]

    def describe(self) -> str:
        """Sizes, and ``bias`` where it is off."""
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias else ", bias=False")


class LayerNormSaved(NamedTuple):
    """What :class:`LayerNorm` needs on the way back."""

    normed: Array
    precision: Array


class LayerNorm(Module):
    """Normalise the last axis to mean 0 and variance 1, then gain and shift.

    Parameters
    ----------
    features : int
    eps : float
    dtype : float32 or float64
    seed : int or numpy.random.Generator
        Unused: gain 1 and shift 0 are the start.

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> y = nn.LayerNorm(4)(np.arange(8, dtype=np.float32).reshape(2, 4))
    >>> bool(np.allclose(y.mean(axis=1), 0, atol=1e-6))
    True
    """

    def __init__(
        self,
        features: int,
        *,
        eps: float = 1e-5,
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.features = check_size("features", features)
        self.eps = check_positive("eps", eps)
        self.add_parameter("weight", (self.features,), Constant(1.0))
        self.add_parameter("bias", (self.features,), Constant(0.0))
        self._sealed()

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, LayerNormSaved]:
        """y = weight · (x - mean) / √(variance + eps) + bias."""
        x = check_last_axis("x", x, self.dtype, self.features)
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = np.mean(centred * centred, axis=-1, keepdims=True)
        precision = 1 / np.sqrt(variance + self.dtype.type(self.eps))
        normed = centred * precision
        y = normed * self._parameters["weight"].value + self._parameters["bias"].value
        return y, None, LayerNormSaved(normed, precision)

    def backward(
        self, saved: LayerNormSaved, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[Array | None, None]:
        """What remains of weight·dy after its mean and its part along the normed values."""
        if dy is None:
            return None, None
        normed, precision = saved
        dy = check_like("dy", dy, normed.shape, self.dtype)
        weight = self._parameters["weight"]
        weight.grad += (dy * normed).reshape(-1, self.features).sum(axis=0)
        self._parameters["bias"].grad += dy.reshape(-1, self.features).sum(axis=0)
        if not need_dx:
            return None, None
        dnormed = dy * weight.value
        along = np.mean(dnormed * normed, axis=-1, keepdims=True)
        centred = dnormed - dnormed.mean(axis=-1, keepdims=True)
        return precision * (centred - normed * along), None

    def describe(self) -> str:
        """The number of features."""
        return str(self.features)
