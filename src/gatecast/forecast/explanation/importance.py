"""Permutation importance: how much worse held-out forecasts get when an input is mixed up."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calibration.movement import volatility
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model
from gatecast.nn.init import make_generator
from gatecast.nn.validation import check_size

#: origins that are enough; of more, so many are drawn
ENOUGH = 200
#: rows before an origin that are copied for it when its lags are exchanged, at least
RECENT = 1_000


@dataclass(frozen=True)
class ImportanceRow:
    """What an input is worth.

    Attributes
    ----------
    name : str
    place : int
        A lag (-1, -2, …) of the target, or 0 for a whole covariate.
    worse : float
        How much the mean absolute error grows when the input is mixed up, as a share of it.
    deviation : float
        Of ``worse`` between repeats.
    """

    name: str
    place: int
    worse: float
    deviation: float


@dataclass(frozen=True)
class Importance:
    """Permutation importance on held-out origins.

    Attributes
    ----------
    error : float
        The mean absolute error of the forecasts as they are, in units of how much each series
        moves.
    origins : int
    rows : tuple of ImportanceRow
        The most important first.
    """

    error: float
    origins: int
    rows: tuple[ImportanceRow, ...]

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain dictionary a row, what a table is made of."""
        return [asdict(row) for row in self.rows]


def permutation_importance(
    model: Model,
    history: History,
    origins: Origins,
    *,
    lags: int | None = None,
    repeats: int = 5,
    seed: int | np.random.Generator = 0,
) -> Importance:
    """How much worse forecasts get when one input is mixed up and the others stay.

    A covariate is moved along its series by a number of rows drawn by chance, so that it keeps
    its own course and loses its hold on the target; static numbers and categories change places
    between series.  Of a lag, the distance from the last value, over how much the series moves,
    changes places between origins, each of which is forecast from its last thousand rows.

    Parameters
    ----------
    model : Model
        Fitted; best on rows before the origins.
    history : History
    origins : Origins
        Whose truth is known; of more than two hundred, two hundred are drawn.
    lags : int, optional
        Of the target; a season and one, and no fewer than 12, by default.
    repeats : int
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> from gatecast.forecast.classical import SeasonalNaive
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.sin(np.arange(60) * np.pi / 3))
    >>> model = SeasonalNaive().fit(history, horizon=1, period=6)
    >>> found = permutation_importance(model, history, history.rolling(1, windows=20), lags=8)
    >>> found.rows[0].place
    -6
    """
    rng = make_generator(seed)
    check_size("repeats", repeats)
    wanted = max(model.period_ + 1, 12) if lags is None else check_size("lags", lags)
    if len(origins) > ENOUGH:
        origins = origins.take(np.sort(rng.choice(len(origins), ENOUGH, replace=False)))
    moves = volatility(history, origins, model.period_)
    truth = history.truth(origins, model.horizon_)
    if np.isnan(truth).all():
        raise InputError("no origin has a known value after it; take origins before the end")

    def error_of(other: History, where: Origins) -> float:
        error = np.abs(model.predict(other, where) - truth) / moves[:, None]
        return float(np.nanmean(error))

    error = error_of(history, origins)
    if error == 0:
        raise InputError("the forecasts have no error at all, so that no share of it can grow")
    each = _each_by_itself(history, origins, max(RECENT, wanted), model.horizon_)
    rows = []
    for plain, inputs in (
        (error, _covariates_mixed(history, origins, repeats, rng)),
        (error_of(each, each.ends()) or error, _lags_mixed(each, moves, wanted, repeats, rng)),
    ):
        for name, place, others in inputs:
            shares = [error_of(*other) / plain - 1 for other in others]
            rows.append(ImportanceRow(name, place, float(np.mean(shares)), float(np.std(shares))))
    rows.sort(key=lambda row: -row.worse)
    return Importance(error, len(origins), tuple(rows))


#: histories in which an input is mixed up
Mixed = Iterator[tuple[History, Origins]]


def _covariates_mixed(
    history: History, origins: Origins, repeats: int, rng: np.random.Generator
) -> Iterator[tuple[str, int, Mixed]]:
    """Each covariate, number or category of a series."""
    for kind in ("past", "future", "static", "codes"):
        count = getattr(history, kind).shape[1]
        given = getattr(history, f"{'code' if kind == 'codes' else kind}_names")
        for column, name in enumerate(
            given or [f"{kind.removesuffix('s')} {i}" for i in range(count)]
        ):
            mix = _moved if kind in ("past", "future") else _exchanged
            yield name, 0, ((mix(history, kind, column, rng), origins) for _ in range(repeats))


def _lags_mixed(
    each: History, moves: Array, wanted: int, repeats: int, rng: np.random.Generator
) -> Iterator[tuple[str, int, Mixed]]:
    """Each lag of the target, of origins that stand by themselves."""
    for lag in range(1, min(wanted, int(each.lengths.min())) + 1):
        yield (
            "y",
            -lag,
            ((_lag_exchanged(each, moves, lag, rng), each.ends()) for _ in range(repeats)),
        )


def _moved(history: History, kind: str, column: int, rng: np.random.Generator) -> History:
    """A covariate moved along each series, what falls off the end coming in at the beginning."""
    values = getattr(history, kind).copy()
    ahead = history.ahead.copy()
    for i in range(len(history)):
        rows = slice(history.offsets[i], history.offsets[i + 1])
        later = ahead[i, :, column] if kind == "future" else ahead[i, :0, :0].ravel()
        whole = np.concatenate([values[rows, column], later])
        if len(whole) > 1:
            whole = np.roll(whole, rng.integers(1, len(whole)))
        values[rows, column] = whole[: history.lengths[i]]
        if kind == "future":
            ahead[i, :, column] = whole[history.lengths[i] :]
    return replace(history, ahead=ahead, **{kind: values})


def _exchanged(history: History, kind: str, column: int, rng: np.random.Generator) -> History:
    """A number or category of whole series, given to others."""
    values = getattr(history, kind).copy()
    values[:, column] = rng.permutation(values[:, column])
    return replace(history, **{kind: values})


def _each_by_itself(history: History, origins: Origins, recent: int, horizon: int) -> History:
    """One series for each origin: the last rows before it, from further back if none is known."""
    starts = history.offsets[:-1][origins.series]
    counts = np.concatenate([[0], np.cumsum(np.isfinite(history.target))])
    begin = np.maximum(starts, origins.rows - recent)
    begin = np.where(counts[origins.rows] > counts[begin], begin, starts)
    return history.cut(
        begin,
        origins.rows - begin,
        ahead=history.future_of(origins, horizon),
        static=history.static[origins.series],
        codes=history.codes[origins.series],
    )


def _lag_exchanged(each: History, moves: Array, lag: int, rng: np.random.Generator) -> History:
    """One lag's distance from the last value, given to other origins."""
    target = each.target.copy()
    rows = each.offsets[1:] - lag
    last = (
        target[each.offsets[1:] - 1] if lag > 1 else target[np.maximum(rows - 1, each.offsets[:-1])]
    )
    away = (target[rows] - last) / moves
    mixed = last + rng.permutation(away) * moves
    positive = np.nanmin(each.target, initial=np.inf) > 0
    if positive:  # a series that is never 0 must stay so: logarithms are taken of it
        least = np.nanmin(np.where(target > 0, target, np.nan))
        mixed = np.maximum(mixed, least)
    target[rows] = np.where(np.isnan(mixed), target[rows], mixed)
    return replace(each, target=target)
