"""The rows at the end of each series that a model is tried on before it may learn from them."""

from dataclasses import dataclass

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import History, Origins, Rows
from gatecast.nn.init import make_generator

#: origins that are enough for any interval and its coverage; more cost time and show nothing new
ENOUGH = 4_096
#: origins at least of each series of a panel, so that not all are of one moment
ROUNDS = 4
#: series whose tails are looked at; of a larger panel so many are drawn
SERIES = 4_096


@dataclass(frozen=True)
class HoldOut:
    """A history without its tail, and the origins in the tail.

    Attributes
    ----------
    head : History
        What a model may learn from before it forecasts from ``origins``.
    origins : Origins
        Of the whole history, in the order of time within each series.
    """

    head: History
    origins: Origins


def hold_out(
    history: History, horizon: int, *, windows: int | None = None, seed: int = 0
) -> HoldOut:
    """Split off a tail of every series to roll origins through.

    The tail is a quarter of a series, but at least ``horizon`` + 7 rows and at most half of it.
    In a panel, series that cannot spare ``horizon`` rows keep all of theirs for learning; where
    that would leave fewer than twenty with a tail, every tail is used as far as it reaches, and
    the steps beyond it have no truth (NaN).

    Parameters
    ----------
    history : History
    horizon : int
        Steps ahead that will be asked for.
    windows : int, optional
        Origins a series; by default as many as the tail has, in a panel fewer (four or more,
        evenly spread), so that there are about four thousand in all.
    seed : int
        Draws the series that are looked at where there are more than four thousand.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> split = hold_out(make_history(np.arange(100.0)), horizon=12)
    >>> len(split.head.target), len(split.origins), split.origins.rows[[0, -1]]
    (75, 14, array([75, 88]))
    """
    lengths = history.lengths
    if lengths.max(initial=0) < 2:
        raise InputError("intervals need a series of at least 2 rows to try forecasts on; give one")
    tails = _tails(lengths, horizon, windows)
    whole = tails >= horizon
    fewest = min(20, len(history))
    used = whole if whole.sum() >= fewest else tails >= 1
    tails = np.where(used, tails, 0)
    chosen = np.flatnonzero(used)
    if len(chosen) > SERIES:
        chosen = np.sort(make_generator(seed).choice(chosen, SERIES, replace=False))
    return HoldOut(
        head=history.until(history.offsets[1:] - tails),
        origins=_origins(history, chosen, tails[chosen], horizon, windows),
    )


def _tails(lengths: Rows, horizon: int, windows: int | None) -> Rows:
    """(series,): the rows of each tail."""
    wanted = np.maximum(lengths // 4, horizon + 7) if windows is None else horizon + windows - 1
    return np.minimum(wanted, lengths // 2).astype(np.intp)


def _origins(
    history: History, chosen: Rows, tails: Rows, horizon: int, windows: int | None
) -> Origins:
    """Origins of the chosen series, evenly spread over the tails."""
    most = max(-(-ENOUGH // len(chosen)), ROUNDS) if windows is None else windows
    series, rows = [], []
    for index, tail in zip(chosen, tails, strict=True):
        nearest = horizon if tail >= horizon else 1
        count = min(most, tail - nearest + 1)
        back = np.unique(np.round(np.linspace(tail, nearest, count)).astype(np.intp))[::-1]
        rows.append(history.offsets[index + 1] - back)
        series.append(np.full(len(back), index))
    return Origins(np.concatenate(series), np.concatenate(rows))
