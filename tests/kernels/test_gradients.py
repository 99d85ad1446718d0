"""The kernels' backward passes against finite differences in float64."""

from typing import Any

import numpy as np
import pytest

from gatecast.kernels.contract import Array, Weights
from tests.kernels.cases import EVERY, FEW, RAGGED, B, Case, H, I, T, arrays_of

pytestmark = pytest.mark.usefixtures("both_kernels")

EPSILON = 1e-6
directions = pytest.mark.parametrize("reverse", [False, True], ids=["onward", "reverse"])
raggedness = pytest.mark.parametrize("lengths", [None, RAGGED], ids=["full", "ragged"])


class Problem:
    """A case with drawn arrays, and the scalar Σ dy·y + Σ dh·h (+ Σ dc·c) to differentiate."""

    def __init__(self, case: Case, lengths: Array | None, reverse: bool) -> None:
        self.rng = np.random.default_rng(7)
        self.case, self.lengths, self.reverse = case, lengths, reverse
        self.x = self.rng.normal(size=(T, B, I))
        self.states = case.states(self.rng)
        self.weights = case.weights(self.rng)
        self.masks = case.masks(self.rng)
        *outputs, self.saved = self.run()
        self.derivatives = [self.rng.normal(size=a.shape) for a in outputs]

    def run(self) -> tuple[Any, ...]:
        return self.case.forward(
            self.x, self.states, self.weights, self.masks,
            lengths=self.lengths, reverse=self.reverse,
        )  # fmt: skip

    def objective(self) -> float:
        outputs = self.run()[:-1]
        return float(sum(np.sum(d * a) for d, a in zip(self.derivatives, outputs, strict=True)))

    def pairs(self) -> list[tuple[str, Array, Array]]:
        """Name, array and analytic gradient of everything that is differentiated by."""
        dx, *dstates, dweights = self.case.backward(self.saved, *self.derivatives)
        found = [("x", self.x, dx)]
        found += [
            (f"state {i}", a, d) for i, (a, d) in enumerate(zip(self.states, dstates, strict=True))
        ]
        for name, array, gradient in zip(Weights._fields, self.weights, dweights, strict=True):
            assert (array is None) == (gradient is None), name
            if array is not None:
                found.append((name, array, gradient))
        return found


def slope(problem: Problem, array: Array, along: Array) -> float:
    """Central difference of the objective along a direction."""
    start = array.copy()
    array += EPSILON * along
    above = problem.objective()
    array[...] = start - EPSILON * along
    below = problem.objective()
    array[...] = start
    return (above - below) / (2 * EPSILON)


@pytest.mark.parametrize("case", EVERY, ids=str)
@directions
@raggedness
def test_backward_agrees_with_finite_differences(
    case: Case, lengths: Array | None, reverse: bool
) -> None:
    problem = Problem(case, lengths, reverse)
    for name, array, gradient in problem.pairs():
        assert gradient.shape == array.shape, name
        for _ in range(3):  # a wrong entry shows along a random direction
            along = problem.rng.normal(size=array.shape)
            assert slope(problem, array, along) == pytest.approx(
                float(np.sum(gradient * along)), rel=1e-6, abs=1e-7
            ), name


@pytest.mark.parametrize("case", FEW, ids=str)
def test_each_entry_agrees_with_finite_differences(case: Case) -> None:
    problem = Problem(case, RAGGED, reverse=False)
    for name, array, gradient in problem.pairs():
        for entry in np.ndindex(array.shape):
            along = np.zeros(array.shape)
            along[entry] = 1
            found = slope(problem, array, along)
            assert found == pytest.approx(gradient[entry], rel=1e-6, abs=1e-7), (name, entry)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
@raggedness
def test_none_means_that_nothing_flows_in(case: Case, lengths: Array | None, reverse: bool) -> None:
    problem = Problem(case, lengths, reverse)
    count = len(problem.derivatives)
    for given in np.ndindex(*(2,) * count):
        some = [d if g else None for d, g in zip(problem.derivatives, given, strict=True)]
        zeros = [
            d if g else np.zeros_like(d) for d, g in zip(problem.derivatives, given, strict=True)
        ]
        results = [arrays_of(case.backward(problem.saved, *d)) for d in (some, zeros)]
        for found, wanted in zip(*results, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
@raggedness
def test_into_adds_to_what_is_there(case: Case, lengths: Array | None, reverse: bool) -> None:
    problem = Problem(case, lengths, reverse)
    fresh = case.backward(problem.saved, *problem.derivatives)[-1]
    totals = Weights._make(None if w is None else np.full_like(w, 3) for w in problem.weights)
    returned = case.backward(problem.saved, *problem.derivatives, into=totals)[-1]
    for total, back, part in zip(totals, returned, fresh, strict=True):
        assert back is total
        if total is not None:
            np.testing.assert_allclose(total, part + 3, rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", FEW, ids=str)
@raggedness
def test_without_need_dx_only_dx_is_missing(case: Case, lengths: Array | None) -> None:
    problem = Problem(case, lengths, reverse=False)
    whole = case.backward(problem.saved, *problem.derivatives)
    dx, *rest = case.backward(problem.saved, *problem.derivatives, need_dx=False)
    assert dx is None
    for found, wanted in zip(arrays_of(tuple(rest)), arrays_of(whole[1:]), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("case", FEW, ids=str)
@raggedness
def test_backward_twice_gives_the_same_bits_and_changes_nothing(
    case: Case, lengths: Array | None
) -> None:
    problem = Problem(case, lengths, reverse=False)
    before = [a.copy() for a in [problem.x, *problem.states, *problem.derivatives]]
    first = arrays_of(case.backward(problem.saved, *problem.derivatives))
    second = arrays_of(case.backward(problem.saved, *problem.derivatives))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    after = [problem.x, *problem.states, *problem.derivatives]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("case", FEW, ids=str)
def test_rows_of_no_steps_pass_the_states_derivatives_on(case: Case) -> None:
    problem = Problem(case, np.zeros(B, int), reverse=False)
    dx, *dstates, dweights = case.backward(problem.saved, *problem.derivatives)
    assert not np.any(dx)
    for dstate, given in zip(dstates, problem.derivatives[1:], strict=True):
        np.testing.assert_array_equal(dstate, given)
    assert all(d is None or not np.any(d) for d in dweights)


@pytest.mark.parametrize("case", FEW, ids=str)
@directions
def test_nan_in_the_padding_never_counts(case: Case, reverse: bool) -> None:
    clean, dirty = (Problem(case, RAGGED, reverse) for _ in range(2))
    padding = np.arange(T)[:, None] >= RAGGED
    dirty.x[padding] = np.nan
    *outputs, dirty.saved = dirty.run()
    dirty.derivatives[0][padding] = np.nan
    for a, b in zip(outputs, clean.run()[:-1], strict=True):
        np.testing.assert_array_equal(a, b)
    results = [arrays_of(p.case.backward(p.saved, *p.derivatives)) for p in (dirty, clean)]
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_grid_holds_every_option_alone_and_every_pair() -> None:
    assert len(EVERY) == len(set(EVERY)) == 10 + 28 + 45 + 5
    assert H != I
