"""The vector work: compiled against the reference, and the reference against PyTorch."""

import numpy as np
import pytest

from gatecast.errors import InputError
from tests.kernels.native.problems import NATIVE, REFERENCE

SIZES = (0, 1, 7, 15, 16, 17, 100, 70_000)
both = pytest.mark.parametrize("kernels", [REFERENCE, NATIVE], ids=["reference", "native"])
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])

OPTIMISERS = {
    "adam": ("Adam", {}),
    "adam-decay": ("Adam", {"weight_decay": 0.1}),
    "adamw": ("AdamW", {"weight_decay": 0.1}),
    "sgd": ("SGD", {"weight_decay": 0.1}),
    "sgd-momentum": ("SGD", {"momentum": 0.9}),
    "sgd-nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {"weight_decay": 0.1}),
    "rmsprop-centred": ("RMSprop", {"centered": True, "momentum": 0.5}),
}


class Optimiser:
    """Drives the kernels as an optimiser would."""

    def __init__(self, kernels, name, options, p):
        self.kernels, self.name, self.options = kernels, name, options
        self.p, self.state, self.t = p, [np.zeros_like(p) for _ in range(3)], 0

    def step(self, g, scale=1.0):
        self.t += 1
        a, b, c = self.state
        rate, decay = 0.01, self.options.get("weight_decay", 0.0)
        momentum = self.options.get("momentum", 0.0)
        if self.name.startswith("Adam"):
            self.kernels.adam_step(
                self.p, g, a, b, learning_rate=rate, beta1=0.9, beta2=0.999, epsilon=1e-8,
                weight_decay=decay, decoupled=self.name == "AdamW", scale=scale,
                correction1=1 - 0.9**self.t, correction2=1 - 0.999**self.t,
            )  # fmt: skip
        elif self.name == "SGD":
            self.kernels.sgd_step(
                self.p, g, a if momentum else None, learning_rate=rate, momentum=momentum,
                weight_decay=decay, nesterov=self.options.get("nesterov", False), scale=scale,
            )  # fmt: skip
        else:
            centred = self.options.get("centered")
            self.kernels.rmsprop_step(
                self.p, g, a, b if centred else None, c if momentum else None,
                learning_rate=rate, momentum=momentum, weight_decay=decay, scale=scale,
            )  # fmt: skip


@both
@dtypes
@pytest.mark.parametrize("case", OPTIMISERS)
def test_optimisers_are_pytorchs(kernels, dtype, case):
    torch = pytest.importorskip("torch")
    name, options = OPTIMISERS[case]
    rng = np.random.default_rng(0)
    p = rng.standard_normal(37).astype(dtype)
    theirs = torch.nn.Parameter(torch.tensor(p))
    optimiser = getattr(torch.optim, name)([theirs], lr=0.01, **options)
    ours = Optimiser(kernels, name, options, p)
    for _ in range(20):
        g = rng.standard_normal(37).astype(dtype)
        theirs.grad = torch.tensor(g)
        optimiser.step()
        ours.step(g)
    tolerance = 3e-6 if dtype == np.float32 else 1e-14
    np.testing.assert_allclose(ours.p, theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


@dtypes
@pytest.mark.parametrize("case", OPTIMISERS)
@pytest.mark.parametrize("size", SIZES)
def test_optimisers_agree(case, size, dtype, isa, threads):
    name, options = OPTIMISERS[case]
    rng = np.random.default_rng(0)
    p = rng.standard_normal(size).astype(dtype)
    threads(2)
    ours = [Optimiser(k, name, options, p.copy()) for k in (REFERENCE, NATIVE)]
    for _ in range(3):
        g = rng.standard_normal(size).astype(dtype)
        for one in ours:
            one.step(g, scale=0.5)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    for a, b in zip([*ours[0].state, ours[0].p], [*ours[1].state, ours[1].p], strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@both
def test_optimiser_takes_views_with_strides(kernels):
    p, g = np.ones(20)[::2], np.ones(20)[::2]
    kernels.sgd_step(p, g, learning_rate=0.25)
    assert (p == 0.75).all()


@dtypes
@pytest.mark.parametrize("size", SIZES)
def test_norm(size, dtype, isa):
    rng = np.random.default_rng(0)
    a = rng.standard_normal(size).astype(dtype)
    tolerance = 1e-6 if dtype == np.float32 else 1e-13
    assert NATIVE.global_norm(a) == pytest.approx(REFERENCE.global_norm(a), rel=tolerance)
    for scale in (1e-25, 1e25):  # where squares in float32 are zero or infinite
        wanted = pytest.approx(np.linalg.norm(a.astype(np.float64)) * scale, rel=1e-5)
        assert NATIVE.global_norm(a * dtype(scale)) == wanted


@both
def test_a_norm_shows_nan_and_takes_strides(kernels):
    assert np.isnan(kernels.global_norm(np.array([1, np.nan], np.float32)))
    assert kernels.global_norm(np.array([3, 7, 4, 7], np.float32)[::2]) == 5


@dtypes
@pytest.mark.parametrize("shape", [(1, 13, 1), (5, 7, 3), (300, 64, 1), (2000, 45, 24), (0, 3, 2)])
def test_linear(shape, dtype, isa, threads):
    N, I, O = shape
    rng = np.random.default_rng(0)
    x, weight, bias, dy = (
        rng.standard_normal(s).astype(dtype) for s in ((N, I), (O, I), (O,), (N, O))
    )
    atol = 2e-4 if dtype == np.float32 else 1e-11
    wanted = REFERENCE.linear_forward(x, weight, bias)
    np.testing.assert_allclose(NATIVE.linear_forward(x, weight, bias), wanted, rtol=0, atol=atol)
    wanted = REFERENCE.linear_backward(x, weight, dy)
    threads(1)
    once = NATIVE.linear_backward(x, weight, dy)
    threads(8)
    again = NATIVE.linear_backward(x, weight, dy)
    into = (np.ones_like(weight), np.ones_like(bias))
    added = NATIVE.linear_backward(x, weight, dy, into=into, need_dx=False)
    assert added[0] is None
    assert added[1] is into[0]
    for a, b, c in zip(once, again, wanted, strict=True):
        assert a.tobytes() == b.tobytes()
        np.testing.assert_allclose(a, c, rtol=0, atol=atol)
    for a, c in zip(into, wanted[1:], strict=True):
        np.testing.assert_allclose(a, c + 1, rtol=0, atol=atol)


@both
def test_linear_refuses(kernels):
    with pytest.raises(InputError, match="do not fit"):
        kernels.linear_forward(np.ones((2, 3)), np.ones((4, 5)))
    with pytest.raises(InputError, match="dy must have shape"):
        kernels.linear_backward(np.ones((2, 3)), np.ones((4, 3)), np.ones((2, 5)))


@both
@dtypes
def test_windows(kernels, dtype):
    series = np.arange(60, dtype=dtype).reshape(20, 3)
    starts = np.array([0, 15, 3])
    windows = kernels.gather_windows(series, starts, 5)
    np.testing.assert_array_equal(windows, np.stack([series[s : s + 5] for s in starts]))
    assert windows.dtype == dtype
    for wrong in ([16], [-1]):
        with pytest.raises(InputError, match="leaves the 20 steps"):
            kernels.gather_windows(series, np.array(wrong), 5)
