"""Short calls, whose weights are not packed, agree with long ones and with the reference."""

import numpy as np
import pytest

from tests.kernels.native.problems import FORMS, NATIVE, REFERENCE, TOLERANCE, assert_same, problem


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("hidden", [1, 7, 13, 15, 16, 17, 31, 64, 100])
def test_short_calls_agree_with_the_reference(form, dtype, hidden, isa):
    for steps, batch, inputs in ((1, 1, 9), (1, 3, 1), (3, 1, 20), (1, 2, 64)):
        case = problem(form, steps, batch, inputs, hidden, dtype)
        assert_same(case.forward(NATIVE), case.forward(REFERENCE), TOLERANCE[dtype])


@pytest.mark.parametrize("form", FORMS)
def test_steps_one_by_one_are_the_whole(form):
    case = problem(form, 12, 2, 5, 33)
    whole, *last, _ = case.forward(NATIVE)
    x, outputs = case.x, []
    for step in range(len(x)):
        case.x = x[step : step + 1]
        y, *states, _ = case.forward(NATIVE)
        case.states = tuple(states)
        outputs.append(y)
    np.testing.assert_allclose(np.concatenate(outputs), whole, atol=1e-13)
    assert_same(tuple(states), tuple(last), 1e-13)
