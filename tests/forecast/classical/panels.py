"""Histories that the tests of models forecast from."""

import numpy as np

from gatecast.forecast.history import make_history


def seasonal(series=3, rows=80, period=6, seed=0):
    """Series of different levels and scales with one season, a trend and little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(rows)
    return make_history(
        [
            10.0**i * (10 + 0.05 * t + np.sin(2 * np.pi * t / period) + rng.normal(0, 0.05, rows))
            for i in range(series)
        ]
    )


def driven(rows=150, seed=0):
    """A series that is mostly made by a covariate known in advance, and a static number."""
    rng = np.random.default_rng(seed)
    cause = rng.normal(size=rows + 4)
    series = [k * (5 + cause[:rows] + rng.normal(0, 0.02, rows)) for k in (1, 2)]
    noise = [rng.normal(size=(rows, 2)) for _ in series]
    return make_history(
        series,
        past=noise,
        future=[cause[:rows, None]] * 2,
        ahead=np.stack([cause[rows:, None]] * 2),
        static=[[1.0], [2.0]],
        codes=[[0, 1], [1, 40]],
        code_sizes=(2, 50),
    )


def without_covariates(history):
    """The same series alone."""
    return make_history([history.series(i) for i in range(len(history))])
