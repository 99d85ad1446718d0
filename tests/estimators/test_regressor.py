"""The regressor: what scikit-learn's checks do not look at."""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gatecast.errors import InputError
from gatecast.estimators import CELLS, SequenceRegressor


def sine_windows(n: int = 160, width: int = 8) -> tuple[np.ndarray, np.ndarray]:
    series = 100 + 20 * np.sin(np.arange(n + width) / 3)
    windows = np.lib.stride_tricks.sliding_window_view(series, width + 1)
    return windows[:, :width], windows[:, width]


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_learns_a_sine_far_from_zero(cell):
    X, y = sine_windows()
    model = SequenceRegressor(cell, hidden_size=12, epochs=25).fit(X[:120], y[:120])
    assert model.score(X[120:], y[120:]) > 0.9


def test_the_linear_cell_comes_close_to_least_squares():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6))
    y = X @ rng.normal(size=6) + rng.normal(0, 0.1, 300)
    least = LinearRegression().fit(X, y)
    model = SequenceRegressor("linear", epochs=60).fit(X, y)
    assert np.abs(model.predict(X) - least.predict(X)).max() < 0.1


def test_several_outputs_and_several_features():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 5, 3))
    y = X[:, -1, :2] * [1.0, 100.0] + [0.0, 1000.0]
    model = SequenceRegressor(epochs=60, hidden_size=16).fit(X, y)
    assert model.n_features_in_ == 3
    assert model.predict(X).shape == (80, 2)
    assert model.score(X, y) > 0.9
    assert model.predict(X[:4, 1:]).shape == (4, 2)  # another number of steps is fine


def test_ragged_sequences_are_what_each_is_alone():
    rng = np.random.default_rng(2)
    X = [rng.normal(size=(length, 2)) for length in rng.integers(1, 9, size=50)]
    y = np.array([sequence[-1, 0] for sequence in X])
    model = SequenceRegressor(epochs=60, hidden_size=16).fit(X, y)
    assert model.score(X, y) > 0.9
    alone = [model.predict(sequence[None])[0] for sequence in X[:10]]
    assert np.allclose(model.predict(X)[:10], alone)
    as_objects = np.empty(50, dtype=object)
    as_objects[:] = X
    assert np.allclose(model.predict(as_objects), model.predict(X))
    tables = [pd.DataFrame(sequence, columns=["a", "b"]) for sequence in X]
    assert np.allclose(model.predict(tables), model.predict(X))


def test_one_feature_a_step_may_come_without_its_axis():
    X, y = sine_windows(60)
    flat = SequenceRegressor(epochs=3).fit(X, y)
    deep = SequenceRegressor(epochs=3).fit(X[..., None], y)
    assert (flat.predict(X) == deep.predict(X[..., None])).all()


def test_the_ensemble_is_the_mean_of_its_networks():
    X, y = sine_windows(60)
    model = SequenceRegressor(epochs=2, ensemble=3).fit(X, y)
    assert len(model.networks_) == len(model.histories_) == 3
    alone = []
    for i in range(3):
        single = clone(model).fit(X, y)
        single.networks_ = model.networks_[i : i + 1]
        alone.append(single.predict(X))
    assert len({tuple(prediction) for prediction in alone}) == 3
    assert np.allclose(model.predict(X), np.mean(alone, axis=0))


def test_networks_trained_at_once_are_the_same():
    X, y = sine_windows(60)
    one = SequenceRegressor(epochs=2, ensemble=2).fit(X, y)
    two = SequenceRegressor(epochs=2, ensemble=2, n_jobs=2).fit(X, y)
    assert np.allclose(one.predict(X), two.predict(X), rtol=1e-5)


def test_the_seed_decides():
    X, y = sine_windows(60)

    def predictions(seed):
        return SequenceRegressor(epochs=1, random_state=seed).fit(X, y).predict(X)

    assert (predictions(1) == predictions(1)).all()
    assert (predictions(1) != predictions(2)).any()
    assert (predictions(None) != predictions(None)).any()
    states = [np.random.RandomState(5) for _ in range(2)]
    assert (predictions(states[0]) == predictions(states[1])).all()


