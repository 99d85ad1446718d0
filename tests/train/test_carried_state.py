import numpy as np
import pytest

from gatecast import nn
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD
from gatecast.train import fit
from tests.train.networks import stepwise, windows


def sequences(rows=8, steps=12):
    x, _ = windows(rows, steps, dtype=np.float64)
    return x, np.cumsum(x.mean(axis=2, keepdims=True), axis=1)


def still():
    return SGD(lr=1e-300)


@pytest.mark.parametrize("cell", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("tbptt", [1, 5, 12, 99])
@pytest.mark.parametrize("ragged", [False, True])
def test_chunks_see_what_the_whole_sequence_sees(cell, tbptt, ragged):
    x, y = sequences()
    lengths = np.array([12, 1, 5, 6, 0, 11, 2, 10], np.uint8) if ragged else None
    losses = [
        fit(
            stepwise(cell, dtype=np.float64), MSE(), still(), x, y, epochs=1, batch_size=3,
            lengths=lengths, tbptt=steps, validation=(x, y, lengths),
        )
        for steps in (None, tbptt)
    ]  # fmt: skip
    assert losses[1]["loss"] == pytest.approx(losses[0]["loss"], rel=1e-12)
    assert losses[1]["val_loss"] == pytest.approx(losses[0]["val_loss"], rel=1e-12)


@pytest.mark.parametrize("cell", [nn.RNN, nn.GRU, nn.LSTM])
def test_carried_batches_see_what_one_long_sequence_sees(cell):
    x, y = sequences()  # 8 long rows, cut in 3 and laid batch after batch
    cut_x, cut_y = (np.concatenate(np.split(a, 3, axis=1)) for a in (x, y))
    net = stepwise(cell, dtype=np.float64)
    long = fit(net, MSE(), still(), x, y, epochs=1, batch_size=8)
    carried = fit(
        net, MSE(), still(), cut_x, cut_y, epochs=2, batch_size=8, shuffle=False,
        carry_state=True, validation=(cut_x, cut_y),
    )  # fmt: skip
    wanted = pytest.approx(long["loss"] * 2, rel=1e-12)
    assert carried["loss"] == wanted  # the second epoch starts from zero again
    assert carried["val_loss"] == wanted


def test_state_starts_at_zero_in_each_batch_without_carrying():
    x, y = sequences()
    net = stepwise(dtype=np.float64)
    whole = fit(net, MSE(), still(), x, y, epochs=1, batch_size=8, tbptt=4)
    small = fit(net, MSE(), still(), x, y, epochs=1, batch_size=2, tbptt=4)
    assert small["loss"] == pytest.approx(whole["loss"], rel=1e-12)


def test_gradients_end_at_the_chunk():
    x, y = sequences(rows=2)
    y[:, :-1] = 0
    mask = np.zeros((2, 12), bool)
    mask[:, -1] = True
    moved = []
    for tbptt in (None, 1):
        net = stepwise(nn.RNN, dtype=np.float64)
        before = net.flat.copy()
        history = fit(net, MSE(), SGD(lr=0.1), x, y, epochs=1, mask=mask, tbptt=tbptt)
        moved.append(net.flat - before)
        assert len(history.epochs) == 1
    assert not np.allclose(moved[0], moved[1])
    np.testing.assert_allclose(moved[0][-6:], moved[1][-6:], rtol=1e-10)  # the head's are the same
