"""The networks behind the estimators: a cell, its last step, a linear head."""

from typing import Any

import numpy as np

from gatecast import nn
from gatecast.errors import InputError
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent
from gatecast.nn.validation import check_choice, check_rate, check_size

CELLS = ("rnn", "gru", "lstm", "linear")


def build_network(
    cell: str,
    features: int,
    outputs: int,
    *,
    hidden_size: int = 32,
    num_layers: int = 1,
    dropout: float = 0.0,
    steps: int | None = None,
    dtype: Any = np.float32,
    seed: int | np.random.Generator = 0,
) -> nn.Sequential:
    """A network from sequences (batch, time, features) to vectors (batch, outputs).

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm", "linear"}
        ``linear`` is one linear layer on all values of the window.
    features, outputs : int
    hidden_size, num_layers : int
        Of the recurrent cells.
    dropout : float
        Between layers and before the head.
    steps : int, optional
        Length of the window, which ``linear`` needs to know.
    dtype : float32 or float64
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> build_network("gru", 3, 2, hidden_size=8)(np.zeros((5, 7, 3), np.float32)).shape
    (5, 2)
    """
    check_choice("cell", cell, CELLS)
    check_size("hidden_size", hidden_size)
    check_size("num_layers", num_layers)
    check_rate("dropout", dropout)
    if cell == "linear":
        return _linear(features, outputs, steps, dtype, seed)
    layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
    recurrent: Recurrent = layer(features, hidden_size, num_layers, dropout=dropout, dtype=dtype)
    layers: list[Module] = [recurrent, nn.Last(dtype=dtype)]
    if dropout:
        layers.append(nn.Dropout(dropout, dtype=dtype))
    layers.append(nn.Linear(hidden_size, outputs, dtype=dtype))
    return nn.Sequential(*layers, seed=seed)


def _linear(
    features: int,
    outputs: int,
    steps: int | None,
    dtype: Any,
    seed: int | np.random.Generator,
) -> nn.Sequential:
    """A convolution as long as the window: one linear layer on all of it."""
    if steps is None:
        raise InputError('cell="linear" needs the length of the window; give steps=')
    whole = nn.Conv1d(features, outputs, check_size("steps", steps), dtype=dtype)
    return nn.Sequential(whole, nn.Last(dtype=dtype), seed=seed)
