"""What the losses refuse, by which error and with which remedy."""

from typing import Any

import numpy as np
import pytest

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.distribution_losses import GaussianNLL, Pinball, StudentTNLL
from gatecast.nn.losses import MSE, Huber, Loss
from tests.nn.loss_cases import LOSSES, example

F32, F64 = np.float32, np.float64


def zeros(*shape: int, dtype: Any = F32) -> Array:
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        (MSE(), zeros(32, 1), zeros(32),
         r"target has shape \(32,\), the prediction \(32, 1\); pass target\[:, None\]"),
        (MSE(), zeros(4, 7, 1), zeros(4, 7), r"pass target\[:, :, None\]"),
        (MSE(), zeros(32), zeros(32, 1), r"pass target\[:, 0\]"),
        (MSE(), zeros(32, 2), zeros(32, 1), r"the target must have shape \(32, 2\)"),
        (MSE(), zeros(0, 1), zeros(0, 1), "at least one entry"),
        (MSE(), zeros(), zeros(), "1 or more axes"),
        (Pinball(), zeros(8, 3), zeros(8), r"\(8,\).*pass target\[:, None\]"),
        (Pinball(), zeros(8, 4), zeros(8, 1), r"Pinball\(quantiles=.* the last with 3 outputs"),
        (GaussianNLL(), zeros(8, 2), zeros(8, 2), r"must have shape \(8, 1\)"),
        (GaussianNLL(), zeros(8), zeros(4), "2 or more axes"),
        (StudentTNLL(), zeros(8, 2), zeros(8, 1), "3 outputs"),
        (CrossEntropy(), zeros(8, 3), zeros(8, 3, dtype=int), r"must have shape \(8,\)"),
        (CrossEntropy(), zeros(8, 3), zeros(8, 1, dtype=int), r"pass target\[:, 0\]"),
        (CrossEntropy(), zeros(8), zeros(8, dtype=int), r"must have shape \(batch, classes\)"),
        (CrossEntropy(), zeros(2, 3), np.array([0, 3]), r"target\[1\] is 3; labels .* 0\.\.2"),
        (CrossEntropy(), zeros(2, 3), np.array([-1, 0]), r"target\[0\] is -1"),
        (CrossEntropy(), zeros(2, 2, 3), np.array([[0, 1], [2, 9]]), r"target\[1, 1\] is 9"),
        (CrossEntropy((1.0, 2.0)), zeros(2, 3), np.array([0, 1]), "2 weights .* 3 classes"),
    ],
)  # fmt: skip
def test_shapes_are_refused(loss: Loss, prediction: Array, target: Array, message: str) -> None:
    for refuse in (loss.check, loss.forward, loss):
        with pytest.raises(InputError, match=message):
            refuse(prediction, target)


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        (MSE(), zeros(3, 1), zeros(3, 1, dtype=F64),
         r"target is float64 and the prediction float32; pass target\.astype\(np\.float32\)"),
        (MSE(), zeros(3, 1, dtype=F64), zeros(3, 1), r"pass target\.astype\(np\.float64\)"),
        (MSE(), zeros(3, 1), zeros(3, 1, dtype=int), "target is int64"),
        (MSE(), zeros(3, 1), [[0.0]] * 3, "target must be a NumPy array, it is a list"),
        (MSE(), [[0.0]] * 3, zeros(3, 1), "prediction must be a NumPy array, it is a list"),
        (MSE(), zeros(3, 1, dtype=int), zeros(3, 1, dtype=int), "prediction must be float32 or"),
        (MSE(), zeros(3, 1, dtype=np.float16), zeros(3, 1, dtype=np.float16), "it is float16"),
        (CrossEntropy(), zeros(3, 2), zeros(3), "integer class labels, it is float32"),
        (CrossEntropy(), zeros(3, 2), zeros(3, dtype=bool), "integer class labels, it is bool"),
        (CrossEntropy(), zeros(3, 2), [0, 1, 0], "integer class labels, it is list"),
        (CrossEntropy(), zeros(3, 2, dtype=int), zeros(3, dtype=int), "prediction must be float"),
    ],
)  # fmt: skip
def test_dtypes_are_refused(loss: Loss, prediction: Any, target: Any, message: str) -> None:
    for refuse in (loss.check, loss.forward, loss):
        with pytest.raises(DtypeError, match=message):
            refuse(prediction, target)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize(
    ("weight", "mask", "error", "message"),
    [
        (np.ones(4), None, InputError, r"sample_weight must have shape \(5,\) or \(5, 4\).*\(4,\)"),
        (np.ones((5, 1)), None, InputError, "sample_weight must have shape"),
        (np.array(1.0), None, InputError, r"it has \(\)"),
        (np.array([1, 1, -2.0, 1, 1]), None, InputError, r"sample_weight\[2\] is -2\.0"),
        (np.array([1, 1, 1, np.nan, 1]), None, InputError, r"sample_weight\[3\] is nan"),
        (np.full((5, 4), np.inf), None, InputError, r"sample_weight\[0, 0\] is inf"),
        (np.zeros(5), None, InputError, "sample_weight is 0 everywhere"),
        ([1.0] * 5, None, DtypeError, "sample_weight must be a NumPy array, it is a list"),
        (np.ones(5, bool), None, DtypeError, "sample_weight must hold numbers, it is bool"),
        (None, np.ones(5), DtypeError, "mask must be boolean"),
        (None, np.ones((4, 5), bool), InputError, "mask must have shape"),
        (None, np.zeros(5, bool), InputError, "mask is False everywhere"),
        (None, [True] * 5, DtypeError, "mask must be a NumPy array"),
        (np.array([0, 0, 0, 0, 1.0]), np.arange(5) < 2, InputError, "0 wherever mask is True"),
    ],
)  # fmt: skip
def test_weights_and_masks_are_refused(
    loss: Loss, weight: Any, mask: Any, error: type[Exception], message: str
) -> None:
    case = example(loss, (5, 4, 2))
    with pytest.raises(error, match=message):
        loss.check(case.prediction, case.target, weight, mask)
    with pytest.raises(error, match=message):
        loss.forward(case.prediction, case.target, weight, mask)


