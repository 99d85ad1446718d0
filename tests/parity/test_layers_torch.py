"""The layers beside the recurrences against PyTorch: values and gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from tests.agreement import assert_agree
from tests.parity.torch_twins import load_into, tensor

DTYPES = {np.float32: torch.float32, np.float64: torch.float64}
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)


def compare(
    net: Module,
    twin: torch.nn.Module,
    x: Array,
    run: Callable[[torch.Tensor], torch.Tensor] | None = None,
    lengths: Array | None = None,
) -> None:
    """Outputs, dx and every parameter's gradient, from a random weighting of the outputs.

    ``run`` is how the twin is run, where it is not a call.
    """
    load_into(twin, net)
    y, _, saved = net.forward(x, lengths=lengths)
    dy = np.random.default_rng(3).normal(size=y.shape).astype(y.dtype)
    dx, _ = net.backward(saved, dy)
    assert dx is not None

    inputs = tensor(x, learned=True)
    outputs = (run or twin)(inputs)
    (tensor(dy) * outputs).sum().backward()
    assert inputs.grad is not None
    expected = {"y": outputs.detach().numpy(), "dx": inputs.grad.numpy()}
    expected |= {name: p.grad.numpy() for name, p in twin.named_parameters()}
    assert_agree({"y": y, "dx": dx} | net.gradients(), expected)


def draw(*shape: int, dtype: Any = np.float64, scale: float = 1.0) -> Array:
    return np.random.default_rng(2).normal(scale=scale, size=shape).astype(dtype)


@both_dtypes
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (2, 7, 3)])
def test_linear(shape: tuple[int, ...], bias: bool, dtype: Any) -> None:
    net = nn.Linear(3, 4, bias=bias, dtype=dtype, seed=1)
    twin = torch.nn.Linear(3, 4, bias=bias, dtype=DTYPES[dtype])
    compare(net, twin, draw(*shape, dtype=dtype))


def channels_last(layer: torch.nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    """PyTorch's convolution on our (batch, time, features)."""
    return lambda x: layer(x.mT).mT


@both_dtypes
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("padding", [0, 1, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 3, 4])
def test_conv1d(
    kernel_size: int, stride: int, padding: int, dilation: int, bias: bool, dtype: Any
) -> None:
    options: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "bias": bias,
    }
    net = nn.Conv1d(2, 3, kernel_size, dtype=dtype, seed=1, **options)
    twin = torch.nn.Conv1d(2, 3, kernel_size, dtype=DTYPES[dtype], **options)
    compare(net, twin, draw(4, 11, 2, dtype=dtype), channels_last(twin))


# PyTorch copies the input where "same" pads one more zero at the end, and says so.
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("kernel_size", [1, 3, 4])
def test_conv1d_of_the_same_length(kernel_size: int, dilation: int) -> None:
    net = nn.Conv1d(2, 3, kernel_size, padding="same", dilation=dilation, dtype=np.float64)
    twin = torch.nn.Conv1d(
        2, 3, kernel_size, padding="same", dilation=dilation, dtype=torch.float64
    )
    compare(net, twin, draw(4, 11, 2), channels_last(twin))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 3])
def test_causal_conv1d_pads_before_the_first_step(dilation: int, stride: int) -> None:
    net = nn.Conv1d(2, 3, 3, padding="causal", dilation=dilation, stride=stride, dtype=np.float64)
    twin = torch.nn.Conv1d(2, 3, 3, dilation=dilation, stride=stride, dtype=torch.float64)
    compare(net, twin, draw(4, 11, 2), lambda x: twin(functional.pad(x.mT, (2 * dilation, 0))).mT)


@both_dtypes
@pytest.mark.parametrize("eps", [1e-5, 0.1])
@pytest.mark.parametrize("shape", [(5, 6), (2, 7, 6)])
def test_layer_norm(shape: tuple[int, ...], eps: float, dtype: Any) -> None:
    net = nn.LayerNorm(6, eps=eps, dtype=dtype)
    net.flat[:] = draw(net.num_parameters, dtype=dtype)
    twin = torch.nn.LayerNorm(6, eps=eps, dtype=DTYPES[dtype])
    compare(net, twin, draw(*shape, dtype=dtype, scale=3.0))


ACTIVATIONS: dict[type[Module], torch.nn.Module] = {
    nn.ELU: torch.nn.ELU(),
    nn.GELU: torch.nn.GELU(approximate="tanh"),
    nn.LeakyReLU: torch.nn.LeakyReLU(),
    nn.ReLU: torch.nn.ReLU(),
    nn.Sigmoid: torch.nn.Sigmoid(),
    nn.SiLU: torch.nn.SiLU(),
    nn.Softplus: torch.nn.Softplus(threshold=50),  # above it PyTorch leaves the curve for a line
    nn.Tanh: torch.nn.Tanh(),
}


@both_dtypes
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation(activation: type[Module], dtype: Any) -> None:
    x = np.concatenate([draw(200), draw(50, scale=30.0), [0.0, 1e-8, -1e-8, 90.0, -90.0]])
    compare(activation(dtype=dtype), ACTIVATIONS[activation], x[None, :, None].astype(dtype))


class Chain(torch.nn.Sequential):
    """torch.nn.Sequential whose recurrent layers pass on their outputs alone."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self:
            if isinstance(layer, torch.nn.Conv1d):
                x = channels_last(layer)(x)
            elif isinstance(layer, torch.nn.RNNBase):
                x, _ = layer(x)
            else:
                x = layer(x)
        return x


@both_dtypes
@pytest.mark.usefixtures("both_kernels")
def test_sequential(dtype: Any) -> None:
    net = nn.Sequential(
        nn.Conv1d(3, 4, 3, padding=1, dtype=dtype),
        nn.SiLU(dtype=dtype),
        nn.LSTM(4, 5, 2, bidirectional=True, dtype=dtype),
        nn.LayerNorm(10, dtype=dtype),
        nn.GRU(10, 6, dtype=dtype),
        nn.GELU(dtype=dtype),
        nn.Linear(6, 2, dtype=dtype),
        seed=4,
    )
    kind = DTYPES[dtype]
    twin = Chain(
        torch.nn.Conv1d(3, 4, 3, padding=1, dtype=kind),
        torch.nn.SiLU(),
        torch.nn.LSTM(4, 5, 2, bidirectional=True, batch_first=True, dtype=kind),
        torch.nn.LayerNorm(10, dtype=kind),
        torch.nn.GRU(10, 6, batch_first=True, dtype=kind),
        torch.nn.GELU(approximate="tanh"),
        torch.nn.Linear(6, 2, dtype=kind),
    )
    compare(net, twin, draw(4, 9, 3, dtype=dtype))
    assert list(net.state_dict()) == list(twin.state_dict())


@pytest.mark.usefixtures("both_kernels")
def test_the_last_real_step_of_a_ragged_batch() -> None:
    net = nn.Sequential(
        nn.GRU(3, 5, dtype=np.float64), nn.Last(dtype=np.float64), nn.Linear(5, 2, dtype=np.float64)
    )
    gru = torch.nn.GRU(3, 5, batch_first=True, dtype=torch.float64)
    linear = torch.nn.Linear(5, 2, dtype=torch.float64)
    twin = torch.nn.Sequential(gru, torch.nn.Identity(), linear)
    lengths = np.array([2, 7, 1, 4])

    def run(x: torch.Tensor) -> torch.Tensor:
        return torch.stack(
            [linear(gru(row[:length])[0][-1]) for row, length in zip(x, lengths, strict=True)]
        )

    compare(net, twin, draw(4, 7, 3), run, lengths)
