"""The optimisers by themselves: whose parameters they move, what they keep, what they refuse."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import nn
from gatecast.errors import InputError, StateDictError
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.optimisers import SGD, Adam, AdamW, RMSprop

OPTIMISERS: list[Optimiser] = [
    SGD(0.1),
    SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    Adam(0.1, weight_decay=0.1),
    AdamW(0.1),
    RMSprop(0.1, momentum=0.9, weight_decay=0.1, centered=True),
]
every_optimiser = pytest.mark.parametrize("template", OPTIMISERS, ids=repr)


def network(dtype: Any = np.float64, seed: int = 0) -> Module:
    """Four ranges in the flat vector: two weights (6 and 2 numbers), two biases (2 and 1)."""
    layers = nn.Linear(3, 2, dtype=dtype, seed=1), nn.Linear(2, 1, dtype=dtype, seed=2)
    return nn.Sequential(*layers, seed=seed)


def train(net: Module, optimiser: Optimiser, steps: int, seed: int = 5) -> Array:
    """Steps on drawn gradients; where the parameters are then."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        net.flat_grad[:] = rng.normal(size=net.flat.size)
        optimiser.step(net)
    return net.flat.copy()


@every_optimiser
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_keep_the_dtype_and_the_gradients(template: Optimiser, dtype: Any) -> None:
    net, optimiser = network(dtype), copy.deepcopy(template)
    before = net.flat.copy()
    train(net, optimiser, 3)
    gradients = np.random.default_rng(5).normal(size=(3, net.flat.size)).astype(dtype)[-1]
    assert np.array_equal(net.flat_grad, gradients)
    assert net.flat.dtype == dtype
    assert (net.flat != before).all()
    assert all(vector.dtype == dtype for vector in optimiser.state_dict()["vectors"].values())


@every_optimiser
def test_frozen_parameters_stay(template: Optimiser) -> None:
    net, optimiser = network(), copy.deepcopy(template)
    train(net, optimiser, 3)  # momentum is under way
    before = net.state_dict()["0.weight"].copy()
    net.freeze("0.weight", "1.bias")
    bias = net.state_dict()["1.bias"].copy()
    moving = net.state_dict()["1.weight"].copy()
    train(net, optimiser, 3)
    assert np.array_equal(net.state_dict()["0.weight"], before)
    assert np.array_equal(net.state_dict()["1.bias"], bias)
    assert (net.state_dict()["1.weight"] != moving).all()


@every_optimiser
def test_a_wholly_frozen_network_stays(template: Optimiser) -> None:
    net, optimiser = network(), copy.deepcopy(template)
    net.freeze()
    before = net.flat.copy()
    assert np.array_equal(train(net, optimiser, 3), before)


@every_optimiser
@given(data=st.data())
def test_each_parameter_counts_its_own_steps(template: Optimiser, data: st.DataObject) -> None:
    """Freezing now and then is, for each parameter, the run of the steps that it took part in."""
    net, optimiser = network(), copy.deepcopy(template)
    names = list(net.named_parameters())
    start = {name: value.copy() for name, value in net.state_dict().items()}
    gradients = np.random.default_rng(1).normal(size=(6, net.flat.size))
    taken: dict[str, list[Array]] = {name: [] for name in names}
    for row in gradients:
        frozen = data.draw(st.sets(st.sampled_from(names)))
        net.unfreeze()
        if frozen:
            net.freeze(*frozen)
        net.flat_grad[:] = row
        for name in set(names) - frozen:
            taken[name].append(net.gradients()[name].copy())
        optimiser.step(net)
    for name in names:
        alone, own = network(), copy.deepcopy(template)
        alone.load_state_dict(start)
        alone.freeze(*[other for other in names if other != name])
        for gradient in taken[name]:
            alone.gradients()[name][...] = gradient
            own.step(alone)
        np.testing.assert_array_equal(net.state_dict()[name], alone.state_dict()[name])


# -- one network -------------------------------------------------------------------------------


@every_optimiser
def test_another_network_is_refused(template: Optimiser) -> None:
    optimiser, other = copy.deepcopy(template), network(seed=1)
    train(network(), optimiser, 1)  # gone by now, and still remembered
    before = other.flat.copy()
    with pytest.raises(InputError, match=r"make a new nn\.\w+ .* optimiser\.reset\(\)"):
        train(other, optimiser, 1)
    assert np.array_equal(other.flat, before)
    optimiser.reset()
    expected = train(network(seed=1), copy.deepcopy(template), 4)
    assert np.array_equal(train(other, optimiser, 4), expected)


def test_a_network_that_has_grown_is_refused() -> None:
    net, optimiser = network(), Adam()
    train(net, optimiser, 1)
    net.extra = nn.Linear(1, 1, dtype=np.float64)
    with pytest.raises(InputError, match="before it was changed"):
        train(net, optimiser, 1)


@every_optimiser
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_a_copy_goes_on(template: Optimiser, duplicate: Any) -> None:
    net, optimiser = network(), copy.deepcopy(template)
    train(net, optimiser, 3)
    twin, other = net.copy(), duplicate(optimiser)
    assert np.array_equal(train(net, optimiser, 3), train(twin, other, 3))


@every_optimiser
def test_two_trainings_interleaved_do_not_disturb_each_other(template: Optimiser) -> None:
    alone = train(network(), copy.deepcopy(template), 4)
    nets = [network(), network(seed=1)]
    optimisers = [copy.deepcopy(template) for _ in nets]
    for row in np.random.default_rng(5).normal(size=(4, alone.size)):
        for net, optimiser in zip(nets, optimisers, strict=True):
            net.flat_grad[:] = row
            optimiser.step(net)
    assert np.array_equal(nets[0].flat, alone)


