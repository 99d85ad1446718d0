"""Windows: each one is checked against a plain loop over rows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data.windows import Windows, latest
from gatecast.errors import DtypeError, InputError


def rows_of(lengths, features=2, dtype=np.float32):
    """Rows whose values say where they stand, with the offsets of their series."""
    count = sum(lengths)
    values = np.arange(count, dtype=dtype)
    x = values[:, None] * 10 + np.arange(features, dtype=dtype)
    return x, values, np.concatenate([[0], np.cumsum(lengths)])


def by_hand(offsets, ranges, width, min_width, horizon, step, context):
    """(first look-back row, first target row, series) of every window, by a plain loop."""
    found: list[tuple[int, int, int]] = []
    for series, (begin, end) in enumerate(pairwise(offsets)):
        start, stop = max(ranges[series][0], begin), min(ranges[series][1], end)
        earliest = begin if context else start
        first = max(start, earliest + min_width)
        rows = range(first, stop - horizon + 1, step)
        found += [(max(row - width, earliest), row, series) for row in rows]
    return found


panels = st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(lambda n: sum(n) > 0)


@given(
    lengths=panels,
    width=st.integers(1, 5),
    short=st.integers(0, 4),
    horizon=st.integers(1, 3),
    step=st.integers(1, 3),
    context=st.booleans(),
    data=st.data(),
)
def test_windows_are_those_of_the_plain_loop(lengths, width, short, horizon, step, context, data):
    x, y, offsets = rows_of(lengths)
    min_width = max(1, width - short)
    ranges = []
    for begin, end in pairwise(offsets):
        start = data.draw(st.integers(begin, end))
        ranges.append((start, data.draw(st.integers(start, end))))
    windows = Windows(
        x,
        y,
        width,
        horizon,
        step=step,
        offsets=offsets,
        targets=ranges,
        context=context,
        min_width=min_width,
    )
    wanted = by_hand(offsets, ranges, width, min_width, horizon, step, context)
    assert list(zip(windows.first_target, windows.series, strict=True)) == [w[1:] for w in wanted]
    batch = windows.batch(slice(None))
    np.testing.assert_array_equal(windows.x, batch.x)
    np.testing.assert_array_equal(windows.y, batch.y)
    assert windows.x.shape == (len(wanted), width, 2)
    assert windows.y.shape == (len(wanted), horizon)
    assert batch.x.dtype == windows.y.dtype == np.float32
    for index, (first, row, _) in enumerate(wanted):
        length = row - first
        assert windows.lengths[index] == length
        np.testing.assert_array_equal(batch.x[index, :length], x[first:row])
        assert not batch.x[index, length:].any()
        np.testing.assert_array_equal(batch.y[index], y[row : row + horizon])
        assert (width if batch.lengths is None else batch.lengths[index]) == length


@given(lengths=panels, width=st.integers(1, 4), horizon=st.integers(1, 3), data=st.data())
def test_no_window_sees_its_targets_or_another_series(lengths, width, horizon, data):
    x, y, offsets = rows_of(lengths)
    windows = Windows(x, y, width, horizon, offsets=offsets, min_width=1)
    row = data.draw(st.integers(0, len(y) - 1))
    series = np.searchsorted(offsets, row, side="right") - 1
    before = windows.batch(slice(None)).x
    x[row:] += 1e6  # the future, and every later series
    after = windows.batch(slice(None)).x
    untouched = (windows.first_target <= row) | (windows.series < series)
    np.testing.assert_array_equal(before[untouched], after[untouched])


def test_one_series_is_not_copied():
    x, y, _ = rows_of([1000])
    windows = Windows(x, y, 24, 12, targets=(500, 900))
    assert len(windows) == 900 - 12 - 500 + 1
    assert np.shares_memory(windows.x, x)
    assert np.shares_memory(windows.y, y)
    assert not windows.x.flags.writeable
    np.testing.assert_array_equal(windows.x[0], x[476:500])
    np.testing.assert_array_equal(windows.target_rows[0], np.arange(500, 512))
    every_third = Windows(x, y, 24, 12, step=3)
    assert np.shares_memory(every_third.x, x)
    np.testing.assert_array_equal(every_third.x[1], x[3:27])


def test_context_is_rows_of_the_past_alone():
    x, y, _ = rows_of([10])
    with_context = Windows(x, y, 3, targets=(7, 10))
    alone = Windows(x, y, 3, targets=(6, 10), context=False)
    assert with_context.first_target.tolist() == [7, 8, 9]
    assert alone.first_target.tolist() == [9]


def test_the_counts_of_the_published_protocols():
    x, y, _ = rows_of([35_040], features=1)
    assert len(Windows(x, y, 7)) == 35_033
    assert len(Windows(x, y, 29, targets=(0, 7_008), context=False)) == 7_008 - 29
    assert len(Windows(x, y, 29, targets=(7_008, 35_040), context=False)) == 28_032 - 29


def test_targets_of_several_columns_and_of_classes():
    x, y, _ = rows_of([8])
    windows = Windows(x, np.stack([y, -y], axis=1), 3, 2)
    assert windows.y.shape == (4, 2, 2)
    np.testing.assert_array_equal(windows.y[0], [[3, -3], [4, -4]])
    np.testing.assert_array_equal(windows.batch([0]).y, windows.y[:1])
    classes = Windows(x, np.arange(8), 3)
    assert classes.y.dtype == np.arange(8).dtype


def test_batches_by_any_index():
    x, y, offsets = rows_of([6, 5])
    windows = Windows(x, y, 3, offsets=offsets)
    mask = windows.series == 1
    np.testing.assert_array_equal(windows.batch(mask).y[:, 0], [9, 10])
    np.testing.assert_array_equal(windows.batch([-1, 0]).y[:, 0], [10, 3])
    assert repr(windows) == "Windows(n=5, width=3, horizon=1, features=2, series=2)"


@given(lengths=panels, width=st.integers(1, 5))
def test_latest_is_the_end_of_each_series(lengths, width):
    x, _, offsets = rows_of(lengths)
    found, counts = latest(x, width, offsets=offsets)
    for series, (begin, end) in enumerate(pairwise(offsets)):
        length = min(end - begin, width)
        np.testing.assert_array_equal(found[series, :length], x[end - length : end])
        assert not found[series, length:].any()
        assert counts is None or counts[series] == length


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.zeros(5, np.float32)}, r"2 axes .* features\[:, None\]"),
        ({"target": np.zeros(4)}, "one value, .* for each of the 5 rows"),
        ({"target": ["a"] * 5}, "target must be a NumPy array of numbers, it is list"),
        ({"width": 0}, "width must be a whole number >= 1, it is 0"),
        ({"horizon": 1.5}, "horizon must be a whole number >= 1, it is 1.5"),
        ({"step": True}, "step must be a whole number"),
        ({"min_width": 3}, "min_width must be at most the width 2, it is 3"),
        ({"offsets": [0, 4]}, "offsets must rise from 0 to the 5 rows"),
        ({"offsets": [0, 4, 3, 5]}, "offsets must rise"),
        ({"offsets": [0.0, 5.0]}, "offsets must be one axis of whole numbers"),
        ({"targets": (2, 9)}, "stop <= the 5 rows"),
        ({"targets": (3, 2)}, "0 <= start <= stop"),
        ({"targets": (1, 2, 3)}, r"targets must be \(start, stop\)"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"features": np.zeros((5, 1)), "target": np.zeros(5), "width": 2} | change
    with pytest.raises(InputError, match=message):
        Windows(**arguments)


@pytest.mark.parametrize("features", [[[1.0]], np.zeros((5, 1), int)])
def test_nothing_converts_silently(features):
    with pytest.raises(DtypeError, match="features must"):
        Windows(features, np.zeros(5), 2)
