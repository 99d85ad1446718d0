"""Baselines: what every network has to beat, with one small interface over windows.

``baseline.fit(train)`` and ``baseline.predict(test)`` take :class:`Samples`; a prediction is
(n, horizon) in the units of the target, or (n,) class numbers.  The *naive* ones learn nothing
but the target's own past; skill is measured against the best of those.
"""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.classical import simple
from gatecast.forecast.history import make_history
from gatecast.forecast.model import Model
from gatecast.forecast.samples import Array, Samples


class Baseline:
    """Base of baselines; a subclass writes ``predict``, and ``fit`` where there is anything to fit.

    Attributes
    ----------
    name : str
    naive : bool
        Whether it is one of those that skill is measured against.
    note : str
        What must be said of the fit, if anything.
    """

    name: ClassVar[str]
    naive: ClassVar[bool] = True
    note = ""

    def fit(self, train: Samples) -> Self:
        """Learn from the training windows."""
        self.horizon_ = 1 if train.classes else train.y.shape[1]
        return self

    def predict(self, samples: Samples) -> Array:
        """Forecasts in the target's units, or class numbers."""
        raise NotImplementedError

    def probabilities(self, samples: Samples) -> Array | None:
        """(n, classes), or None where there are only classes."""
        return None

    def _past(self, samples: Samples, least: int = 1) -> Array:
        """The target's own past, at least so many rows of it."""
        if samples.past is None or samples.past.shape[1] < least:
            have = 0 if samples.past is None else samples.past.shape[1]
            raise InputError(
                f"the baseline {self.name!r} needs {least} past values of the target in each "
                f"window, there are {have}; use a longer window, or leave this baseline out"
            )
        return samples.past


class OfEachWindow(Baseline):
    """A classical model, over each window as if it were a series of its own.

    Attributes
    ----------
    model : type of Model
    least, period : int
        Rows that a window must have, and rows in a season.
    """

    model: ClassVar[type[Model]]
    least: ClassVar[int] = 1
    period: int = 1

    def predict(self, samples: Samples) -> Array:
        past = self._past(samples, max(self.least, self.period))
        history = make_history(list(past))
        return self.model().fit(history, self.horizon_, self.period).predict(history)


class LastValue(OfEachWindow):
    """The last value again, at every step.

    Examples
    --------
    >>> past = np.array([[1.0, 2.0, 4.0]])
    >>> samples = Samples(past[..., None], np.array([[5.0, 6.0]]), past)
    >>> LastValue().fit(samples).predict(samples)
    array([[4., 4.]])
    """

    name = "last_value"
    model = simple.Naive


class Naive(LastValue):
    """The last value under its other name."""

    name = "naive"


class SeasonalNaive(OfEachWindow):
    """The value of one season before.

    Parameters
    ----------
    period : int
        Rows in a season.

    Examples
    --------
    >>> past = np.array([[1.0, 2.0, 4.0]])
    >>> samples = Samples(past[..., None], np.array([[5.0, 6.0, 7.0]]), past)
    >>> SeasonalNaive(period=2).fit(samples).predict(samples)
    array([[2., 4., 2.]])
    """

    name = "seasonal_naive"
    model = simple.SeasonalNaive

    def __init__(self, period: int) -> None:
        if isinstance(period, bool) or not isinstance(period, int | np.integer) or period < 1:
            raise InputError(f"period must be a whole number >= 1, it is {period!r}")
        self.period = int(period)


class Drift(OfEachWindow):
    """The line through the first and the last value of the window, drawn on.

    Examples
    --------
    >>> past = np.array([[1.0, 2.0, 5.0]])
    >>> samples = Samples(past[..., None], np.array([[0.0, 0.0]]), past)
    >>> Drift().fit(samples).predict(samples)
    array([[7., 9.]])
    """

    name = "drift"
    model = simple.Drift
    least = 2


class Mean(Baseline):
    """The mean of the training targets, whatever the window.

    Examples
    --------
    >>> samples = Samples(np.zeros((2, 1, 1)), np.array([[1.0], [3.0]]))
    >>> Mean().fit(samples).predict(samples)
    array([[2.],
           [2.]])
    """

    name = "mean"

    def fit(self, train: Samples) -> Self:
        self.mean_ = float(train.y.mean(dtype=np.float64))
        return super().fit(train)

    def predict(self, samples: Samples) -> Array:
        return np.full((len(samples), self.horizon_), self.mean_)


class LinearRegression(Baseline):
    """Least squares on the flattened window (of minimal norm where inputs depend on each other)."""

    name = "linear_regression"
    naive = False

    def fit(self, train: Samples) -> Self:
        from sklearn.linear_model import LinearRegression as Least

        self.model_ = Least().fit(train.flat, train.targets.astype(np.float64))
        return super().fit(train)

    def predict(self, samples: Samples) -> Array:
        return samples.restore(self.model_.predict(samples.flat))


