"""Models that learn from lags with scikit-learn: linear, a small MLP, gradient boosting.

Each is one model for all series, over the windows of
:mod:`gatecast.forecast.classical.lags`.  What they learned is kept as arrays and applied here, so
that a saved model forecasts the same bits again, whatever scikit-learn is installed then.
"""

import warnings
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.classical.lags import (
    MOST_CATEGORIES,
    LagScheme,
    Windows,
    make_scheme,
    training_origins,
)
from gatecast.forecast.classical.trees import BoostedTrees
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model

#: what came further away from a window than this, in units of its spread, teaches no more
FARTHEST = 20.0
PENALTY = 1.0
HIDDEN, MLP_UPDATES, MLP_BATCH = 64, 3000, 256
TREES, TREE_RATE = 150, 0.1


class LagModel(Model):
    """Base: cuts windows, brings outputs back to the target's units; a subclass learns between.

    Parameters
    ----------
    seed : int
        Of what is random in the learning, if anything is.
    """

    learns = True

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        super().fit(history, horizon, period)
        self.scheme_ = make_scheme(history, horizon, period)
        origins = training_origins(self.scheme_, history, self._cost(self.scheme_))
        windows = self.scheme_.cut(history, origins)
        truth = history.truth(origins, horizon)
        if not np.isfinite(truth).any():
            raise InputError(f"{self.name} has no known value to learn from; give some")
        targets = windows.normalised(truth)
        if not np.isfinite(targets).any():  # too few rows to tell how series move: they stay
            targets = np.where(np.isfinite(truth), 0.0, np.nan)
        self._learn(windows, np.clip(targets, -FARTHEST, FARTHEST))
        self.notes_ = tuple(_left_out(history))
        return self

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        chosen = self._asked(history, origins)
        blocks = self.scheme_.blocks(history, chosen, self._cost(self.scheme_))
        parts = [block.level + block.scale * self._outputs(block) for block in blocks]
        found = np.concatenate([np.zeros((0, self.horizon_)), *parts])
        return history.floored(found, chosen)

    def _cost(self, scheme: LagScheme) -> int:
        return scheme.width

    def _learn(self, windows: Windows, targets: Array) -> None:
        raise NotImplementedError

    def _outputs(self, windows: Windows) -> Array:
        raise NotImplementedError

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = super().get_state()
        scheme = self.scheme_
        config |= {"look_back": scheme.look_back, "code_sizes": list(scheme.code_sizes)}
        config["seed"] = self.seed
        for name in scheme.centres:
            arrays[f"centre.{name}"] = scheme.centres[name]
            arrays[f"spread.{name}"] = scheme.spreads[name]
        return config, arrays

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        super().set_state(config, arrays)
        self.seed = config["seed"]
        self.scheme_ = LagScheme(
            config["look_back"], self.horizon_, self.period_,
            {n: arrays[f"centre.{n}"] for n in ("past", "future", "static")},
            {n: arrays[f"spread.{n}"] for n in ("past", "future", "static")},
            tuple(config["code_sizes"]),
        )  # fmt: skip
        return self


def _left_out(history: History) -> list[str]:
    names = history.code_names or tuple(f"category {i}" for i in range(len(history.code_sizes)))
    large = [n for n, size in zip(names, history.code_sizes, strict=True) if size > MOST_CATEGORIES]
    return [f"{', '.join(large)}: left out, over {MOST_CATEGORIES} categories"] if large else []


def _filled(*parts: Array) -> Array:
    """Side by side, (n, ·); what is not known becomes 0, which is a window's own level."""
    joined = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
    return np.where(np.isnan(joined), 0.0, joined)


class Linear(LagModel):
    """Ridge regression, one a step ahead, on the lags and that step's covariates.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.tile([1.0, 5.0, 3.0], 20))
    >>> Linear().fit(history, horizon=3, period=3).predict(history).round(1)
    array([[1., 5., 3.]])
    """

    name = "linear"

    def _learn(self, windows: Windows, targets: Array) -> None:
        from sklearn.linear_model import Ridge

        common = _filled(windows.lags, windows.extra)
        weights, biases = [], []
        for step in range(targets.shape[1]):
            known = np.isfinite(targets[:, step])
            inputs = _filled(common, windows.future[:, step])[known]
            if not len(inputs):
                weights.append(np.zeros(inputs.shape[1]))
                biases.append(0.0)
                continue
            model = Ridge(PENALTY).fit(inputs, targets[known, step])
            weights.append(model.coef_)
            biases.append(model.intercept_)
        self.weights_, self.biases_ = np.stack(weights), np.array(biases)

    def _outputs(self, windows: Windows) -> Array:
        common = _filled(windows.lags, windows.extra)
        count = common.shape[1]
        outputs: Array = common @ self.weights_[:, :count].T + self.biases_
        if windows.future.shape[2]:
            ahead = np.nan_to_num(windows.future, nan=0.0)
            outputs = outputs + np.einsum("nhf,hf->nh", ahead, self.weights_[:, count:])
        return outputs

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = super().get_state()
        return config, arrays | {"weights": self.weights_, "biases": self.biases_}

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        self.weights_, self.biases_ = arrays["weights"], arrays["biases"]
        return super().set_state(config, arrays)


