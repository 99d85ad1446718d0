"""JAX: one jitted function with a scan over the steps and Adam written out, buffers donated."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.contestants.contract import (
    Built,
    Contestant,
    batch,
    head_weights,
    recurrent_weights,
    time_major,
)
from benchmarks.works import Work

#: sequences up to this length are also tried with the scan unrolled
SHORT = 8
SCAN, UNROLLED = "scan", "unrolled scan"


class Jax(Contestant):
    """``jax.jit`` of a whole training step, on all cores."""

    libraries = ("jax", "jaxlib")

    def variants(self, work: Work) -> list[str]:
        if work.task != "train":
            return []
        return [SCAN, UNROLLED] if work.steps <= SHORT else [SCAN]

    def finish(self, outcome: Any) -> Any:
        return jax.block_until_ready(outcome)

    def build(self, work: Work, variant: str) -> Built:
        inputs, targets = batch(work)
        x, y = jnp.asarray(time_major(inputs)), jnp.asarray(targets)
        weights = recurrent_weights(work)
        weights |= {f"head_{name}": value for name, value in head_weights(work).items()}
        parameters = {name: jnp.asarray(value) for name, value in weights.items()}
        m, v = (jax.tree.map(jnp.zeros_like, parameters) for _ in range(2))
        learned = [parameters, m, v, jnp.float32(0)]
        train = training_step(work, work.steps if variant == UNROLLED else 1)

        def step() -> Any:
            *learned[:], value = train(*learned, x, y)
            return value

        return Built(step)


def training_step(work: Work, unroll: int) -> Callable[..., Any]:
    """Compile one step: parameters, m, v, t, x, y -> parameters, m, v, t, loss."""

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        flow = x
        for layer in range(work.layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = (parameters[f"{name}_l{layer}"] for name in names)
            top = layer == work.layers - 1
            flow = run_layer(work.cell, flow, *weights, unroll=unroll, last_only=top)
        error = flow @ parameters["head_weight"].T + parameters["head_bias"] - y
        return jnp.mean(error * error)

    @partial(jax.jit, donate_argnums=(0, 1, 2, 3))
    def step(parameters: Any, m: Any, v: Any, t: Any, x: Any, y: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(parameters, x, y)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
        rate, scale = 1e-3 / (1 - 0.9**t), 1 / (1 - 0.999**t)

        def update(p: Any, m: Any, v: Any) -> Any:
            return p - rate * m / (jnp.sqrt(v * scale) + 1e-8)

        return jax.tree.map(update, parameters, m, v), m, v, t, value

    return step  # type: ignore[no-any-return]


def run_layer(
    cell: str,
    x: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any,
    bias_hh: Any,
    *,
    unroll: int,
    last_only: bool,
) -> Any:
    """One layer over all steps; the input products of all steps are one product."""
    zero = jnp.zeros((x.shape[1], weight_hh.shape[1]), x.dtype)
    fixed = bias_ih if cell == "GRU" else bias_ih + bias_hh
    products = x @ weight_ih.T + fixed
    advance = {"LSTM": lstm, "GRU": gru, "RNN": rnn}[cell]

    def body(state: Any, product: Any) -> tuple[Any, Any]:
        state = advance(state, product, weight_hh.T, bias_hh)
        return state, None if last_only else state[0]

    start = (zero, zero) if cell == "LSTM" else (zero,)
    state, hidden = jax.lax.scan(body, start, products, unroll=unroll)
    return state[0] if last_only else hidden


def lstm(state: Any, product: Any, weight: Any, _bias: Any) -> Any:
    """Next h and c."""
    h, c = state
    i, f, g, o = jnp.split(product + h @ weight, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru(state: Any, product: Any, weight: Any, bias: Any) -> Any:
    """Next h, reset after the product as in PyTorch."""
    (h,) = state
    x_r, x_z, x_n = jnp.split(product, 3, axis=-1)
    h_r, h_z, h_n = jnp.split(h @ weight + bias, 3, axis=-1)
    r, z = jax.nn.sigmoid(x_r + h_r), jax.nn.sigmoid(x_z + h_z)
    n = jnp.tanh(x_n + r * h_n)
    return ((1 - z) * n + z * h,)


def rnn(state: Any, product: Any, weight: Any, _bias: Any) -> Any:
    """Next h."""
    return (jnp.tanh(product + state[0] @ weight),)
