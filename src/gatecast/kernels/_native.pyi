"""Types of the compiled module; see ``native/*.py`` for what its functions do."""

from typing import Any

from gatecast.kernels.contract import Array

_Maybe = Array | None

def lstm_forward(
    x: _Maybe, h0: _Maybe, c0: _Maybe, weight_ih: _Maybe, weight_hh: _Maybe, bias_ih: _Maybe,
    bias_hh: _Maybe, lengths: _Maybe, reverse: bool,
) -> Any: ...  # fmt: skip
def lstm_backward(
    saved: Any, dy: _Maybe, dh: _Maybe, dc: _Maybe, into: Any, need_dx: bool
) -> Any: ...
def gru_forward(
    x: _Maybe, h0: _Maybe, weight_ih: _Maybe, weight_hh: _Maybe, bias_ih: _Maybe,
    bias_hh: _Maybe, reset_after: bool, lengths: _Maybe, reverse: bool,
) -> Any: ...  # fmt: skip
def gru_backward(saved: Any, dy: _Maybe, dh: _Maybe, into: Any, need_dx: bool) -> Any: ...
def rnn_forward(
    x: _Maybe, h0: _Maybe, weight_ih: _Maybe, weight_hh: _Maybe, bias_ih: _Maybe,
    bias_hh: _Maybe, nonlinearity: str, lengths: _Maybe, reverse: bool,
) -> Any: ...  # fmt: skip
def rnn_backward(saved: Any, dy: _Maybe, dh: _Maybe, into: Any, need_dx: bool) -> Any: ...
def extended_forward(
    form: str, x: _Maybe, h0: _Maybe, c0: _Maybe, weights: Any, masks: Any, lengths: _Maybe,
    reverse: bool,
) -> Any: ...  # fmt: skip
def extended_backward(
    saved: Any, dy: _Maybe, dh: _Maybe, dc: _Maybe, into: Any, need_dx: bool
) -> Any: ...
def adam_step(
    parameters: Array, gradients: Array, first: Array, second: Array, learning_rate: float,
    beta1: float, beta2: float, epsilon: float, weight_decay: float, decoupled: bool,
    correction1: float, correction2: float, scale: float,
) -> bool: ...  # fmt: skip
def sgd_step(
    parameters: Array, gradients: Array, velocity: _Maybe, learning_rate: float,
    momentum: float, dampening: float, weight_decay: float, nesterov: bool, scale: float,
) -> bool: ...  # fmt: skip
def rmsprop_step(
    parameters: Array, gradients: Array, square: Array, mean: _Maybe, velocity: _Maybe,
    learning_rate: float, alpha: float, epsilon: float, weight_decay: float, momentum: float,
    scale: float,
) -> bool: ...  # fmt: skip
def global_norm(vector: Array) -> float | None: ...
def mean_error(prediction: Array, target: Array, squared: bool) -> Any: ...
def linear_forward(x: Array, weight: Array, bias: _Maybe) -> Array | None: ...
def linear_backward(
    x: Array, weight: Array, dy: Array, dweight: _Maybe, dbias: _Maybe, need_dx: bool
) -> Any: ...
def gather_windows(series: Array, starts: Array, width: int, time_major: bool) -> Array | None: ...
def apply(function: int, from_: Array, to: Array) -> None: ...
def thread_count() -> int: ...
def set_thread_count(count: int) -> None: ...
def pool_size() -> int: ...
def scratch_bytes() -> int: ...
def isa() -> str: ...
def choose_isa(name: str) -> bool: ...