def test_rows_of_no_weight_do_not_count():
    X, y = sine_windows(100)
    weight = np.repeat([1.0, 0.0], 50)
    spoiled = np.where(weight > 0, y, 0.5 * y)
    model = SequenceRegressor(epochs=40).fit(X, spoiled, sample_weight=weight)
    assert np.abs(model.predict(X[:50]) - y[:50]).mean() < 4


@pytest.mark.parametrize("ragged", [False, True])
def test_rows_of_no_weight_do_not_scale_the_others(ragged):
    X, y = sine_windows(60)
    rows = list(X[..., None]) if ragged else X
    if ragged:
        rows[3] = rows[3][2:]
    weight = np.append(np.ones(60), 0.0)
    wrong = [*rows, np.full((8, 1), 1e12)] if ragged else np.append(X, np.full((1, 8), 1e12), 0)
    model = SequenceRegressor(epochs=40).fit(wrong, np.append(y, 1e12), sample_weight=weight)
    assert model.score(rows, y) > 0.8


def test_patience_holds_the_last_rows_out_and_keeps_the_best_weights():
    X, y = sine_windows()
    rng = np.random.default_rng(3)
    noisy = y + rng.normal(0, 10, len(y))
    model = SequenceRegressor(
        epochs=200, patience=3, schedule="constant", validation_fraction=0.2
    ).fit(X, noisy)
    history = model.histories_[0]
    assert history.stopped == "early"
    assert history.weights_epoch == history.best_epoch == len(history) - 3


@pytest.mark.parametrize("ragged", [False, True])
def test_the_rows_that_patience_watches_teach_no_scaling(ragged):
    late = np.where(np.arange(100) < 80, 0.0, 1e4)
    X, y = sine_windows(100)
    X, y = X + late[:, None], y + late
    rows = [row[: 3 + i % 6] for i, row in enumerate(X)] if ragged else list(X)
    options: dict[str, Any] = {"epochs": 2, "validation_fraction": 0.2}
    model = SequenceRegressor(patience=5, **options).fit(rows, y)
    scaler = StandardScaler().fit(np.concatenate(rows[:80])[:, None])
    assert np.allclose(model.input_scaler_.center_, scaler.mean_)
    assert np.allclose(model.input_scaler_.scale_, scaler.scale_)
    assert np.allclose(model.target_scaler_.center_, y[:80].mean())
    assert np.allclose(model.target_scaler_.scale_, y[:80].std())
    every = SequenceRegressor(**options).fit(rows, y)  # nothing is held out
    assert np.allclose(every.target_scaler_.center_, y.mean())
    first = SequenceRegressor(patience=5, **options).partial_fit(rows, y)
    assert np.allclose(first.target_scaler_.center_, y.mean())


def test_weights_that_leave_nothing_to_learn_from_are_refused():
    late = np.arange(60) >= 55
    with pytest.raises(InputError, match="sample_weight is 0 in each of the 54 rows to learn from"):
        SequenceRegressor(patience=2).fit(*sine_windows(60), sample_weight=late)


def test_warm_start_and_partial_fit_go_on():
    X, y = sine_windows()
    model = SequenceRegressor(epochs=2, schedule="constant", warm_start=True)
    scores = [model.fit(X, y).score(X, y) for _ in range(8)]
    assert scores[-1] > scores[0] + 0.1
    partial = SequenceRegressor()
    scores = [partial.partial_fit(X, y).score(X, y) for _ in range(16)]
    assert scores[-1] > scores[0] + 0.1
    cold = SequenceRegressor(epochs=2, schedule="constant")
    assert cold.fit(X, y).score(X, y) == cold.fit(X, y).score(X, y)


