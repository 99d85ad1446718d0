"""The figures to meet, and which of them a run has met."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Results
from benchmarks.works import CELLS, CORES, SHAPES, Work

#: PyTorch's best time over gatecast's, one training step: LSTM, GRU, RNN for each shape
TORCH = dict(
    zip(
        SHAPES,
        (
            (27, 45, 27), (13, 20, 13), (4, 14, 6), (2.5, 9, 6),
            (2.7, 7, 6), (1.5, 3, 3), (1.6, 2.4, 2), (1.2, 1.5, 1.25),
        ),
        strict=True,
    )
)  # fmt: skip
#: the same for the reference kernels
REFERENCE = {SHAPES[0]: 1.0, SHAPES[1]: 1.0, SHAPES[4]: 0.5}
#: JAX's time over gatecast's, one training step; the small shapes, and all others
JAX_SMALL, JAX = 4.0, 1.3
#: ONNX Runtime's best time over gatecast's, inference; one row, and all others
ONNX_SINGLE, ONNX = 2.0, 1.5
#: a step through a network of 64 units, seconds
STREAMING = 8e-6
#: share of the matrix-product peak that an LSTM's training step reaches, by hidden size
SHARES = {64: 0.65, 128: 0.80, 256: 0.85, 512: 0.85}
#: training windows a second of the LSTM, one sample a step
STEEL = 25_000


@dataclass(frozen=True)
class Verdict:
    """A goal and what was measured.

    Parameters
    ----------
    work : Work
    goal : str
        In words.
    wanted, measured : float
    at_most : bool
        Whether the measured value must stay below the goal.
    unit : str
    """

    work: Work
    goal: str
    wanted: float
    measured: float
    at_most: bool = False
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return (self.measured <= self.wanted) if self.at_most else (self.measured >= self.wanted)


def shape_of(work: Work) -> tuple[int, int, int, int, int]:
    """The key of a work in the tables of goals."""
    return (work.batch, work.steps, work.inputs, work.hidden, work.layers)


def torch_goal(work: Work, kernels: str = "native") -> float | None:
    """The wanted ratio to PyTorch of one training step."""
    if kernels == "reference":
        return REFERENCE.get(shape_of(work))
    row = TORCH.get(shape_of(work))
    return None if row is None else row[CELLS.index(work.cell)]


def ratio(results: Results, work: Work, peer: str, kernels: str) -> float | None:
    """The peer's best time over gatecast's at its default threads."""
    variant = "scan" if peer == "jax" else None
    theirs, ours = results.of(work, peer, variant), results.default(work, kernels)
    return None if theirs is None or ours is None else theirs.seconds / ours.seconds


def verdicts(results: Results) -> list[Verdict]:
    """Every goal that this run has measured."""
    return [
        *_reference(results),
        *_training(results),
        *_shares(results),
        *_inference(results),
        *_streaming(results),
        *_steel(results),
    ]


def _reference(results: Results) -> Iterator[Verdict]:
    for work in results.works("train"):
        wanted = torch_goal(work, "reference")
        found = ratio(results, work, "torch", "reference")
        if wanted is not None and found is not None:
            yield Verdict(work, "reference kernels, PyTorch ÷ gatecast", wanted, found)


def _training(results: Results) -> Iterator[Verdict]:
    for work in results.works("train"):
        wanted, found = torch_goal(work), ratio(results, work, "torch", "native")
        if wanted is not None and found is not None:
            yield Verdict(work, "PyTorch ÷ gatecast", wanted, found)
    for work in results.works("train"):
        found = ratio(results, work, "jax", "native")
        if found is not None:
            small = shape_of(work) in SHAPES[:2]
            yield Verdict(work, "JAX ÷ gatecast", JAX_SMALL if small else JAX, found)


def _shares(results: Results) -> Iterator[Verdict]:
    for work in results.works("train"):
        wanted = SHARES.get(work.hidden)
        measured = results.default(work, "native")
        if work.cell != "LSTM" or wanted is None or measured is None:
            continue
        share = results.share_of_peak(measured, CORES)
        if share is not None:
            yield Verdict(work, "share of the matrix-product peak", 100 * wanted, 100 * share,
                          unit="%")  # fmt: skip


def _inference(results: Results) -> Iterator[Verdict]:
    for work in results.works("inference"):
        wanted = {"onnxruntime": ONNX_SINGLE if work.batch == 1 else ONNX, "torch": 1.0}
        for peer, name in (("onnxruntime", "ONNX Runtime"), ("torch", "PyTorch")):
            found = ratio(results, work, peer, "native")
            if found is not None:
                yield Verdict(work, f"{name} ÷ gatecast", wanted[peer], found)


def _streaming(results: Results) -> Iterator[Verdict]:
    for work in results.works("streaming"):
        measured = results.default(work, "native")
        if measured is not None:
            yield Verdict(work, "one step through net.step", 1e6 * STREAMING,
                          1e6 * measured.seconds, at_most=True, unit="µs")  # fmt: skip


def _steel(results: Results) -> Iterator[Verdict]:
    for work in results.works("steel"):
        measured = results.default(work, "native")
        if work.cell == "LSTM" and measured is not None:
            rate = work.windows / measured.seconds
            yield Verdict(work, "training windows a second", STEEL, rate, unit="/s")
