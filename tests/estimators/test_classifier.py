"""The classifier: what scikit-learn's checks do not look at."""

from typing import Any

import numpy as np
import pytest
from sklearn.utils import compute_class_weight

from gatecast.errors import InputError
from gatecast.estimators import CELLS, SequenceClassifier


def first_steps(n: int = 240) -> tuple[np.ndarray, np.ndarray]:
    """Sequences whose class is told by their first steps."""
    X = np.random.default_rng(0).normal(size=(n, 6, 2))
    return X, np.array(["down", "flat", "up"])[np.digitize(X[:, 0, 1], [-0.5, 0.5])]


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_learns_classes_of_text(cell):
    X, y = first_steps()
    model = SequenceClassifier(cell, hidden_size=16).fit(X[:180], y[:180])
    assert model.score(X[180:], y[180:]) > 0.75
    chances = model.predict_proba(X)
    assert np.allclose(chances.sum(axis=1), 1)
    assert (model.classes_[chances.argmax(axis=1)] == model.predict(X)).all()


def test_class_weights_count_as_sample_weights_do():
    X, y = first_steps(90)
    weight = np.where(y == "up", 3.0, 1.0)
    by_class = SequenceClassifier(epochs=3, class_weight={"up": 3.0}).fit(X, y)
    by_row = SequenceClassifier(epochs=3).fit(X, y, sample_weight=weight)
    assert (by_class.predict_proba(X) == by_row.predict_proba(X)).all()
    both = SequenceClassifier(epochs=3, class_weight="balanced").fit(X, y, sample_weight=weight)
    assert (both.predict_proba(X) != by_row.predict_proba(X)).any()


def test_balanced_weights_do_not_look_at_the_rows_that_patience_watches():
    X, y = first_steps(90)
    late = np.where(np.arange(90) < 72, y, "up")  # as often as never before
    options: dict[str, Any] = {"epochs": 3, "patience": 9, "validation_fraction": 0.2}
    found = SequenceClassifier(class_weight="balanced", **options).fit(X, late)
    by_hand = compute_class_weight("balanced", classes=found.classes_, y=late[:72])
    weights = dict(zip(found.classes_, by_hand, strict=True))
    expected = SequenceClassifier(class_weight=weights, **options).fit(X, late)
    assert (found.predict_proba(X) == expected.predict_proba(X)).all()


def test_classes_that_only_the_watched_rows_have_count_there_as_most_do():
    X, _ = first_steps(60)
    sorted_by_class = np.repeat(["a", "b", "c"], [24, 24, 12])
    model = SequenceClassifier(
        epochs=3, patience=9, validation_fraction=0.2, class_weight="balanced"
    ).fit(X, sorted_by_class)
    plain = SequenceClassifier(epochs=3, patience=9, validation_fraction=0.2)
    # "a" and "b" are balanced as they are, so that every weight is 1
    expected = plain.fit(X, sorted_by_class).predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-6)


def test_partial_fit_knows_the_classes_beforehand():
    X, y = first_steps(120)
    model = SequenceClassifier()
    some = y != "flat"
    model.partial_fit(X[some], y[some], classes=["up", "flat", "down"])
    assert model.classes_.tolist() == ["down", "flat", "up"]
    scores = [model.partial_fit(X, y).score(X, y) for _ in range(30)]
    assert scores[-1] > 0.8
    with pytest.raises(InputError, match="the class 'sideways', which the first fit did not know"):
        model.partial_fit(X[:1], ["sideways"])


def test_partial_fit_keeps_to_what_the_first_call_fixed():
    X, y = first_steps(30)
    model = SequenceClassifier().partial_fit(X, y, classes=["down", "flat", "up"])
    model.partial_fit(X, y, classes=["up", "flat", "down"])
    with pytest.raises(InputError, match="the first call fixed .'down', 'flat', 'up'"):
        model.partial_fit(X, y, classes=["down", "up"])
    with pytest.raises(InputError, match="class_weight='balanced' would weigh each call"):
        SequenceClassifier(class_weight="balanced").partial_fit(X, y)


def test_the_ensemble_averages_probabilities():
    X, y = first_steps(60)
    model = SequenceClassifier(epochs=2, ensemble=2).fit(X, y)
    both, networks = model.predict_proba(X), model.networks_
    alone = []
    for network in networks:
        model.networks_ = [network]
        alone.append(model.predict_proba(X))
    assert np.allclose(both, np.mean(alone, axis=0))


def test_weights_of_classes_that_are_not_there_are_refused():
    X, y = first_steps(30)
    with pytest.raises(InputError, match="class_weight is {'left': 2.0}: .* not in class_weight"):
        SequenceClassifier(class_weight={"left": 2.0}).fit(X, y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(12, int), "one class only"),
        (np.linspace(0, 1, 12), "continuous"),
        (np.zeros((12, 3), int), "1d array"),
    ],
)
def test_wrong_classes_are_refused(y, message):
    with pytest.raises(InputError, match=message):
        SequenceClassifier().fit(np.ones((12, 3)), y)
