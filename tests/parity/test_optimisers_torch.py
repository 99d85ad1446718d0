"""The optimisers and clipping against PyTorch: 100 steps on the same gradients, and of training."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.clipping import clip_norm, clip_value, gradient_norm
from gatecast.nn.losses import MSE
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.optimisers import SGD, Adam, AdamW, RMSprop
from tests.parity.torch_twins import load_into, tensor

Twin = Callable[..., torch.optim.Optimizer]
# Rates at which training is tame: at 0.05 with momentum, PyTorch parts from itself by 1e-4 in 100
# steps when one weight is moved by 1e-15.
PAIRS: list[tuple[type[Optimiser], Twin, dict[str, Any]]] = [
    (SGD, torch.optim.SGD, {"lr": 0.05}),
    (SGD, torch.optim.SGD, {"lr": 0.05, "weight_decay": 0.1}),
    (SGD, torch.optim.SGD, {"lr": 0.005, "momentum": 0.9}),
    (SGD, torch.optim.SGD, {"lr": 0.005, "momentum": 0.9, "weight_decay": 0.1}),
    (SGD, torch.optim.SGD, {"lr": 0.005, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (Adam, torch.optim.Adam, {}),
    (Adam, torch.optim.Adam, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3}),
    (Adam, torch.optim.Adam, {"lr": 0.05, "weight_decay": 0.1}),
    (AdamW, torch.optim.AdamW, {}),
    (AdamW, torch.optim.AdamW, {"lr": 0.05, "weight_decay": 0.3}),
    (RMSprop, torch.optim.RMSprop, {}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.005, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.1}),
    (RMSprop, torch.optim.RMSprop, {"momentum": 0.9}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.005, "centered": True, "momentum": 0.5}),
]
every_pair = pytest.mark.parametrize(
    ("ours", "theirs", "options"), PAIRS, ids=[f"{o.__name__} {k}" for o, _, k in PAIRS]
)
TOLERANCE = {np.float32: 2e-4, np.float64: 1e-12}


def make(theirs: Twin, parameters: Any, options: dict[str, Any]) -> torch.optim.Optimizer:
    # a loop over tensors, one formula at a time: PyTorch's own reference
    return theirs(parameters, **options, foreach=False)


@every_pair
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_hundred_steps_on_the_same_gradients(
    ours: type[Optimiser], theirs: Twin, options: dict[str, Any], dtype: Any
) -> None:
    net = nn.Linear(20, 3, dtype=dtype, seed=3)
    twin = tensor(net.flat, learned=True)
    optimiser, other = ours(**options), make(theirs, [twin], options)
    rng = np.random.default_rng(0)
    for step in range(100):
        gradients = rng.normal(scale=10.0 ** rng.integers(-4, 2), size=net.flat.size).astype(dtype)
        gradients[:5] = 0.0  # no signal for half of the run, then a little
        if step >= 50:
            gradients[:5] = 1e-6
        net.flat_grad[:], twin.grad = gradients, tensor(gradients)
        optimiser.step(net)
        other.step()
    expected = twin.detach().numpy()
    assert np.isfinite(expected).all()
    limit = TOLERANCE[dtype] * max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(net.flat, expected, rtol=0, atol=limit)


class TwinNet(torch.nn.Module):
    """An LSTM, its last step, a linear layer; our names."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", torch.nn.LSTM(3, 5, batch_first=True))
        self.add_module("2", torch.nn.Linear(5, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.get_submodule("0")(x)
        found: torch.Tensor = self.get_submodule("2")(y[:, -1])
        return found


def batch(step: int) -> tuple[Array, Array]:
    rng = np.random.default_rng([step, 1])
    x = rng.normal(size=(8, 6, 3))
    return x, x.sum(axis=(1, 2))[:, None]


def step_ours(net: Module, optimiser: Optimiser, step: int, max_norm: float | None) -> None:
    x, target = batch(step)
    y, _, saved = net.forward(x, training=True)
    _, loss_saved = MSE().forward(y, target)
    net.zero_grad()
    net.backward(saved, MSE().backward(loss_saved), need_dx=False)
    if max_norm is not None:
        clip_norm(net, max_norm)
    optimiser.step(net)


def step_twin(
    twin: TwinNet, optimiser: torch.optim.Optimizer, step: int, max_norm: float | None
) -> None:
    x, target = map(tensor, batch(step))
    optimiser.zero_grad()
    torch.nn.functional.mse_loss(twin(x), target).backward()
    if max_norm is not None:
        torch.nn.utils.clip_grad_norm_(twin.parameters(), max_norm)
    optimiser.step()


def assert_same_parameters(net: Module, twin: TwinNet) -> None:
    for name, expected in twin.named_parameters():
        np.testing.assert_allclose(
            net.state_dict()[name], expected.detach().numpy(), rtol=0, atol=1e-6, err_msg=name
        )


def twins() -> tuple[Module, TwinNet]:
    layers = nn.LSTM(3, 5), nn.Last(), nn.Linear(5, 1)
    net = nn.Sequential(*[layer.astype(np.float64) for layer in layers], seed=4)
    twin = TwinNet().double()
    load_into(twin, net)
    return net, twin


@every_pair
@pytest.mark.parametrize("max_norm", [None, 1.0])
def test_a_hundred_steps_of_training(
    ours: type[Optimiser], theirs: Twin, options: dict[str, Any], max_norm: float | None
) -> None:
    net, twin = twins()
    optimiser, other = ours(**options), make(theirs, twin.parameters(), options)
    before = net.flat.copy()
    for step in range(100):
        step_ours(net, optimiser, step, max_norm)
        step_twin(twin, other, step, max_norm)
    assert np.abs(net.flat - before).max() > 0.01
    assert_same_parameters(net, twin)


@every_pair
def test_frozen_then_unfrozen(ours: type[Optimiser], theirs: Twin, options: dict[str, Any]) -> None:
    net, twin = twins()
    optimiser, other = ours(**options), make(theirs, twin.parameters(), options)
    for step in range(30):
        frozen = {0: "2", 10: "0.weight_hh", 20: ""}.get(step)
        if frozen is not None:
            net.unfreeze()
            for name, parameter in twin.named_parameters():
                held = bool(frozen) and name.startswith(frozen)
                parameter.requires_grad_(not held)
                parameter.grad = None  # PyTorch moves by a gradient that was left behind
            if frozen:
                net.freeze(frozen)
        step_ours(net, optimiser, step, None)
        step_twin(twin, other, step, None)
    assert_same_parameters(net, twin)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-9, 0.1, 1.0, 1e6])
def test_clipping(scale: float, dtype: Any) -> None:
    net = nn.Linear(4, 3, dtype=dtype)
    gradients = np.random.default_rng(1).normal(scale=scale, size=net.flat.size).astype(dtype)
    for clip, twin_clip in [
        (clip_norm, torch.nn.utils.clip_grad_norm_),
        (clip_value, torch.nn.utils.clip_grad_value_),
    ]:
        net.flat_grad[:] = gradients
        twin = tensor(net.flat, learned=True)
        twin.grad = tensor(gradients)
        norm, expected = clip(net, 0.5), twin_clip([twin], 0.5)
        np.testing.assert_allclose(net.flat_grad, twin.grad.numpy(), rtol=1e-6)
        if clip is clip_norm:
            assert norm == pytest.approx(expected.item(), rel=1e-6)
            assert gradient_norm(net) <= 0.5 * (1 + 1e-6)
