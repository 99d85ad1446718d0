"""The rows at the end of each series that a model is tried on before it may learn from them."""

from dataclasses import dataclass

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import History, Origins, Rows
from gatecast.nn.init import make_generator

#: origins that are enough for any interval and its coverage; more cost time and show nothing new
ENOUGH = 4_096
#: origins of each series at least, however many series there are: of those whose whole horizon is
#: known, and of those whose first steps are
ROUNDS, PARTIAL = 4, 8
#: series whose tails are looked at; of a larger panel so many are drawn
SERIES = 2_048


@dataclass(frozen=True)
class HoldOut:
    """A history without its tail, and the origins in the tail.

    Attributes
    ----------
    head : History
        What a model may learn from before it forecasts from ``origins``.
    origins : Origins
        Of the whole history, in the order of time within each series.  Also those after which
        only the first steps are known: the newest rows tell most, and cost nothing to use.
    """

    head: History
    origins: Origins


def hold_out(
    history: History, horizon: int, *, windows: int | None = None, seed: int = 0
) -> HoldOut:
    """Split off a tail of every series to roll origins through.

    The tail is a quarter of a series, but at least ``horizon`` + 7 rows and at most half of it;
    in a panel it is shorter, as long as there are some four thousand origins in all and four of
    each series: what is recent tells most, and what is held out is not learned from.  Series that
    cannot spare ``horizon`` rows keep all of theirs for learning; where that would leave fewer
    than twenty with a tail, every tail is used as far as it reaches, and the steps beyond it have
    no truth (NaN).  Before a series' first known value nothing is tried.

    Parameters
    ----------
    history : History
    horizon : int
        Steps ahead that will be asked for.
    windows : int, optional
        Origins a series whose whole horizon is known; by default as many as the tail has.
    seed : int
        Draws the series that are looked at where there are more than two thousand.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> split = hold_out(make_history(np.arange(100.0)), horizon=12)
    >>> len(split.head.target), len(split.origins), split.origins.rows[[0, -1]]
    (75, 25, array([75, 99]))
    """
    lengths = history.lengths
    if windows is None:
        rounds = max(-(-ENOUGH // max(len(history), 1)), ROUNDS)
        most = np.maximum(lengths // 4, horizon + 7)
    else:
        rounds, most = windows, np.full(len(lengths), horizon + windows)
    if lengths.max(initial=0) < 2:
        raise InputError("intervals need a series of at least 2 rows to try forecasts on; give one")
    tails = np.minimum(np.minimum(most, horizon + rounds - 1), lengths // 2)
    whole = tails >= horizon
    fewest = min(20, len(history))
    used = whole if whole.sum() >= fewest else tails >= 1
    tails = np.where(used, tails, 0)
    chosen = np.flatnonzero(used)
    if len(chosen) > SERIES:
        chosen = np.sort(make_generator(seed).choice(chosen, SERIES, replace=False))
    origins = newest_origins(history, chosen, tails[chosen], horizon, max(rounds, PARTIAL))
    if not len(origins):
        raise InputError(
            "no series has a known value before its last rows, which forecasts are tried on; give "
            "longer series, or fewer missing values at their beginning"
        )
    return HoldOut(head=history.until(history.offsets[1:] - tails), origins=origins)


def newest_origins(
    history: History, chosen: Rows, tails: Rows, horizon: int, partial: int
) -> Origins:
    """Every row of some series' tails after which the horizon is known, and some of those after.

    Those before which no value of the series is known are left out.

    Parameters
    ----------
    history : History
    chosen, tails : (n,) integers
        The series, and the rows of their tails.
    horizon : int
    partial : int
        How many at most, evenly spread, after which only the first steps are known.
    """
    spread = np.linspace(1, horizon - 1, min(partial, horizon - 1)).round().astype(np.intp)
    series, rows = [], []
    for index, tail in zip(chosen, tails, strict=True):
        back = np.arange(tail, horizon - 1, -1)
        back = np.concatenate([back, spread[::-1]]) if tail >= horizon else np.arange(tail, 0, -1)
        rows.append(history.offsets[index + 1] - back)
        series.append(np.full(len(back), index))
    if not series:
        return Origins(np.zeros(0, np.intp), np.zeros(0, np.intp))
    return history.begun(Origins(np.concatenate(series), np.concatenate(rows)))
