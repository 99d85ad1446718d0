"""What holds of every network, whatever its cell, options, sizes and batch."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent
from tests.agreement import assert_agree
from tests.both_kernels import both_kernels  # noqa: F401
from tests.nn.made_networks import (
    Batch,
    Result,
    mapped,
    named,
    networks_with_batches,
    recurrent_layers,
    rows_of,
    run,
    seeds,
    sizes,
)

pytestmark = pytest.mark.usefixtures("both_kernels")


@given(made=networks_with_batches(), data=st.data())
def test_the_order_of_the_batch_does_not_matter(
    made: tuple[Module, Batch], data: st.DataObject
) -> None:
    net, batch = made
    order = data.draw(st.permutations(range(len(batch.x))))
    assert batch.lengths is not None
    shuffled = Batch(
        batch.x[order],
        rows_of(net, batch.state, order),
        batch.lengths[order],
        batch.dy[order],
        rows_of(net, batch.dstate, order),
    )
    plain = run(net, batch)
    expected = Result(
        plain.y[order],
        rows_of(net, plain.final, order),
        plain.dx[order],
        rows_of(net, plain.dinitial, order),
        plain.gradients,
    )
    assert_agree(run(net, shuffled).by_name(), expected.by_name())


@given(
    made=networks_with_batches(), garbage=st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -7.0])
)
def test_the_padding_does_not_matter(made: tuple[Module, Batch], garbage: float) -> None:
    net, batch = made
    clean = run(net, batch).by_name()
    padding = padding_of(batch)
    x = batch.x.copy()
    x[padding] = garbage
    dy = batch.dy.copy()
    if isinstance(net, Recurrent):  # there, the outputs of padding are constants
        dy[padding] = garbage
    found = run(net, batch._replace(x=x, dy=dy)).by_name()
    for name, value in clean.items():
        assert np.array_equal(found[name], value), name
    assert not found["dx"][padding].any()
    if isinstance(net, Recurrent):
        assert not found["y"][padding].any()


def test_padding_does_not_reach_a_chain_without_a_recurrence() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.SiLU(), nn.Linear(3, 1))
    x = np.ones((2, 4, 2), np.float32)
    x[1, 2:] = np.nan
    y, _, saved = net.forward(x, lengths=np.array([4, 2]))
    dx, _ = net.backward(saved, np.ones_like(y))
    assert dx is not None
    assert np.isfinite(y).all()
    assert np.isfinite(net.flat_grad).all()
    assert dx[1, :2].all()
    assert not dx[1, 2:].any()


def padding_of(batch: Batch) -> Array:
    """(B, T) booleans: is the step past the row's length?"""
    assert batch.lengths is not None
    return np.arange(batch.x.shape[1]) >= batch.lengths[:, None]


@given(made=networks_with_batches())
def test_a_row_of_a_ragged_batch_is_that_row_alone(made: tuple[Module, Batch]) -> None:
    net, batch = made
    assert batch.lengths is not None
    together = run(net, batch._replace(dy=np.where(padding_of(batch)[..., None], 0, batch.dy)))
    total = {name: np.zeros_like(value) for name, value in together.gradients.items()}
    for b, length in enumerate(batch.lengths):
        row = [b]
        start, dstate = rows_of(net, batch.state, row), rows_of(net, batch.dstate, row)
        if length == 0:
            assert_same(rows_of(net, together.final, row), start)
            assert_same(rows_of(net, together.dinitial, row), dstate)
            continue
        alone = run(net, Batch(batch.x[row, :length], start, None, batch.dy[row, :length], dstate))
        total = {name: value + alone.gradients[name] for name, value in total.items()}
        expected = alone._replace(gradients={})
        ours = Result(
            together.y[row, :length],
            rows_of(net, together.final, row),
            together.dx[row, :length],
            rows_of(net, together.dinitial, row),
            {},
        )
        assert_agree(ours.by_name(), expected.by_name())
    assert_agree(together.gradients, total)


def assert_same(found: Any, expected: Any) -> None:
    assert_agree(named("state", found), named("state", expected))


@given(made=networks_with_batches(both_ways=False, ragged=False))
def test_stepping_is_the_whole_run(made: tuple[Module, Batch]) -> None:
    net, batch = made
    for start in (net.start(len(batch.x)), batch.state):
        y, final = net.run(batch.x, start)
        outputs, state = [], start
        for t in range(batch.x.shape[1]):
            output, state = net.step(batch.x[:, t], state)
            outputs.append(output)
        assert_agree({"y": np.stack(outputs, axis=1)}, {"y": y})
        assert_same(state, final)


