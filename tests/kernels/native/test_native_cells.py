"""The compiled cells against the reference: values, saved arrays, mixed runs, refusals."""

import numpy as np
import pytest

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Weights
from tests.kernels.native.problems import (
    FORMS,
    NATIVE,
    REFERENCE,
    SIZES,
    TOLERANCE,
    assert_same,
    problem,
)

forms = pytest.mark.parametrize("form", FORMS)
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def assert_agrees(case):
    """Forward and backward agree, in all four combinations of implementations."""
    tolerance = TOLERANCE[case.x.dtype.type]
    wanted, result = case.forward(REFERENCE), case.forward(NATIVE)
    assert type(result[-1]) is type(wanted[-1])
    assert_same(result, wanted, tolerance)
    gradients = case.backward(REFERENCE, wanted[-1])
    for saved in (wanted[-1], result[-1]):
        assert_same(case.backward(NATIVE, saved), gradients, 4 * tolerance)
    assert_same(case.backward(REFERENCE, result[-1]), gradients, 4 * tolerance)


@forms
@dtypes
@pytest.mark.parametrize("hidden", SIZES)
def test_sizes(form, dtype, hidden, isa):
    for inputs, batch in ((1, 1), (9, 5), (33, 16), (hidden, 37)):
        assert_agrees(problem(form, 3, batch, inputs, hidden, dtype))


@forms
@dtypes
@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_ragged_and_reverse(form, dtype, ragged, reverse, isa):
    for seed in range(3):
        assert_agrees(problem(form, 9, 11, 3, 17, dtype, seed=seed, ragged=ragged, reverse=reverse))


@forms
def test_many_shards_and_chunks(form):
    assert_agrees(problem(form, 40, 70, 21, 48, np.float32, ragged=True))
    assert_agrees(problem(form, 40, 70, 5, 48, np.float64))


@forms
@dtypes
def test_empty_batch(form, dtype):
    assert_agrees(problem(form, 3, 0, 4, 5, dtype))


@forms
def test_all_lengths_zero_and_full(form):
    for lengths in (np.zeros(3, np.int64), np.full(3, 5), np.array([0, 5, 1], np.int32)):
        case = problem(form, 5, 3, 4, 7)
        case.options["lengths"] = lengths
        assert_agrees(case)


@forms
def test_without_bias(form):
    case = problem(form)
    case.weights = case.weights._replace(bias_ih=None, bias_hh=None)
    assert_agrees(case)
    assert case.backward(NATIVE, case.forward(NATIVE)[-1])[-1].bias_ih is None


@forms
@dtypes
@pytest.mark.parametrize("given", range(3))
def test_flows_may_be_none(form, dtype, given):
    case = problem(form, dtype=dtype)
    case.flows = tuple(f if k == given else None for k, f in enumerate(case.flows))
    assert_agrees(case)


@forms
@dtypes
def test_into_adds(form, dtype):
    case = problem(form, 20, 40, 9, 20, dtype)
    saved = case.forward(NATIVE)[-1]
    totals = {}
    for kernels in (REFERENCE, NATIVE):
        into = Weights._make(None if w is None else np.full_like(w, 0.5) for w in case.weights)
        dweights = case.backward(kernels, saved, into=into)[-1]
        assert dweights.weight_ih is into.weight_ih
        totals[kernels.name] = dweights
    assert_same(totals["native"], totals["reference"], 4 * TOLERANCE[dtype])


@forms
def test_need_dx(form):
    case = problem(form)
    saved = case.forward(NATIVE)[-1]
    with_dx, without = case.backward(NATIVE, saved), case.backward(NATIVE, saved, need_dx=False)
    assert without[0] is None
    assert_same(without[1:], with_dx[1:], 0)


@forms
@dtypes
def test_arrays_that_are_not_contiguous(form, dtype):
    case = problem(form, 6, 5, 4, 9, dtype, ragged=True)
    wanted = case.forward(REFERENCE)
    gradients = case.backward(REFERENCE, wanted[-1])

    def strided(a):
        wide = np.zeros((*a.shape, 2), dtype)
        wide[..., 1] = a
        return wide[..., 1]

    case.x = np.asfortranarray(case.x)
    case.states = tuple(map(strided, case.states))
    case.weights = Weights(*map(strided, case.weights[:4]))
    case.flows = tuple(map(strided, case.flows))
    result = case.forward(NATIVE)
    assert_same(result, wanted, TOLERANCE[dtype])
    saved = wanted[-1]._replace(hidden=strided(wanted[-1].hidden), lengths=wanted[-1].lengths)
    assert_same(case.backward(NATIVE, saved), gradients, 4 * TOLERANCE[dtype])


