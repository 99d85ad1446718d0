"""The losses with arguments that fit them, for the tests of values, gradients and refusals."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.distribution_losses import GaussianNLL, Pinball, StudentTNLL
from gatecast.nn.losses import MAE, MSE, Huber, Loss
from gatecast.nn.percentage_losses import MAPE, SMAPE

CLASSES = 4
LOSSES: list[Loss] = [
    MSE(),
    MAE(),
    Huber(),
    Huber(delta=0.3),
    CrossEntropy(),
    CrossEntropy(label_smoothing=0.1),
    CrossEntropy(class_weights=(0.5, 1.0, 2.0, 3.5)),
    CrossEntropy(class_weights=(0.5, 1.0, 2.0, 3.5), label_smoothing=0.2),
    Pinball(),
    Pinball(quantiles=(0.25,)),
    GaussianNLL(),
    StudentTNLL(),
    StudentTNLL(df=3.0),
    SMAPE(),
    SMAPE(logs=True),
    MAPE(),
    MAPE(logs=True),
]
SHAPES = [(5, 1), (3, 4, 2)]


@dataclass
class Example:
    """Arguments of ``loss.forward``."""

    prediction: Array
    target: Array
    sample_weight: Array | None = None
    mask: Array | None = None

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.prediction, self.target, self.sample_weight, self.mask


def example(loss: Loss, shape: tuple[int, ...], dtype: Any = np.float64, seed: int = 0) -> Example:
    """A prediction and a target; ``shape`` is (batch, targets) or (batch, time, targets)."""
    rng = np.random.default_rng(seed)
    if loss.outputs_per_target is None:
        prediction = rng.normal(size=(*shape[:-1], CLASSES))
        return Example(prediction.astype(dtype), rng.integers(CLASSES, size=shape[:-1]))
    prediction = rng.normal(size=(*shape[:-1], shape[-1] * loss.outputs_per_target))
    return Example(prediction.astype(dtype), rng.normal(size=shape).astype(dtype))


def weighted(case: Example, kind: str, seed: int = 1) -> Example:
    """The same with a weight, a mask or both; at least the first row counts."""
    rng = np.random.default_rng(seed)
    leading = case.target.shape[: 1 if "row" in kind else 2]
    if "weight" in kind:
        case.sample_weight = rng.uniform(0.2, 2.0, leading)
        case.sample_weight[1] = 0.0
    if "mask" in kind:
        shape = case.target.shape if "full" in kind else leading
        case.mask = rng.random(shape) < 0.6
        case.mask[0] = True
    return case


WEIGHTINGS = ["none", "row weight", "weight", "row mask", "mask", "full mask", "weight, full mask"]