class MLP(LagModel):
    """A perceptron with one hidden layer on the lags and all covariates; all steps at once."""

    name = "mlp"

    def _learn(self, windows: Windows, targets: Array) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPRegressor

        whole = np.isfinite(targets).all(axis=1)
        if not whole.any():
            raise InputError(
                f"mlp needs {self.horizon_} known values in a row after a window, there are none; "
                "fill the missing values or choose another model"
            )
        inputs, truth = self._inputs(windows)[whole], targets[whole]
        batch = min(MLP_BATCH, len(inputs))
        epochs = max(2, round(MLP_UPDATES * batch / len(inputs)))
        model = MLPRegressor(
            hidden_layer_sizes=(HIDDEN,), batch_size=batch, max_iter=min(epochs, 200), alpha=1e-3,
            random_state=self.seed, tol=1e-5,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the updates are meant to end
            model.fit(inputs, truth if truth.shape[1] > 1 else truth[:, 0])
        self.layers_ = list(zip(model.coefs_, model.intercepts_, strict=True))

    def _inputs(self, windows: Windows) -> Array:
        return _filled(windows.lags, windows.extra, windows.future)

    def _outputs(self, windows: Windows) -> Array:
        (first, first_bias), (second, second_bias) = self.layers_
        hidden = np.maximum(self._inputs(windows) @ first + first_bias, 0.0)
        outputs: Array = hidden @ second + second_bias
        return outputs

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = super().get_state()
        for i, (weights, bias) in enumerate(self.layers_):
            arrays |= {f"weights.{i}": weights, f"bias.{i}": bias}
        return config, arrays

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        self.layers_ = [(arrays[f"weights.{i}"], arrays[f"bias.{i}"]) for i in range(2)]
        return super().set_state(config, arrays)


class GradientBoosting(LagModel):
    """Histogram gradient boosting, one for all steps: the step and its season are inputs too."""

    name = "gradient_boosting"

    def _cost(self, scheme: LagScheme) -> int:
        return scheme.width * scheme.horizon

    def _learn(self, windows: Windows, targets: Array) -> None:
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits

        wanted = targets.ravel()
        known = np.isfinite(wanted)
        model = HistGradientBoostingRegressor(
            max_iter=TREES, learning_rate=TREE_RATE, early_stopping=False,
            min_samples_leaf=int(np.clip(known.sum() // 20, 1, 20)), random_state=self.seed,
        )  # fmt: skip
        inputs = self._inputs(windows)[known]
        inputs[:, np.isnan(inputs).all(axis=0)] = 0.0  # known nowhere, and nothing to split by
        # The work is small, and OpenMP's threads wait for each other at every node of a tree: on
        # a busy machine they take a hundred times as long as one.
        with threadpool_limits(1, user_api="openmp"):
            model.fit(inputs, wanted[known])
        self.trees_ = BoostedTrees.of(model)

    def _inputs(self, windows: Windows) -> Array:
        """(n·H, features): one row a step ahead of each window."""
        n, steps = windows.seasonal.shape
        common = np.concatenate([windows.lags, windows.extra], axis=1)
        number = np.broadcast_to(np.arange(steps, dtype=np.float64)[:, None], (n, steps, 1))
        own = np.concatenate([windows.seasonal[..., None], number, windows.future], axis=2)
        return np.concatenate(
            [np.repeat(common, steps, axis=0), own.reshape(n * steps, -1)], axis=1
        )

    def _outputs(self, windows: Windows) -> Array:
        return self.trees_.predict(self._inputs(windows)).reshape(windows.seasonal.shape)

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = super().get_state()
        return config | {"start": self.trees_.start}, arrays | self.trees_.to_arrays()

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        self.trees_ = BoostedTrees.from_arrays(config["start"], arrays)
        return super().set_state(config, arrays)
