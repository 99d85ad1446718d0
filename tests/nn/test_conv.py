"""Conv1d: the sum it computes, ragged rows, streaming, and what it refuses."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array

SETTINGS = [
    {"kernel_size": k, "stride": s, "dilation": d, "padding": p}
    for k, s, d, p in product((1, 2, 4), (1, 3), (1, 2), (0, 2, "same", "causal"))
    if not (p == "same" and s > 1)
]


def sequences(batch: int = 3, steps: int = 9, features: int = 2) -> Array:
    return np.random.default_rng(0).normal(size=(batch, steps, features))


def build(**settings: Any) -> nn.Conv1d:
    return nn.Conv1d(2, 3, dtype=np.float64, **settings)


def by_the_definition(net: nn.Conv1d, x: Array, before: int, outputs: int) -> Array:
    """y[t] = b + Σ_k W[:, :, k] x[t·stride + k·dilation - before], zeros outside of x."""
    weight, bias = net.state_dict()["weight"], net.state_dict()["bias"]
    y = np.tile(bias, (len(x), outputs, 1))
    for t, k in product(range(outputs), range(net.kernel_size)):
        at = t * net.stride + k * net.dilation - before
        if 0 <= at < x.shape[1]:
            y[:, t] += x[:, at] @ weight[:, :, k].T
    return y


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_sum_of_its_definition(settings: dict[str, Any]) -> None:
    net, x = build(**settings), sequences()
    reach = net.dilation * (net.kernel_size - 1)
    before, both = {
        "same": (reach // 2, reach),
        "causal": (reach, reach),
    }.get(settings["padding"], (settings["padding"], 2 * settings["padding"]))
    outputs = (9 + both - reach - 1) // net.stride + 1
    y = net(x)
    assert y.shape == (3, outputs, 3)
    assert np.allclose(y, by_the_definition(net, x, before, outputs), rtol=0, atol=1e-12)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_ragged_row_is_the_row_alone(settings: dict[str, Any]) -> None:
    net, x = build(**settings), sequences(5)
    lengths = np.array([9, 0, 3, 8, 1])
    dirty = x.copy()
    dirty[np.arange(9) >= lengths[:, None]] = np.nan
    y, after = net(dirty, lengths), net.lengths_after(lengths)
    assert after is not None
    for row, (length, real) in enumerate(zip(lengths, after, strict=True)):
        assert not np.any(y[row, real:])
        if real:
            alone = net(x[row : row + 1, :length])
            assert np.allclose(y[row, :real], alone[0], rtol=0, atol=1e-12)
        elif length:
            with pytest.raises(InputError, match="too few for a kernel"):
                net(x[row : row + 1, :length])


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.uint64])
def test_lengths_of_every_integer_dtype(kind: Any) -> None:
    for settings in SETTINGS:
        net, x = build(**settings), sequences()
        lengths = np.array([9, 0, 1])
        assert np.array_equal(net(x, lengths.astype(kind)), net(x, lengths))
    long = sequences(1, 126)
    net = build(kernel_size=4, padding=3)
    assert np.array_equal(net(long, np.array([126], np.int8)), net(long))


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_stepping_a_causal_layer_is_the_whole_run(kernel: int, dilation: int) -> None:
    net, x = build(kernel_size=kernel, dilation=dilation, padding="causal"), sequences()
    whole, end = net.run(x)
    state, steps = net.start(3), []
    assert state.shape == (3, dilation * (kernel - 1), 2)
    for t in range(9):
        y, state = net.step(x[:, t], state)
        steps.append(y)
    assert np.allclose(np.stack(steps, axis=1), whole, rtol=0, atol=1e-12)
    assert np.array_equal(state, end)


def test_a_causal_run_in_two_ragged_parts_is_one_run() -> None:
    net, x = build(kernel_size=3, dilation=2, padding="causal"), sequences()
    _, state = net.run(x[:, :4], lengths=np.array([4, 0, 2]))
    joined = [x[:1], x[1:2, 4:], np.concatenate([x[2:, :2], x[2:, 4:]], axis=1)]
    second, _ = net.run(x[:, 4:], state)
    for row, whole in enumerate(joined):
        assert np.allclose(second[row], net(whole)[0, -5:], rtol=0, atol=1e-12)


def test_a_causal_layer_never_sees_the_future() -> None:
    net, x = build(kernel_size=3, padding="causal"), sequences()
    other = x.copy()
    other[:, 5:] = 7
    assert np.array_equal(net(other)[:, :5], net(x)[:, :5])


def test_a_batch_of_no_rows_runs_and_learns() -> None:
    net = build(kernel_size=3)
    y, _, saved = net.forward(sequences(0))
    assert y.shape == (0, 7, 3)
    dx, _ = net.backward(saved, y)
    assert dx is not None
    assert dx.shape == (0, 9, 2)


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        ((0, 3, 2), {}, "in_channels must be a whole number >= 1, it is 0"),
        ((2, 0, 2), {}, "out_channels must be a whole number >= 1, it is 0"),
        ((2, 3, 0), {}, "kernel_size must be a whole number >= 1, it is 0"),
        ((2, 3, 2), {"stride": 0}, "stride must be a whole number >= 1, it is 0"),
        ((2, 3, 2), {"dilation": 0}, "dilation must be a whole number >= 1, it is 0"),
        ((2, 3, 2), {"padding": -1}, "padding must be a whole number >= 0, it is -1"),
        ((2, 3, 2), {"padding": "valid"}, 'padding must be a number, "same" or "causal", it is'),
        ((2, 3, 2), {"padding": "same", "stride": 2}, 'padding="same" needs stride 1, stride is 2'),
        ((2, 3, 2), {"init": "he"}, "init must be one of 'pytorch', 'keras', it is 'he'"),
    ],
)
def test_what_the_constructor_refuses(
    arguments: tuple[int, ...], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        nn.Conv1d(*arguments, **settings)


def test_what_running_refuses() -> None:
    net, x = build(kernel_size=4), sequences()
    with pytest.raises(
        InputError, match="x has 3 steps, too few for a kernel of 4 with dilation 1"
    ):
        net(x[:, :3])
    with pytest.raises(InputError, match="x must have 2 features in its last axis"):
        net(x[:, :, :1])
    with pytest.raises(InputError, match="x has no time steps"):
        net(x[:, :0])
    with pytest.raises(DtypeError, match="x is float32 and the network computes in float64"):
        net(x.astype(np.float32))
    with pytest.raises(InputError, match=r"lengths\[1\] is 10"):
        net(x, np.array([1, 10, 2]))
    with pytest.raises(InputError, match="state must be None, or what start"):
        net.run(x, np.zeros((3, 3, 2)))
    with pytest.raises(InputError, match="this Conv1d cannot be stepped; build it with padding="):
        net.step(x[:, 0], None)
    causal = build(kernel_size=4, padding="causal")
    with pytest.raises(InputError, match=r"state must be None, .* \(3, 3, 2\); it has shape"):
        causal.run(x, np.zeros((3, 2, 2)))
    with pytest.raises(InputError, match=r"x of a step must be \(batch, features\)"):
        causal.step(x, causal.start(3))


def test_a_layer_that_does_not_stream_has_no_state() -> None:
    assert build(kernel_size=4).start(3) is None
    assert build(kernel_size=4, padding="causal", stride=2).start(3) is None
