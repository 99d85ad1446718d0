"""What is kept of a training: means over stretches, and nothing but the losses counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.forecast.losses import thinned

LOSSES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300)


@given(LOSSES, st.integers(1, 120))
def test_the_stretches_cover_the_training(losses, most):
    kept = thinned(losses, most)
    assert len(kept) == min(most, len(losses))
    lengths = np.diff(kept[:, 0], prepend=0)
    assert lengths.min() >= 1
    assert kept[-1, 0] == len(losses)
    assert lengths @ kept[:, 1] == pytest.approx(np.sum(losses), abs=1e-3)


def test_a_short_training_is_kept_whole():
    assert thinned([3.0, 1.0, 2.0]).tolist() == [[1, 3], [2, 1], [3, 2]]
    assert thinned([]).shape == (0, 2)


def test_batches_with_nothing_to_learn_from_do_not_count():
    kept = thinned([4.0, np.nan, np.nan, np.nan], most=2)
    assert kept[0].tolist() == [2, 4]
    assert np.isnan(kept[1, 1])
