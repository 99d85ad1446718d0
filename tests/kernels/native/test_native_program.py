"""Programs against the layers run one by one, by the reference kernels."""

import subprocess
import sys

import numpy as np
import pytest

from gatecast import kernels, nn, train
from gatecast.kernels.program import Line, table_of

pytestmark = pytest.mark.skipif(
    "native" not in kernels.info()["available"], reason="the native kernels are not installed"
)

CELLS = {
    "rnn_tanh": lambda *sizes, **options: nn.RNN(*sizes, **options),
    "rnn_relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
    "gru_after": lambda *sizes, **options: nn.GRU(*sizes, **options),
    "gru_before": lambda *sizes, **options: nn.GRU(*sizes, reset_after=False, **options),
    "lstm": lambda *sizes, **options: nn.LSTM(*sizes, **options),
}
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-12}


def network(cell: str, dtype, *, layers=1, bias=True, last=True, hidden=13) -> nn.Sequential:
    recurrent = CELLS[cell](3, hidden, layers, bias=bias, dtype=dtype)
    inner = [nn.Last(dtype=dtype)] if last else []
    heads = [nn.Linear(hidden, 5, bias=bias, dtype=dtype), nn.Linear(5, 2, dtype=dtype)]
    return nn.Sequential(recurrent, *inner, nn.Dropout(0.0, dtype=dtype), *heads, seed=3)


def batch(net: nn.Sequential, dtype, rows=5, steps=6):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, steps, 3)).astype(dtype)
    return x, rng.normal(size=net(x).shape).astype(dtype)


def one_by_one(net, loss, x, y):
    """Loss, gradients and outputs by the layers, with the reference kernels."""
    with kernels.use("reference"):
        prediction, _, saved = net.forward(x, training=True)
        value, needed = loss.forward(prediction, y)
        net.zero_grad()
        net.backward(saved, loss.backward(needed), need_dx=False)
        return value, net.flat_grad.copy(), prediction


def agree(ours, theirs, dtype):
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE[dtype] * scale)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_program_is_the_layers_one_by_one(cell, layers, last, dtype):
    net = network(cell, dtype, layers=layers, last=last, bias=layers == 1)
    x, y = batch(net, dtype)
    for loss in (nn.MSE(), nn.Huber()):
        value, gradients, prediction = one_by_one(net, loss, x, y)
        net.flat_grad.fill(np.nan)  # written, not added
        with kernels.use("native"):
            assert net.gradients_of(loss, x, y) == pytest.approx(value, rel=1e-5)
            agree(net.flat_grad, gradients, dtype)
            agree(net(x), prediction, dtype)


@pytest.mark.parametrize("rows", [1, 2, 17])
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_any_batch_and_length(rows, steps):
    net = network("lstm", np.float64)
    x, y = batch(net, np.float64, rows, steps)
    value, gradients, prediction = one_by_one(net, nn.MSE(), x, y)
    with kernels.use("native"):
        assert net.gradients_of(nn.MSE(), x, y) == pytest.approx(value)
        agree(net.flat_grad, gradients, np.float64)
        agree(net(x), prediction, np.float64)


@pytest.mark.parametrize("cell", CELLS)
def test_steps_are_the_whole_run(cell):
    inner = nn.Sequential(CELLS[cell](3, 7, 2), nn.Linear(7, 4))
    net = nn.Sequential(inner, CELLS[cell](4, 5), nn.Linear(5, 2), seed=1)
    x = np.random.default_rng(0).normal(size=(3, 8, 3)).astype(np.float32)
    with kernels.use("reference"):
        whole = net(x)
    with kernels.use("native"):
        state = net.start(3)
        for t in range(8):
            before = [part.copy() for part in leaves(state)]
            y, after = net.step(x[:, t], state)
            agree(y, whole[:, t], np.float32)
            for kept, part in zip(before, leaves(state), strict=True):
                assert np.array_equal(kept, part)  # the state that went in is not changed
            state = after


def leaves(state):
    if state is None:
        return []
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in leaves(part)]
    return [state]


