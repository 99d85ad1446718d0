"""How parameters are drawn: as PyTorch draws them, and by Keras's documented rules."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from gatecast import nn
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module

# Of a right initialisation, one array in ten thousand would fail; the seeds are fixed.
SURPRISE = 1e-4

TWINS: dict[str, tuple[Any, Any]] = {
    "RNN": (
        lambda seed: nn.RNN(30, 64, 2, bidirectional=True, seed=seed),
        lambda: torch.nn.RNN(30, 64, 2, bidirectional=True),
    ),
    "GRU": (lambda seed: nn.GRU(30, 64, seed=seed), lambda: torch.nn.GRU(30, 64)),
    "LSTM": (
        lambda seed: nn.LSTM(30, 64, proj_size=16, seed=seed),
        lambda: torch.nn.LSTM(30, 64, proj_size=16),
    ),
    "Linear": (lambda seed: nn.Linear(40, 300, seed=seed), lambda: torch.nn.Linear(40, 300)),
    "Conv1d": (
        lambda seed: nn.Conv1d(8, 300, 5, seed=seed),
        lambda: torch.nn.Conv1d(8, 300, 5),
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_default_draws_are_distributed_as_torchs(name: str) -> None:
    ours, theirs = TWINS[name]
    net = ours(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        twin = theirs().state_dict()
    assert list(net.state_dict()) == list(twin)
    for key, value in net.state_dict().items():
        same = stats.ks_2samp(value.ravel(), twin[key].numpy().ravel())
        assert same.pvalue > SURPRISE, key


def assert_uniform(values: Array, bound: float) -> None:
    """Within the bound, close to it, and evenly so."""
    assert np.abs(values).max() <= bound * (1 + 1e-6)
    assert np.abs(values).max() > 0.95 * bound
    spread = stats.uniform(-bound, 2 * bound)
    assert stats.kstest(values.ravel(), spread.cdf).pvalue > SURPRISE


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_recurrent_defaults_lie_within_one_over_root_hidden(kind: Any) -> None:
    for value in kind(30, 64).state_dict().values():
        assert_uniform(value, 1 / 8)


def test_the_options_parameters_start_neutral_or_as_the_weights() -> None:
    found = nn.LSTM(30, 64, peepholes=True, layer_norm=True).state_dict()
    assert_uniform(found["peephole_l0"], 1 / 8)
    for name in ("norm_ih_l0", "norm_hh_l0", "norm_cell_l0"):
        assert np.all(found[name] == 1), name
    assert np.all(found["norm_cell_bias_l0"] == 0)
    normed = nn.LayerNorm(5).state_dict()
    assert np.all(normed["weight"] == 1)
    assert np.all(normed["bias"] == 0)


@pytest.mark.parametrize(("kind", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)])
def test_keras_recurrent_scheme(kind: Any, gates: int) -> None:
    found = kind(30, 64, init="keras", dtype=np.float64).state_dict()
    U = found["weight_hh_l0"]
    np.testing.assert_allclose(U.T @ U, np.eye(64), atol=1e-12)
    assert_uniform(found["weight_ih_l0"], np.sqrt(6 / (30 + gates * 64)))
    bias = found["bias_ih_l0"] + found["bias_hh_l0"]
    forget = np.zeros_like(bias)
    if kind is nn.LSTM:
        forget[64:128] = 1
    assert np.array_equal(bias, forget)


def test_keras_scheme_of_a_coupled_lstm_has_no_forget_bias() -> None:
    found = nn.LSTM(3, 8, coupled=True, init="keras").state_dict()
    assert not found["bias_ih_l0"].any()
    assert not found["bias_hh_l0"].any()


@pytest.mark.parametrize(
    ("net", "fans"),
    [
        (nn.Linear(40, 300, init="keras"), 40 + 300),
        (nn.Conv1d(8, 300, 5, init="keras"), 5 * (8 + 300)),
    ],
    ids=["Linear", "Conv1d"],
)
def test_keras_scheme_of_layers_without_a_recurrence(net: Module, fans: int) -> None:
    found = net.state_dict()
    assert_uniform(found["weight"], np.sqrt(6 / fans))
    assert not found["bias"].any()


def test_an_orthogonal_draw_favours_no_sign() -> None:
    """QR alone would give the first entry of every column the same sign."""
    diagonals = np.concatenate(
        [
            np.diag(nn.RNN(1, 16, init="keras", seed=s).state_dict()["weight_hh_l0"])
            for s in range(20)
        ]
    )
    assert stats.binomtest(int((diagonals > 0).sum()), diagonals.size).pvalue > SURPRISE