def test_labels_are_looked_at_only_where_they_count() -> None:
    labels, mask = np.array([0, -100, 1]), np.array([True, False, True])
    assert CrossEntropy()(np.zeros((3, 2)), labels, mask=mask) == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Huber(delta=0), "delta must be a number > 0, it is 0"),
        (lambda: Huber(delta=np.nan), "delta"),
        (lambda: Huber(delta=True), "delta"),
        (lambda: CrossEntropy(label_smoothing=1.0), r"label_smoothing must lie in \[0, 1\)"),
        (lambda: CrossEntropy(class_weights=[1.0, 0.0]), r"class_weights\[1\] is 0\.0.*mask it"),
        (lambda: CrossEntropy(class_weights=[1.0, np.inf]), r"class_weights\[1\] is inf"),
        (lambda: CrossEntropy(class_weights=[]), "one number a class"),
        (lambda: CrossEntropy(class_weights="ab"), "class_weights must be numbers"),  # type: ignore[arg-type]
        (lambda: Pinball(quantiles=()), "quantiles must rise"),
        (lambda: Pinball(quantiles=(0.5, 0.5)), "quantiles must rise"),
        (lambda: Pinball(quantiles=(0.0, 0.5)), "between 0 and 1"),
        (lambda: Pinball(quantiles=(0.5, 1.0)), "between 0 and 1"),
        (lambda: Pinball(quantiles=("a",)), "quantiles must be numbers"),  # type: ignore[arg-type]
        (lambda: Pinball(quantiles=0.5), "quantiles must rise"),  # type: ignore[arg-type]
        (lambda: Pinball(quantiles=(np.nan,)), "quantiles must rise"),
        (lambda: GaussianNLL(min_scale=0), "min_scale"),
        (lambda: StudentTNLL(df=-1), "df must be a number > 0"),
        (lambda: StudentTNLL(df="3"), "df must be a number > 0"),  # type: ignore[arg-type]
    ],
)
def test_options_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
