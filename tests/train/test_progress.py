import logging
import sys

import pytest

from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import Adam
from gatecast.train import fit
from gatecast.train.progress import Bar, NoProgress, make_progress
from tests.train.networks import small, windows


@pytest.mark.parametrize("progress", [None, False])
def test_nothing_is_printed_where_there_is_no_terminal(progress, capfd):
    x, y = windows()
    fit(small(), MSE(), Adam(), x, y, epochs=2, progress=progress)
    assert capfd.readouterr() == ("", "")


def test_the_bar_shows_losses_rate_and_speed_on_stderr(capfd):
    x, y = windows()
    history = fit(
        small(), MSE(), Adam(), x, y, epochs=3, batch_size=8, validation=0.25, progress=True
    )
    out, error = capfd.readouterr()
    assert out == ""
    shown = " ".join(error.split())
    for part in ("epoch", "3/3", f"loss {history['loss'][-1]:.4g}", "val_loss", "lr 0.001"):
        assert part in shown
    assert "windows/s" in shown


def test_a_terminal_gets_a_bar(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert isinstance(make_progress(None, 3, 10), Bar)
    assert type(make_progress(False, 3, 10)) is NoProgress
    monkeypatch.setattr(sys, "stderr", None)  # pythonw
    assert type(make_progress(None, 3, 10)) is NoProgress


def test_the_bar_moves_within_an_epoch():
    bar = Bar(epochs=2, rows=100)
    bar.advance(25)
    assert bar.bar.tasks[0].completed == 0.25
    bar.advance(25)  # too soon to look again
    assert bar.bar.tasks[0].completed == 0.25


def test_the_bar_does_not_change_the_bits():
    x, y = windows()
    nets = [small(), small()]
    for net, progress in zip(nets, (False, True), strict=True):
        fit(net, MSE(), Adam(), x, y, epochs=2, progress=progress)
    assert nets[0].flat.tobytes() == nets[1].flat.tobytes()


def test_epochs_are_logged_for_those_who_listen(caplog):
    x, y = windows()
    with caplog.at_level(logging.INFO, "gatecast.train"):
        fit(small(), MSE(), Adam(), x, y, epochs=2)
    assert [record.message[:13] for record in caplog.records] == ["epoch 1: loss", "epoch 2: loss"]
