"""Models that hypothesis makes up, run by ONNX Runtime and by our kernels."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

from gatecast.kernels.contract import Array
from tests.agreement import assert_agree
from tests.parity.onnx_operators import GATE_ORDER, run_operator

OPSET, IR_VERSION = 14, 8
SHARED = ("X", "W", "R", "B", "sequence_lens", "initial_h")
INPUTS = {"RNN": SHARED, "GRU": SHARED, "LSTM": (*SHARED, "initial_c", "P")}
OUTPUTS = {"RNN": ("Y", "Y_h"), "GRU": ("Y", "Y_h"), "LSTM": ("Y", "Y_h", "Y_c")}

fixed_examples = settings(max_examples=100, derandomize=True, deadline=None)
sizes = st.integers(1, 6)


class Model(NamedTuple):
    """One operator: its attributes, and its inputs by name."""

    op: str
    attributes: dict[str, Any]
    inputs: dict[str, Array]


@st.composite
def models(draw: st.DrawFn, op: str) -> Model:
    """Any direction and raggedness, with and without bias, states and the cell's options."""
    T, B, I, H = (draw(sizes) for _ in range(4))
    direction = draw(st.sampled_from(["forward", "reverse", "bidirectional"]))
    D = 2 if direction == "bidirectional" else 1
    rows = len(GATE_ORDER[op]) * H
    attributes: dict[str, Any] = {"hidden_size": H, "direction": direction}
    shapes: dict[str, tuple[int, ...]] = {"X": (T, B, I), "W": (D, rows, I), "R": (D, rows, H)}
    if draw(st.booleans()):
        shapes["B"] = (D, 2 * rows)
    if draw(st.booleans()):
        shapes["initial_h"] = (D, B, H)
    if op == "RNN":
        names = st.lists(st.sampled_from(["Tanh", "Relu"]), min_size=D, max_size=D)
        attributes["activations"] = draw(names)
    if op == "GRU":
        attributes["linear_before_reset"] = draw(st.integers(0, 1))
    if op == "LSTM":
        attributes["input_forget"] = draw(st.integers(0, 1))
        if draw(st.booleans()):
            shapes["initial_c"] = (D, B, H)
        if draw(st.booleans()):
            shapes["P"] = (D, 3 * H)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = {
        name: rng.normal(scale=0.6, size=shape).astype(np.float32) for name, shape in shapes.items()
    }
    if draw(st.booleans()):
        lengths = draw(st.lists(st.integers(1, T), min_size=B, max_size=B))
        inputs["sequence_lens"] = np.array(lengths, np.int32)
    return Model(op, attributes, inputs)


def as_proto(model: Model) -> ModelProto:
    """The model as a graph of one node."""
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int32): TensorProto.INT32}
    names = [name if name in model.inputs else "" for name in INPUTS[model.op]]
    node = helper.make_node(model.op, names, OUTPUTS[model.op], **model.attributes)
    graph = helper.make_graph(
        [node],
        "one operator",
        [
            helper.make_tensor_value_info(name, kinds[array.dtype], array.shape)
            for name, array in model.inputs.items()
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in node.output],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def run_onnxruntime(model: Model) -> list[Array]:
    """The model's outputs by ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        as_proto(model).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, model.inputs)


def compare(model: Model, run: Callable[[Model], Sequence[Array]] = run_onnxruntime) -> None:
    names = OUTPUTS[model.op]
    inputs = [model.inputs.get(name) for name in INPUTS[model.op]]
    ours = run_operator(model.op, model.attributes, inputs)
    assert_agree(dict(zip(names, ours, strict=True)), dict(zip(names, run(model), strict=True)))


@pytest.mark.usefixtures("both_kernels")
@fixed_examples
@given(model=models("RNN"))
def test_rnn(model: Model) -> None:
    compare(model)


@pytest.mark.usefixtures("both_kernels")
@fixed_examples
@given(model=models("GRU"))
def test_gru(model: Model) -> None:
    compare(model)


@pytest.mark.usefixtures("both_kernels")
@fixed_examples
@given(model=models("LSTM"))
def test_lstm(model: Model) -> None:
    compare(model)


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("op", ["GRU", "LSTM"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_rows_without_a_step(op: str, direction: str) -> None:
    """From states of zeros; ONNX Runtime gives such a row zeros, we give it its initial state."""
    rng = np.random.default_rng(0)
    D, rows = 2 if direction == "bidirectional" else 1, len(GATE_ORDER[op]) * 4
    shapes = {"X": (3, 4, 2), "W": (D, rows, 2), "R": (D, rows, 4), "B": (D, 2 * rows)}
    inputs = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    inputs["sequence_lens"] = np.array([2, 0, 3, 1], np.int32)
    compare(Model(op, {"hidden_size": 4, "direction": direction}, inputs))


@pytest.mark.usefixtures("both_kernels")
@pytest.mark.parametrize("op", OUTPUTS)
def test_batch_first_layout(op: str) -> None:
    """Against ONNX's reference implementation: ONNX Runtime has the other layout alone."""
    rng = np.random.default_rng(0)
    rows = len(GATE_ORDER[op]) * 4
    shapes: dict[str, tuple[int, ...]] = {"X": (5, 3, 2), "W": (1, rows, 2), "R": (1, rows, 4)}
    shapes |= {"B": (1, 2 * rows), "initial_h": (5, 1, 4)}
    if op == "LSTM":
        shapes["initial_c"] = (5, 1, 4)
    inputs = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    model = Model(op, {"hidden_size": 4, "layout": 1}, inputs)
    compare(model, lambda made: ReferenceEvaluator(as_proto(made)).run(None, made.inputs))