@given(made=networks_with_batches(both_ways=False))
def test_no_state_is_the_state_that_start_gives(made: tuple[Module, Batch]) -> None:
    net, batch = made
    y, final = net.run(batch.x, None, batch.lengths)
    found, ends = net.run(batch.x, net.start(len(batch.x)), batch.lengths)
    assert np.array_equal(found, y)
    assert_same(ends, final)


@given(made=networks_with_batches(both_ways=False), data=st.data())
def test_chunks_with_carried_state_are_the_whole_run(
    made: tuple[Module, Batch], data: st.DataObject
) -> None:
    net, batch = made
    T = batch.x.shape[1]
    assert batch.lengths is not None
    cuts = [0, *sorted(data.draw(st.sets(st.integers(1, T))) - {T}), T]
    whole = run(net, batch)

    net.zero_grad()
    state, outputs, passes = batch.state, [], []
    for first, last in itertools.pairwise(cuts):
        lengths = np.clip(batch.lengths - first, 0, last - first)
        y, state, saved = net.forward(batch.x[:, first:last], state, lengths)
        outputs.append(y)
        passes.append((saved, batch.dy[:, first:last]))
    flows: list[Any] = []
    dstate = batch.dstate
    for saved, dy in reversed(passes):
        dx, dstate = net.backward(saved, dy, dstate)
        flows.insert(0, dx)
    chunked = Result(
        np.concatenate(outputs, axis=1),
        state,
        np.concatenate(flows, axis=1),
        dstate,
        net.gradients(),
    )
    assert_agree(chunked.by_name(), whole.by_name())


@given(net=recurrent_layers(both_ways=False, most_layers=1), batch=sizes, steps=sizes, seed=seeds)
def test_a_reversed_run_is_the_run_of_the_reversed_sequence(
    net: Recurrent, batch: int, steps: int, seed: int
) -> None:
    both = as_second_direction(net, seed)
    rng = np.random.default_rng(seed)
    x, lengths = rng.normal(size=(batch, steps, 2)), rng.integers(0, steps + 1, size=batch)
    state = mapped(lambda part: rng.normal(size=(2, *part.shape[1:])), net.start(batch))
    y, final = both.run(x, state, lengths)
    backward, ends = net.run(
        reversed_rows(x, lengths), mapped(lambda part: part[1:], state), lengths
    )
    assert_agree({"y": y[:, :, net.output_size :]}, {"y": reversed_rows(backward, lengths)})
    assert_same(mapped(lambda part: part[1:], final), ends)


def as_second_direction(net: Recurrent, seed: int) -> Recurrent:
    """A bidirectional layer whose second direction has the parameters of ``net``."""
    options: dict[str, Any] = {
        name: getattr(net, name)
        for name in (
            "bias", "recurrent_dropout", "layer_norm", "zoneout", "dtype",
            "nonlinearity", "reset_after", "peepholes", "proj_size", "coupled",
        )
        if hasattr(net, name)
    }  # fmt: skip
    both = type(net)(net.input_size, net.hidden_size, bidirectional=True, seed=seed, **options)
    own = {f"{name}_reverse": value for name, value in net.state_dict().items()}
    both.load_state_dict(both.state_dict() | own)
    return both


def reversed_rows(x: Array, lengths: Array) -> Array:
    """Each row's real steps in the opposite order, the padding where it was."""
    turned = x.copy()
    for row, length in enumerate(lengths):
        turned[row, :length] = x[row, :length][::-1]
    return turned


@given(
    seed=seeds,
    kernel_size=st.integers(1, 3),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    padding=st.one_of(st.integers(0, 3), st.sampled_from(["same", "causal"])),
)
def test_a_ragged_convolution_is_each_row_alone(
    seed: int, kernel_size: int, stride: int, dilation: int, padding: int | str
) -> None:
    stride = 1 if padding == "same" else stride
    net = nn.Conv1d(
        2, 3, kernel_size, stride=stride, dilation=dilation, padding=padding, dtype=np.float64
    )
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 9, size=4)
    x = rng.normal(size=(4, 8, 2))
    x[np.arange(8) >= lengths[:, None]] = np.nan
    y, after = net(x, lengths), net.lengths_after(lengths)
    assert after is not None
    for row, real in enumerate(after):
        assert not y[row, real:].any()
        if real:
            alone = net(x[row : row + 1, : lengths[row]])[0]
            assert_agree({"y": y[row, :real]}, {"y": alone})
