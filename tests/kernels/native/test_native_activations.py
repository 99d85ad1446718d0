"""exp, tanh and the sigmoid within about 2 ulp of the exact value, over dense sweeps."""

import numpy as np
import pytest

from gatecast.kernels import _native

FUNCTIONS = {"exp": 0, "tanh": 1, "sigmoid": 2}
BOUNDS = {"exp": 1.1, "tanh": 2.25, "sigmoid": 2.0}  # in ulp, for both types


def apply(name, x):
    out = np.empty_like(x)
    _native.apply(FUNCTIONS[name], x, out)
    return out


def exact(name, x):
    """The value in a wider type: longdouble has 11 bits more than float64."""
    wide = x.astype(np.longdouble if x.dtype == np.float64 else np.float64)
    with np.errstate(all="ignore"):
        if name == "exp":
            return np.exp(wide)
        if name == "tanh":
            return np.tanh(wide)
        e = np.exp(-np.abs(wide))
        return np.where(wide < 0, e / (1 + e), 1 / (1 + e))


def errors_in_ulp(got, wanted):
    with np.errstate(all="ignore"):
        spacing = np.spacing(np.abs(wanted.astype(got.dtype)))
        return np.abs((got - wanted) / spacing)


def sweep(dtype):
    rng = np.random.default_rng(0)
    most = 100 if dtype == np.float32 else 740
    powers = np.exp2(rng.uniform(np.log2(np.finfo(dtype).tiny), np.log2(most), 200_000))
    signs = rng.choice([-1, 1], powers.size)
    spread = [np.linspace(-most, most, 400_001), np.linspace(-10, 10, 400_001)]
    return np.concatenate([*spread, np.linspace(-1, 1, 200_001), powers * signs]).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_the_bound(name, dtype, isa):
    x = sweep(dtype)
    if name == "exp":
        x = x[(x < 88.7) if dtype == np.float32 else (x < 709.7)]
    wanted = exact(name, x)
    errors = errors_in_ulp(apply(name, x), wanted)
    worst = np.nanargmax(errors)
    assert errors[worst] <= BOUNDS[name], f"{errors[worst]} ulp at {x[worst]!r}"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_edges(dtype, isa):
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, tiny, -tiny, 1e30, -1e30], dtype)
    np.testing.assert_array_equal(
        apply("exp", x), np.array([1, 1, np.inf, 0, np.nan, 1, 1, np.inf, 0], dtype)
    )
    np.testing.assert_array_equal(
        apply("sigmoid", x), np.array([0.5, 0.5, 1, 0, np.nan, 0.5, 0.5, 1, 0], dtype)
    )
    tanh = apply("tanh", x)
    np.testing.assert_array_equal(tanh, np.array([0, 0, 1, -1, np.nan, tiny, -tiny, 1, -1], dtype))
    assert np.signbit(tanh[1])
    assert not np.signbit(tanh[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_subnormal_results(dtype, isa):
    """Where e^x leaves the normal numbers the absolute error stays within 2 of the smallest."""
    low, high = (-104, -87) if dtype == np.float32 else (-746, -708)
    x = np.linspace(low, high, 20_001).astype(dtype)
    for name in ("exp", "sigmoid"):
        errors = errors_in_ulp(apply(name, x), exact(name, x))
        assert errors.max() <= BOUNDS[name]
