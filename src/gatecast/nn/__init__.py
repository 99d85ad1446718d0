"""Networks: layers, losses, optimisers, schedules, and the gradient check."""

from gatecast.nn.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from gatecast.nn.attention import AttentionPooling
from gatecast.nn.checking import GradientReport, check_gradients
from gatecast.nn.clipping import clip_norm, clip_value, gradient_norm
from gatecast.nn.conv import Conv1d
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.dense import LayerNorm, Linear
from gatecast.nn.distribution_losses import GaussianNLL, Pinball, StudentTNLL
from gatecast.nn.dropout import Dropout, monte_carlo
from gatecast.nn.embedding import Embedding
from gatecast.nn.encoder_decoder import EncoderDecoder
from gatecast.nn.gru import GRU
from gatecast.nn.losses import MAE, MSE, Huber, Loss
from gatecast.nn.lstm import LSTM
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.optimisers import SGD, Adam, AdamW, RMSprop
from gatecast.nn.percentage_losses import MAPE, SMAPE
from gatecast.nn.plateau import ReduceOnPlateau
from gatecast.nn.rnn import RNN
from gatecast.nn.schedules import Constant, Cosine, OneCycle, Schedule, Step
from gatecast.nn.sequential import Sequential
from gatecast.nn.shapes import Last, Repeat
from gatecast.nn.warm_up import WarmUp

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "MAE",
    "MAPE",
    "MSE",
    "RNN",
    "SGD",
    "SMAPE",
    "Adam",
    "AdamW",
    "AttentionPooling",
    "Constant",
    "Conv1d",
    "Cosine",
    "CrossEntropy",
    "Dropout",
    "Embedding",
    "EncoderDecoder",
    "GaussianNLL",
    "GradientReport",
    "Huber",
    "Last",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Loss",
    "Module",
    "OneCycle",
    "Optimiser",
    "Pinball",
    "RMSprop",
    "ReLU",
    "ReduceOnPlateau",
    "Repeat",
    "Schedule",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Step",
    "StudentTNLL",
    "Tanh",
    "WarmUp",
    "check_gradients",
    "clip_norm",
    "clip_value",
    "gradient_norm",
    "monte_carlo",
]
