from typing import Any

import numpy as np
import pytest

from gatecast import nn
from gatecast.errors import DivergenceError, DtypeError, InputError
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.train import Callback, fit
from tests.train.networks import small, stepwise, windows

X, Y = windows()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number >= 1, it is 0"),
        ({"batch_size": 0}, "batch_size must be a whole number >= 1, it is 0"),
        ({"batch_size": 2.5}, "batch_size must be a whole number"),
        ({"patience": 0}, "patience must be a whole number >= 1"),
        ({"min_delta": 0.1}, "min_delta=0.1 .* patience"),
        ({"min_delta": -1, "patience": 1}, "min_delta must be a finite number >= 0, it is -1"),
        ({"clip_norm": 0}, "clip_norm must be a finite number > 0, it is 0"),
        ({"clip_value": -1}, "clip_value must be a finite number > 0"),
        ({"tbptt": 0}, "tbptt must be a whole number"),
        ({"tbptt": 3}, "tbptt=3 needs an output and a target at each of the 7 steps"),
        ({"carry_state": True}, "shuffle is True"),
        ({"carry_state": True, "shuffle": False, "batch_size": 48}, "64 rows, which is no"),
        ({"on_divergence": "ignore"}, "on_divergence must be one of 'raise', 'report'"),
        ({"seed": -1}, "seed must be a whole number >= 0"),
        ({"validation": 1.0}, "validation must be a fraction between 0 and 1"),
        ({"validation": X}, "validation must be a fraction such as 0.2, or a tuple"),
        ({"validation": (X, Y[:3])}, "validation y must have one row for each of the 64 rows"),
        ({"validation": (X, Y[:, 0])}, r"validation y does not fit.*target\[:, None\]"),
        ({"validation": (X[:0], Y[:0])}, "validation x holds no rows"),
        ({"lengths": np.ones(3, int)}, "lengths must have one row for each of the 64 rows of x"),
        ({"lengths": np.full(64, 8)}, r"lengths\[0\] is 8; it must lie between 0 and the 7 steps"),
        ({"lengths": [7] * 64}, "lengths must be a NumPy array, it is a list"),
        ({"sample_weight": np.zeros(64)}, "sample_weight is 0 everywhere"),
        ({"sample_weight": np.full(64, -1.0)}, "must be finite and not negative"),
        ({"mask": np.zeros(64, bool)}, "^mask is False everywhere"),
        ({"mask": np.ones(64)}, "^mask must be boolean .*, it is float64"),
        ({"mask": np.ones((64, 3), bool)}, r"^mask must have shape \(64,\) or \(64, 1\)"),
        ({"validation": (X, Y, None, None, np.ones(64))}, "^validation mask must be boolean"),
        ({"validation": (X[..., :2], Y)}, r"^validation x has shape \(64, 7, 2\) and does not fit"),
        ({"metrics": [max]}, "metrics must map names to functions"),
        ({"metrics": {1: max}}, "metrics: a name must be a string, it is 1"),
        ({"callbacks": Callback()}, "callbacks must be a list, it is Callback"),
        ({"shuffle": "no"}, "shuffle must be True or False, it is 'no'"),
        ({"restore_best": None}, "restore_best must be True or False, it is None"),
        ({"metrics": {"loss": max}}, "'loss' is a column of the history"),
        ({"metrics": {"mae": "mae"}}, "must be a function"),
        ({"callbacks": [Callback]}, r"callbacks\[0\] must be an instance of Callback.*k\(\)"),
        ({"schedule": "cosine"}, "schedule must be an instance of Schedule, it is str"),
    ],
)
def test_options_are_refused_before_any_work(options, message):
    net = small()
    before = net.flat.copy()
    with pytest.raises(InputError, match=message):
        fit(net, MSE(), Adam(), X, Y, **options)
    np.testing.assert_array_equal(net.flat, before)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:0], Y[:0], "x holds no rows"),
        (X[:, :0], Y, r"x has shape \(64, 0, 3\) and does not fit net.* x has no time steps"),
        (X[..., :2], Y, r"x has shape \(64, 7, 2\) and does not fit net.* must have 3 features"),
        (X[:, 0], Y, "x must have 3 axes"),
        (X[:, 0, 0], Y, "x must have 2 or more axes, the first the rows"),
        (X, Y[:9], "y must have one row for each of the 64 rows of x, it has shape"),
        (X, Y[:, 0], r"y does not fit: target has shape \(64,\), .* pass target\[:, None\]"),
        (X, np.repeat(Y, 2, axis=1), r"y does not fit: target has shape \(64, 2\)"),
        (X, None, "y is missing"),
    ],
)
def test_shapes_are_refused_before_any_work(x, y, message):
    with pytest.raises(InputError, match=message):
        fit(small(), MSE(), Adam(), x, y)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X.astype(np.float64), Y, "x is float64 and the network computes in float32"),
        (X, Y.astype(np.float64), "target is float64 and the prediction float32"),
        (X.tolist(), Y, "x must be a NumPy array of float32, it is a list"),
        (X, Y.tolist(), "y must be a NumPy array, it is a list"),
    ],
)
def test_dtypes_are_refused(x, y, message):
    with pytest.raises(DtypeError, match=message):
        fit(small(), MSE(), Adam(), x, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("name", "place", "where"),
    [
        ("x", (63, 2, 1), "row 63, step 2, feature 1"),
        ("y", (5, 0), "row 5, column 0"),
        ("sample_weight", (7,), "row 7"),
        ("validation x", (3, 6, 2), "row 3, step 6, feature 2"),
        ("validation y", (4, 0), "row 4, column 0"),
    ],
)
def test_what_is_not_finite_is_named_with_its_place(name, place, where, bad):
    arrays = {"x": X.copy(), "y": Y.copy(), "sample_weight": np.ones(64)}
    held = {"validation x": X.copy(), "validation y": Y.copy()}
    (arrays if name in arrays else held)[name][place] = bad
    net = small()
    before = net.flat.copy()
    with pytest.raises(InputError, match=rf"^{name} is {bad} at {where} \(counted from 0\)"):
        fit(net, MSE(), Adam(), **arrays, validation=tuple(held.values()))
    np.testing.assert_array_equal(net.flat, before)


