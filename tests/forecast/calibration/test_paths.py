"""Joint paths: their marginals are the errors', and what goes together stays together."""

import numpy as np
import pytest

from gatecast.forecast.calibration.offsets import Errors
from gatecast.forecast.calibration.paths import draw_paths


def test_many_paths_are_drawn_whole():
    values = np.random.default_rng(0).normal(size=(300, 5))
    drawn = draw_paths(Errors(values, groups=300), 50, 5, np.random.default_rng(1))
    for path in drawn:
        assert np.isclose(values, path).all(axis=1).any()


def test_errors_that_go_together_stay_together():
    walks = np.cumsum(np.random.default_rng(0).normal(size=(30, 6)), axis=1)
    drawn = draw_paths(Errors(walks), 4000, 6, np.random.default_rng(1))
    assert np.corrcoef(drawn[:, 3], drawn[:, 4])[0, 1] > 0.7
    assert np.median(drawn[:, 5]) == pytest.approx(0, abs=0.3)  # turned over by chance


def test_paths_that_end_early_go_on_as_they_were():
    values = np.array([[1.0, 2.0, np.nan, np.nan]] * 3 + [[1.0, 2.0, 3.0, 4.0]] * 200)
    drawn = draw_paths(Errors(values, groups=203), 300, 6, np.random.default_rng(0))
    assert drawn.shape == (300, 6)
    assert np.isfinite(drawn).all()
    assert (np.diff(drawn, axis=1) > 0).all()


def test_the_same_generator_draws_the_same():
    errors = Errors(np.random.default_rng(0).normal(size=(40, 3)))
    first, second = (draw_paths(errors, 9, 3, np.random.default_rng(7)) for _ in range(2))
    assert (first == second).all()
