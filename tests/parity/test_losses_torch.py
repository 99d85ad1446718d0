"""The losses against PyTorch (and scikit-learn): values and gradients."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_pinball_loss
from torch.nn import functional

from gatecast.kernels.contract import Array
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.distribution_losses import GaussianNLL, Pinball, StudentTNLL
from gatecast.nn.losses import MAE, MSE, Huber, Loss
from gatecast.nn.percentage_losses import MAPE, SMAPE
from tests.nn.loss_cases import CLASSES, SHAPES, WEIGHTINGS, example, weighted

every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
every_weighting = pytest.mark.parametrize("weighting", WEIGHTINGS)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
CLASS_WEIGHTS = (0.5, 1.0, 2.0, 3.5)


def entries(loss: Loss, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Each entry's loss by PyTorch, in the target's shape (unweighted by class)."""
    if isinstance(loss, MSE):
        return functional.mse_loss(prediction, target, reduction="none")
    if isinstance(loss, MAE):
        return functional.l1_loss(prediction, target, reduction="none")
    if isinstance(loss, Huber):
        return functional.huber_loss(prediction, target, reduction="none", delta=loss.delta)
    if isinstance(loss, SMAPE | MAPE):
        values, truth = (prediction.exp(), target.exp()) if loss.logs else (prediction, target)
        half = isinstance(loss, SMAPE)
        size = (truth.abs() + values.abs()) / 2 if half else truth.abs()
        return 100 * (values - truth).abs() / size
    outputs = prediction.reshape(*target.shape, -1)
    if isinstance(loss, Pinball):
        error = target[..., None] - outputs
        quantiles = torch.tensor(loss.quantiles, dtype=prediction.dtype)
        return torch.maximum(quantiles * error, (quantiles - 1) * error).mean(-1)
    scale = functional.softplus(outputs[..., 1]) + 1e-6
    if isinstance(loss, GaussianNLL):
        return -torch.distributions.Normal(outputs[..., 0], scale).log_prob(target)
    assert isinstance(loss, StudentTNLL)
    df = torch.full_like(scale, loss.df) if loss.df else functional.softplus(outputs[..., 2]) + 2
    return -torch.distributions.StudentT(df, outputs[..., 0], scale).log_prob(target)


def assert_same(
    loss: Loss, arguments: tuple[Any, ...], value: torch.Tensor, inputs: torch.Tensor
) -> None:
    """Our value and gradient, and the twin's after its own backward pass."""
    value.backward()
    assert inputs.grad is not None
    found, saved = loss.forward(*arguments)
    single = arguments[0].dtype == np.float32
    assert found == pytest.approx(value.item(), rel=1e-5 if single else 1e-12)
    ours, theirs = loss.backward(saved), inputs.grad.numpy()
    atol = (1e-5 if single else 1e-12) * np.abs(theirs).max()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol)


@pytest.mark.parametrize(
    "loss",
    [
        MSE(),
        MAE(),
        Huber(),
        Huber(0.3),
        Pinball(),
        GaussianNLL(),
        StudentTNLL(),
        StudentTNLL(3.0),
        SMAPE(),
        SMAPE(True),
        MAPE(),
        MAPE(True),
    ],
    ids=repr,
)
@both_dtypes
@every_shape
@every_weighting
def test_losses_of_numbers(loss: Loss, dtype: Any, shape: tuple[int, ...], weighting: str) -> None:
    case = weighted(example(loss, shape, dtype), weighting)
    inputs = torch.tensor(case.prediction, requires_grad=True)
    share = torch.tensor(shares(case.target, case.sample_weight, case.mask).astype(dtype))
    value = (share * entries(loss, inputs, torch.tensor(case.target))).sum()
    assert_same(loss, case.arguments, value, inputs)


def shares(target: Array, sample_weight: Array | None, mask: Array | None) -> Array:
    """Each entry's share of the mean, written out."""
    found = np.ones_like(target, np.float64)
    for place in np.ndindex(target.shape):
        if sample_weight is not None:
            found[place] *= sample_weight[place[: sample_weight.ndim]]
        if mask is not None:
            found[place] *= mask[place[: mask.ndim]]
    return found / found.sum()


@pytest.mark.parametrize("class_weights", [None, CLASS_WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@both_dtypes
@every_shape
def test_cross_entropy(
    class_weights: tuple[float, ...] | None, smoothing: float, dtype: Any, shape: tuple[int, ...]
) -> None:
    loss = CrossEntropy(class_weights, smoothing)
    case = example(loss, shape, dtype)
    inputs = torch.tensor(case.prediction, requires_grad=True)
    value = functional.cross_entropy(
        inputs.reshape(-1, CLASSES),
        torch.tensor(case.target.ravel()),
        weight=None if class_weights is None else torch.tensor(class_weights, dtype=inputs.dtype),
        label_smoothing=smoothing,
    )
    assert_same(loss, case.arguments, value, inputs)


@pytest.mark.parametrize("class_weights", [None, CLASS_WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_masked_cross_entropy_is_the_ignored_label(
    class_weights: tuple[float, ...] | None, smoothing: float
) -> None:
    loss = CrossEntropy(class_weights, smoothing)
    case = weighted(example(loss, (3, 4, 2)), "mask")
    assert case.mask is not None
    case.target[~case.mask] = -100
    inputs = torch.tensor(case.prediction, requires_grad=True)
    value = functional.cross_entropy(
        inputs.reshape(-1, CLASSES),
        torch.tensor(case.target.ravel()),
        weight=None if class_weights is None else torch.tensor(class_weights, dtype=inputs.dtype),
        label_smoothing=smoothing,
        ignore_index=-100,
    )
    assert_same(loss, case.arguments, value, inputs)


def test_gaussian_is_torchs_with_the_constant() -> None:
    case = example(GaussianNLL(), (5, 2))
    mean, scale = GaussianNLL().parameters(case.prediction)
    expected = functional.gaussian_nll_loss(
        torch.tensor(mean), torch.tensor(case.target), torch.tensor(scale**2), full=True, eps=1e-15
    )
    assert GaussianNLL()(case.prediction, case.target) == pytest.approx(expected.item(), rel=1e-12)


def test_pinball_is_scikit_learns() -> None:
    loss = Pinball((0.1, 0.4, 0.95))
    case = example(loss, (7, 2))
    weight = np.random.default_rng(4).uniform(size=7)
    quantiles = loss.parameters(case.prediction)
    expected = np.mean(
        [
            mean_pinball_loss(case.target, quantiles[..., i], sample_weight=weight, alpha=level)
            for i, level in enumerate(loss.quantiles)
        ]
    )
    assert loss(case.prediction, case.target, weight) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("df", [2.0, 30.0, 1e4, 1e6])
def test_student_in_float32_keeps_its_digits(df: float) -> None:
    loss = StudentTNLL(df=df)
    case = example(loss, (9, 1))
    expected = entries(loss, torch.tensor(case.prediction), torch.tensor(case.target)).mean()
    found = loss(case.prediction.astype(np.float32), case.target.astype(np.float32))
    assert found == pytest.approx(expected.item(), rel=2e-6)
