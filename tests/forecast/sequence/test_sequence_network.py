"""The network over whole series: finite differences, its equations written out, carried states."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.network import SequenceNetwork
from gatecast.kernels.contract import Array

OPTIONS: list[dict[str, Any]] = [
    {"residual": True},
    {"residual": False, "num_layers": 2},
    {"residual": True, "num_layers": 2, "dropout": 0.3},
    {"residual": True, "skip": False},
]


def made(cell: str = "gru", **options: Any) -> SequenceNetwork:
    recipe = Recipe(form="sequence", cell=cell, hidden_size=4, **options)
    net = SequenceNetwork(3, 2, recipe, dtype=np.float64, seed=1)
    net.flat[:] = np.random.default_rng(3).normal(size=net.flat.size) * 0.4  # nothing stays zero
    return net


def inputs() -> Array:
    return np.random.default_rng(2).normal(size=(3, 5, 3))


@pytest.mark.parametrize("lengths", [None, np.array([5, 0, 3])], ids=["full", "ragged"])
@pytest.mark.parametrize(("cell", "options"), [*product(("rnn", "gru", "lstm"), OPTIONS)], ids=str)
def test_gradients_are_those_of_finite_differences(
    cell: str, options: dict[str, Any], lengths: Array | None
) -> None:
    report = nn.check_gradients(made(cell, **options), inputs(), lengths=lengths)
    assert report.ok, f"\n{report}"


def test_the_equations() -> None:
    net, x = made(residual=True), inputs()
    state = net.state_dict()
    u = np.tanh(x @ state["inner.weight"].T + state["inner.bias"])
    cell = nn.GRU(4, 4, dtype=np.float64)
    cell.load_state_dict({n[6:]: v for n, v in state.items() if n.startswith("cell0.")})
    s = u + cell(u)
    expected = s @ state["head.weight"].T + state["head.bias"] + x @ state["skip.weight"].T
    np.testing.assert_allclose(net(x), expected, rtol=1e-12)


def with_categories(cell: str, **options: Any) -> tuple[SequenceNetwork, Array]:
    """A network of three numbers and two columns of categories, and inputs for it."""
    recipe = Recipe(form="sequence", cell=cell, hidden_size=4, **options)
    net = SequenceNetwork(5, 2, recipe, code_sizes=(4, 2), dtype=np.float64, seed=1)
    net.flat[:] = np.random.default_rng(3).normal(size=net.flat.size) * 0.4
    codes = np.array([[3.0, 0.0], [1.0, 1.0], [3.0, 1.0]])
    return net, np.concatenate([inputs(), np.repeat(codes[:, None], 5, axis=1)], axis=2)


@pytest.mark.parametrize("lengths", [None, np.array([5, 0, 3])], ids=["full", "ragged"])
@pytest.mark.parametrize("skip", [True, False])
def test_gradients_of_categories(skip: bool, lengths: Array | None) -> None:
    net, x = with_categories("lstm", residual=True, skip=skip)
    report = nn.check_gradients(net, x, lengths=lengths)
    assert report.ok, f"\n{report}"


def test_a_category_counts_as_the_number_1_in_a_column_of_its_own() -> None:
    net, x = with_categories("gru", residual=True)
    state = net.state_dict()
    columns = np.concatenate(
        [x[..., :3], np.eye(4)[x[..., 3].astype(int)], np.eye(2)[x[..., 4].astype(int)]], axis=2
    )
    plain = SequenceNetwork(
        9, 2, Recipe(form="sequence", hidden_size=4, residual=True), dtype=np.float64
    )
    same = {name: value for name, value in state.items() if "code" not in name}
    for layer, start in (("inner", "code"), ("skip", "skip_code")):
        tables = [state[f"{start}{i}.weight"].T for i in (0, 1)]
        same[f"{layer}.weight"] = np.concatenate([state[f"{layer}.weight"], *tables], axis=1)
    plain.load_state_dict(same)
    np.testing.assert_allclose(net(x), plain(columns), rtol=1e-10)
    rows, steps = np.array([2, 0]), np.array([1, 4])
    np.testing.assert_allclose(net.outputs_at(x, rows, steps)[0], net(x)[rows, steps], rtol=1e-10)


def test_it_begins_with_no_change() -> None:
    net = SequenceNetwork(3, 2, Recipe(form="sequence", residual=True))
    assert not net(inputs().astype(np.float32)).any()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_states_are_carried(cell: str) -> None:
    net, x = made(cell, residual=True, num_layers=2), inputs()
    whole = net(x)
    first, state = net.run(x[:, :2])
    second, _ = net.run(x[:, 2:], state)
    np.testing.assert_allclose(np.concatenate([first, second], 1), whole, rtol=1e-10)


def test_chosen_outputs_are_those_of_the_whole() -> None:
    net, x = made(residual=True), inputs()
    rows, steps = np.array([2, 0, 2]), np.array([1, 4, 0])
    found, _ = net.outputs_at(x, rows, steps)
    np.testing.assert_allclose(found, net(x)[rows, steps], rtol=1e-12)
