"""The network over windows: finite differences for every form, and where it starts from."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.layout import Layout
from gatecast.forecast.windowed.network import WindowNetwork

PLAIN = Layout(window=5, channels=1, horizon=3, future=0, static=0, code_sizes=())
RICH = Layout(window=5, channels=4, horizon=3, future=2, static=2, code_sizes=(3, 2))
FORMS: list[dict[str, Any]] = [
    {},
    {"front": "conv"},
    {"front": "patch"},
    {"front": "patch", "residual": True, "pooling": "attention", "num_layers": 2},
    {"residual": True, "skip": False},
    {"front": "patch", "decoder": "segments"},
    {"front": "patch", "decoder": "segments", "num_layers": 2, "dropout": 0.3},
    {"form": "encoder_decoder"},
    {"form": "encoder_decoder", "front": "conv", "num_layers": 2, "loss": "quantiles"},
]


def made(layout: Layout, outputs: int = 1, **choices: Any) -> WindowNetwork:
    recipe = Recipe(hidden_size=3, **choices)
    segment = 2 if recipe.front == "patch" else 1
    return WindowNetwork(layout, outputs, segment, recipe, seed=1)


def inputs(layout: Layout, rows: int = 3) -> np.ndarray:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(rows, layout.width))
    codes = layout.split(x)[3]
    for column, size in enumerate(layout.code_sizes):
        codes[:, column] = rng.integers(size, size=rows)
    return x


@pytest.mark.parametrize("lengths", [None, np.array([5, 1, 4])], ids=["full", "short"])
@pytest.mark.parametrize(
    ("choices", "cell", "layout"),
    [
        *((choices, "gru", layout) for choices, layout in product(FORMS, (PLAIN, RICH))),
        *((choices, "lstm", RICH) for choices in FORMS[5:]),
        ({}, "rnn", PLAIN),
    ],
)
def test_the_gradients_are_those_of_finite_differences(choices, cell, layout, lengths):
    net = made(layout, 3 if choices.get("loss") == "quantiles" else 2, cell=cell, **choices)
    net.flat[:] = np.random.default_rng(3).normal(size=net.flat.size) * 0.4  # nothing stays zero
    report = nn.check_gradients(net, inputs(layout), lengths=lengths, samples=12, epsilon=1e-6)
    assert report.ok, f"\n{report}"


@pytest.mark.parametrize("choices", [f for f in FORMS if f.get("loss") != "quantiles"])
def test_the_same_with_dropout_in_every_form(choices):
    net = made(RICH, 2, **(choices | {"dropout": 0.4}))
    net.flat[:] = np.random.default_rng(3).normal(size=net.flat.size) * 0.4
    report = nn.check_gradients(net, inputs(RICH), training=True, samples=12, epsilon=1e-6)
    assert report.ok, f"\n{report}"
    draws = [
        net.forward(inputs(RICH).astype(np.float32), None, None, True, np.random.default_rng(seed))[
            0
        ]
        for seed in range(2)
    ]
    assert (draws[0] != draws[1]).any()  # the head sees that some is dropped


@pytest.mark.parametrize("choices", FORMS)
def test_an_untrained_network_adds_nothing(choices):
    y = made(RICH, 3, **choices)(inputs(RICH).astype(np.float32))
    assert y.shape == (3, 9)
    assert not y.any()


@pytest.mark.parametrize("choices", FORMS)
def test_what_stands_before_a_short_window_does_not_count(choices):
    net = made(RICH, 1, **(choices | {"skip": False}))
    net.flat[:] = np.random.default_rng(3).normal(size=net.flat.size) * 0.4
    x = inputs(RICH).astype(np.float32)
    window = RICH.split(x)[0]
    window[:, :2] = 0  # as the inputs are made: the last segment of two begins in row 3
    wanted = net(x, np.array([3, 3, 3]))
    if choices.get("front") == "patch":
        window[:, 0] = 7  # of a segment's rows all count
    else:
        window[:, :2] = 7
    np.testing.assert_array_equal(net(x, np.array([3, 3, 3])), wanted)


def test_a_short_window_is_that_of_a_network_with_a_shorter_look_back():
    long, short = made(PLAIN, skip=False), made(Layout(3, 1, 3, 0, 0, ()), skip=False)
    long.flat[:] = np.random.default_rng(3).normal(size=long.flat.size)
    short.flat[:] = long.flat
    x = inputs(PLAIN).astype(np.float32)
    np.testing.assert_allclose(
        long(x, np.array([3, 3, 3])), short(np.ascontiguousarray(x[:, 2:])), rtol=1e-6
    )


def test_the_same_seed_draws_the_same_network():
    one, other = made(RICH, front="patch"), made(RICH, front="patch")
    np.testing.assert_array_equal(one.flat, other.flat)
