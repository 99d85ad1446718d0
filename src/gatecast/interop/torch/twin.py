"""The twin of a network: built, trained and asked by PyTorch."""

import numpy as np
import torch

from gatecast import nn
from gatecast.errors import InputError
from gatecast.interop.torch.layers import Stack, convert, their_name
from gatecast.interop.torch.training import ROWS, Training, limit_threads, to_tensor
from gatecast.kernels.contract import Array
from gatecast.nn.init import make_generator
from gatecast.nn.losses import Loss
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.schedules import Schedule
from gatecast.train.history import History


class Twin:
    """A PyTorch network with the weights of one of ours.

    Parameters
    ----------
    net : nn.Sequential
        Of recurrent layers without in-cell options, Linear, Conv1d, LayerNorm, Dropout, Last and
        activations.
    threads : int, optional
        That PyTorch may use; its own choice by default.

    Attributes
    ----------
    module : torch.nn.Module

    Examples
    --------
    >>> net = nn.Sequential(nn.LSTM(3, 8), nn.Last(), nn.Linear(8, 1))
    >>> x = np.ones((4, 7, 3), np.float32)
    >>> bool(np.allclose(Twin(net).predict(x), net(x), atol=1e-6))
    True
    """

    def __init__(self, net: Module, *, threads: int | None = None) -> None:
        if not isinstance(net, nn.Sequential):
            raise InputError(f"net must be an nn.Sequential, it is a {type(net).__name__}")
        self.dtype, self.threads = net.dtype, threads
        self.module = Stack([convert(layer) for layer in net])
        self._names = list(net.state_dict())
        tensors = {their_name(net, n): torch.tensor(v) for n, v in net.state_dict().items()}
        self.module.to(torch.float64 if net.dtype == np.float64 else torch.float32)
        self.module.load_state_dict(tensors)
        self._theirs = list(tensors)

    def state_dict(self) -> dict[str, Array]:
        """Copies of the weights, by our names: ``net.load_state_dict`` takes them."""
        theirs = self.module.state_dict()
        return {
            ours: theirs[name].numpy().copy()
            for ours, name in zip(self._names, self._theirs, strict=True)
        }

    def predict(self, x: Array) -> Array:
        """Outputs of many rows, as ``net.predict`` gives them."""
        self.module.eval()
        with torch.no_grad(), limit_threads(self.threads):
            parts = [self.module(to_tensor(x[i : i + ROWS]), None) for i in range(0, len(x), ROWS)]
            outputs: Array = torch.cat(parts).numpy()
        return outputs

    def fit(
        self,
        loss: Loss,
        optimiser: Optimiser,
        x: Array,
        y: Array,
        *,
        epochs: int = 10,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Array | None = None,
        validation: tuple[Array, Array] | None = None,
        schedule: Schedule | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        patience: int | None = None,
        seed: int | np.random.Generator = 0,
    ) -> History:
        """Train as ``train.fit`` would, by PyTorch.

        Parameters
        ----------
        loss, optimiser, schedule
            Ours; PyTorch's of the same settings are used.
        x, y, validation : arrays
        epochs, batch_size, shuffle, sample_weight, clip_norm, clip_value, patience, seed
            As in ``train.fit``.  A NaN or infinite loss ends the training with the weights that
            the epoch began with, and the history says so.
        """
        training = Training(self.module, loss, optimiser, schedule, clip_norm, clip_value)
        weights = None if sample_weight is None else to_tensor(sample_weight)
        data = to_tensor(x), to_tensor(y), weights
        held = None if validation is None else tuple(to_tensor(part) for part in validation)
        rng = make_generator(seed)
        if schedule is not None:
            per_epoch = -(-len(x) // batch_size)
            schedule.begin(optimiser.lr, epochs * per_epoch, per_epoch)
        with limit_threads(self.threads):
            return training.run(data, held, epochs, batch_size, shuffle, patience, rng)
