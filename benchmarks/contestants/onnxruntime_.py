"""ONNX Runtime: LSTM, GRU or RNN and a Gemm, for prediction and streaming."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.contestants.contract import (
    Array,
    Built,
    Contestant,
    batch,
    head_weights,
    recurrent_weights,
    thread_variants,
    threads_of,
    time_major,
)
from benchmarks.works import Work

#: ONNX's order of the gates, as indices into PyTorch's: i,o,f,c of i,f,g,o; z,r,h of r,z,n
GATE_ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}
OPSET, IR_VERSION = 17, 8


class OnnxRuntime(Contestant):
    """A session for each thread setting, otherwise at its defaults."""

    libraries = ("onnxruntime", "onnx")

    def variants(self, work: Work) -> list[str]:
        return thread_variants() if work.task in ("inference", "streaming") else []

    def build(self, work: Work, variant: str) -> Built:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads_of(variant)
        streaming = work.task == "streaming"
        session = onnxruntime.InferenceSession(
            model(work, streaming).SerializeToString(), options, ["CPUExecutionProvider"]
        )
        return Built((_streaming if streaming else _inference)(session, work))


def _inference(session: Any, work: Work) -> Callable[[], Any]:
    feed = {"x": time_major(batch(work)[0])}
    return lambda: session.run(["y"], feed)[0]


def _streaming(session: Any, work: Work) -> Callable[[], Any]:
    names = state_names(work)
    feed = {"x": time_major(batch(work)[0])}
    feed |= {name: np.zeros((1, work.batch, work.hidden), np.float32) for name in names}
    outputs = ["y", *(f"{name}_next" for name in names)]

    def step() -> Any:
        y, *states = session.run(outputs, feed)
        feed.update(zip(names, states, strict=True))
        return y

    return step


def state_names(work: Work) -> tuple[str, ...]:
    """Names of the states that streaming feeds back."""
    return ("h", "c") if work.cell == "LSTM" else ("h",)


def model(work: Work, streaming: bool) -> onnx.ModelProto:
    """The whole network; with ``streaming`` it takes and gives the states of its one layer."""
    nodes, constants, flow = [], [], "x"
    states = state_names(work) if streaming else ()
    for layer in range(work.layers):
        inputs = [flow, f"W{layer}", f"R{layer}", f"B{layer}"]
        constants += layer_constants(work, layer)
        if streaming:
            inputs += ["", *states]
        outputs = [f"all{layer}", *(f"{name}_next" for name in states or ("h",))]
        extra = {"linear_before_reset": 1} if work.cell == "GRU" else {}
        nodes.append(helper.make_node(work.cell, inputs, outputs, hidden_size=work.hidden, **extra))
        flow = f"flow{layer}"
        if layer + 1 < work.layers:  # (T, directions, B, H) without the directions
            nodes.append(helper.make_node("Squeeze", [f"all{layer}", "one"], [flow]))
        else:
            nodes.append(helper.make_node("Squeeze", ["h_next", "zero"], [flow]))
        if layer + 1 < work.layers:
            nodes[-2].output[1] = f"h_next{layer}"
    nodes.append(helper.make_node("Gemm", [flow, "weight", "bias"], ["y"], transB=1))
    constants += [(name, value) for name, value in head_weights(work).items()]
    constants.append(("zero", np.zeros(1, np.int64)))
    if work.layers > 1:
        constants.append(("one", np.ones(1, np.int64)))
    return assemble(work, nodes, constants, states)


def layer_constants(work: Work, layer: int) -> list[tuple[str, Array]]:
    """One layer's W, R and B in ONNX's layout."""
    weights = recurrent_weights(work)

    def ordered(name: str) -> Array:
        gates = np.split(weights[f"{name}_l{layer}"], len(GATE_ORDER[work.cell]))
        return np.concatenate([gates[i] for i in GATE_ORDER[work.cell]])

    return [
        (f"W{layer}", ordered("weight_ih")[None]),
        (f"R{layer}", ordered("weight_hh")[None]),
        (f"B{layer}", np.concatenate([ordered("bias_ih"), ordered("bias_hh")])[None]),
    ]


def assemble(
    work: Work, nodes: list[Any], constants: list[tuple[str, Any]], states: tuple[str, ...]
) -> onnx.ModelProto:
    """Nodes and constants as a checked model."""

    def value(name: str, shape: tuple[int, ...]) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    shape = (1, work.batch, work.hidden)
    graph = helper.make_graph(
        nodes,
        "benchmark",
        [value("x", (work.steps, work.batch, work.inputs)), *(value(n, shape) for n in states)],
        [value("y", (work.batch, 1)), *(value(f"{n}_next", shape) for n in states)],
        [numpy_helper.from_array(array, name) for name, array in constants],
    )
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    built.ir_version = IR_VERSION
    onnx.checker.check_model(built)
    return built
