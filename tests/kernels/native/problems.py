"""Problems for the plain cells, and how two results are compared."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatecast.kernels.contract import GATES, Weights
from gatecast.kernels.select import load

REFERENCE, NATIVE = load("reference"), load("native")
FORMS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "gru": {"reset_after": True},
    "gru-before": {"reset_after": False},
    "rnn": {"nonlinearity": "tanh"},
    "rnn-relu": {"nonlinearity": "relu"},
}
SIZES = (1, 7, 13, 15, 16, 17, 31, 64, 100)
TOLERANCE = {np.float32: 3e-5, np.float64: 2e-13}


@dataclass
class Problem:
    """A layer and what flows through it; ``options`` go to the forward pass."""

    form: str
    x: np.ndarray
    states: tuple
    weights: Weights
    flows: tuple  # dy, dh and, for the LSTM, dc
    options: dict = field(default_factory=dict)

    @property
    def cell(self):
        return self.form.split("-")[0]

    def forward(self, kernels):
        forward = getattr(kernels, f"{self.cell}_forward")
        return forward(self.x, *self.states, *self.weights[:4], **FORMS[self.form], **self.options)

    def backward(self, kernels, saved, **options):
        return getattr(kernels, f"{self.cell}_backward")(saved, *self.flows, **options)


def problem(form, T=5, B=3, I=4, H=7, dtype=np.float64, seed=0, ragged=False, reverse=False):
    """A random problem; the weights are scaled so that the gates are not saturated."""
    rng = np.random.default_rng(seed)

    def draw(*shape, scale=1.0):
        return (rng.standard_normal(shape) * scale).astype(dtype)

    cell = form.split("-")[0]
    G, scale = GATES[cell], H**-0.5
    states = tuple(draw(B, H) for _ in range(2 if cell == "lstm" else 1))
    weights = Weights(
        draw(G * H, I, scale=scale), draw(G * H, H, scale=scale), draw(G * H), draw(G * H)
    )
    flows = (draw(T, B, H), *(draw(B, H) for _ in states))
    lengths = rng.integers(0, T + 1, B) if ragged else None
    options = {"lengths": lengths, "reverse": reverse}
    return Problem(form, draw(T, B, I), states, weights, flows, options)


def arrays_in(result):
    """All arrays of a nested tuple, in order."""
    for part in result:
        if isinstance(part, tuple):
            yield from arrays_in(part)
        elif isinstance(part, np.ndarray):
            yield part


def assert_same(result, wanted, tolerance):
    """Both hold the same arrays: shapes, dtypes, values within tolerance of the largest."""
    result, wanted = list(arrays_in(result)), list(arrays_in(wanted))
    assert len(result) == len(wanted)
    for got, want in zip(result, wanted, strict=True):
        assert got.shape == want.shape
        assert got.dtype == want.dtype or got.dtype.kind == "i"  # lengths become int64
        scale = 1 + (np.abs(want[np.isfinite(want)]).max(initial=0) if want.size else 0)
        np.testing.assert_allclose(got / scale, want / scale, rtol=0, atol=tolerance)


def assert_same_bits(result, wanted):
    """Both hold the same arrays, bit for bit."""
    for got, want in zip(arrays_in(result), arrays_in(wanted), strict=True):
        assert got.tobytes() == want.tobytes()