@forms
def test_inputs_are_not_changed_and_y_is_read_only(form):
    case = problem(form)
    before = [a.copy() for a in (case.x, *case.states, *case.weights[:4], *case.flows)]
    y, *_, saved = case.forward(NATIVE)
    kept = [a.copy() for a in saved if isinstance(a, np.ndarray)]
    case.backward(NATIVE, saved)
    case.backward(NATIVE, saved)
    after = (case.x, *case.states, *case.weights[:4], *case.flows)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    now = [a for a in saved if isinstance(a, np.ndarray)]
    assert all(np.array_equal(a, b) for a, b in zip(kept, now, strict=True))
    assert not y.flags.writeable


@forms
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_as_in_the_reference(form, value, isa):
    case = problem(form, 6, 4, 3, 17)
    case.x[2, 1, 0] = value
    with np.errstate(all="ignore"):
        wanted, result = case.forward(REFERENCE), case.forward(NATIVE)
    assert_same(result, wanted, 1e-12)
    if np.isnan(value):
        assert np.isnan(result[0][2:, 1]).all()
        assert np.isfinite(result[0][:, [0, 2, 3]]).all()


@forms
def test_nan_in_padding_does_not_count(form):
    case = problem(form, 6, 3, 3, 17)
    case.options["lengths"] = np.array([2, 6, 0])
    clean = case.forward(NATIVE)
    case.x[2:, 0] = np.nan
    case.x[:, 2] = np.inf
    result = case.forward(NATIVE)
    assert_same(result, clean, 0)
    case.flows[0][2:, 0] = np.nan
    gradients = case.backward(NATIVE, result[-1])
    assert all(np.isfinite(g).all() for g in (gradients[0], *gradients[-1][:4]))


def refusals():
    yield "steps", lambda c: setattr(c, "x", c.x[:0]), InputError
    yield "axes", lambda c: setattr(c, "x", c.x[0]), InputError
    yield "integers", lambda c: setattr(c, "x", c.x.astype(int)), DtypeError
    yield "inputs", lambda c: setattr(c, "x", c.x[..., :2]), InputError
    yield "states", lambda c: setattr(c, "states", tuple(s[:, :2] for s in c.states)), InputError
    yield "dtypes", lambda c: setattr(c, "x", c.x.astype(np.float32)), DtypeError
    yield (
        "one bias",
        lambda c: setattr(c, "weights", c.weights._replace(bias_hh=None)),
        InputError,
    )
    yield "lengths", lambda c: c.options.update(lengths=np.array([1, 9, 1])), InputError
    yield "float lengths", lambda c: c.options.update(lengths=np.ones(3)), DtypeError


@forms
@pytest.mark.parametrize(("name", "spoil", "error"), list(refusals()))
def test_refuses_what_the_reference_refuses(form, name, spoil, error):
    case = problem(form)
    spoil(case)
    with pytest.raises(error) as of_reference:
        case.forward(REFERENCE)
    with pytest.raises(error) as of_native:
        case.forward(NATIVE)
    assert str(of_native.value) == str(of_reference.value)


@forms
def test_refuses_gradients_of_a_wrong_shape(form):
    case = problem(form)
    saved = case.forward(NATIVE)[-1]
    case.flows = (case.flows[0][:2], *case.flows[1:])
    with pytest.raises(InputError, match="dy must be float64 of shape"):
        case.backward(NATIVE, saved)


@forms
def test_gradients_that_fade_away_are_zero_and_numpy_keeps_its_subnormals(form):
    """Subnormal gradients count as zero in the kernels, and nowhere else."""
    case = problem(form, dtype=np.float32)
    y, *_, saved = case.forward(NATIVE)
    dy = np.full(y.shape, 1e-40, np.float32)
    backward = getattr(NATIVE, f"{case.cell}_backward")
    dx, *_ = backward(saved, dy)
    assert not dx.any()
    assert (dy * np.float32(0.5)).all()
