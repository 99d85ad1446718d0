"""What every implementation of the kernels promises beside its gradients."""

from typing import Any

import numpy as np
import pytest

from gatecast.kernels.contract import Array, Masks
from tests.kernels.cases import ALL_ON, FEW, FORMS, PLAIN, RAGGED, B, Case, H, I, T, arrays_of

pytestmark = pytest.mark.usefixtures("both_kernels")

directions = pytest.mark.parametrize("reverse", [False, True], ids=["onward", "reverse"])
raggedness = pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def drawn(
    case: Case, batch: int = B, dtype: Any = np.float64
) -> tuple[Array, list[Array], Any, Masks]:
    rng = np.random.default_rng(11)
    x = rng.normal(size=(T, batch, I)).astype(dtype)
    states, weights = case.states(rng, batch, dtype), case.weights(rng, dtype)
    return x, states, weights, case.masks(rng, batch, dtype)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
@raggedness
@DTYPES
def test_shapes_and_dtypes(case: Case, lengths: Array | None, reverse: bool, dtype: Any) -> None:
    x, states, weights, masks = drawn(case, dtype=dtype)
    y, *ends, saved = case.forward(x, states, weights, masks, lengths=lengths, reverse=reverse)
    assert y.shape == (T, B, case.fed_back)
    assert [a.shape for a in ends] == [a.shape for a in states]
    assert saved.hidden.shape == (T + 1, B, case.fed_back)
    if case.cell == "lstm":
        assert saved.cells.shape == (T + 1, B, H)
    if case.cell != "rnn":
        assert saved.gates.shape == (T, B, case.gates * H)
    if case.cell == "gru":
        assert (saved.recurrent_n is None) == (not case.keywords["reset_after"])
    if case.extended:
        products = T, B, case.gates * H
        assert saved.normed_ih.shape == saved.normed_hh.shape == products
        pair = case.cell == "gru" and not case.keywords["reset_after"]
        assert saved.precision_ih.shape == (T, B, 1)
        assert saved.precision_hh.shape == (T, B, 2 if pair else 1)
    assert saved.reverse is reverse
    results = arrays_of(case.backward(saved, y.copy(), *ends))
    assert {a.dtype for a in [y, *ends, *results]} == {np.dtype(dtype)}
    assert all(a.dtype == dtype for a in saved if isinstance(a, np.ndarray) and a is not lengths)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
def test_outputs_are_the_saved_states(case: Case, reverse: bool) -> None:
    x, states, weights, masks = drawn(case)
    y, *ends, saved = case.forward(x, states, weights, masks, reverse=reverse)
    shown = saved.hidden[:-1] if reverse else saved.hidden[1:]
    np.testing.assert_array_equal(y, shown)
    np.testing.assert_array_equal(ends[0], y[0] if reverse else y[-1])
    np.testing.assert_array_equal(states[0], saved.hidden[-1] if reverse else saved.hidden[0])


@pytest.mark.parametrize("case", FEW, ids=str)
def test_outputs_that_share_the_saved_memory_cannot_be_written_to(case: Case) -> None:
    x, states, weights, masks = drawn(case)
    y, *ends, saved = case.forward(x, states, weights, masks)
    assert not (y.flags.writeable and np.shares_memory(y, saved.hidden))
    assert not any(np.shares_memory(end, saved.hidden) for end in ends)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
