"""Modules: one flat buffer with views, and what may become part of a network."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError
from tests.nn.networks import Tagger, assert_sealed, sequences, small


@pytest.mark.parametrize(
    "net",
    [nn.Linear(3, 2), nn.GRU(3, 4, 2, bidirectional=True), small(), Tagger(), nn.Tanh()],
    ids=lambda net: type(net).__name__,
)
def test_parameters_are_views_of_one_vector(net: nn.Module) -> None:
    assert_sealed(net)
    net.flat[:] = np.arange(net.num_parameters)
    values = [value.ravel() for value in net.state_dict().values()]
    assert np.array_equal(np.concatenate([*values, np.zeros(0)]), net.flat)


def test_writing_to_the_vector_changes_what_the_network_does() -> None:
    net, x = small(), sequences()
    before = net(x)
    net.flat[:] *= 2
    assert not np.allclose(net(x), before)
    net.flat[:] = 0
    assert np.all(net(x) == 0)


def test_writing_to_a_named_view_changes_the_vector() -> None:
    net = small()
    net.state_dict()["2.bias"][:] = 5
    assert np.all(net.flat[-2:] == 5)
    assert np.all(net[2].flat[-2:] == 5)


def test_a_layer_of_a_network_has_its_part_of_the_vector() -> None:
    net = small()
    assert sum(layer.num_parameters for layer in net) == net.num_parameters
    assert all(np.shares_memory(layer.flat, net.flat) for layer in net if layer.num_parameters)
    net[0].flat[:] = 3
    assert np.count_nonzero(net.flat == 3) == net[0].num_parameters


def test_names_are_pytorchs() -> None:
    names = list(small().state_dict())
    assert names[:4] == [
        f"0.{kind}_{side}_l0" for kind in ("weight", "bias") for side in ("ih", "hh")
    ]
    assert names[4:5] == ["0.weight_ih_l0_reverse"]
    assert names[-2:] == ["2.weight", "2.bias"]
    assert list(Tagger().state_dict())[:3] == ["inner.weight", "inner.bias", "cell.weight_ih_l0"]


def test_a_network_takes_its_layers_values_and_gradients_along() -> None:
    layer = nn.Linear(3, 2)
    layer.flat_grad[:] = 9
    before = layer.flat.copy()
    net = nn.Sequential(nn.Linear(4, 3), layer)
    assert np.array_equal(layer.flat, before)
    assert np.all(net.gradients()["1.weight"] == 9)
    assert_sealed(net)


def test_a_network_may_grow_after_it_was_used() -> None:
    net = Tagger()
    net(sequences())
    inner = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    net.after = inner
    assert list(net.state_dict())[-2:] == ["after.0.weight", "after.0.bias"]
    assert_sealed(net)
    inner.tail = nn.Linear(2, 2)
    assert "after.tail.bias" in net.state_dict()
    assert_sealed(net)


def test_a_layer_may_be_replaced_and_is_free_then() -> None:
    net = Tagger()
    old, before = net.head, net.head.flat.copy()
    net.trainable_ranges()  # the old network's must not be taken for the layer's own
    net.head = nn.Linear(4, 1, seed=5)
    assert net(sequences()).shape == (5, 6, 1)
    assert list(net.state_dict())[-2:] == ["head.weight", "head.bias"]
    assert_sealed(net)
    assert np.array_equal(old.flat, before)
    assert not np.shares_memory(old.flat, net.flat)
    assert old.trainable_ranges() == [(0, 10)]
    other = nn.Sequential(old)
    assert_sealed(other)


def test_a_layer_may_be_taken_away() -> None:
    net = Tagger()
    head = net.head
    del net.head
    assert not any(name.startswith("head") for name in net.state_dict())
    assert_sealed(net)
    net.head = head
    net.head = None  # type: ignore[assignment]
    assert not any(name.startswith("head") for name in net.state_dict())
    nn.Sequential(head)


def test_a_layer_in_two_networks_is_refused() -> None:
    layer = nn.Linear(3, 3)
    first = nn.Sequential(layer)
    with pytest.raises(
        InputError, match=r"0: this Linear is already part of another network.*copy"
    ):
        nn.Sequential(layer)
    second = nn.Sequential(layer.copy())
    assert np.array_equal(first.flat, second.flat)
    assert not np.shares_memory(first.flat, second.flat)


def test_a_layer_twice_in_one_network_is_refused() -> None:
    layer = nn.Linear(3, 3)
    with pytest.raises(InputError, match="1: the same Linear stands here twice"):
        nn.Sequential(layer, layer)
    net = Tagger()
    with pytest.raises(InputError, match="again: the same GRU stands here twice"):
        net.again = net.cell


def test_a_refused_network_keeps_no_layer() -> None:
    layer = nn.Linear(3, 3)
    for others in ([layer], [nn.Linear(3, 3, dtype=np.float64)], ["relu"]):
        with pytest.raises(InputError) as caught:
            nn.Sequential(layer, *others)
        assert_sealed(nn.Sequential(layer))
        assert caught is not None  # holds the traceback, and the refused network in it
        layer = layer.copy()


def test_a_network_within_itself_is_refused() -> None:
    net = Tagger()
    with pytest.raises(InputError, match="me: a network cannot be part of itself"):
        net.me = net
    inner = nn.Sequential(nn.Tanh())
    net.inner_net = inner
    with pytest.raises(InputError, match="outer: a network cannot be part of itself"):
        inner.outer = net


@pytest.mark.parametrize("wrap", [list, tuple, lambda layers: dict(enumerate(layers))])
def test_layers_in_a_container_are_refused(wrap: Any) -> None:
    net = Tagger()
    with pytest.raises(InputError, match=r"layers: layers in a \w+ would not be trained"):
        net.layers = wrap([nn.Linear(2, 2)])
    net.sizes = [1, 2]


def test_layers_of_another_dtype_are_refused() -> None:
    with pytest.raises(DtypeError, match="1: a float64 Linear cannot be part of a float32 network"):
        nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, dtype=np.float64))
    with pytest.raises(DtypeError, match="0: a float32 Linear cannot be part of a float64 network"):
        nn.Sequential(nn.Linear(2, 2), dtype=np.float64)


def test_layers_before_the_constructor_ran_are_refused() -> None:
    class Early(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(2, 2)

    with pytest.raises(InputError, match=r"layer: call super\(\).__init__\(\) before"):
        Early()


@pytest.mark.parametrize("dtype", [np.int32, np.float16, "complex128", "words", object])
def test_a_dtype_that_is_not_computed_in_is_refused(dtype: Any) -> None:
    with pytest.raises(DtypeError, match="dtype must be float32 or float64, it is"):
        nn.Linear(2, 2, dtype=dtype)


@pytest.mark.parametrize("seed", [-1, 1.5, None, "x", True])
def test_a_seed_that_is_none_is_refused(seed: Any) -> None:
    with pytest.raises(InputError, match="seed must be a whole number >= 0 or a Generator"):
        nn.GRU(2, 2, seed=seed)
