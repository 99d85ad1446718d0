"""``nn.AttentionPooling``: finite differences, PyTorch's own softmax, ragged rows."""

import numpy as np
import pytest

from gatecast import errors, nn

RAGGED = np.array([4, 0, 2])


def sequences(dtype=np.float64):
    return np.random.default_rng(1).normal(size=(3, 4, 2)).astype(dtype)


@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])
def test_the_gradients_are_those_of_finite_differences(lengths):
    report = nn.check_gradients(
        nn.AttentionPooling(2, seed=3), sequences(), lengths=lengths, samples=None
    )
    assert report.ok, f"\n{report}"


@pytest.mark.parametrize("lengths", [None, RAGGED[[0, 2, 2]]], ids=["full", "ragged"])
def test_values_and_gradients_are_pytorchs(lengths):
    torch = pytest.importorskip("torch")
    layer = nn.AttentionPooling(2, dtype=np.float64, seed=3)
    own = {name: torch.tensor(value) for name, value in layer.state_dict().items()}
    for value in own.values():
        value.requires_grad_()
    x = torch.tensor(sequences(), requires_grad=True)
    scores = torch.tanh(x @ own["weight"].T + own["bias"]) @ own["query"]
    if lengths is not None:
        scores = scores.masked_fill(torch.arange(4) >= torch.from_numpy(lengths)[:, None], -np.inf)
    wanted = (torch.softmax(scores, dim=1)[..., None] * x).sum(dim=1)
    y, _, saved = layer.forward(sequences(), None, lengths)
    np.testing.assert_allclose(y, wanted.detach().numpy(), rtol=1e-12)
    dy = np.random.default_rng(0).normal(size=(3, 2))
    wanted.backward(torch.from_numpy(dy))
    dx, _ = layer.backward(saved, dy)
    assert dx is not None
    np.testing.assert_allclose(dx, x.grad.numpy(), rtol=1e-10, atol=1e-14)
    for name, gradient in layer.gradients().items():
        np.testing.assert_allclose(gradient, own[name].grad.numpy(), rtol=1e-10, atol=1e-14)


def test_what_is_past_the_end_does_not_count():
    layer, x = nn.AttentionPooling(2, dtype=np.float64), sequences()
    wanted = layer(x, RAGGED)
    x[1], x[2, 2:] = np.nan, np.nan
    np.testing.assert_array_equal(layer(x, RAGGED), wanted)
    np.testing.assert_array_equal(wanted[1], 0)
    np.testing.assert_allclose(layer.weights_of(x, RAGGED).sum(axis=1), [1, 0, 1])


def test_it_pools_after_a_recurrent_layer():
    net = nn.Sequential(nn.GRU(2, 3), nn.AttentionPooling(3), nn.Linear(3, 1))
    assert net(sequences(np.float32), RAGGED).shape == (3, 1)
    assert repr(net[1]) == "AttentionPooling(3)"
    report = nn.check_gradients(net, sequences(), lengths=RAGGED)
    assert report.ok, f"\n{report}"


def test_it_takes_sequences_only():
    with pytest.raises(errors.InputError, match="x must have 3 axes"):
        nn.AttentionPooling(2)(np.zeros((3, 2), np.float32))
