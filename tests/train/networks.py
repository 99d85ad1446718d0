"""Small networks and data that the tests of training share."""

import numpy as np

from gatecast import nn


def windows(rows=64, steps=7, features=3, dtype=np.float32, seed=0):
    """Inputs, and a target that can be learned: a mean of the last step."""
    x = np.random.default_rng(seed).normal(size=(rows, steps, features)).astype(dtype)
    return x, x[:, -1].mean(axis=1, keepdims=True)


def small(cell=nn.GRU, features=3, hidden=5, dtype=np.float32, seed=0, **options):
    """Many to one."""
    return nn.Sequential(
        cell(features, hidden, dtype=dtype, **options),
        nn.Last(dtype=dtype),
        nn.Linear(hidden, 1, dtype=dtype),
        seed=seed,
    )


def stepwise(cell=nn.GRU, features=3, hidden=5, dtype=np.float32, seed=0, **options):
    """An output at each step."""
    return nn.Sequential(
        cell(features, hidden, dtype=dtype, **options),
        nn.Linear(hidden, 1, dtype=dtype),
        seed=seed,
    )
