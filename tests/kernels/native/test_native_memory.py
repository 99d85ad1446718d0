"""Memory of a training step: bounded, and the same after a hundred steps."""

import subprocess
import sys
import textwrap

import pytest

STEP = """
    import resource, sys
    import numpy as np
    from gatecast.kernels import _native
    from gatecast.kernels.contract import Weights
    from gatecast.kernels.native import {cell} as cell

    T, B, I, H, G = 48, 64, 8, {hidden}, {gates}
    rng = np.random.default_rng(0)
    draw = lambda *shape: (rng.standard_normal(shape) / 16).astype(np.float32)
    weights = Weights(draw(G * H, I), draw(G * H, H), draw(G * H), draw(G * H))
    x, dy = draw(T, B, I), draw(T, B, H)
    states = [np.zeros((B, H), np.float32) for _ in range({states})]
    into = Weights._make(None if w is None else np.zeros_like(w) for w in weights)

    def step():
        y, *last, saved = cell.{cell}_forward(x, *states, *weights[:4])
        cell.{cell}_backward(saved, dy, into=into, need_dx=False)
        return saved

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    {body}
"""
CELLS = {"lstm": (4, 2), "gru": (3, 1), "rnn": (1, 1)}
linux = pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss in KiB")


def run(cell, hidden, body):
    gates, states = CELLS[cell]
    code = textwrap.dedent(STEP).format(
        cell=cell, hidden=hidden, gates=gates, states=states, body=textwrap.dedent(body)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [float(word) for word in done.stdout.split()]


@linux
@pytest.mark.parametrize("cell", CELLS)
def test_does_not_grow(cell):
    body = """
for _ in range(5): step()
before, held = peak(), _native.scratch_bytes()
for _ in range(100): step()
print(peak() - before, _native.scratch_bytes() - held)
"""
    grown, scratch = run(cell, 64, body)
    assert grown < 2**20
    assert scratch == 0


@linux
@pytest.mark.parametrize("hidden", [64, 128, 256])
def test_peak_of_a_step_is_near_what_it_must_hold(hidden):
    """Inputs, outputs with their gradient, gates, cells, weights, gradients, two moments."""
    body = """
saved = step()
must = x.nbytes + dy.nbytes + sum(a.nbytes for a in saved[1:4])
must += 4 * sum(w.nbytes for w in weights if w is not None)
print(must, _native.scratch_bytes())
"""
    must, scratch = run("lstm", hidden, body)
    assert scratch < 0.3 * must
