"""Linear and LayerNorm: what they compute, how they start, what they refuse."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError


def drawn(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("shape", [(4, 3), (4, 6, 3), (0, 3), (2, 0, 3), (2, 3, 4, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_serves_vectors_and_every_step(shape: tuple[int, ...], bias: bool) -> None:
    net, x = nn.Linear(3, 2, bias=bias, dtype=np.float64), drawn(*shape)
    state = net.state_dict()
    assert list(state) == (["weight", "bias"] if bias else ["weight"])
    wanted = np.einsum("...i,oi->...o", x, state["weight"]) + (state["bias"] if bias else 0)
    y, _, saved = net.forward(x)
    assert np.allclose(y, wanted, rtol=0, atol=1e-12)
    dx, _ = net.backward(saved, y)
    assert dx is not None
    assert dx.shape == x.shape


def test_linears_initial_weights() -> None:
    values = nn.Linear(100, 400, dtype=np.float64).flat
    assert 0.0999 < np.abs(values).max() <= 0.1
    state = nn.Linear(100, 400, init="keras", dtype=np.float64).state_dict()
    bound = np.sqrt(6 / 500)
    assert 0.999 * bound < np.abs(state["weight"]).max() <= bound
    assert not np.any(state["bias"])
    taps = nn.Conv1d(10, 20, 5, init="keras", dtype=np.float64).state_dict()["weight"]
    bound = np.sqrt(6 / (5 * 30))
    assert 0.99 * bound < np.abs(taps).max() <= bound


def test_layer_norm_normalises_the_last_axis() -> None:
    net, x = nn.LayerNorm(50, dtype=np.float64), 3 + 5 * drawn(4, 6, 50)
    y = net(x)
    assert np.allclose(y.mean(axis=-1), 0, atol=1e-12)
    assert np.allclose(y.std(axis=-1), 1, atol=1e-6)
    net.state_dict()["weight"][:] = 2
    net.state_dict()["bias"][:] = 1
    assert np.allclose(net(x), 2 * y + 1)


def test_layer_norm_of_equal_values_is_its_shift() -> None:
    net = nn.LayerNorm(4)
    assert np.all(net(np.full((2, 4), 7, np.float32)) == 0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Linear(0, 2), "in_features must be a whole number >= 1, it is 0"),
        (lambda: nn.Linear(2, 0), "out_features must be a whole number >= 1, it is 0"),
        (lambda: nn.Linear(2, 2, init="he"), "init must be one of 'pytorch', 'keras', it is 'he'"),
        (lambda: nn.LayerNorm(0), "features must be a whole number >= 1, it is 0"),
        (lambda: nn.LayerNorm(2, eps=0), "eps must be a finite number > 0, it is 0"),
        (lambda: nn.LayerNorm(2, eps=-1e-5), "eps must be a finite number > 0, it is -1e-05"),
        (lambda: nn.LayerNorm(2, eps=np.nan), "eps must be a finite number > 0, it is nan"),
    ],
)
def test_what_the_constructors_refuse(build: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build()


@pytest.mark.parametrize("net", [nn.Linear(3, 2), nn.LayerNorm(3)])
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (drawn(4, 3), DtypeError, "x is float64 and the network computes in float32"),
        (drawn(4, 3).tolist(), DtypeError, "x must be a NumPy array of float32, it is a list"),
        (drawn(4, 2).astype(np.float32), InputError,
         r"x must have 2 or more axes, the last of 3 features; it has shape \(4, 2\)"),
        (drawn(3).astype(np.float32), InputError, r"x must have 2 or more axes, .* shape \(3,\)"),
    ],
)  # fmt: skip
def test_what_running_refuses(net: nn.Module, x: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        net(x)
