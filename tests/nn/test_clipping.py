"""Clipping by itself: frozen parameters, sizes that overflow, gradients that are not finite."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import InputError
from gatecast.nn.clipping import clip_norm, clip_value, gradient_norm
from gatecast.nn.module import Module


def network(dtype: Any = np.float64) -> Module:
    """Eight parameters in the layer 0, three in the layer 1."""
    return nn.Sequential(nn.Linear(3, 2, dtype=dtype), nn.Linear(2, 1, dtype=dtype))


def test_clipping_leaves_frozen_gradients_out() -> None:
    net = network()
    net.flat_grad[:] = 3.0
    net.freeze("0")
    assert gradient_norm(net) == pytest.approx(np.sqrt(3 * 9.0))
    assert clip_norm(net, 1.0) == pytest.approx(np.sqrt(3 * 9.0))
    assert gradient_norm(net) == pytest.approx(1.0, abs=1e-6)
    assert (net.flat_grad[:8] == 3.0).all()
    net.flat_grad[:] = 3.0
    clip_value(net, 0.5)
    assert np.array_equal(net.flat_grad, [3.0] * 8 + [0.5] * 3)


def test_a_small_gradient_is_not_clipped() -> None:
    net = network()
    net.flat_grad[:] = 0.1
    clip_norm(net, 5.0)
    assert (net.flat_grad == 0.1).all()


def test_the_norm_of_huge_float32_gradients() -> None:
    net = network(np.float32)
    net.flat_grad[:] = 1e30
    assert clip_norm(net, 1.0) == pytest.approx(1e30 * np.sqrt(11), rel=1e-6)
    assert gradient_norm(net) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_left_to_be_seen(wrong: float) -> None:
    net = network()
    net.flat_grad[:] = 1.0
    net.flat_grad[3] = wrong
    assert not np.isfinite(clip_norm(net, 1.0))
    assert np.array_equal(net.flat_grad, [1, 1, 1, wrong] + [1] * 7, equal_nan=True)


@pytest.mark.parametrize("limit", [0, -1, np.nan, None])
def test_limits_are_refused(limit: Any) -> None:
    with pytest.raises(InputError, match="max_norm must be a finite number > 0"):
        clip_norm(network(), limit)
    with pytest.raises(InputError, match="limit must be a finite number > 0"):
        clip_value(network(), limit)
