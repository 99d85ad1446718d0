"""The pool: the same bits at any number of threads, forks, and who sets the number."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from gatecast.errors import InputError
from gatecast.kernels import _native
from gatecast.kernels.threads import get_num_threads, register_controller, set_num_threads
from tests.kernels.native.problems import FORMS, NATIVE, assert_same_bits, problem


def run(form="lstm", size=96):
    """A problem that is worth threads, forward and backward."""
    case = problem(form, 30, 70, 9, size, np.float32, ragged=form == "gru")
    result = case.forward(NATIVE)
    return result, case.backward(NATIVE, result[-1])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [48, 200])
def test_same_bits_at_any_number_of_threads(form, size, threads):
    results = []
    for count in (1, 2, 3, 8, 1):
        threads(count)
        results.append(run(form, size))
    for other in results[1:]:
        assert_same_bits(other, results[0])


def test_two_python_threads_at_once(threads):
    threads(2)
    wanted = run()
    with ThreadPoolExecutor(4) as workers:
        for result in workers.map(lambda _: run(), range(8)):
            assert_same_bits(result, wanted)


def in_child(connection):
    set_num_threads(2)
    (y, *_), (_, _, _, dweights) = run()
    connection.send((float(y.sum()), float(dweights.weight_hh.sum())))
    connection.close()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("parent_first", [True, False])
def test_children_compute_the_same(method, parent_first, threads):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this platform")
    threads(2)
    if parent_first:
        run()
        assert _native.pool_size() >= 1
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe()
    child = context.Process(target=in_child, args=(theirs,))
    child.start()
    assert ours.poll(60), "the child hangs"
    sums = ours.recv()
    child.join(10)
    assert child.exitcode == 0
    (y, *_), (_, _, _, dweights) = run()
    assert sums == (float(y.sum()), float(dweights.weight_hh.sum()))


def sums_of_run(_):
    (y, *_), (_, _, _, dweights) = run()
    return float(y.sum()), float(dweights.weight_hh.sum())


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
@pytest.mark.parametrize("parent_first", [True, False])
def test_joblib(backend, parent_first, threads):
    joblib = pytest.importorskip("joblib")
    threads(2)
    if parent_first:
        run()
    found = joblib.Parallel(n_jobs=2, backend=backend)(
        joblib.delayed(sums_of_run)(k) for k in range(4)
    )
    assert set(found) == {sums_of_run(0)}


@pytest.mark.skipif(sys.platform == "win32", reason="fork")
def test_fork_while_another_thread_computes(threads):
    threads(2)
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            run()

    worker = threading.Thread(target=busy)
    worker.start()
    try:
        for _ in range(5):
            time.sleep(0.01)
            child = os.fork()
            if child == 0:
                run()
                os._exit(0)
            deadline = time.monotonic() + 30
            while os.waitpid(child, os.WNOHANG)[0] == 0:
                assert time.monotonic() < deadline, "the child hangs"
                time.sleep(0.005)
    finally:
        stop.set()
        worker.join()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("count", [1, 2])
def test_answers_interrupt_within_100_ms(count, threads):
    threads(count)
    case = problem("lstm", 200, 512, 64, 512, np.float32)
    sent = []

    def interrupt():
        time.sleep(0.15)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        case.forward(NATIVE)
    waited = time.monotonic() - sent[0]
    thread.join()
    assert waited < 0.1 if os.environ.get("GATECAST_TIMED_TESTS") == "1" else waited < 1
    run()


def test_numbers_that_are_not_threads():
    wrong: Any
    for wrong in (0, -1, 1.5, "2", True):
        with pytest.raises(InputError, match="whole number"):
            set_num_threads(wrong)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"GATECAST_NUM_THREADS": "3"}, 3),
        ({"OMP_NUM_THREADS": "5"}, 5),
        ({"GATECAST_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, 3),
    ],
)
def test_environment(environment, wanted):
    code = (
        "from gatecast.kernels import threads, select; select.load('native');"
        "from gatecast.kernels import _native;"
        "print(threads.get_num_threads(), _native.thread_count())"
    )
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    out = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.stdout.split() == [str(wanted)] * 2, out.stderr


def test_threadpoolctl_sees_and_limits_the_pool(threads):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    threads(4)
    register_controller()
    ours = [i for i in threadpoolctl.threadpool_info() if i["user_api"] == "gatecast"]
    assert [i["num_threads"] for i in ours] == [4]
    with threadpoolctl.threadpool_limits(1, user_api="gatecast"):
        assert get_num_threads() == _native.thread_count() == 1
    assert get_num_threads() == 4


def scratch_in_child(connection):
    """What one thread holds after one run, and two after many, in a process that held nothing."""
    held = []
    for count, runs in ((1, 1), (2, 30)):
        set_num_threads(count)
        for _ in range(runs):
            run()
        held.append(_native.scratch_bytes())
    connection.send(held)
    connection.close()


def test_scratch_does_not_grow():
    # Which thread takes a shard first is chance: the second may begin to hold its part late.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=scratch_in_child, args=(theirs,))
    child.start()
    assert ours.poll(60), "the child hangs"
    one, two = ours.recv()
    child.join(10)
    assert 0 < one <= two <= 2 * one