@pytest.mark.parametrize(
    "net",
    [
        nn.Sequential(nn.LSTM(3, 5, bidirectional=True), nn.Last()),
        nn.Sequential(nn.LSTM(3, 5, layer_norm=True), nn.Last()),
        nn.Sequential(nn.LSTM(3, 5), nn.Tanh()),
        nn.Sequential(nn.Linear(3, 5), nn.Conv1d(5, 2, 2)),
        nn.Sequential(nn.LSTM(3, 5), nn.Linear(4, 1)),  # does not fit: running it says so
    ],
)
def test_what_is_no_program(net):
    assert net._predicting is None
    assert net._training is None


def test_dropout_is_nothing_in_prediction_and_no_program_in_training():
    net = nn.Sequential(nn.LSTM(3, 5, 2, dropout=0.5), nn.Dropout(0.5), nn.Last())
    assert net._predicting is not None
    assert net._training is None


def test_lines_that_do_not_follow_each_other():
    assert table_of([]) is None
    assert table_of(None) is None
    assert table_of([Line("last", 0, 0)]) is None
    assert table_of([Line("lstm", 3, 5), Line("last", 0, 0), Line("lstm", 5, 5)]) is None
    assert table_of([Line("lstm", 3, 5), Line("last", 0, 0), Line("last", 0, 0)]) is None
    assert table_of([Line("linear", 3, 3)] * 33) is None


def test_what_a_program_does_not_take_is_refused_as_ever():
    net = network("gru_after", np.float32)
    x, y = batch(net, np.float32)
    with kernels.use("native"):
        for wrong in (x.astype(np.float64), x[:, :, :2], x[0], x[:, :0], x.tolist()):
            with pytest.raises(ValueError, match="x"):
                net(wrong)
        with pytest.raises(ValueError, match="target"):
            train.train_step(net, nn.MSE(), nn.Adam(), x, y[:, :1])
        agree(net(np.asfortranarray(x)), net(x), np.float32)
        assert net(x[:0]).shape == (0, 2)
        with pytest.raises(ValueError, match="state"):
            net.step(x[:, 0], net.start(4))


def test_gradients_are_the_same_bits_at_any_number_of_threads():
    net = nn.Sequential(nn.LSTM(8, 64, 2), nn.Linear(64, 3), seed=0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 20, 8)).astype(np.float32)
    y = rng.normal(size=(100, 20, 3)).astype(np.float32)
    from gatecast.kernels import threads

    before, found = threads.get_num_threads(), set()
    try:
        with kernels.use("native"):
            for count in (1, 2, 5):
                threads.set_num_threads(count)
                value = net.gradients_of(nn.MSE(), x, y)
                found.add((value, net.flat_grad.tobytes()))
    finally:
        threads.set_num_threads(before)
    assert len(found) == 1


@pytest.mark.parametrize("loss", [nn.MSE(), nn.MAE()])
def test_training_learns_as_the_layers_do(loss):
    weights = {}
    x = np.random.default_rng(0).normal(size=(64, 5, 3))
    for name in ("reference", "native"):
        with kernels.use(name):
            net = network("lstm", np.float64)
            y = np.stack([x.sum((1, 2)), x[:, 0, 0]], axis=1)
            train.fit(net, loss, nn.Adam(1e-2), x, y, epochs=5, batch_size=16, seed=4)
            weights[name] = net.flat.copy()
    np.testing.assert_allclose(weights["native"], weights["reference"], rtol=0, atol=1e-7)


@pytest.mark.parametrize("hidden", [64, 128, 256])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_memory_of_a_whole_training_step(cell, hidden):
    """All that a step holds, against what it must: in a process of its own, which starts at 0."""
    code = f"""
import numpy as np
from gatecast import nn, train
from gatecast.kernels import _native
layer = nn.{cell.upper()}(8, {hidden})
net, optimiser = nn.Sequential(layer, nn.Last(), nn.Linear({hidden}, 1)), nn.Adam()
x, y = np.ones((64, 48, 8), np.float32), np.ones((64, 1), np.float32)
for _ in range(3):
    train.train_step(net, nn.MSE(), optimiser, x, y)
learned = 4 * net.flat.nbytes  # parameters, gradients, two moments
must = x.nbytes + 64 * 48 * {hidden} * 4 * {6 if cell == "lstm" else 5} + learned
print(must, x.nbytes + learned + _native.scratch_bytes())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    must, held = map(float, done.stdout.split())
    assert held <= 1.3 * must
