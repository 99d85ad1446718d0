"""``nn.Embedding``: PyTorch's values and gradients, and what it refuses."""

import numpy as np
import pytest

from gatecast import errors, nn

X = np.array([[0, 4], [4, 4], [2, 0]])


def test_values_and_gradients_are_pytorchs():
    torch = pytest.importorskip("torch")
    layer, twin = nn.Embedding(5, 3, seed=1), torch.nn.Embedding(5, 3)
    with torch.no_grad():
        twin.weight.copy_(torch.from_numpy(layer.state_dict()["weight"].copy()))
    dy = np.random.default_rng(0).normal(size=(3, 2, 3)).astype(np.float32)
    y, _, saved = layer.forward(X)
    assert layer.backward(saved, dy) == (None, None)
    wanted = twin(torch.from_numpy(X))
    wanted.backward(torch.from_numpy(dy))
    np.testing.assert_array_equal(y, wanted.detach().numpy())
    np.testing.assert_allclose(
        layer.gradients()["weight"], twin.weight.grad.numpy(), rtol=1e-6, atol=1e-6
    )


def test_the_gradient_is_that_of_finite_differences():
    layer = nn.Embedding(5, 3, dtype=np.float64)
    dy = np.random.default_rng(0).normal(size=(3, 2, 3))
    _, _, saved = layer.forward(X)
    layer.backward(saved, dy)
    weight = layer.state_dict()["weight"]
    for place in np.ndindex(weight.shape):
        before = weight[place]
        sums = []
        for moved in (1e-6, -1e-6):
            weight[place] = before + moved
            sums.append(float(np.sum(layer(X) * dy)))
        weight[place] = before
        numeric = (sums[0] - sums[1]) / 2e-6
        assert layer.gradients()["weight"][place] == pytest.approx(numeric, abs=1e-8)


def test_no_gradient_flows_where_none_comes():
    layer = nn.Embedding(5, 3)
    layer.backward(layer.forward(X)[2], None)
    assert not layer.flat_grad.any()


def test_it_takes_categories_only():
    layer = nn.Embedding(5, 3)
    with pytest.raises(errors.DtypeError, match="x must be an array of whole numbers.*float64"):
        layer(np.zeros(3))
    with pytest.raises(errors.DtypeError, match="it is list"):
        layer([0, 1])  # type: ignore[arg-type]
    with pytest.raises(errors.InputError, match=r"x must lie in 0 … 4.* from -1 to 5"):
        layer(np.array([-1, 5]))


def test_no_rows_are_no_trouble():
    assert nn.Embedding(5, 3)(np.zeros((0, 2), np.int64)).shape == (0, 2, 3)


def test_the_sizes_are_shown():
    assert repr(nn.Embedding(5, 3)) == "Embedding(5, 3)"
