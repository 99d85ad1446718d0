"""Sequences of unequal lengths: as if padded to one block, at the cost of their own steps."""

import pickle
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import nn, train
from gatecast.errors import DivergenceError
from gatecast.estimators import SequenceClassifier, SequenceRegressor, build_network
from gatecast.estimators.ragged import DIGIT, SHORT, OverRagged, Ragged, alike


def sequences(lengths: Any, features: int = 2, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(length, features)).astype(np.float32) for length in lengths]


def padded(rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.array([len(row) for row in rows])
    block = np.zeros((len(rows), lengths.max(), rows[0].shape[1]), rows[0].dtype)
    for i, row in enumerate(rows):
        block[i, : len(row)] = row
    return block, lengths


MIXED = (3, 700, 90, 1, 200, 64, 65, 20, 150, 5, 400, 130)


@given(lengths=st.lists(st.integers(1, 900), min_size=1, max_size=60))
def test_every_row_is_in_one_group_of_its_like(lengths):
    groups = list(alike(np.array(lengths)))
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(lengths)))
    for rows in groups:
        of_group = np.array(lengths)[rows]
        assert (np.diff(rows) > 0).all()
        assert of_group.max() <= SHORT or 2 * of_group.min() >= of_group.max()
    assert len(groups) <= 1 + max(0, np.ceil(np.log2(max(lengths) / SHORT)))


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=20), seed=st.integers(0, 9)
)  # fmt: skip
def test_a_block_is_what_padding_gives(lengths, seed):
    rows = sequences(lengths, seed=seed)
    chosen = np.random.default_rng(seed).permutation(len(rows))[: 1 + len(rows) // 2]
    block, found = Ragged.of(rows).block(chosen)
    expected, own = padded([rows[i] for i in chosen])
    assert np.array_equal(block, expected)
    if found is None:
        assert (own == own[0]).all()
    else:
        assert np.array_equal(found, own)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_training_is_that_of_one_padded_block(cell, num_layers):
    rows = sequences(MIXED)
    y = np.random.default_rng(1).normal(size=(len(rows), 1)).astype(np.float32)
    whole, lengths = padded(rows)
    nets = [build_network(cell, 2, 1, hidden_size=5, num_layers=num_layers) for _ in range(2)]
    learning = OverRagged(nets[0], Ragged.of(rows))
    options: dict[str, Any] = {"epochs": 3, "batch_size": 5, "validation": 0.2, "seed": 3}
    found = train.fit(learning, nn.MSE(), nn.Adam(), learning.numbers, y, **options)
    learning.release()
    padding = train.fit(nets[1], nn.MSE(), nn.Adam(), whole, y, lengths=lengths, **options)
    assert np.allclose(nets[0].flat, nets[1].flat, rtol=1e-4, atol=1e-6)
    for column in ("loss", "val_loss", "gradient_norm"):
        assert np.allclose(found[column], padding[column], rtol=1e-4)


def test_gradients_and_those_by_the_initial_states_are_those_of_one_block():
    rows = [row.astype(np.float64) for row in sequences(MIXED)]
    whole, lengths = padded(rows)
    net = build_network("lstm", 2, 3, hidden_size=4, dtype=np.float64)
    dy = np.random.default_rng(2).normal(size=(len(rows), 3))
    expected, _, saved = net.forward(whole, None, lengths, True)
    _, starts = net.backward(saved, dy, need_dx=False)
    gradient = net.flat_grad.copy()
    learning = OverRagged(net, Ragged.of(rows))
    learning.zero_grad()
    y, _, saved = learning.forward(learning.numbers, None, None, True)
    _, found = learning.backward(saved, dy, need_dx=False)
    assert np.allclose(y, expected, rtol=1e-10)
    assert np.allclose(learning.flat_grad, gradient, rtol=1e-9, atol=1e-12)
    order = np.concatenate(list(alike(lengths)))
    for one, other in zip(found[0], starts[0], strict=True):
        assert np.allclose(one, other[:, order], rtol=1e-9, atol=1e-12)
    assert list(learning.named_parameters()) == list(net.named_parameters())


def test_a_released_network_is_one_by_itself():
    net = build_network("gru", 2, 1, hidden_size=3)
    expected = net.flat.copy()
    learning = OverRagged(net, Ragged.of(sequences(MIXED)))
    learning.flat[0] += 1
    learning.release()
    expected[0] += 1
    assert np.array_equal(net.flat, expected)
    again = OverRagged(net, Ragged.of(sequences(MIXED)))  # it may be trained so once more
    assert np.array_equal(again.flat, expected)


def test_numbers_beyond_what_float32_counts_are_told():
    many = np.arange(5) + 2**24 + 1
    steps, net = np.ones((1, 1), np.float32), build_network("rnn", 1, 1)
    learning = OverRagged(net, Ragged(steps, np.arange(3)))
    assert learning.numbers.tolist() == [[0, 0], [0, 1]]
    digits = np.stack(np.divmod(many, DIGIT), axis=1).astype(np.float32)
    assert (digits.astype(np.intp) @ (DIGIT, 1)).tolist() == many.tolist()


@pytest.mark.parametrize("model", [SequenceRegressor, SequenceClassifier])
def test_one_long_sequence_costs_its_own_steps(model):
    rows = [row[:, 0] for row in sequences([*[20] * 400, 19, 20_000])]
    y = np.arange(len(rows)) % 2
    tracemalloc.start()
    fitted = model(epochs=1, hidden_size=8).fit(rows, y)
    fitted.predict(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6  # padded to the longest, X alone would be 64 MB, and a batch as much


def test_no_row_depends_on_the_others():
    rows = sequences((*MIXED, 3_000))
    y = np.array([row[-1, 0] for row in rows])
    model = SequenceRegressor(epochs=2, dropout=0.2, patience=5).fit(rows, y)
    together = model.predict(rows)
    alone = [model.predict(row[None])[0] for row in rows]
    assert np.allclose(together, alone, rtol=1e-9)
    turned = model.predict(rows[::-1])[::-1]
    assert np.allclose(together, turned, rtol=1e-9)


def test_the_seed_decides_and_training_goes_on():
    rows = sequences(MIXED)
    y = np.array([row[-1, 0] for row in rows])

    def fitted(**options: Any) -> SequenceRegressor:
        return SequenceRegressor(epochs=2, dropout=0.2, hidden_size=4, **options).fit(rows, y)

    first = fitted(ensemble=2)
    assert np.array_equal(first.predict(rows), fitted(ensemble=2).predict(rows))
    again = pickle.loads(pickle.dumps(first))
    assert np.array_equal(again.partial_fit(rows, y).predict(rows),
                          first.partial_fit(rows, y).predict(rows))  # fmt: skip
    block = np.stack([row[:1] for row in rows])
    assert np.isfinite(first.partial_fit(block, y).predict(rows)).all()  # then of one length


def test_events_name_the_layers_of_the_network():
    rows = sequences(MIXED)
    y = np.array([row[-1, 0] for row in rows])
    with pytest.raises(DivergenceError) as ragged:
        SequenceRegressor("rnn", lr=1e30, clip_norm=None, standardise=False).fit(rows, y)
    assert ", 2.weight had the largest part of it" in str(ragged.value)
