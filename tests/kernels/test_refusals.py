"""Arrays that do not fit are refused before any work, by name."""

from typing import Any

import numpy as np
import pytest

from gatecast import kernels
from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Masks, Weights
from tests.kernels.cases import ALL_ON, FEW, PLAIN, B, Case, H, I, T

pytestmark = pytest.mark.usefixtures("both_kernels")

LSTM = next(case for case in PLAIN if case.cell == "lstm" and not case.options)
EXTENDED_LSTM = next(case for case in ALL_ON if case.cell == "lstm")
every_case = pytest.mark.parametrize("case", FEW, ids=str)


class Arguments:
    """Arrays that fit; a test spoils one of them."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng(5)
        self.case = case
        self.x = rng.normal(size=(T, B, I))
        self.states, self.weights, self.masks = (
            case.states(rng), case.weights(rng), case.masks(rng),
        )  # fmt: skip

    def run(self, **keywords: Any) -> Any:
        return self.case.forward(self.x, self.states, self.weights, self.masks, **keywords)


@every_case
def test_a_sequence_of_no_steps(case: Case) -> None:
    given = Arguments(case)
    given.x = given.x[:0]
    with pytest.raises(InputError, match=r"x has no time steps .*needs at least one"):
        given.run()


@every_case
def test_x_with_another_number_of_axes(case: Case) -> None:
    given = Arguments(case)
    given.x = given.x[0]
    with pytest.raises(InputError, match=r"x must have 3 axes .*it has shape \(3, 2\)"):
        given.run()


@every_case
@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.complex128, bool, ">f8"])
def test_x_of_another_dtype(case: Case, dtype: Any) -> None:
    given = Arguments(case)
    given.x = given.x.astype(dtype)
    with pytest.raises(DtypeError, match="x must be float32 or float64, it is"):
        given.run()


@every_case
def test_x_with_another_number_of_features(case: Case) -> None:
    given = Arguments(case)
    given.x = np.zeros((T, B, I + 1))
    with pytest.raises(InputError, match="weight_ih must have shape"):
        given.run()


@every_case
def test_each_weight_of_another_shape_or_dtype(case: Case) -> None:
    for name in Weights._fields:
        given = Arguments(case)
        weight = getattr(given.weights, name)
        if weight is None:
            continue
        whole = given.weights
        given.weights = whole._replace(**{name: np.zeros((*weight.shape[:-1], 11))})
        with pytest.raises(InputError, match="must have shape"):
            given.run()
        given.weights = whole._replace(**{name: weight.astype(np.float32)})
        with pytest.raises(DtypeError, match=f"{name} is float32 and x is float64"):
            given.run()


@every_case
def test_one_bias_without_the_other(case: Case) -> None:
    for name in ("bias_ih", "bias_hh"):
        given = Arguments(case)
        given.weights = Weights._make(
            None if n == name else w for n, w in given.weights._asdict().items()
        )
        with pytest.raises(InputError, match="bias_ih and bias_hh come together"):
            given.run()


@every_case
def test_each_state_of_another_shape_or_dtype(case: Case) -> None:
    for i, name in enumerate(("h0", "c0")[: 2 if case.cell == "lstm" else 1]):
        given = Arguments(case)
        whole = given.states
        for wrong in (whole[i][:-1], whole[i][:, :-1], whole[i][None]):
            given.states = [*whole[:i], wrong, *whole[i + 1 :]]
            with pytest.raises(InputError, match=rf"{name} must have shape \(3, \d\), it has"):
                given.run()
        given.states = [*whole[:i], whole[i].astype(np.float32), *whole[i + 1 :]]
        with pytest.raises(DtypeError, match=f"{name} is float32 and x is float64"):
            given.run()


@every_case
@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (
            np.array([1, 2]),
            r"lengths must hold one number a row, shape \(3,\); it has shape \(2,\)",
        ),
        (np.array([[1, 2, 3]]), "lengths must hold one number a row"),
        (np.array([1.0, 2.0, 3.0]), "lengths must be integers, they are float64"),
        (np.array([True, True, False]), "lengths must be integers, they are bool"),
        (np.array([1, 5, 2]), r"lengths\[1\] is 5; it must lie between 0 and the 4 steps of x"),
        (np.array([1, 2, -1]), r"lengths\[2\] is -1; it must lie between 0"),
        ([1, 2, 3], "lengths must be a NumPy array of integers, it is a list"),
    ],
)
def test_lengths_that_do_not_fit(case: Case, lengths: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Arguments(case).run(lengths=lengths)


@pytest.mark.parametrize("name", ["rnn_forward", "rnn_extended_forward"])
@pytest.mark.parametrize("nonlinearity", ["sigmoid", "Tanh", None])
def test_an_unknown_nonlinearity(name: str, nonlinearity: Any) -> None:
    case = next(c for c in FEW if c.cell == "rnn" and c.extended == ("extended" in name))
    given = Arguments(case)
    weights = (given.weights,) if case.extended else given.weights[:4]
    with pytest.raises(InputError, match="nonlinearity must be 'tanh' or 'relu', it is"):
        getattr(kernels.active(), name)(given.x, *given.states, *weights, nonlinearity=nonlinearity)


@pytest.mark.parametrize("case", ALL_ON, ids=str)
def test_each_mask_of_another_shape_or_dtype(case: Case) -> None:
    for name in Masks._fields:
        given = Arguments(case)
        mask = getattr(given.masks, name)
        if mask is None:
            continue
        whole = given.masks
        given.masks = whole._replace(**{name: mask[:, :1]})
        with pytest.raises(InputError, match=f"{name} must have shape"):
            given.run()
        given.masks = whole._replace(**{name: mask.astype(np.float32)})
        with pytest.raises(DtypeError, match=f"{name} is float32 and x is float64"):
            given.run()


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("name", ["weight_hr", "peephole", "norm_cell", "norm_cell_bias"])
def test_the_lstms_options_on_another_cell(cell: str, name: str) -> None:
    given = Arguments(next(case for case in ALL_ON if case.cell == cell))
    given.weights = given.weights._replace(**{name: np.ones(H)})
    with pytest.raises(InputError, match=f"{name} is an option of the LSTM"):
        given.run()


def test_half_of_the_cells_layer_norm() -> None:
    given = Arguments(EXTENDED_LSTM)
    given.weights = given.weights._replace(norm_cell_bias=None)
    with pytest.raises(InputError, match="norm_cell and norm_cell_bias come together"):
        given.run()


def test_a_wrong_argument_leaves_the_others_alone() -> None:
    given = Arguments(LSTM)
    before = [a.copy() for a in given.states]
    with pytest.raises(InputError):
        given.run(lengths=np.array([9, 9, 9]))
    for a, b in zip(given.states, before, strict=True):
        np.testing.assert_array_equal(a, b)
