"""What is kept of a training: means over stretches, and nothing but the losses counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.forecast.curves import MOST, thinned


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=900))
def test_the_stretches_cover_the_training(losses):
    kept = thinned(losses)
    assert min(len(losses), 20) <= len(kept) <= MOST
    lengths = np.diff(kept[:, 0], prepend=0)
    assert lengths.min() >= 1
    assert kept[-1, 0] == len(losses)
    assert lengths @ kept[:, 1] == pytest.approx(np.sum(losses), abs=1e-3)


def test_a_short_training_is_kept_whole():
    assert thinned([3.0, 1.0, 2.0]).tolist() == [[1, 3], [2, 1], [3, 2]]
    assert thinned([]).shape == (0, 2)


def test_batches_with_nothing_to_learn_from_do_not_count():
    kept = thinned([4.0, np.nan] * 20)
    assert kept.tolist() == [[2 * i, 4] for i in range(1, 21)]
    assert np.isnan(thinned([np.nan])[0, 1])
