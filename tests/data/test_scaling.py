"""Scalers: scikit-learn's figures, the way back, and the configuration."""

import json
import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import preprocessing

from gatecast.data.scaling import (
    MinMaxScaler,
    NoScaler,
    RobustScaler,
    StandardScaler,
    make_scaler,
    scaler_from_config,
)
from gatecast.errors import DtypeError, InputError

KINDS = (StandardScaler, MinMaxScaler, RobustScaler, NoScaler)
TWINS = {
    StandardScaler: preprocessing.StandardScaler,
    MinMaxScaler: preprocessing.MinMaxScaler,
    RobustScaler: preprocessing.RobustScaler,
}


@pytest.mark.parametrize("kind", list(TWINS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_figures_are_scikit_learns(kind, dtype):
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(50, 3)) * [1, 10, 1000] + [0, 5, -1e4]).astype(dtype)
    values[3, 1] = np.nan
    ours, theirs = kind().fit(values[:30]), TWINS[kind]().fit(values[:30].astype(float))
    scaled = ours.transform(values)
    assert scaled.dtype == dtype
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(
        scaled, theirs.transform(values.astype(float)), rtol=tolerance, atol=tolerance
    )


moderate = st.floats(-1e6, 1e6, width=32)


@pytest.mark.parametrize("kind", KINDS)
@given(
    values=hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3), elements=moderate),
)
def test_there_is_a_way_back(kind, values):
    scaler = kind().fit(values)
    scaled = scaler.transform(values)
    assert scaled.shape == values.shape
    assert np.isfinite(scaled).all()
    back = scaler.inverse_transform(scaled)
    # What is left of a value that is small beside its column's center is the center's rounding.
    size = np.abs(values).max() + 1
    np.testing.assert_allclose(back, values, rtol=1e-9, atol=1e-9 * size)
    again = scaler_from_config(json.loads(json.dumps(scaler.to_config())))
    np.testing.assert_array_equal(again.transform(values), scaled)
    assert again.constant_ == scaler.constant_


def test_steps_of_windows_count_as_rows():
    values = np.random.default_rng(0).normal(size=(4, 5, 2))
    one = StandardScaler().fit(values)
    other = StandardScaler().fit(values.reshape(-1, 2))
    np.testing.assert_array_equal(one.scale_, other.scale_)


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_column_is_said_and_kept(kind, caplog):
    # 0.1 summed has a rounding error, so its standard deviation is not exactly zero
    values = np.stack([np.full(7, 0.1), np.arange(7.0)], axis=1)
    with caplog.at_level(logging.WARNING, logger="gatecast"):
        scaler = kind().fit(values)
    assert scaler.constant_ == [0]
    assert scaler.scale_[0] == 1.0
    assert "columns [0] are constant" in caplog.text


def test_robust_survives_equal_quartiles():
    scaler = RobustScaler().fit(np.array([0.0] * 20 + [1.0]))
    assert scaler.scale_[0] > 0
    assert scaler.constant_ == []


def test_short_names():
    assert repr(make_scaler("none")) == "NoScaler(not fitted)"
    assert repr(make_scaler("robust").fit(np.arange(3.0))) == "RobustScaler(features=1)"
    with pytest.raises(InputError, match="must be one of 'standard', 'minmax', 'robust', 'none'"):
        make_scaler("z")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: StandardScaler().transform(np.ones(2)), InputError, "not fitted; call fit first"),
        (lambda: StandardScaler().to_config(), InputError, "not fitted"),
        (lambda: StandardScaler().fit(np.ones((0, 2))), InputError, "has no rows"),
        (lambda: StandardScaler().fit(np.arange(3)), DtypeError, "must hold floats.* int64"),
        (
            lambda: StandardScaler().fit([1.0]),  # type: ignore[arg-type]
            DtypeError,
            "it is a list",
        ),
        (
            lambda: StandardScaler().fit(np.array([[1.0, 2.0], [3.0, np.inf]])),
            InputError,
            "row 1 of column 1 is inf",
        ),
        (
            lambda: MinMaxScaler().fit(np.array([[1.0, np.nan], [3.0, np.nan]])),
            InputError,
            "column 1 of values has nothing but NaN",
        ),
        (
            lambda: MinMaxScaler().fit(np.eye(2)).transform(np.eye(3)),
            InputError,
            r"must have 2 features in the last .* shape \(3, 3\)",
        ),
        (lambda: scaler_from_config({"kind": "os.system"}), InputError, "does not describe"),
        (lambda: scaler_from_config({"kind": "NoScaler", "axes": 1}), InputError, "'center'"),
    ],
)
def test_bad_arguments_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
