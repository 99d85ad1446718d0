"""Networks: layers, losses, optimisers, schedules, and the gradient check."""

from gatecast.nn.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from gatecast.nn.checking import GradientReport, check_gradients
from gatecast.nn.conv import Conv1d
from gatecast.nn.dense import LayerNorm, Linear
from gatecast.nn.dropout import Dropout, monte_carlo
from gatecast.nn.encoder_decoder import EncoderDecoder
from gatecast.nn.gru import GRU
from gatecast.nn.lstm import LSTM
from gatecast.nn.module import Module
from gatecast.nn.rnn import RNN
from gatecast.nn.sequential import Sequential
from gatecast.nn.shapes import Last, Repeat

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "Conv1d",
    "Dropout",
    "EncoderDecoder",
    "GradientReport",
    "Last",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Module",
    "ReLU",
    "Repeat",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "check_gradients",
    "monte_carlo",
]
