"""The compiled cells with in-cell options against the reference, over sizes and options."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from gatecast.kernels.contract import Masks, Weights
from tests.kernels.native.problems import (
    NATIVE,
    REFERENCE,
    TOLERANCE,
    arrays_in,
    assert_same,
    assert_same_bits,
)

CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"nonlinearity": "tanh"},
    "rnn-relu": {"nonlinearity": "relu"},
    "gru": {"reset_after": True},
    "gru-before": {"reset_after": False},
    "lstm": {},
    "lstm-coupled": {"coupled": True},
}
GATES = {"rnn": 1, "rnn-relu": 1, "gru": 3, "gru-before": 3, "lstm": 4, "lstm-coupled": 3}
OPTIONS: dict[str, set[str]] = {
    "nothing": set(),
    "dropout": {"dropout"},
    "zoneout": {"zoneout"},
    "norm": {"norm"},
    "norm of one side": {"norm_ih"},
    "everything": {"dropout", "zoneout", "norm", "peephole", "projection"},
}
LSTM_ONLY = {"peephole": {"peephole"}, "projection": {"projection"}}
CASES = [
    *product(CELLS, OPTIONS.values()),
    *product(("lstm", "lstm-coupled"), LSTM_ONLY.values()),
]


class Layer:
    """A random layer with options, run by either implementation."""

    def __init__(
        self, form, options, dtype=np.float64, T=5, B=6, I=3, H=17, ragged=False, reverse=False
    ):
        rng = np.random.default_rng(H)

        def draw(*shape):
            return (rng.standard_normal(shape) * 0.5).astype(dtype)

        self.form, self.cell, lstm = form, form.split("-")[0], form.startswith("lstm")
        G = GATES[form] * H
        P = max(1, H // 2) if lstm and "projection" in options else H
        found = {
            "weight_ih": draw(G, I),
            "weight_hh": draw(G, P),
            "bias_ih": draw(G),
            "bias_hh": draw(G),
        }
        if P != H:
            found["weight_hr"] = draw(P, H)
        if lstm and "peephole" in options:
            found["peephole"] = draw(G - H)
        if {"norm", "norm_ih"} & options:
            found["norm_ih"] = 1 + draw(G)
        if "norm" in options:
            found["norm_hh"] = 1 + draw(G)
            if lstm:
                found |= {"norm_cell": 1 + draw(H), "norm_cell_bias": draw(H)}
        self.weights = Weights(**found)
        self.masks = Masks(
            (2 * rng.integers(0, 2, (B, P))).astype(dtype) if "dropout" in options else None,
            rng.random((T, B, P)).astype(dtype) if "zoneout" in options else None,
            rng.random((T, B, H)).astype(dtype) if "zoneout" in options and lstm else None,
        )
        self.x = draw(T, B, I)
        self.states = (draw(B, P), draw(B, H)) if lstm else (draw(B, P),)
        self.flows = (draw(T, B, P), *map(np.ones_like, self.states))
        lengths = rng.integers(0, T + 1, B) if ragged else None
        self.keywords = {"lengths": lengths, "reverse": reverse, **CELLS[form]}

    def forward(self, kernels):
        forward = getattr(kernels, f"{self.cell}_extended_forward")
        return forward(self.x, *self.states, self.weights, self.masks, **self.keywords)

    def backward(self, kernels, saved, **options):
        backward = getattr(kernels, f"{self.cell}_extended_backward")
        return backward(saved, *self.flows, **options)


def assert_agrees(layer):
    tolerance = TOLERANCE[layer.x.dtype.type]
    wanted, result = layer.forward(REFERENCE), layer.forward(NATIVE)
    assert_same(result, wanted, 4 * tolerance)
    gradients = layer.backward(REFERENCE, wanted[-1])
    assert_same(layer.backward(NATIVE, wanted[-1]), gradients, 20 * tolerance)
    assert_same(layer.backward(NATIVE, result[-1]), gradients, 20 * tolerance)
    assert_same(layer.backward(REFERENCE, result[-1]), gradients, 20 * tolerance)


@pytest.mark.parametrize(("form", "options"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_options(form, options, dtype, isa):
    for ragged, reverse in product((False, True), repeat=2):
        assert_agrees(Layer(form, options, dtype, ragged=ragged, reverse=reverse))


@pytest.mark.parametrize("form", CELLS)
@pytest.mark.parametrize("hidden", [1, 7, 15, 16, 31, 64])
def test_sizes(form, hidden):
    for options, batch in product((set(), OPTIONS["everything"]), (0, 1, 37)):
        assert_agrees(Layer(form, options, T=3, B=batch, I=hidden, H=hidden))


@pytest.mark.parametrize("form", CELLS)
def test_same_bits_at_any_number_of_threads(form, threads):
    layer = Layer(form, OPTIONS["everything"], np.float32, T=20, B=80, I=9, H=48, ragged=True)
    results = []
    for count in (1, 2, 8):
        threads(count)
        result = layer.forward(NATIVE)
        results.append((result, layer.backward(NATIVE, result[-1])))
    for other in results[1:]:
        assert_same_bits(other, results[0])


@pytest.mark.parametrize("form", CELLS)
def test_zoneout_broadcast_from_a_scalar(form):
    layer = Layer(form, {"zoneout"})
    wide = [None if m is None else np.full_like(m, 0.25) for m in layer.masks]
    narrow = [None if m is None else np.broadcast_to(m.dtype.type(0.25), m.shape) for m in wide]
    results = []
    for masks in (wide, narrow):
        layer.masks = Masks._make(masks)
        result = layer.forward(NATIVE)
        results.append((result[:-1], layer.backward(NATIVE, result[-1])))
    assert_same_bits(results[1], results[0])


@pytest.mark.parametrize("form", CELLS)
def test_into_adds_and_strided_arrays_are_taken(form):
    layer = Layer(form, OPTIONS["everything"])
    saved = layer.forward(NATIVE)[-1]
    wanted = layer.backward(NATIVE, saved)[-1]
    into = Weights._make(None if w is None else np.ones_like(w) for w in layer.weights)
    assert layer.backward(NATIVE, saved, into=into, need_dx=False)[-1] is into
    for got, want in zip(arrays_in(into), arrays_in(wanted), strict=True):
        np.testing.assert_allclose(got, want + 1, atol=1e-12)
    layer.x = np.asfortranarray(layer.x)
    layer.weights = Weights._make(
        None if w is None else np.asfortranarray(w) for w in layer.weights
    )
    layer.flows = tuple(map(np.asfortranarray, layer.flows))
    saved = saved._replace(hidden=np.asfortranarray(saved.hidden))
    assert_same(layer.backward(NATIVE, saved)[-1], wanted, 1e-12)
    assert_same(layer.forward(NATIVE), layer.forward(REFERENCE), 1e-12)


@pytest.mark.parametrize("form", CELLS)
def test_nan_stays_in_its_row(form):
    layer = Layer(form, OPTIONS["everything"])
    layer.x[2, 1, 0] = np.nan
    with np.errstate(all="ignore"):
        wanted, result = layer.forward(REFERENCE), layer.forward(NATIVE)
    assert_same(result, wanted, 1e-12)
    assert np.isfinite(result[0][:, [0, 2, 3, 4, 5]]).all()
