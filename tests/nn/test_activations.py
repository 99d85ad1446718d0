"""Activations against SciPy's functions, at the ends of the range too."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from gatecast import nn
from gatecast.errors import DtypeError
from gatecast.kernels.contract import Array

ORACLES: dict[Any, Callable[[Array], Array]] = {
    nn.Tanh: np.tanh,
    nn.Sigmoid: special.expit,
    nn.ReLU: lambda x: np.where(x > 0, x, 0),
    nn.LeakyReLU: lambda x: np.where(x > 0, x, 0.01 * x),
    nn.ELU: lambda x: np.where(x > 0, x, special.expm1(np.minimum(x, 0))),
    nn.SiLU: lambda x: x * special.expit(x),
    nn.GELU: lambda x: x * special.expit(np.sqrt(8 / np.pi) * (x + 0.044715 * x**3)),
    nn.Softplus: lambda x: -special.log_expit(-x),
}
every_activation = pytest.mark.parametrize("kind", list(ORACLES), ids=lambda kind: kind.__name__)


@every_activation
def test_values_agree_with_scipy(kind: Any) -> None:
    x = np.concatenate([np.linspace(-6, 6, 121), [-700.0, -40, 40, 700]])
    found = kind(dtype=np.float64)(x[:, None])[:, 0]
    assert np.allclose(found, ORACLES[kind](x), rtol=1e-12, atol=1e-15)


@every_activation
def test_float32_stays_float32_and_close(kind: Any) -> None:
    x = np.linspace(-10, 10, 81)
    net = kind()
    y, _, saved = net.forward(x.astype(np.float32))
    dx, _ = net.backward(saved, np.ones_like(y))
    assert y.dtype == dx.dtype == np.float32
    assert np.allclose(y, ORACLES[kind](x), rtol=1e-5, atol=1e-6)


@every_activation
def test_no_overflow_and_no_nan_at_the_ends(kind: Any) -> None:
    x = np.array([[-1e30, -1e4, -100, 0, 100, 1e4, 1e12]], np.float32)
    net = kind()
    y, _, saved = net.forward(x)
    dx, _ = net.backward(saved, np.ones_like(y))
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


@every_activation
def test_nan_stays_nan_and_shapes_stay(kind: Any) -> None:
    x = np.zeros((2, 3, 4), np.float32)
    x[1, 2, 3] = np.nan
    y = kind()(x)
    assert y.shape == x.shape
    assert np.isnan(y[1, 2, 3])
    assert np.isnan(y).sum() == 1
    assert kind()(x[:0]).shape == (0, 3, 4)


@every_activation
def test_what_is_refused(kind: Any) -> None:
    with pytest.raises(DtypeError, match="x is float64 and the network computes in float32"):
        kind()(np.zeros((2, 3)))
    with pytest.raises(DtypeError, match="x must be a NumPy array of float32, it is a float"):
        kind()(1.0)
