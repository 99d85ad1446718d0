"""The encoder-decoder: what it feeds back, teacher forcing, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array

F64 = {"dtype": np.float64}


def build(kind: Any = nn.GRU, *, steps: int = 4, **options: Any) -> nn.EncoderDecoder:
    encoder, decoder = kind(3, 5, seed=1, **F64), kind(2, 5, seed=2, **F64)
    head = nn.Linear(5, 2, seed=3, dtype=np.float64)
    return nn.EncoderDecoder(encoder, decoder, head, steps=steps, **options)


def sequences(batch: int = 4, steps: int = 6, features: int = 3) -> Array:
    return np.random.default_rng(0).normal(size=(batch, steps, features))


def by_hand(net: nn.EncoderDecoder, x: Array, token: Array, target: Array | None = None) -> Array:
    """Step for step with the parts' own ``run`` and ``step``."""
    _, state = net.encoder.run(x)
    outputs = []
    for t in range(net.steps):
        y, state = net.decoder.step(token, state)
        outputs.append(net.head(y))
        token = outputs[-1] if target is None else target[:, t]
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_each_output_is_the_next_input(kind: Any) -> None:
    net, x = build(kind), sequences()
    assert np.allclose(net(x), by_hand(net, x, np.zeros((4, 2))), rtol=0, atol=1e-12)


def test_the_first_input_may_be_the_last_value() -> None:
    net, x = build(first="last"), sequences()
    assert np.allclose(net(x), by_hand(net, x, x[:, -1, :2]), rtol=0, atol=1e-12)


def test_a_ragged_row_is_the_row_alone() -> None:
    x, lengths = sequences(), np.array([6, 1, 4, 0], np.uint8)
    for first in ("zeros", "last"):
        net = build(first=first)
        y = net(x, lengths)
        assert y.shape == (4, 4, 2)
        for row, length in enumerate(lengths[:3]):
            alone = net(x[row : row + 1, :length])
            assert np.allclose(y[row], alone[0], rtol=0, atol=1e-12)
        token = np.zeros((1, 2))
        state = net.decoder.start(1)
        for t in range(4):
            out, state = net.decoder.step(token, state)
            token = net.head(out)
            assert np.allclose(y[3, t], token[0], rtol=0, atol=1e-12)


def test_full_teacher_forcing_feeds_the_truth() -> None:
    net, x = build(teacher_forcing=1.0), sequences()
    target = np.random.default_rng(1).normal(size=(4, 4, 2))
    rng = np.random.default_rng(0)
    y = net.forward(x, training=True, rng=rng, target=target)[0]
    wanted = by_hand(net, x, np.zeros((4, 2)), target)
    assert np.allclose(y, wanted, rtol=0, atol=1e-12)


def test_half_of_teacher_forcing_draws_each_step() -> None:
    net, x = build(teacher_forcing=0.5, steps=400), sequences()
    target = np.zeros((4, 400, 2))
    saved = net.forward(x, training=True, rng=np.random.default_rng(0), target=target)[2]
    forced = [step[2] for step in saved.steps]
    assert np.mean(forced) == pytest.approx(0.5, abs=0.08)
    again = net.forward(x, training=True, rng=np.random.default_rng(0), target=target)[2]
    assert [step[2] for step in again.steps] == forced


def test_the_truth_is_not_looked_at_in_prediction_or_without_forcing() -> None:
    x, target = sequences(), np.full((4, 4, 2), 9.0)
    net = build(teacher_forcing=1.0)
    assert np.array_equal(net.forward(x, target=target)[0], net(x))
    net = build()
    rng = np.random.default_rng(0)
    assert np.array_equal(net.forward(x, training=True, rng=rng, target=target)[0], net(x))


def test_the_initial_and_the_final_state() -> None:
    net, x = build(nn.LSTM), sequences()
    state = tuple(np.random.default_rng(i).normal(size=(1, 4, 5)) for i in (1, 2))
    y, final = net.run(x, state)
    assert not np.allclose(y, net(x))
    assert [part.shape for part in final] == [(1, 4, 5), (1, 4, 5)]
    assert net.lengths_after(np.array([1])) is None


def test_inside_a_sequential() -> None:
    net = nn.Sequential(nn.Linear(3, 3, dtype=np.float64), build(), nn.Tanh(dtype=np.float64))
    assert net(sequences()).shape == (4, 4, 2)
    assert nn.check_gradients(net, sequences(), lengths=np.array([6, 0, 1, 3]), samples=5).ok