# -- the state ---------------------------------------------------------------------------------


@every_optimiser
@pytest.mark.parametrize("bound", [False, True])
def test_a_loaded_state_gives_the_same_bits(template: Optimiser, bound: bool) -> None:
    net, optimiser = network(), copy.deepcopy(template)
    net.freeze("0.bias")
    train(net, optimiser, 2)
    net.unfreeze()
    optimiser.lr = 0.03
    train(net, optimiser, 2)
    state, resumed = optimiser.state_dict(), type(template)()  # type: ignore[call-arg]
    twin = net.copy()
    if bound:
        train(twin, resumed, 1)
        twin.load_state_dict(net.state_dict())
    expected = train(net, optimiser, 3)
    resumed.load_state_dict(state)
    assert repr(resumed) == repr(optimiser)
    assert np.array_equal(train(twin, resumed, 3), expected)


def test_a_state_of_no_steps() -> None:
    optimiser = Adam()
    train(network(), optimiser, 2)
    optimiser.load_state_dict(Adam(0.5).state_dict())
    assert optimiser.lr == 0.5
    expected = train(network(), Adam(0.5), 2)
    assert np.array_equal(train(network(), optimiser, 2), expected)


def test_a_rate_of_zero_is_resumed() -> None:
    optimiser, resumed = SGD(0.1), SGD(0.1)
    optimiser.lr = 0.0  # where a cosine ends
    resumed.load_state_dict(optimiser.state_dict())
    assert resumed.lr == 0.0


def test_states_are_refused_and_nothing_is_changed() -> None:
    net, optimiser = network(), Adam()
    train(net, optimiser, 2)
    state, before = optimiser.state_dict(), optimiser.state_dict()
    m = state["vectors"]["m"]
    for changed, message in [
        (SGD().state_dict(), "the state is of SGD, this optimiser is Adam"),
        ({"kind": "Adam"}, "lacks lr, options, steps, vectors"),
        (state | {"options": {"eps": 1e-8}}, "must have the options betas, eps, weight_decay"),
        (state | {"options": state["options"] | {"eps": -1.0}}, "eps must be a finite number > 0"),
        (state | {"lr": np.nan}, "lr must be a finite number"),
        (state | {"vectors": {"m": m}}, r"vectors m, v, each of 11; it has m \(11,\)"),
        (state | {"vectors": {"m": m, "v": m[:3]}}, r"it has m \(11,\), v \(3,\)"),
        (state | {"steps": [(0, 3, 2)], "vectors": {"m": m[:3], "v": m[:3]}}, "3 parameters"),
    ]:
        with pytest.raises(InputError, match=message):
            optimiser.load_state_dict(changed)
    after = optimiser.state_dict()
    assert after["steps"] == before["steps"]
    assert all(np.array_equal(after["vectors"][k], v) for k, v in before["vectors"].items())


def test_the_state_of_a_network_of_another_size_or_dtype() -> None:
    optimiser, loaded = Adam(), Adam()
    train(network(), optimiser, 1)
    loaded.load_state_dict(optimiser.state_dict())
    with pytest.raises(InputError, match=r"remembers 11 .* float64 .* has 11 of float32"):
        train(network(np.float32), loaded, 1)
    with pytest.raises(InputError, match="has 2 of float64"):
        train(nn.Linear(1, 1, dtype=np.float64), loaded, 1)
    assert isinstance(StateDictError(""), InputError)


# -- options -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-1), "lr must be a finite number > 0, it is -1"),
        (lambda: SGD(0), "lr must be a finite number > 0"),
        (lambda: Adam(lr=np.nan), "lr must be"),
        (lambda: Adam(lr=np.inf), "lr must be"),
        (lambda: Adam(lr="0.1"), "lr must be"),  # type: ignore[arg-type]
        (lambda: Adam(lr=True), "lr must be"),
        (lambda: SGD(momentum=1.0), r"momentum must lie in \[0, 1\)"),
        (lambda: SGD(nesterov=True), "nesterov=True needs momentum > 0"),
        (lambda: SGD(weight_decay=-0.1), "weight_decay must be a finite number >= 0"),
        (lambda: Adam(betas=(0.9, 1.0)), r"betas\[1\] must lie in \[0, 1\), it is 1\.0"),
        (lambda: Adam(betas=(-0.1, 0.9)), r"betas\[0\]"),
        (lambda: Adam(betas=0.9), "betas must be two numbers"),  # type: ignore[arg-type]
        (lambda: Adam(eps=0), "eps must be a finite number > 0"),
        (lambda: AdamW(weight_decay=np.nan), "weight_decay"),
        (lambda: RMSprop(alpha=1.5), "alpha must lie in"),
        (lambda: RMSprop(eps=-1), "eps"),
        (lambda: RMSprop(momentum=-1), "momentum"),
        (lambda: RMSprop(weight_decay=-1), "weight_decay"),
    ],
)
def test_options_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_the_rate_is_settable() -> None:
    net, optimiser = network(), SGD(0.1)
    optimiser.lr = np.float64(0.0)
    before = net.flat.copy()
    assert np.array_equal(train(net, optimiser, 1), before)
    assert type(optimiser.lr) is float
    for wrong in (-1, np.nan, None):
        with pytest.raises(InputError, match="lr must be a finite number >= 0"):
            optimiser.lr = wrong  # type: ignore[assignment]
