import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.nn.schedules import Cosine
from gatecast.train import Callback, Interrupted, Stopped, fit
from tests.train.networks import small, stepwise, windows


class Diary(Callback):
    def __init__(self):
        self.hooks = []

    def on_fit_start(self, run):
        self.hooks.append(("start", run.epoch, run.batch))

    def on_epoch_start(self, run):
        self.hooks.append(("epoch", run.epoch, run.batch))

    def on_batch_end(self, run):
        self.hooks.append(("batch", run.epoch, run.batch))

    def on_epoch_end(self, run):
        self.hooks.append(("end", run.epoch, len(run.history)))

    def on_fit_end(self, run):
        self.hooks.append(("fit", run.epoch, run.history.stopped))


def test_hooks_come_in_order():
    x, y = windows(rows=5)
    diary = Diary()
    fit(small(), MSE(), Adam(), x, y, epochs=2, batch_size=3, callbacks=[diary, Callback()])
    epochs = [[("epoch", e, 0), ("batch", e, 1), ("batch", e, 2), ("end", e, e)] for e in (1, 2)]
    assert diary.hooks == [("start", 0, 0), *epochs[0], *epochs[1], ("fit", 2, "finished")]


def test_a_chunk_of_time_is_a_batch():
    x, _ = windows(rows=4)
    diary = Diary()
    y = x[..., :1].copy()
    fit(stepwise(), MSE(), Adam(), x, y, epochs=1, batch_size=2, tbptt=3, callbacks=[diary])
    assert sum(hook[0] == "batch" for hook in diary.hooks) == 2 * 3


class At(Callback):
    """Does something after an update."""

    def __init__(self, epoch, batch, act):
        self.place, self.act = (epoch, batch), act

    def on_batch_end(self, run):
        if (run.epoch, run.batch) == self.place:
            self.act(run)


def fail(run):
    raise ZeroDivisionError


def interrupt(run):
    raise KeyboardInterrupt


@pytest.mark.parametrize("extra", [{}, {"mask": np.ones(64, bool)}])
def test_stop_within_an_epoch(extra):
    x, y = windows()
    stop = At(2, 3, lambda run: run.stop("seen enough"))
    history = fit(small(), MSE(), Adam(), x, y, epochs=9, batch_size=8, callbacks=[stop], **extra)
    assert history.stopped == "early"
    assert history.events == [Stopped(2, 3, "seen enough")]
    assert [epoch.complete for epoch in history] == [True, False]
    assert history.weights_epoch is None


def test_stop_at_the_end_of_an_epoch():
    class Stop(Callback):
        def on_epoch_end(self, run):
            run.stop()
            run.stop("said twice, told once")

    x, y = windows()
    history = fit(small(), MSE(), Adam(), x, y, epochs=9, callbacks=[Stop()])
    assert (len(history), history.epochs[0].complete, history.stopped) == (1, True, "early")
    assert str(history.events[0]) == "stopped by a callback in epoch 1, batch 2"


@pytest.mark.parametrize("validation", [None, 0.25])
def test_an_interruption_ends_with_the_best_weights_so_far(validation):
    x, y = windows()
    nets = [small(), small()]
    optimiser, diary = SGD(lr=1e-2), Diary()
    history = fit(
        nets[0], MSE(), optimiser, x, y, epochs=9, batch_size=8, validation=validation,
        schedule=Cosine(), callbacks=[At(3, 2, interrupt), diary],
    )  # fmt: skip
    assert history.stopped == "interrupted"
    assert history.events == [Interrupted(3, 2)]
    assert [epoch.complete for epoch in history] == [True, True, False]
    assert diary.hooks[-1] == ("fit", 3, "interrupted")
    assert optimiser.lr == 1e-2
    before = {}

    class Keep(Callback):
        def on_epoch_start(self, run):
            before[run.epoch] = run.net.flat.copy()

    fit(
        nets[1], MSE(), SGD(lr=1e-2), x, y, epochs=9, batch_size=8, validation=validation,
        schedule=Cosine(), callbacks=[Keep()],
    )  # fmt: skip
    assert history.best_epoch is not None
    np.testing.assert_array_equal(nets[0].flat, before[history.best_epoch + 1])


