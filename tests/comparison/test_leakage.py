"""Nothing leaks, whatever the table; and what leaks is found."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecast.comparison.leakage import NOT_LOOKED_FOR, check_no_leak, prove, spoil
from gatecast.comparison.preparing import Plan, prepare
from gatecast.errors import InputError, LeakError, TableError
from tests.comparison.studies import sine_samples, sine_variant, study


def columns(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    # text first, every category early, so that no split has one of its own
    kind = np.array([("red", "green", "blue")[i % 3] for i in range(rows)], dtype=object)
    return {
        "y": np.cumsum(rng.normal(size=rows)),
        "a": 100 + rng.normal(size=rows),
        "kind": kind,
    }


@settings(max_examples=40)
@given(
    st.sampled_from(["forecast", "regress", "classify"]),
    st.integers(60, 150),
    st.integers(1, 9),
    st.integers(1, 4),
    st.sampled_from([None, 2, 12]),
    st.integers(0, 100),
)
def test_no_window_sees_what_comes_after_it(task, rows, window, horizon, season, seed):
    target = "kind" if task == "classify" else "y"
    inputs = ("y", "a", "kind") if task == "forecast" else ("a",)
    horizon = horizon if task == "forecast" else 1
    plan = Plan(task, target, inputs, window, horizon, 0.3, 0.2, season)
    values = columns(rows, seed)
    split = prepare(values, plan).split
    for row in range(int(split.train[0, 1]), rows - 1, 7):
        # the class of a training window is known before its row is spoiled
        assert check_no_leak(lambda c: prepare(c, plan), values, row, seed=seed) > 0


def test_a_scaler_of_all_rows_is_found():
    plan = Plan("forecast", "y", ("y",), 5, 1, 0.2, 0.1)

    def scaled_first(values):
        y = values["y"]
        return prepare({"y": (y - y.mean()) / y.std()}, plan)

    with pytest.raises(LeakError, match="(x|y) of the train windows before row 70 changed"):
        check_no_leak(scaled_first, columns(100), 70)


def test_a_window_that_reaches_too_far_is_found():
    plan = Plan("forecast", "y", ("y",), 5, 1, 0.2, 0.1)

    def peeking(values):
        made = prepare(values, plan)
        test = made.samples["test"]
        x = test.x.copy()
        x[:, 0, 0] = test.targets[:, 0]  # the answer among the inputs
        return replace(made, samples={**made.samples, "test": replace(test, x=x)})

    row = int(prepare(columns(100), plan).split.test[0, 0]) + 5
    with pytest.raises(LeakError, match="x of the window that begins there"):
        check_no_leak(peeking, columns(100), row)


def test_all_that_comes_after_is_spoiled_and_nothing_before():
    values = columns(60)
    spoiled = spoil(values, 40)
    for name in ("y", "a"):
        assert (spoiled[name][:40] == values[name][:40]).all()
        assert (spoiled[name][40:] != values[name][40:]).all()
    assert sorted(spoiled["kind"]) == sorted(values["kind"])


def test_windows_hold_what_they_should():
    values = columns(100)
    made = prepare(values, Plan("forecast", "y", ("y", "a"), 5, 3, 20, 10, season=9))
    test = made.samples["test"]
    rows = made.first_target["test"]
    assert rows.tolist() == list(range(80, 98))
    y = values["y"]
    assert np.allclose(test.y, [y[t : t + 3] for t in rows])
    assert test.past is not None
    assert np.allclose(test.past, [y[t - 9 : t] for t in rows])
    scale = y[:70].std()
    expected = [(y[t - 5 : t] - y[t - 1]) / scale for t in rows]
    assert np.allclose(test.x[..., 0], expected, atol=1e-5)
    assert np.allclose(test.restore(test.targets), test.y, atol=1e-5)
    a = (values["a"] - values["a"][:70].mean()) / values["a"][:70].std()
    assert np.allclose(test.x[..., 1], [a[t - 5 : t] for t in rows], atol=1e-5)
    assert made.input_names == ("y", "a")


def test_categories_become_columns():
    made = prepare(columns(100), Plan("regress", "y", ("a", "kind"), 4, 1, 0.2, 0.1))
    assert made.input_names == ("a", "kind=blue", "kind=green", "kind=red")
    assert (made.samples["train"].x[..., 1:].sum(axis=2) == 1).all()


@pytest.mark.parametrize(
    ("change", "plan", "error", "message"),
    [
        ({}, {"window": 99}, InputError, "the table has 100 rows; a window of 99"),
        ({}, {"window": 60}, InputError, "the train rows hold 0 windows.*: 52 of the 100 rows"),
        ({}, {"horizon": 25}, InputError, "the validation rows hold 0 windows"),
        ({"y": np.full(100, 7.0)}, {}, TableError, "column 'y' is 7 in every training row"),
        (
            {"kind": np.array(["a"] * 90 + ["b"] * 10, dtype=object)},
            {"inputs": ("y", "kind")},
            TableError,
            "column 'kind': row 90 of values is 'b', a category that the training rows do not",
        ),
        (
            {"kind": np.array(["a"] * 100, dtype=object)},
            {"task": "classify", "target": "kind", "inputs": ("a",)},
            TableError,
            "column 'kind' is 'a' in every training row",
        ),
    ],
)
def test_what_cannot_be_cut_into_windows_is_refused(change, plan, error, message):
    wanted = Plan("forecast", "y", ("y",), 5, 1, 24, 24)
    with pytest.raises(error, match=message):
        prepare(columns(100) | change, replace(wanted, **plan))


def test_windows_that_would_not_fit_into_memory_are_refused():
    many = {"y": np.arange(3_000_000.0)}
    with pytest.raises(InputError, match="would take 24 GB for 3,000,000 rows"):
        prepare(many, Plan("forecast", "y", ("y",), 1000, 1, 0.2, 0.1))


def test_a_study_by_hand_says_whether_leaks_were_looked_for():
    plan = Plan("forecast", "y", ("y",), 5, 1, 0.2, 0.1)
    by_hand = study(sine_variant())
    assert prove(by_hand) == NOT_LOOKED_FOR
    assert prove(replace(by_hand, meta={"leaks": "none"})) == "none"

    def proof():
        return check_no_leak(lambda columns: prepare(columns, plan), columns(100), 80)

    assert prove(replace(by_hand, proof=proof)) == (
        f"none: later rows were replaced by noise, and of {proof()} windows none moved"
    )


@pytest.mark.parametrize("part", ["train", "validation"])
def test_windows_that_learn_from_the_test_rows_are_refused(part):
    late = sine_samples(0, 300)
    good = sine_variant(name="mine")
    overlapping = replace(good, train=late) if part == "train" else replace(good, validation=late)
    with pytest.raises(LeakError, match=f"the {part} windows of variant 'mine' go up to 299, and"):
        prove(study(overlapping))
    prove(study(replace(overlapping, in_time=False)))