def test_a_pickled_model_predicts_the_same_and_goes_on():
    X, y = sine_windows(60)
    model = SequenceRegressor(epochs=2).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict(X) == model.predict(X)).all()
    assert (again.partial_fit(X, y).predict(X) == model.partial_fit(X, y).predict(X)).all()


def test_pipelines_searches_and_tables():
    X, y = sine_windows(80)
    table = pd.DataFrame(X, columns=[f"lag{8 - i}" for i in range(8)])
    pipeline = make_pipeline(StandardScaler(), SequenceRegressor(epochs=4))
    assert cross_val_score(pipeline, table, y, cv=TimeSeriesSplit(2)).shape == (2,)
    search = GridSearchCV(
        SequenceRegressor(epochs=3), {"cell": ["rnn", "gru"], "hidden_size": [4, 8]}, cv=2
    ).fit(table, y)
    assert set(search.best_params_) == {"cell", "hidden_size"}
    assert list(search.best_estimator_.feature_names_in_) == list(table.columns)


def test_a_search_takes_ragged_lists():
    rng = np.random.default_rng(4)
    X = [rng.normal(size=length) for length in rng.integers(2, 6, size=30)]
    y = np.array([sequence[-1] for sequence in X])
    search = GridSearchCV(SequenceRegressor(epochs=2), {"cell": ["rnn", "gru"]}, cv=3).fit(X, y)
    assert search.predict(X).shape == (30,)


X, Y = np.random.default_rng(5).normal(size=(12, 4)), np.arange(12.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SequenceRegressor("elman").fit(X, Y), "cell must be one of 'rnn', 'gru'"),
        (lambda: SequenceRegressor(hidden_size=0).fit(X, Y), "hidden_size must be a whole number"),
        (lambda: SequenceRegressor(schedule="cosine").fit(X, Y), "schedule must be one of"),
        (lambda: SequenceRegressor(lr=-1).fit(X, Y), "lr must be a finite number"),
        (lambda: SequenceRegressor(ensemble=0).fit(X, Y), "ensemble must be a whole number"),
        (lambda: SequenceRegressor(random_state=-1).fit(X, Y), "random_state must be >= 0"),
        (
            lambda: SequenceRegressor(patience=2, validation_fraction=1.5).fit(X, Y),
            "validation_fraction must lie between 0 and 1",
        ),
        (lambda: SequenceRegressor().fit(X, Y[:5]), "inconsistent numbers of samples"),
        (lambda: SequenceRegressor().fit(X, None), "the target y is None"),
        (lambda: SequenceRegressor().fit(X[:, :, None, None], Y), "it has shape"),
        (lambda: SequenceRegressor().fit([[1.0, np.nan], [1.0]], [1, 2]), r"X\[0\] contains NaN"),
        (lambda: SequenceRegressor().fit([[1.0, 2.0], []], [1, 2]), r"X\[1\] must be a sequence"),
        (
            lambda: SequenceRegressor().fit([np.ones((2, 2)), np.ones((3, 1))], [1, 2]),
            r"X\[1\] has 1 features and X\[0\] 2",
        ),
        (
            lambda: SequenceRegressor(epochs=1).fit(X[..., None], Y).predict(np.ones((2, 4, 2))),
            "X has 2 features a step",
        ),
        (
            lambda: SequenceRegressor("linear", epochs=1).fit(X[..., None], Y).predict(X[:, 1:]),
            "takes windows of 4 steps as in fit",
        ),
        (lambda: SequenceRegressor("linear").fit([[1.0, 2.0], [3.0]], [1, 2]), "of one length"),
        (
            lambda: SequenceRegressor(epochs=1).fit(X, Y).predict(X[:, 1:]),
            "Sequences of other lengths are taken as",
        ),
        (lambda: SequenceRegressor().fit(X, Y, sample_weight=-Y), "[Nn]egative"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_warm_start_of_another_shape_is_refused():
    model = SequenceRegressor(epochs=1, warm_start=True).fit(X, Y)
    with pytest.raises(InputError, match="set warm_start=False"):
        model.set_params(hidden_size=7).fit(X, Y)
