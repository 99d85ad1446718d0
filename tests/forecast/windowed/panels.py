"""Histories that the tests of networks over windows share, and quick recipes."""

from dataclasses import replace
from typing import Any

import numpy as np

from gatecast.forecast.history import History, Origins, make_history
from gatecast.forecast.recipe import Recipe

SMALL: dict[str, Any] = {"hidden_size": 6, "updates": 12, "batch_size": 16, "windows": (10,)}


def quick(**choices: Any) -> Recipe:
    return Recipe(**(SMALL | choices))


def waves(lengths: tuple[int, ...] = (60, 45, 33), seed: int = 0) -> History:
    """Positive series with a season of 6."""
    rng = np.random.default_rng(seed)
    return make_history(
        [
            50
            * (i + 1)
            * np.exp(0.2 * np.sin(np.arange(n) * np.pi / 3) + 0.02 * rng.normal(size=n))
            for i, n in enumerate(lengths)
        ]
    )


def rich(lengths: tuple[int, ...] = (60, 45, 33), ahead: int = 8) -> History:
    """The same with every kind of covariate."""
    rng = np.random.default_rng(1)
    plain, count = waves(lengths), len(lengths)
    return make_history(
        [plain.series(i) for i in range(count)],
        past=[rng.normal(size=(n, 1)) for n in lengths],
        future=[rng.normal(size=(n, 2)) for n in lengths],
        ahead=rng.normal(size=(count, ahead, 2)),
        static=rng.normal(size=(count, 1)),
        codes=np.arange(count)[:, None] % 2,
        code_sizes=(2,),
    )


def changed_after(history: History, origins: Origins) -> History:
    """Everything from each series' first origin on is another, but for what is known ahead."""
    target, past = history.target.copy(), history.past.copy()
    for series, row in zip(origins.series, origins.rows, strict=True):
        stop = history.offsets[series + 1]
        target[row:stop] = 3 * target[row:stop] + 7
        past[row:stop] -= 5
    return replace(history, target=target, past=past)
