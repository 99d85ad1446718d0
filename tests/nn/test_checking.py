"""The gradient check finds what is wrong, and names it."""

from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import InputError
from gatecast.kernels.contract import Array


class WrongSign(nn.Linear):
    def backward(self, saved: Array, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        dx: Any = super().backward(saved, dy, dstate)[0]
        return -dx, None


class NoBiasGradient(nn.Linear):
    def backward(self, saved: Array, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        before = self.gradients()["bias"].copy()
        result = super().backward(saved, dy, dstate)
        self.gradients()["bias"][:] = before
        return result


class ForgetsOneStep(nn.Linear):
    def backward(self, saved: Array, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        return super().backward(saved[:, 1:], dy[:, 1:])[0], None


class NoDx(nn.Linear):
    def backward(self, saved: Array, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        return super().backward(saved, dy, dstate, need_dx=False)


class OtherShape(nn.Linear):
    def backward(self, saved: Array, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        dx: Any = super().backward(saved, dy, dstate)[0]
        return dx.swapaxes(0, 1), None


class NotANumber(nn.Linear):
    def backward(self, saved: Array, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        result = super().backward(saved, dy, dstate)
        self.gradients()["weight"][0, 0] = np.nan
        return result


class OneStepLate(nn.LSTM):
    """The outputs' gradient arrives at the step after its own."""

    def backward(self, saved: Any, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        return super().backward(saved, np.roll(dy, 1, axis=1), dstate, need_dx=need_dx)


class NothingThroughTheCell(nn.LSTM):
    """The gradient by the cell's final state is dropped."""

    def backward(self, saved: Any, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        dh, dc = dstate
        return super().backward(saved, dy, (dh, np.zeros_like(dc)), need_dx=need_dx)


class NoDstate(nn.GRU):
    def backward(self, saved: Any, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        return super().backward(saved, dy, dstate, need_dx=need_dx)[0], None


class HalfOfDstate(nn.LSTM):
    def backward(self, saved: Any, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
        dx, (dh, _) = super().backward(saved, dy, dstate, need_dx=need_dx)
        return dx, dh


def sequences(*shape: int) -> Array:
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (WrongSign, "x"),
        (NoBiasGradient, "bias"),
        (NoDx, "x"),
        (OtherShape, "x"),
        (NotANumber, "weight"),
    ],
)
def test_a_wrong_linear_layer_is_found(kind: Any, name: str) -> None:
    x = sequences(4, 5, 3)
    assert nn.check_gradients(nn.Linear(3, 2), x).ok
    report = nn.check_gradients(kind(3, 2), x)
    assert not report.ok
    assert report.worst[0] == name
    wrong = {n for n, error in report.errors.items() if not error <= report.tolerance}
    assert wrong == {name}


def test_a_wrong_layer_within_a_network_is_named() -> None:
    net = nn.Sequential(nn.GRU(3, 4), NoBiasGradient(4, 2), nn.Tanh(), nn.Linear(2, 1))
    report = nn.check_gradients(net, sequences(4, 5, 3))
    assert not report.ok
    assert report.worst[0] == "1.bias"
    assert "1.bias does not agree" in str(report)
    assert str(report).count("WRONG") == 1


def test_a_step_that_is_left_out_is_found() -> None:
    report = nn.check_gradients(ForgetsOneStep(3, 2), sequences(4, 5, 3), training=False)
    assert not report.ok
    assert report.worst[0] == "x"
    assert report.errors["weight"] > 1e-3


@pytest.mark.parametrize("kind", [OneStepLate, NothingThroughTheCell])
def test_a_wrong_recurrence_is_found(kind: Any) -> None:
    x = sequences(4, 5, 3)
    assert nn.check_gradients(nn.LSTM(3, 4), x).ok
    report = nn.check_gradients(kind(3, 4), x)
    assert not report.ok
    assert report.worst[1] > 1e-2


def test_a_missing_gradient_by_the_initial_state_is_found() -> None:
    state = sequences(1, 2, 4)
    assert nn.check_gradients(nn.GRU(3, 4), sequences(2, 5, 3), state=state).ok
    report = nn.check_gradients(NoDstate(3, 4), sequences(2, 5, 3), state=state)
    assert not report.ok
    assert report.worst[0] == "state 0"
    pair = sequences(1, 2, 4), sequences(1, 2, 4)
    with pytest.raises(InputError, match=r"backward gave 1 arrays for the initial state, .* 2"):
        nn.check_gradients(HalfOfDstate(3, 4), sequences(2, 5, 3), state=pair)


@pytest.mark.parametrize("entry", [(0, 0), (11, 1), (15, 3)])
def test_one_wrong_entry_is_found_when_all_are_compared(entry: tuple[int, int]) -> None:
    class OneWrong(nn.LSTM):
        def backward(self, saved: Any, dy: Any, dstate: Any = None, *, need_dx: bool = True) -> Any:
            result = super().backward(saved, dy, dstate, need_dx=need_dx)
            self.gradients()["weight_hh_l0"][entry] *= 1.01
            return result

    report = nn.check_gradients(OneWrong(3, 4), sequences(2, 5, 3), samples=None)
    assert not report.ok
    assert report.worst[0] == "weight_hh_l0"


def test_a_wrong_loss_is_found() -> None:
    class Half:
        """Its gradient is twice what it says."""

        def forward(self, y: Array, target: Array) -> tuple[float, Array]:
            return float(np.sum((y - target) ** 2) / 2), y - target

        def backward(self, saved: Array) -> Array:
            return 2 * saved

    x, target = sequences(4, 3), np.zeros((4, 2))
    report = nn.check_gradients(nn.Linear(3, 2), x, target, Half())
    assert not report.ok
    assert all(error == pytest.approx(0.5) for error in report.errors.values())


def test_the_network_is_not_changed() -> None:
    net = nn.Sequential(nn.GRU(3, 4, recurrent_dropout=0.2), nn.Last(), nn.Linear(4, 1))
    net.flat_grad[:] = 7
    before, x = net.flat.copy(), sequences(2, 5, 3).astype(np.float32)
    given = x.copy()
    assert nn.check_gradients(net, x).ok
    assert net.dtype == np.float32
    assert np.array_equal(net.flat, before)
    assert np.all(net.flat_grad == 7)
    assert np.array_equal(x, given)


def test_the_same_seed_gives_the_same_report() -> None:
    net, x = nn.LSTM(3, 8, dropout=0.5, num_layers=2), sequences(2, 5, 3)
    one, two, other = (nn.check_gradients(net, x, seed=seed) for seed in (0, 0, 1))
    assert one.errors == two.errors != other.errors


def test_the_report_lists_every_array() -> None:
    net = nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 1))
    report = nn.check_gradients(net, sequences(2, 5, 3))
    assert list(report.errors) == ["x", *net.state_dict()]
    lines = str(report).splitlines()
    assert len(lines) == len(report.errors) + 1
    assert lines[-1] == "all gradients agree (tolerance 1e-06)"


def test_what_is_not_asked_right_is_refused() -> None:
    net, x = nn.Linear(3, 2), sequences(4, 3)
    with pytest.raises(InputError, match="loss and target come together"):
        nn.check_gradients(net, x, target=x)
    with pytest.raises(InputError, match="samples must be a whole number >= 1, it is 0"):
        nn.check_gradients(net, x, samples=0)
    with pytest.raises(InputError, match=r"x must have 2 or more axes, the last of 3 features"):
        nn.check_gradients(net, x[:, :2])