def test_one_seed_draws_all_three_parts() -> None:
    one, two, other = (build(seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.flat, two.flat)
    assert not np.array_equal(one.flat, other.flat)


def parts(**changes: Any) -> tuple[Any, Any, Any]:
    found = {"encoder": nn.GRU(3, 5), "decoder": nn.GRU(2, 5), "head": nn.Linear(5, 2)}
    found |= changes
    return found["encoder"], found["decoder"], found["head"]


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (parts(), {"steps": 0}, "steps must be a whole number >= 1, it is 0"),
        (parts(), {"first": "mean"}, "first must be one of 'zeros', 'last', it is 'mean'"),
        (parts(), {"teacher_forcing": 1.5}, r"teacher_forcing must lie in \[0, 1\], it is 1.5"),
        (parts(), {"teacher_forcing": "half"}, r"teacher_forcing must lie in \[0, 1\], it is 'hal"),
        (parts(encoder=nn.Linear(3, 5)), {}, "encoder must be nn.RNN, nn.GRU or nn.LSTM, it is"),
        (parts(encoder=None), {}, "encoder must be nn.RNN, nn.GRU or nn.LSTM, it is a NoneType"),
        (parts(decoder=None), {}, "decoder must be nn.RNN, nn.GRU or nn.LSTM, it is a NoneType"),
        (parts(head=np.tanh), {}, "head must be a module, it is a ufunc"),
        (parts(decoder=nn.LSTM(2, 5)), {}, "must have the same cell, layers, directions and sizes"),
        (parts(decoder=nn.GRU(2, 4)), {}, "must have the same cell, layers, directions and sizes"),
        (parts(decoder=nn.GRU(2, 5, 2)), {}, "must have the same cell, layers, directions and"),
        (parts(decoder=nn.GRU(2, 5, bidirectional=True)), {}, "decoder cannot be bidirectional"),
        (parts(decoder=nn.GRU(2, 5, recurrent_dropout=0.1)), {}, "cannot have recurrent_dropout"),
        (parts(head=nn.Linear(5, 3)), {}, "head gives 3 values a step and the decoder takes 2"),
        (parts(encoder=nn.GRU(1, 5)), {"first": "last"}, "takes the first 2 features of the"),
        (parts(head=nn.Linear(5, 2, dtype=np.float64)), {}, "head: a float64 Linear cannot be"),
    ],
)  # fmt: skip
def test_what_the_constructor_refuses(
    given: tuple[Any, Any, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        nn.EncoderDecoder(*given, **({"steps": 4} | options))
    for part in given:  # nothing was taken
        if isinstance(part, nn.Module):
            nn.Sequential(part)


def test_one_layer_for_both_is_refused() -> None:
    layer = nn.GRU(2, 5)
    with pytest.raises(InputError, match="must be two layers, they are the same one"):
        nn.EncoderDecoder(layer, layer, nn.Linear(5, 2), steps=4)


def test_a_bidirectional_encoder_is_refused() -> None:
    given = parts(encoder=nn.GRU(3, 5, bidirectional=True), decoder=nn.GRU(2, 5, 2))
    with pytest.raises(InputError, match="must have the same cell, layers, directions and sizes"):
        nn.EncoderDecoder(*given, steps=4)


def test_what_running_refuses() -> None:
    net, x = build(teacher_forcing=0.5), sequences()
    target, rng = np.zeros((4, 4, 2)), np.random.default_rng(0)
    with pytest.raises(InputError, match=r"target must have shape \(4, 4, 2\), it has \(4, 3, 2\)"):
        net.forward(x, training=True, rng=rng, target=target[:, :3])
    with pytest.raises(DtypeError, match="target is float32 and the network computes in float64"):
        net.forward(x, training=True, rng=rng, target=target.astype(np.float32))
    with pytest.raises(InputError, match="rng must be a numpy Generator because teacher forcing"):
        net.forward(x, training=True, target=target)
    with pytest.raises(InputError, match="x must have 3 features in its last axis"):
        net(x[:, :, :2])
    with pytest.raises(InputError, match=r"lengths\[0\] is 9"):
        net(x, np.array([9, 1, 1, 1]))
    for refused in (net.start, lambda: net.step(x[:, 0], None)):
        with pytest.raises(InputError, match="an encoder-decoder cannot be stepped"):
            refused()
