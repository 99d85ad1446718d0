"""Encoders: scikit-learn's codes, the way back, and no unseen category."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import preprocessing

from gatecast.data.encoding import LabelEncoder, OneHotEncoder, encoder_from_config
from gatecast.errors import InputError

KINDS = (LabelEncoder, OneHotEncoder)
categories = (
    st.lists(st.text(), min_size=1)
    | st.lists(st.integers(), min_size=1)
    | st.lists(st.booleans(), min_size=1)
)


@pytest.mark.parametrize("kind", KINDS)
@given(values=categories)
def test_there_is_a_way_back(kind, values):
    encoder = kind().fit(values)
    codes = encoder.transform(values)
    assert encoder.inverse_transform(codes).tolist() == values
    again = encoder_from_config(json.loads(json.dumps(encoder.to_config())))
    np.testing.assert_array_equal(again.transform(values), codes)
    assert again.transform(values).dtype == codes.dtype


def test_the_codes_are_scikit_learns():
    values = np.array(["b", "c", "a", "b"])
    twin = preprocessing.LabelEncoder().fit(values)
    np.testing.assert_array_equal(LabelEncoder().fit_transform(values), twin.transform(values))
    hot = preprocessing.OneHotEncoder(sparse_output=False).fit_transform(values[:, None])
    np.testing.assert_array_equal(OneHotEncoder(np.float64).fit_transform(values), hot)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["x", "y"]),
        pd.Series(["x", "y"], dtype=object),
        pd.Categorical(["x", "y"]),
        np.array([3, 1], dtype=np.int8),
        np.array([True, False]),
        ("x", "y"),
    ],
)
def test_any_holder_of_categories(values):
    encoder = LabelEncoder().fit(values)
    assert sorted(encoder.transform(values)) == [0, 1]
    json.dumps(encoder.to_config())


def test_probabilities_decode_to_the_likeliest():
    encoder = OneHotEncoder().fit(["a", "b"])
    assert encoder.inverse_transform(np.array([[0.4, 0.6]])).tolist() == ["b"]
    assert repr(encoder) == "OneHotEncoder('a', 'b')"
    assert repr(LabelEncoder()) == "LabelEncoder(not fitted)"
    assert repr(LabelEncoder().fit(range(12))).endswith("9 and 2 more)")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unseen_category_is_refused_by_name(kind):
    encoder = kind().fit(["Monday", "Sunday"])
    with pytest.raises(
        InputError, match=r"row 1 of values is 'Friday', .* they have 'Monday', 'Sunday'"
    ):
        encoder.transform(["Monday", "Friday"])
    with pytest.raises(InputError, match="row 0 of values is True"):
        kind().fit([0, 1]).transform([True])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LabelEncoder().fit([]), "has no rows"),
        (lambda: LabelEncoder().fit("abc"), "it is the text 'abc'"),
        (lambda: LabelEncoder().fit(["a", None]), "row 1 of values must be .* it is missing"),
        (lambda: LabelEncoder().fit([1.5]), "row 0 of values must be .* it is a float"),
        (lambda: LabelEncoder().fit([float("nan")]), "it is missing"),
        (lambda: LabelEncoder().fit(["a", 1]), "they mix int and str"),
        (lambda: LabelEncoder().transform(["a"]), "not fitted"),
        (lambda: OneHotEncoder().transform(["a"]), "not fitted"),
        (
            lambda: LabelEncoder().fit(["a"]).inverse_transform(np.array([1])),
            r"codes must be whole numbers in 0 … 0",
        ),
        (
            lambda: OneHotEncoder().fit(["a"]).inverse_transform(np.eye(2)),
            r"columns must have shape \(n, 1\)",
        ),
        (lambda: encoder_from_config({"kind": "X"}), "its kind is 'X'"),
        (
            lambda: encoder_from_config({"kind": "LabelEncoder", "categories": 3}),
            "does not describe",
        ),
        (lambda: encoder_from_config({}), "does not describe an encoder"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