class GradientBoosting(Baseline):
    """scikit-learn's histogram gradient boosting on the flattened window, one model a step ahead.

    Parameters
    ----------
    iterations : int
    rate : float
    """

    name = "gradient_boosting"
    naive = False

    def __init__(self, iterations: int = 300, rate: float = 0.05) -> None:
        self.iterations, self.rate = iterations, rate

    def fit(self, train: Samples) -> Self:
        flat, targets = train.flat, train.targets
        options = {"max_iter": self.iterations, "learning_rate": self.rate, "random_state": 0}
        steps = [targets] if train.classes else list(targets.T)
        self.models_ = [_boost(flat, step, train.classes, options) for step in steps]
        self.classes_ = int(targets.max()) + 1 if train.classes else 0
        return super().fit(train)

    def predict(self, samples: Samples) -> Array:
        flat = samples.flat
        if samples.classes:
            predicted: Array = self.models_[0].predict(flat)
            return predicted
        return samples.restore(np.stack([model.predict(flat) for model in self.models_], axis=1))

    def probabilities(self, samples: Samples) -> Array | None:
        return _spread(self.models_[0], samples.flat, self.classes_) if samples.classes else None


def _boost(flat: Array, target: Array, classes: bool, options: dict[str, Any]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    # A limit set before that import would not have found OpenMP, whose threads wait for each
    # other at every node of a tree.
    with threadpool_limits(1, user_api="openmp"):
        return kind(**options).fit(flat, target)


# -- classes --------------------------------------------------------------------------------------


class SameAsLast(Baseline):
    """The class of the last row again.

    Examples
    --------
    >>> past = np.array([[0, 2], [1, 1]])
    >>> samples = Samples(np.zeros((2, 2, 1)), np.array([2, 0]), past)
    >>> SameAsLast().fit(samples).predict(samples)
    array([2, 1])
    """

    name = "same_as_last"

    def predict(self, samples: Samples) -> Array:
        return self._past(samples)[:, -1]


class MostFrequent(Baseline):
    """The most frequent class of the training rows, always."""

    name = "most_frequent"

    def fit(self, train: Samples) -> Self:
        counts = np.bincount(train.y)
        self.class_, self.shares_ = int(counts.argmax()), counts / counts.sum()
        return super().fit(train)

    def predict(self, samples: Samples) -> Array:
        return np.full(len(samples), self.class_)

    def probabilities(self, samples: Samples) -> Array:
        return np.tile(self.shares_, (len(samples), 1))


class LogisticRegression(Baseline):
    """scikit-learn's logistic regression on the standardised, flattened window."""

    name = "logistic_regression"
    naive = False

    def fit(self, train: Samples) -> Self:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression as Logistic
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self.model_ = make_pipeline(StandardScaler(), Logistic(max_iter=1000))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            self.model_.fit(train.flat, train.y)
        if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
            self.note = "logistic regression stopped after 1000 iterations, before it converged"
        self.classes_ = int(train.y.max()) + 1
        return super().fit(train)

    def predict(self, samples: Samples) -> Array:
        predicted: Array = self.model_.predict(samples.flat)
        return predicted

    def probabilities(self, samples: Samples) -> Array:
        return _spread(self.model_, samples.flat, self.classes_)


def _spread(model: Any, flat: Array, classes: int) -> Array:
    """A classifier's probabilities, zero for class numbers that its training rows did not have."""
    chances = np.zeros((len(flat), classes))
    chances[:, model.classes_] = model.predict_proba(flat)
    return chances


#: name -> constructor, by what they forecast; ``seasonal_naive`` is made with its period
BASELINES: dict[str, dict[str, Callable[..., Baseline]]] = {
    "numbers": {
        kind.name: kind
        for kind in (
            Naive, LastValue, SeasonalNaive, Drift, Mean, LinearRegression, GradientBoosting,
        )
    },
    "classes": {
        kind.name: kind for kind in (SameAsLast, MostFrequent, LogisticRegression, GradientBoosting)
    },
}  # fmt: skip


def make_baseline(name: str, *, classes: bool = False, period: int | None = None) -> Baseline:
    """A baseline by its name.

    Parameters
    ----------
    name : str
        ``last_value`` (or ``naive``), ``seasonal_naive``, ``drift``, ``mean``,
        ``linear_regression``, ``gradient_boosting``; for classes ``same_as_last``,
        ``most_frequent``, ``logistic_regression``, ``gradient_boosting``.
    classes : bool
        Whether classes are to be predicted.
    period : int, optional
        Rows in a season, for ``seasonal_naive``.

    Examples
    --------
    >>> make_baseline("seasonal_naive", period=12).period
    12
    """
    choices = BASELINES["classes" if classes else "numbers"]
    if name not in choices:
        what = "classes" if classes else "numbers"
        raise InputError(
            f"there is no baseline {name!r} of {what}; choose from {', '.join(choices)}"
        )
    if name == SeasonalNaive.name:
        if period is None:
            raise InputError("seasonal_naive needs the rows in a season; give period=")
        return SeasonalNaive(period)
    return choices[name]()
