"""Splits: all rows, each once, in time order; and nothing before the border knows the future."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data.scaling import SCALERS
from gatecast.data.splits import rolling_origins, split_at, split_in_time
from gatecast.data.windows import Windows
from gatecast.errors import InputError

PARTS = ("train", "validation", "test")


@given(
    lengths=st.lists(st.integers(5, 30), min_size=1, max_size=4),
    validation=st.integers(0, 2) | st.floats(0, 0.3),
    test=st.integers(0, 2) | st.floats(0, 0.4),
)
def test_every_row_is_in_one_part_and_later_parts_are_later(lengths, validation, test):
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    split = split_in_time(sum(lengths), validation=validation, test=test, offsets=offsets)
    rows = np.concatenate([split.rows(part) for part in PARTS])
    assert sorted(rows) == list(range(sum(lengths)))
    assert [split.count(part) for part in PARTS] == [len(split.rows(part)) for part in PARTS]
    for series, length in enumerate(lengths):
        train, middle, last = (getattr(split, part)[series] for part in PARTS)
        assert offsets[series] == train[0] < train[1] == middle[0]
        assert middle[1] == last[0]
        assert last[1] == offsets[series + 1]
        wanted = round(test * length) if isinstance(test, float) else test
        assert last[1] - last[0] == wanted


@pytest.mark.parametrize("scaler", list(SCALERS))
@given(
    lengths=st.lists(st.integers(12, 25), min_size=1, max_size=3),
    seed=st.integers(0, 2**16),
    width=st.integers(1, 4),
    horizon=st.integers(1, 2),
)
def test_the_future_changes_nothing_before_it(scaler, lengths, seed, width, horizon):
    """The whole path from rows to scaled windows, run twice: only the test rows differ."""
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    split = split_in_time(sum(lengths), validation=3, test=0.2, offsets=offsets)
    values = rng.normal(size=sum(lengths))
    perturbed = values.copy()
    perturbed[split.rows("test")] = rng.normal(size=split.count("test")) * 1e6

    def prepare(rows):
        fitted = SCALERS[scaler]().fit(rows[split.rows("train")])
        scaled = fitted.transform(rows)
        ready = {
            part: Windows(
                scaled[:, None],
                scaled,
                width,
                horizon,
                offsets=offsets,
                targets=getattr(split, part),
                min_width=1,
            )
            for part in PARTS
        }
        return fitted, {part: windows.batch(slice(None)) for part, windows in ready.items()}, ready

    one, batches, windows = prepare(values)
    other, moved, _ = prepare(perturbed)
    assert one.to_config() == other.to_config()
    for part in ("train", "validation"):
        np.testing.assert_array_equal(batches[part].x, moved[part].x)
        np.testing.assert_array_equal(batches[part].y, moved[part].y)
    # The first test window of each series looks back on rows that are known on that day.
    first = windows["test"].first_target == split.test[windows["test"].series, 0]
    np.testing.assert_array_equal(batches["test"].x[first], moved["test"].x[first])
    assert batches["test"].y.shape == moved["test"].y.shape


def test_split_by_dates():
    days = pd.date_range("2024-01-01", periods=10).to_numpy()
    times = np.concatenate([days, days[3:]])
    split = split_at(times, validation="2024-01-06", test="2024-01-09", offsets=[0, 10, 17])
    assert split.train.tolist() == [[0, 5], [10, 12]]
    assert split.validation.tolist() == [[5, 8], [12, 15]]
    assert split.test.tolist() == [[8, 10], [15, 17]]
    assert repr(split) == "Split(train=7 rows, validation=6 rows, test=4 rows)"
    steps = split_at(np.arange(10), test=7)
    assert steps.test.tolist() == [[7, 10]]
    assert steps.count("validation") == 0


def test_a_series_that_begins_after_the_border_has_no_training_rows():
    split = split_at(np.array([1, 2, 3, 8, 9]), test=4, offsets=[0, 3, 5])
    assert split.train.tolist() == [[0, 3], [3, 3]]
    assert split.test.tolist() == [[3, 3], [3, 5]]


@given(
    lengths=st.lists(st.integers(13, 20), min_size=1, max_size=3),
    horizon=st.integers(1, 3),
    n_windows=st.integers(1, 4),
    step_size=st.none() | st.integers(1, 2),
)
def test_rolling_origins_end_at_the_end(lengths, horizon, n_windows, step_size):
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    folds = list(
        rolling_origins(
            sum(lengths), horizon, n_windows=n_windows, step_size=step_size, offsets=offsets
        )
    )
    assert len(folds) == n_windows
    for fold in folds:
        assert (fold.known[:, 0] == offsets[:-1]).all()
        assert (fold.known[:, 1] == fold.test[:, 0]).all()
        assert (fold.test[:, 1] - fold.test[:, 0] == horizon).all()
    assert (folds[-1].test[:, 1] == offsets[1:]).all()
    origins = np.array([fold.test[:, 0] for fold in folds])
    assert (np.diff(origins, axis=0) == (step_size or horizon)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split_in_time(10, test=1.0), r"test must be a share in \[0, 1\)"),
        (lambda: split_in_time(10, validation=-1), "validation must be a whole number >= 0"),
        (lambda: split_in_time(10, test=10), "no rows are left to train on: there are 10 rows"),
        (
            lambda: split_in_time(10, test=4, offsets=[0, 7, 10]),
            "series 1 has 3 rows, validation takes 0 and test 4",
        ),
        (lambda: split_at(np.array([1, 3, 2]), test=2), r"row 2 \(2\) does not come after row 1"),
        (lambda: split_at(np.arange(4), test="soon"), "test must be a number, .* 'soon'"),
        (
            lambda: split_at(pd.date_range("2024-01-01", periods=3).to_numpy(), test="soon"),
            "test must be a date",
        ),
        (lambda: split_at(np.arange(4), test=9), "test has no rows: the times run from 0 to 3"),
        (lambda: split_at(np.arange(4), test=0), "train has no rows"),
        (lambda: split_at(np.arange(4), validation=3, test=2), "must begin before test"),
        (lambda: split_at(np.array(["a"]), test=2), "times must be one axis of datetime64"),
        (lambda: rolling_origins(5, 2, n_windows=3), "need 7 rows; the series has 5"),
        (lambda: rolling_origins(9, 2, offsets=[0, 7, 9]), "need 3 rows; series 1 has 2"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
