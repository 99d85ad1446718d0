"""A regressor over sequences."""

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from gatecast import nn
from gatecast.errors import InputError
from gatecast.estimators.base import Array, SequenceEstimator
from gatecast.estimators.inputs import check_target, read_sequences


class SequenceRegressor(RegressorMixin, SequenceEstimator):  # type: ignore[misc]
    """A recurrent network that predicts one number, or several, from each sequence.

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
        nothing, not the scaling either.  None trains on all rows to the end.
    validation_fraction : float
    standardise : bool
        Scale inputs and target by the training rows.
    ensemble : int
        Networks of different seeds whose predictions are averaged.
    warm_start : bool
        Whether ``fit`` goes on from the present networks (and their scaling).
    random_state : int, RandomState or None
        The seed; None draws another at every fit.
    n_jobs : int or None
        Networks trained at once, as in joblib.

    Attributes
    ----------
    networks_ : list of nn.Module
        They compute on scaled inputs.
    histories_ : list of train.History
        Of the last training.
    n_features_in_ : int
        Columns of X (n, time), or features of each step.

    Examples
    --------
    >>> series = np.sin(np.arange(300) / 5)
    >>> windows = np.lib.stride_tricks.sliding_window_view(series, 11)
    >>> X, y = windows[:, :10], windows[:, 10]
    >>> model = SequenceRegressor(epochs=10).fit(X[:200], y[:200])
    >>> model.score(X[200:], y[200:]) > 0.95
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
        self.ensemble = ensemble
        self.warm_start = warm_start
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on sequences (n, time), (n, time, features) or a ragged list, in time order.

        Parameters
        ----------
        X : array, table or list of arrays
        y : (n,) or (n, outputs) numbers
        sample_weight : (n,) numbers, optional
        """
        return self._train(X, y, sample_weight, partial=False)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one epoch further; the first call fixes the scaling.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        """
        return self._train(X, y, sample_weight, partial=True)

    def _train(self, X: Any, y: Any, sample_weight: Any, *, partial: bool) -> Self:
        going_on = self._going_on(partial)
        sequences = read_sequences(self, X, reset=not going_on)
        targets = check_target(self, y, len(sequences), numbers=True)
        weights = self._weights(sample_weight, targets)
        axes, targets = targets.ndim, targets.reshape(len(targets), -1)
        if not going_on:
            self.target_axes_, self.n_outputs_ = axes, targets.shape[1]
            rows = self._learned_rows(len(targets), weights, partial=partial)
            self.target_scaler_ = self._scaler().fit(targets[rows])
        elif targets.shape[1] != self.n_outputs_:
            raise InputError(f"y has {targets.shape[1]} outputs, it had {self.n_outputs_} before")
        scaled = self.target_scaler_.transform(targets).astype(np.float32)
        return self._learn(sequences, scaled, weights, nn.MSE(), self.n_outputs_, partial=partial)

    def predict(self, X: Any) -> Array:
        """Predict (n,) or, where y had columns, (n, outputs) numbers.

        Parameters
        ----------
        X : array, table or list of arrays
        """
        mean = np.mean(self._outputs(X), axis=0)
        restored = self.target_scaler_.inverse_transform(mean)
        return restored[:, 0] if self.target_axes_ == 1 else restored
