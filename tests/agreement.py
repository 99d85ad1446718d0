"""Comparing our numbers with an outside oracle's, by name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

# Largest difference that passes, relative to the largest entry of the array (at least to 1).
TOLERANCE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}


def assert_agree(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Same names, shapes, dtypes, and values within the tolerance of the dtype."""
    assert list(ours) == list(theirs)
    for name, expected in theirs.items():
        expected = np.asarray(expected)
        found = ours[name]
        assert np.isfinite(expected).all(), f"the oracle's {name} is not finite"
        assert found.dtype == expected.dtype, name
        assert found.shape == expected.shape, name
        limit = TOLERANCE[expected.dtype] * max(1.0, float(np.abs(expected).max(initial=0)))
        np.testing.assert_allclose(found, expected, rtol=0, atol=limit, err_msg=name)
