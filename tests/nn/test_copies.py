"""Copies of networks, and their state dicts, freezing and seeds."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DtypeError, InputError, StateDictError
from tests.nn.networks import Tagger, assert_sealed, sequences, small, train_once


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        lambda net: net.copy(),
        lambda net: pickle.loads(pickle.dumps(net)),
        lambda net: net.astype(np.float64).astype(np.float32),
    ],
    ids=["copy.copy", "deepcopy", "copy", "pickle", "astype"],
)
@pytest.mark.parametrize("build", [small, Tagger, lambda: nn.LSTM(3, 2)])
def test_a_copy_is_sealed_equal_and_apart(build: Any, duplicate: Any) -> None:
    net, x = build(), sequences()
    train_once(net, x)
    net.freeze(next(iter(net.state_dict())))
    other = duplicate(net)
    for one in (net, other):
        assert_sealed(one)
    assert type(other) is type(net)
    assert np.array_equal(other.flat, net.flat)
    assert np.array_equal(other.flat_grad, net.flat_grad)
    assert other.trainable_ranges() == net.trainable_ranges()
    assert np.array_equal(other(x), net(x))
    before = net.flat.copy()
    train_once(other, x)
    assert np.array_equal(net.flat, before)
    assert not np.array_equal(other.flat, before)


def test_a_copied_layer_is_free_of_its_network() -> None:
    net = small()
    layer = net[0].copy()
    assert_sealed(layer)
    assert not np.shares_memory(layer.flat, net.flat)
    assert_sealed(nn.Sequential(layer, nn.Last()))


def test_astype_converts_everything() -> None:
    net = small()
    double = net.astype(np.float64)
    assert net.dtype == np.float32
    assert {value.dtype for value in double.state_dict().values()} == {np.dtype(np.float64)}
    assert double.flat_grad.dtype == np.float64
    assert np.array_equal(double.flat, net.flat)
    y, (h, c), _ = double[0].forward(sequences(np.float64))
    assert {a.dtype for a in (y, h, c)} == {np.dtype(np.float64)}
    assert np.allclose(double(sequences(np.float64)), net(sequences()), atol=1e-5)
    with pytest.raises(DtypeError, match="dtype must be float32 or float64, it is int64"):
        net.astype(np.int64)


def test_freezing_leaves_ranges_out() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    assert net.trainable_ranges() == [(0, 11)]
    net.freeze("0.")
    assert net.trainable_ranges() == [(8, 11)]
    net.freeze("2.bias")
    assert net.trainable_ranges() == [(8, 10)]
    net.unfreeze("0.weight")
    assert net.trainable_ranges() == [(0, 6), (8, 10)]
    net.freeze()
    assert net.trainable_ranges() == []
    net.unfreeze()
    assert net.trainable_ranges() == [(0, 11)]


def test_freezing_through_a_layer_counts_for_its_network() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    assert net.trainable_ranges() == [(0, 11)]
    net[1].freeze("weight")
    assert net.trainable_ranges() == [(0, 8), (10, 11)]
    assert net[1].trainable_ranges() == [(2, 3)]
    frozen = [name for name, p in net.named_parameters().items() if p.frozen]
    assert frozen == ["1.weight"]


def test_freezing_what_is_not_there_is_refused_and_freezes_nothing() -> None:
    net = small()
    with pytest.raises(
        InputError, match=r"no parameter begins with '3\.'; they are called 0.weight"
    ):
        net.freeze("0.", "3.")
    assert net.trainable_ranges() == [(0, net.num_parameters)]


def test_a_state_dict_goes_over() -> None:
    one, two = small(seed=1), small(seed=2)
    two.load_state_dict(one.state_dict())
    assert np.array_equal(one.flat, two.flat)
    assert_sealed(two)
    two.load_state_dict({name: value.copy() for name, value in one.state_dict().items()})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s.pop("2.bias"), "it lacks 2.bias"),
        (lambda s: s.update(extra=s["2.bias"]), "it has too many: extra"),
        (lambda s: s.update({"2.bias": np.zeros(3, np.float32)}),
         r"2.bias must have shape \(2,\), the state dict's has \(3,\)"),
        (lambda s: s.update({"2.bias": np.zeros(2)}),
         "2.bias is float64 in the state dict and the network computes in float32"),
        (lambda s: s.update({"2.bias": [0, 0]}), "2.bias is int64 in the state dict"),
    ],
)  # fmt: skip
def test_another_networks_state_dict_is_refused_and_changes_nothing(
    spoil: Any, message: str
) -> None:
    net = small(seed=1)
    state: dict[str, Any] = dict(small(seed=2).state_dict())
    spoil(state)
    before = net.flat.copy()
    with pytest.raises(StateDictError, match=message):
        net.load_state_dict(state)
    assert np.array_equal(net.flat, before)


@pytest.mark.parametrize("state", [None, [1, 2], "net.safetensors"])
def test_what_is_no_state_dict_is_refused(state: Any) -> None:
    with pytest.raises(StateDictError, match="a state dict must map names to arrays, it is a"):
        small().load_state_dict(state)
    with pytest.raises(StateDictError, match="it has too many: 1"):
        small().load_state_dict({1: 2} | small().state_dict())  # type: ignore[arg-type]


def test_a_tensor_that_numpy_cannot_hold_is_named() -> None:
    import torch

    state = dict(torch.nn.LSTM(3, 4).bfloat16().state_dict())
    with pytest.raises(StateDictError, match="weight_ih_l0 cannot be read as a NumPy array"):
        nn.LSTM(3, 4).load_state_dict(state)


def test_a_long_list_of_names_is_cut_short() -> None:
    with pytest.raises(StateDictError, match=r"it lacks 0.weight_ih_l0, .* \.\.\.; it has too"):
        small().load_state_dict(nn.Linear(2, 2).state_dict())


def test_the_same_seed_gives_the_same_bits() -> None:
    assert np.array_equal(small(seed=3).flat, small(seed=3).flat)
    assert not np.array_equal(small(seed=3).flat, small(seed=4).flat)
    one, two = nn.LSTM(3, 4, seed=7), nn.LSTM(3, 4, seed=np.random.default_rng(7))
    assert np.array_equal(one.flat, two.flat)


def test_initialise_draws_anew_from_one_seed() -> None:
    one, two = small(seed=1), small(seed=2)
    for net in (one, two):
        net.initialise(5)
    assert np.array_equal(one.flat, two.flat)
    assert_sealed(one)


def test_the_layers_of_a_network_with_one_seed_differ() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), seed=0)
    assert not np.array_equal(net[0].flat, net[1].flat)


def test_building_and_running_leaves_numpys_global_generator_alone() -> None:
    before = np.random.get_state(legacy=False)["state"]["key"]  # noqa: NPY002
    net = nn.Sequential(nn.GRU(3, 4, recurrent_dropout=0.5), nn.Dropout(0.5))
    net.forward(sequences(), training=True, rng=np.random.default_rng(0))
    assert np.array_equal(before, np.random.get_state(legacy=False)["state"]["key"])  # noqa: NPY002