def test_an_interruption_in_the_first_epoch_keeps_what_was_learned():
    x, y = windows()
    net = small()
    seen = []

    def keep_and_interrupt(run):
        seen.append(run.net.flat.copy())
        interrupt(run)

    keep = At(1, 3, keep_and_interrupt)
    history = fit(net, MSE(), SGD(lr=1e-2), x, y, batch_size=8, callbacks=[keep])
    np.testing.assert_array_equal(net.flat, seen[0])
    assert (history.best_epoch, history.weights_epoch, len(history)) == (None, None, 1)


def test_an_interruption_within_an_update_leaves_no_half_of_it():
    class Halting(SGD):
        left = 3

        def step(self, net):
            if self.left == 0:
                net.flat[:3] = 99
                raise KeyboardInterrupt
            self.left -= 1
            self.before = net.flat.copy()
            super().step(net)
            self.after = net.flat.copy()

    x, y = windows()
    net, optimiser = small(), Halting(lr=1e-2)
    history = fit(net, MSE(), optimiser, x, y, batch_size=8)
    assert history.stopped == "interrupted"
    np.testing.assert_array_equal(net.flat, optimiser.after)


def test_a_training_within_a_training_does_not_disturb_it():
    x, y = windows()

    class Nested(Callback):
        def on_epoch_end(self, run):
            fit(small(seed=9), MSE(), Adam(), x, y, epochs=1)

    nets = [small(), small()]
    fit(nets[0], MSE(), Adam(), x, y, epochs=3)
    fit(nets[1], MSE(), Adam(), x, y, epochs=3, callbacks=[Nested()])
    np.testing.assert_array_equal(nets[0].flat, nets[1].flat)


def test_freezing_in_a_callback_holds_from_then_on():
    class Freeze(Callback):
        def on_epoch_start(self, run):
            if run.epoch == 2:
                run.net.freeze("0.")
                self.before = run.net.state_dict()["0.weight_hh_l0"].copy()

    x, y = windows()
    net, freeze = small(), Freeze()
    fit(net, MSE(), Adam(), x, y, epochs=3, callbacks=[freeze])
    np.testing.assert_array_equal(net.state_dict()["0.weight_hh_l0"], freeze.before)


def test_an_error_in_a_callback_comes_out_and_the_rate_is_put_back():
    x, y = windows()
    optimiser = SGD(lr=0.1)
    with pytest.raises(ZeroDivisionError):
        fit(
            small(), MSE(), optimiser, x, y, epochs=3, batch_size=8, schedule=Cosine(),
            callbacks=[At(2, 4, fail)],
        )  # fmt: skip
    assert optimiser.lr == 0.1


SCRIPT = """
    import signal
    import sys
    import numpy as np
    from gatecast import nn
    from gatecast.nn.losses import MSE
    from gatecast.nn.optimisers import Adam
    from gatecast.train import Callback, fit

    class Say(Callback):
        def on_epoch_end(self, run):
            if run.epoch == 3:
                print("three", flush=True)

        def on_fit_end(self, run):
            if "linger" in sys.argv:
                print("ending", flush=True)
                signal.pause()

    x = np.random.default_rng(0).normal(size=(64, 7, 3)).astype(np.float32)
    net = nn.Sequential(nn.GRU(3, 5), nn.Last(), nn.Linear(5, 1), seed=0)
    history = fit(net, MSE(), Adam(), x, x[:, -1, :1].copy(), epochs=10**9, callbacks=[Say()])
    print(history.stopped, np.isfinite(net.flat).all(), history.best_epoch >= 3)
"""


def run_script(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def test_ctrl_c_ends_cleanly():
    with run_script() as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "three\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (0, "interrupted True True\n", "")


def test_a_second_ctrl_c_still_kills():
    with run_script("linger") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "three\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "ending\n"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert process.returncode not in (0, None)
    assert out == ""
    assert "KeyboardInterrupt" in error
