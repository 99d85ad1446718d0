"""A classifier over sequences."""

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets

from gatecast import nn
from gatecast.errors import InputError
from gatecast.estimators.base import Array, SequenceEstimator
from gatecast.estimators.inputs import check_target, read_sequences


class SequenceClassifier(ClassifierMixin, SequenceEstimator):  # type: ignore[misc]
    """A recurrent network that tells the class of each sequence.

    Parameters
    ----------
    cell : {"gru", "lstm", "rnn", "linear"}
        ``linear`` is one linear layer on the whole window.
    hidden_size, num_layers : int
    dropout : float
        Between layers and before the head, in training.
    epochs, batch_size : int
    lr : float
        Adam's learning rate; the largest one, where the schedule is ``one_cycle``.
    schedule : {"one_cycle", "constant"}
    clip_norm : float or None
        Largest norm of the gradients.
    patience : int or None
        Stop when the loss on the last ``validation_fraction`` of the rows (the latest, in time
        order) has not improved for that many epochs, and keep the best weights.  Those rows teach
        nothing, not the scaling or ``balanced`` weights either.  None trains on all rows.
    validation_fraction : float
    standardise : bool
        Scale inputs by the training rows.
    class_weight : dict, "balanced" or None
        What each class counts.
    ensemble : int
        Networks of different seeds whose probabilities are averaged.
    warm_start : bool
        Whether ``fit`` goes on from the present networks (and their scaling).
    random_state : int, RandomState or None
        The seed; None draws another at every fit.
    n_jobs : int or None
        Networks trained at once, as in joblib.

    Attributes
    ----------
    classes_ : array
        In sorted order.
    networks_ : list of nn.Module
        They compute logits from scaled inputs.
    histories_ : list of train.History
        Of the last training.
    n_features_in_ : int
        Columns of X (n, time), or features of each step.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 12, 2))
    >>> y = np.where(X[:, -3:, 0].sum(axis=1) > 0, "up", "down")
    >>> model = SequenceClassifier(epochs=20).fit(X[:150], y[:150])
    >>> model.score(X[150:], y[150:]) > 0.8
    True
    """

    def __init__(
        self,
        cell: str = "gru",
        *,
        hidden_size: int = 32,
        num_layers: int = 1,
        dropout: float = 0.0,
        epochs: int = 50,
        batch_size: int = 32,
        lr: float = 0.01,
        schedule: str = "one_cycle",
        clip_norm: float | None = 1.0,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        standardise: bool = True,
        class_weight: Any = None,
        ensemble: int = 1,
        warm_start: bool = False,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.standardise = standardise
        self.class_weight = class_weight
        self.ensemble = ensemble
        self.warm_start = warm_start
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on sequences (n, time), (n, time, features) or a ragged list, in time order.

        Parameters
        ----------
        X : array, table or list of arrays
        y : (n,) classes, numbers or text
        sample_weight : (n,) numbers, optional
        """
        return self._train(X, y, None, sample_weight, partial=False)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one epoch further; the first call fixes the scaling and the classes.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array, optional
            All classes that will ever come; those of the first ``y`` by default.
        """
        if self.class_weight == "balanced":
            raise InputError(
                "class_weight='balanced' would weigh each call by its own rows; give partial_fit "
                "the weights of all, class_weight={class: weight}"
            )
        return self._train(X, y, classes, sample_weight, partial=True)

    def _train(self, X: Any, y: Any, classes: Any, sample_weight: Any, *, partial: bool) -> Self:
        going_on = self._going_on(partial)
        sequences = read_sequences(self, X, reset=not going_on)
        labels = self._labels(y, len(sequences))
        weights = self._weights(sample_weight, labels)
        if self.class_weight is not None:
            of_class = self._class_weights(labels, partial)
            weights = of_class if weights is None else weights * of_class
        if not going_on:
            self.classes_ = np.unique(labels if classes is None else np.asarray(classes))
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise InputError(
                f"classes is {np.unique(classes).tolist()}, and the first call fixed "
                f"{self.classes_.tolist()}; leave it out, or begin with a new classifier"
            )
        self._check_classes(labels)
        codes = np.searchsorted(self.classes_, labels)
        return self._learn(
            sequences, codes, weights, nn.CrossEntropy(), len(self.classes_), partial=partial
        )

    def _class_weights(self, labels: Array, partial: bool) -> Array:
        """(n,): what the class of each row counts; balanced in the rows that are learned from."""
        learned = None
        if self.class_weight == "balanced":
            learned = self._learned_rows(len(labels), None, partial=partial)
        try:
            weights: Array = compute_sample_weight(self.class_weight, labels, indices=learned)
        except (TypeError, ValueError) as error:
            raise InputError(f"class_weight is {self.class_weight!r}: {error}") from None
        if learned is not None:  # a class that only the watched rows have counts as most do
            weights[~np.isin(labels, labels[learned])] = 1.0
        return weights

    def _labels(self, y: Any, rows: int) -> Array:
        array = check_target(self, y, rows, numbers=False)
        try:
            labels: Array = column_or_1d(array, warn=True)
            check_classification_targets(labels)
        except ValueError as error:
            raise InputError(str(error)) from None
        return labels

    def _check_classes(self, labels: Array) -> None:
        """Refuse a single class, and classes that the first fit did not know."""
        if len(self.classes_) < 2:
            raise InputError(
                f"y has one class only, {self.classes_.tolist()[0]!r}; a classifier needs two"
            )
        unknown = np.setdiff1d(labels, self.classes_)
        if unknown.size:
            raise InputError(
                f"y has the class {unknown.tolist()[0]!r}, which the first fit did not know; it "
                f"knew {', '.join(map(repr, self.classes_.tolist()[:10]))}"
            )

    def predict_proba(self, X: Any) -> Array:
        """Probabilities (n, classes), in the order of ``classes_``.

        Parameters
        ----------
        X : array, table or list of arrays
        """
        loss = nn.CrossEntropy()
        chances: Array = np.mean([loss.probabilities(out) for out in self._outputs(X)], axis=0)
        return chances

    def predict(self, X: Any) -> Array:
        """The likeliest class (n,) of each sequence.

        Parameters
        ----------
        X : array, table or list of arrays
        """
        likeliest: Array = self.predict_proba(X).argmax(axis=1)
        predicted: Array = self.classes_[likeliest]
        return predicted
