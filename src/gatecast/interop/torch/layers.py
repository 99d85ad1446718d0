"""PyTorch's layers of the same settings as ours, and what they are called."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gatecast import nn
from gatecast.errors import InputError
from gatecast.nn.dropout import dropout_mask
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent


class Stack(torch.nn.Module):  # type: ignore[misc]  # torch is read without its types
    """Layers one after the other; ``rng`` draws dropout as our layers draw it."""

    def __init__(self, layers: Sequence[Any]) -> None:
        super().__init__()
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def forward(self, x: Any, rng: np.random.Generator | None) -> Any:
        for layer in self.children():
            if isinstance(layer, _Layers | _Dropout):
                x = layer(x, rng)
            elif isinstance(layer, torch.nn.RNNBase):
                x = layer(x)[0]
            elif isinstance(layer, torch.nn.Conv1d):
                x = layer(x.transpose(1, 2)).transpose(1, 2)
            else:
                x = layer(x)
        return x


class _Layers(torch.nn.Module):  # type: ignore[misc]
    """A stack with dropout between its layers, one module each: PyTorch's own draws otherwise."""

    def __init__(self, layers: Sequence[Any], rate: float) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList(layers)
        self.rate = rate

    def forward(self, x: Any, rng: np.random.Generator | None) -> Any:
        for i, layer in enumerate(self.layers):
            if i and self.training and rng is not None:
                shape = (x.shape[1], x.shape[0], x.shape[2])  # ours are time major
                x = x * _mask(rng, shape, self.rate, x).transpose(0, 1)
            x = layer(x)[0]
        return x


class _Dropout(torch.nn.Module):  # type: ignore[misc]
    """Dropout with our masks."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Any, rng: np.random.Generator | None) -> Any:
        if not self.training or rng is None or not self.rate:
            return x
        return x * _mask(rng, tuple(x.shape), self.rate, x)


class _Last(torch.nn.Module):  # type: ignore[misc]
    """The last step."""

    def forward(self, x: Any) -> Any:
        return x[:, -1]


def _mask(rng: np.random.Generator, shape: tuple[int, ...], rate: float, like: Any) -> Any:
    dtype = np.dtype(np.float64 if like.dtype == torch.float64 else np.float32)
    return torch.from_numpy(dropout_mask(rng, shape, rate, dtype))


_ACTIVATIONS: dict[type[Module], Any] = {
    nn.ReLU: torch.nn.ReLU,
    nn.Tanh: torch.nn.Tanh,
    nn.Sigmoid: torch.nn.Sigmoid,
    nn.SiLU: torch.nn.SiLU,
}


def convert(layer: Module) -> Any:
    """PyTorch's layer of the same settings; the weights come later, all at once."""
    if isinstance(layer, Recurrent):
        return _recurrent(layer)
    if isinstance(layer, nn.Linear):
        return torch.nn.Linear(layer.in_features, layer.out_features, bias=layer.bias)
    if isinstance(layer, nn.Conv1d) and not isinstance(layer.padding, str):
        return torch.nn.Conv1d(
            layer.in_channels, layer.out_channels, layer.kernel_size, stride=layer.stride,
            padding=layer.padding, dilation=layer.dilation, bias=layer.bias,
        )  # fmt: skip
    if isinstance(layer, nn.LayerNorm):
        return torch.nn.LayerNorm(layer.features, eps=layer.eps)
    if isinstance(layer, nn.Dropout):
        return _Dropout(layer.rate)
    if isinstance(layer, nn.Last):
        return _Last()
    if type(layer) in _ACTIVATIONS:
        return _ACTIVATIONS[type(layer)]()
    raise InputError(f"the PyTorch peer knows no twin of {layer!r}")


def _recurrent(layer: Recurrent) -> Any:
    plain = not layer.extended and getattr(layer, "reset_after", True)
    if not plain:
        raise InputError(f"PyTorch has no such layer: {layer!r}")
    kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[layer.cell]
    options: dict[str, Any] = {
        "bias": layer.bias,
        "batch_first": True,
        "bidirectional": layer.bidirectional,
    }
    if layer.cell == "rnn":
        options["nonlinearity"] = layer.nonlinearity  # type: ignore[attr-defined]
    if not _divided(layer):
        return kind(layer.input_size, layer.hidden_size, layer.num_layers, **options)
    sizes = [layer.input_size] + [layer.output_size] * (layer.num_layers - 1)
    return _Layers([kind(size, layer.hidden_size, **options) for size in sizes], layer.dropout)


def _divided(layer: Module) -> bool:
    """Whether a stack is built of one module a layer."""
    return isinstance(layer, Recurrent) and layer.dropout > 0 and layer.num_layers > 1


def their_name(net: nn.Sequential, name: str) -> str:
    """Our name of a parameter in the module: the same but in divided stacks.

    Examples
    --------
    >>> net = nn.Sequential(nn.GRU(1, 2, num_layers=2, dropout=0.5), nn.Last())
    >>> their_name(net, "0.weight_ih_l1")
    '0.layers.1.weight_ih_l0'
    """
    index, _, own = name.partition(".")
    if not _divided(net[int(index)]):
        return name
    base, _, rest = own.rpartition("_l")
    number, _, suffix = rest.partition("_")
    return f"{index}.layers.{number}.{base}_l0" + (f"_{suffix}" if suffix else "")