def test_a_mask_of_numbers_is_refused_where_targets_are_missing():
    y = Y.copy()
    y[3] = np.nan
    for mask in (np.ones(64), np.ones(64, int), np.ones((64, 4), bool)):
        with pytest.raises(InputError, match="^mask must"):
            fit(small(), MSE(), Adam(), X, y, mask=mask)


@pytest.mark.parametrize("name", ["x", "y", "sample_weight"])
def test_masked_arrays_are_refused(name):
    arrays = {"x": X, "y": Y, "sample_weight": np.ones(64)}
    arrays[name] = np.ma.masked_array(arrays[name], mask=arrays[name] > 0)
    with pytest.raises(InputError, match=f"^{name} is a masked array"):
        fit(small(), MSE(), Adam(), **arrays)


def test_targets_whose_squares_overflow_are_divergence_and_no_warning():
    with pytest.raises(DivergenceError, match="the loss is inf"):
        fit(small(), MSE(), Adam(), X, np.full_like(Y, 3e38))


@pytest.mark.parametrize("value", [None, [1.0, 2.0], "good"])
def test_a_metric_that_returns_no_number_is_named(value):
    with pytest.raises(InputError, match=r"metrics\['mine'\] must return one number, it returned"):
        fit(small(), MSE(), Adam(), X, Y, epochs=1, metrics={"mine": lambda truth, point: value})


def test_a_fraction_of_any_kind_holds_rows_out():
    fraction: Any = np.float32(0.25)
    history = fit(small(), MSE(), Adam(), X, Y, epochs=1, validation=fraction)
    assert history["val_loss"][0] is not None


def test_nan_deep_in_large_data_is_found(monkeypatch):
    monkeypatch.setattr("gatecast.train.checks.BLOCK", 50)
    x = X.copy()
    x[40, 3, 2] = x[50, 0, 0] = np.nan
    with pytest.raises(InputError, match="x is nan at row 40, step 3, feature 2"):
        fit(small(), MSE(), Adam(), x, Y)


def test_masked_targets_may_be_nan():
    y = Y.copy()
    y[9] = np.nan
    mask = np.isfinite(y[:, 0])
    net, other = small(), small()
    fit(net, MSE(), Adam(), X, y, epochs=1, mask=mask)
    fit(other, MSE(), Adam(), X, np.nan_to_num(y), epochs=1, mask=mask)
    np.testing.assert_array_equal(net.flat, other.flat)
    with pytest.raises(InputError, match="y is nan at row 9"):
        fit(small(), MSE(), Adam(), X, y, mask=~mask)


def test_a_class_that_the_network_has_not_is_found_in_any_row():
    net = nn.Sequential(nn.GRU(3, 4), nn.Last(), nn.Linear(4, 3), seed=0)
    y = np.zeros(64, np.int64)
    y[60] = 3
    with pytest.raises(InputError, match="60"):
        fit(net, CrossEntropy(), Adam(), X, y)


def test_states_cannot_be_carried_through_a_bidirectional_network():
    net = nn.Sequential(nn.GRU(3, 4, bidirectional=True), nn.Linear(8, 1), seed=0)
    with pytest.raises(InputError, match=r"tbptt=2 carries the state forward .* bidirectional"):
        fit(net, MSE(), Adam(), X, X[..., :1].copy(), tbptt=2)


def test_states_cannot_be_carried_through_an_encoder_decoder():
    net = nn.EncoderDecoder(nn.GRU(3, 4), nn.GRU(1, 4), nn.Linear(4, 1), steps=7, seed=0)
    y = X[..., :1].copy()
    with pytest.raises(InputError, match="carry_state=True cannot be used with EncoderDecoder"):
        fit(net, MSE(), Adam(), X, y, carry_state=True, shuffle=False)


def test_a_class_in_place_of_an_instance_is_named():
    with pytest.raises(InputError, match=r"loss must be an instance of Loss.*call it: MSE\(\)"):
        fit(small(), MSE, Adam(), X, Y)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="optimiser must be an instance of Optimiser"):
        fit(small(), MSE(), Adam, X, Y)  # type: ignore[arg-type]


def test_a_network_that_cannot_learn_is_refused():
    net = small()
    net.freeze()
    with pytest.raises(InputError, match="no parameters to train"):
        fit(net, MSE(), Adam(), X, Y)


def test_padded_targets_of_wrong_length_are_refused():
    with pytest.raises(InputError, match="y does not fit"):
        fit(stepwise(), MSE(), SGD(), X, X[:, :5, :1].copy(), lengths=np.full(64, 4))