@raggedness
def test_forward_changes_none_of_its_arguments(
    case: Case, lengths: Array | None, reverse: bool
) -> None:
    x, states, weights, masks = drawn(case)
    given = [a for a in [x, *states, *weights, *masks] if a is not None]
    before = [a.copy() for a in given]
    case.forward(x, states, weights, masks, lengths=lengths, reverse=reverse)
    for a, b in zip(given, before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("case", PLAIN, ids=str)
@directions
@raggedness
def test_the_extended_cell_without_options_is_the_plain_cell(
    case: Case, lengths: Array | None, reverse: bool
) -> None:
    x, states, weights, _ = drawn(case)
    extended = Case(case.cell, case.form, case.options, extended=True)
    results = []
    for variant in (case, extended):
        *outputs, saved = variant.forward(x, states, weights, lengths=lengths, reverse=reverse)
        derivatives = [np.cos(a) for a in outputs]
        results.append([*outputs, *arrays_of(variant.backward(saved, *derivatives))])
    for plain, other in zip(*results, strict=True):
        np.testing.assert_allclose(other, plain, rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
def test_a_ragged_row_is_the_row_alone(case: Case, reverse: bool) -> None:
    x, states, weights, masks = drawn(case)
    y, *ends, _ = case.forward(x, states, weights, masks, lengths=RAGGED, reverse=reverse)
    for row, length in enumerate(RAGGED):
        assert not np.any(y[length:, row])
        alone = [state[row : row + 1] for state in states]
        if length:
            own = Masks(
                *(
                    None if m is None
                    else m[row : row + 1] if m.ndim == 2
                    else m[:length, row : row + 1]
                    for m in masks
                )
            )  # fmt: skip
            part, *alone, _ = case.forward(
                x[:length, row : row + 1], alone, weights, own, reverse=reverse
            )
            np.testing.assert_allclose(y[:length, row], part[:, 0], rtol=0, atol=1e-12)
        for end, wanted in zip(ends, alone, strict=True):
            np.testing.assert_allclose(end[row], wanted[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", FEW, ids=str)
def test_a_reversed_run_is_the_run_of_the_reversed_sequence(case: Case) -> None:
    x, states, weights, masks = drawn(case)
    flipped = Masks(*(m if m is None or m.ndim == 2 else m[::-1].copy() for m in masks))
    y, *ends, _ = case.forward(x, states, weights, masks, reverse=True)
    other, *other_ends, _ = case.forward(x[::-1].copy(), states, weights, flipped)
    np.testing.assert_allclose(y, other[::-1], rtol=0, atol=1e-12)
    for a, b in zip(ends, other_ends, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
def test_nan_stays_in_its_row(case: Case, reverse: bool) -> None:
    x, states, weights, masks = drawn(case)
    x[1, 1, 0] = np.nan
    y, *ends, saved = case.forward(x, states, weights, masks, reverse=reverse)
    others = [0, 2]
    assert np.isnan(ends[0][1]).any()
    assert np.isfinite(y[:, others]).all()
    assert all(np.isfinite(end[others]).all() for end in ends)
    seen = slice(0, 2) if reverse else slice(1, None)
    unseen = slice(2, None) if reverse else slice(0, 1)
    assert np.isnan(y[seen, 1]).any(axis=1).all()
    assert np.isfinite(y[unseen, 1]).all()
    dx, *_ = case.backward(saved, np.ones_like(y))
    assert np.isfinite(dx[:, others]).all()


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
@raggedness
def test_a_batch_of_no_rows(case: Case, lengths: Array | None, reverse: bool) -> None:
    x, states, weights, masks = drawn(case, batch=0)
    none = None if lengths is None else np.zeros(0, int)
    y, *ends, saved = case.forward(x, states, weights, masks, lengths=none, reverse=reverse)
    assert y.shape == (T, 0, case.fed_back)
    assert [a.shape for a in ends] == [a.shape for a in states]
    dx, *dstates, dweights = case.backward(saved, y.copy(), *ends)
    assert dx.shape == x.shape
    assert [a.shape for a in dstates] == [a.shape for a in states]
    for weight, gradient in zip(weights, dweights, strict=True):
        assert (weight is None) == (gradient is None)
        assert weight is None or (gradient.shape == weight.shape and not np.any(gradient))


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
def test_rows_of_no_steps_keep_their_state(case: Case, reverse: bool) -> None:
    x, states, weights, masks = drawn(case)
    y, *ends, _ = case.forward(x, states, weights, masks, lengths=np.zeros(B, int), reverse=reverse)
    assert not np.any(y)
    for end, state in zip(ends, states, strict=True):
        np.testing.assert_array_equal(end, state)


@pytest.mark.parametrize("case", FEW, ids=str)
@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64, np.uint8, np.uint64])
def test_lengths_of_every_integer_dtype(case: Case, kind: Any) -> None:
    x, states, weights, masks = drawn(case)
    results = []
    for lengths in (RAGGED, RAGGED.astype(kind)):
        *outputs, saved = case.forward(x, states, weights, masks, lengths=lengths)
        results.append([*outputs, *arrays_of(case.backward(saved, *outputs))])
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("case", [case for case in PLAIN if not case.options], ids=str)
def test_large_values_saturate_without_a_warning(case: Case) -> None:
    if dict(case.form).get("nonlinearity") == "relu":
        return  # a relu network has no bound
    x, states, weights, _ = drawn(case, dtype=np.float32)
    y, *_, saved = case.forward(x * np.float32(1e30), states, weights)
    assert np.isfinite(y).all()
    assert np.isfinite(case.backward(saved, np.ones_like(y))[0]).all()


def test_every_option_changes_the_outputs() -> None:
    """A kernel that ignored one of them would pass the gradient check."""
    for cell, forms in FORMS.items():
        case = next(case for case in ALL_ON if case.cell == cell and case.form == forms[0])
        x, states, weights, masks = drawn(case)
        whole = case.forward(x, states, weights, masks)[0]
        for name, value in weights._asdict().items():
            if value is not None:
                other = weights._replace(
                    **{name: value + 0.5 * np.cos(np.arange(value.size)).reshape(value.shape)}
                )
                assert not np.allclose(case.forward(x, states, other, masks)[0], whole), name
        for name, value in masks._asdict().items():
            if value is not None:
                other_masks = masks._replace(**{name: np.zeros_like(value)})
                assert not np.allclose(case.forward(x, states, weights, other_masks)[0], whole)
