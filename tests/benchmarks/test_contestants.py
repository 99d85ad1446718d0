"""Contestants do the same work: the same losses and outputs from the same weights."""

import pytest

from benchmarks import steel
from benchmarks.contestants import torch_
from benchmarks.contestants.gatecast_ import Reference
from benchmarks.contestants.notebook import Notebook
from benchmarks.contestants.onnxruntime_ import OnnxRuntime
from benchmarks.contestants.torch_ import Torch
from benchmarks.timing import Patience, WorkerError, WorkerProcess, measure
from benchmarks.works import CELLS, Work
from gatecast import kernels


@pytest.fixture
def reference():
    with kernels.use("reference"):
        yield Reference()


def values(contestant, work, variant="1 thread"):
    built = contestant.build(work, variant)
    return [contestant.value(built.step()) for _ in range(3)]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_pytorch_trains_the_same_network(reference, monkeypatch, cell, layers):
    monkeypatch.setattr(torch_, "TRIAL_SECONDS", 0)
    work = Work("train", cell, 4, 5, 3, 6, layers)
    assert values(Torch(), work) == pytest.approx(values(reference, work), rel=1e-4)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_peers_predict_the_same(reference, cell, layers):
    work = Work("inference", cell, 4, 5, 3, 6, layers)
    expected = pytest.approx(values(reference, work), rel=1e-4, abs=1e-6)
    assert values(Torch(), work) == expected
    assert values(OnnxRuntime(), work) == expected


@pytest.mark.parametrize("cell", CELLS)
def test_peers_stream_the_same(reference, cell):
    work = Work("streaming", cell, 1, 1, 3, 6)
    expected = pytest.approx(values(reference, work), rel=1e-4, abs=1e-6)
    assert values(OnnxRuntime(), work) == expected
    for variant in Torch().variants(work):
        assert values(Torch(), work, variant) == expected


def test_the_notebook_trains_the_same_network(reference):
    work = Work("train", "LSTM", 4, 5, 3, 6)
    assert values(Notebook(), work) == pytest.approx(values(reference, work), rel=1e-4)


def test_fits_run(reference):
    for task in ("steel", "linear"):
        work = Work(task, "RNN", 1, 7, 9, 4, windows=5)
        assert all(value > 0 for value in values(reference, work))


def test_drawn_windows_have_the_data_sets_shape(monkeypatch):
    monkeypatch.delenv("GATECAST_DATA", raising=False)
    x, y = steel.steel_windows(20)
    assert x.shape == (20, 7, 9)
    assert y.shape == (20, 1)


def test_real_windows_lead_to_the_next_rows_usage(reference_data, monkeypatch):
    monkeypatch.setenv("GATECAST_DATA", str(reference_data))
    x, y = steel.steel_windows(24_528)
    assert x.shape == (24_528, 7, 9)
    assert y[0, 0] == pytest.approx(3.6)  # eighth row of the file
    assert x[:, :, :5].min() >= 0
    assert x[:, :, :5].max() <= 1


def test_a_worker_measures_and_survives_an_error():
    worker = WorkerProcess("notebook")
    try:
        assert worker.absent is None
        assert set(worker.ask("versions")) == {"numpy"}
        with pytest.raises(WorkerError, match="TypeError"):
            worker.ask("variants", work={"task": "train"})
        work = Work("train", "LSTM", 1, 2, 3, 4)
        (found,), failures = measure(work, [worker], Patience(0.01, 2))
        assert (found.work, found.contestant, failures) == (work, "notebook", [])
        assert 0 < found.low <= found.seconds <= found.high
    finally:
        worker.close()


def test_a_worker_that_dies_does_not_stop_the_others():
    dead, alive = WorkerProcess("notebook"), WorkerProcess("notebook")
    try:
        dead.process.kill()
        dead.process.wait()
        work = Work("train", "LSTM", 1, 2, 3, 4)
        found, failures = measure(work, [dead, alive], Patience(0.01, 1))
        assert [m.contestant for m in found] == ["notebook"]
        assert "notebook: the process" in failures[0]
    finally:
        dead.close()
        alive.close()
