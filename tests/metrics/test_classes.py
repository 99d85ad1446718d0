"""Scores of classes, against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from gatecast import metrics
from gatecast.errors import InputError

rng = np.random.default_rng(0)
LABELS, PREDICTED = rng.integers(4, size=60), rng.integers(5, size=60)
CHANCES = rng.dirichlet(np.ones(4), size=60)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.accuracy, sk.accuracy_score),
        (metrics.macro_f1, lambda y, p: sk.f1_score(y, p, average="macro", zero_division=0)),
    ],
)
def test_scores_of_classes_are_scikit_learns(ours, theirs):
    assert ours(LABELS, PREDICTED) == pytest.approx(theirs(LABELS, PREDICTED))


def test_balanced_accuracy_is_scikit_learns():
    known = np.minimum(PREDICTED, 3)  # scikit-learn warns of classes that the truth has not
    expected = sk.balanced_accuracy_score(LABELS, known)
    assert metrics.balanced_accuracy(LABELS, known) == pytest.approx(expected)


def test_log_loss_is_scikit_learns():
    expected = sk.log_loss(LABELS, CHANCES, labels=range(4))
    assert metrics.log_loss(LABELS, CHANCES) == pytest.approx(expected)
    sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert metrics.log_loss([0, 0], sure) == pytest.approx(sk.log_loss([0, 0], sure, labels=[0, 1]))


def test_the_confusion_matrix_is_scikit_learns():
    expected = sk.confusion_matrix(LABELS, PREDICTED, labels=range(5))
    assert (metrics.confusion(LABELS, PREDICTED, 5) == expected).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.accuracy([0, 1], [0]), "truth has 2 rows and predicted 1"),
        (lambda: metrics.accuracy([], []), "one axis of classes"),
        (lambda: metrics.accuracy([0.5], [0]), "one axis of classes"),
        (lambda: metrics.log_loss([0, 2], CHANCES[:2, :2]), "truth must lie in 0 … 1"),
        (lambda: metrics.log_loss([0], [[0.5, 0.1]]), "sum to 1"),
        (lambda: metrics.log_loss([0.0], [[0.5, 0.5]]), "whole class numbers"),
        (lambda: metrics.confusion([0, 2], [0, 1], 2), "must lie in 0 … 1"),
        (lambda: metrics.confusion(["a"], ["b"], 2), "encode the labels"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
