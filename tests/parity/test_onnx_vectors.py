"""The figures that ONNX Runtime's own tests expect of RNN, GRU and LSTM, by our kernels."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from tests.parity.onnx_operators import ForeignError, run_operator

# Cases that our cells do not cover, by the reason and by the name of ONNX Runtime's test; the
# numbers are how many runs of it there are.
EXCLUDED = {
    "foreign activations": {
        "GRUTest.ONNXRuntime_TestGRUOpForwardActivation": 2,  # gates by tanh, state by sigmoid
        "GRUTest.ONNXRuntime_TestGRUPositiveActivationAlphaBeta": 2,  # leaky ReLU, scaled tanh
        "LSTMTest.ONNXRuntime_TestLSTMActivation": 2,  # gates by tanh, cell by sigmoid; so below
        "LSTMTest.ONNXRuntime_TestLSTMBatchReallocation": 4,
        "LSTMTest.ONNXRuntime_TestLSTMOutputWrite": 4,
        "LSTMTest.ONNXRuntime_TestLSTMSequenceLengthAllZeros": 2,
        "LSTMTest.ONNXRuntime_TestLSTMSequenceLengthPartialZeros": 2,
    },
    "a real clip": {
        "LSTMTest.LargeBatchWithClip": 4,
        "LSTMTest.ONNXRuntime_TestLSTMForwardClip": 2,
    },
}
REFUSED = {
    "RNNTest.RNN_invalid_sequence_lens 0": r"lengths must hold one number a row, shape \(2,\)",
    "RNNTest.RNN_invalid_sequence_lens 1": r"lengths\[1\] is 5; it must lie between 0 and the 3",
    "RNNTest.RNN_with_invalid_activation_load_failure 0": "activations holds 'invalid_activation'",
}


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    """Every case by its name and run."""
    data = os.environ.get("GATECAST_DATA")
    folder = os.environ.get("GATECAST_CONFORMANCE") or (data and str(Path(data) / "../conformance"))
    if not folder:
        pytest.skip("neither GATECAST_CONFORMANCE nor GATECAST_DATA is set: no ONNX vectors")
    path = Path(folder) / "onnx_recurrent_vectors.json"
    if not path.exists():
        pytest.skip(f"no ONNX vectors: {path} does not exist")
    return {f"{case['test']} {case['run']}": case for case in json.loads(path.read_text("utf-8"))}


def arrays(listed: list[Any]) -> list[Array | None]:
    """A case's inputs or outputs as arrays, None where one is absent."""
    return [
        None if one is None else np.array(one["data"], one["dtype"]).reshape(one["shape"])
        for one in listed
    ]


def run_case(case: dict[str, Any]) -> list[Array]:
    return run_operator(case["op"], case["attrs"], arrays(case["inputs"]))


def test_the_vectors_are_complete(cases: dict[str, Any]) -> None:
    assert len(cases) == 147
    assert {name for name, case in cases.items() if not case["ok"]} == set(REFUSED)


@pytest.mark.usefixtures("both_kernels")
def test_all_but_the_excluded_cases_agree(cases: dict[str, Any]) -> None:
    passed, foreign = 0, {}
    for name, case in cases.items():
        if not case["ok"]:
            continue
        try:
            found = run_case(case)
        except ForeignError as error:
            foreign[name] = str(error)
            continue
        tolerance = case["tol"] if case["tol"] > 0 else 1e-4
        expected = arrays(case["outputs"])
        assert any(part is not None for part in expected), name
        assert len(expected) <= len(found), name
        for ours, theirs in zip(found, expected, strict=False):
            if theirs is not None:
                assert ours.shape == theirs.shape, name
                np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, err_msg=name)
        passed += 1
    assert foreign == {
        f"{test} {run}": reason
        for reason, tests in EXCLUDED.items()
        for test, runs in tests.items()
        for run in range(runs)
    }
    assert passed == 120


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused_is_refused(cases: dict[str, Any], name: str) -> None:
    with pytest.raises(InputError, match=REFUSED[name]):
        run_case(cases[name])
