"""Fitting over a history: tried on rows held out, judged, calibrated, and then on all rows."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.advancing import reaching
from gatecast.forecast.alarms import flat_words, lag_words
from gatecast.forecast.calibration import Calibration, hold_out
from gatecast.forecast.calibration.movement import usual_share, volatility
from gatecast.forecast.classical import SeasonalNaive
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model
from gatecast.forecast.results import Statement
from gatecast.results import Alarm

Make = Callable[[History, int, int], Model]


@dataclass(frozen=True)
class Terms:
    """For what a model is made and fitted, and what is to be known of its errors.

    Attributes
    ----------
    make : function
        An unfitted model for a history, horizon and period.
    horizon, period : int
    method : str or None
        Of the intervals; None makes none.
    levels : tuple of float
    seed : int
    """

    make: Make
    horizon: int
    period: int = 1
    method: str | None = None
    levels: tuple[float, ...] = ()
    seed: int = 0

    @property
    def intervals(self) -> str | None:
        """How intervals are made; None where none are."""
        return self.method if self.levels else None

    def model(self, history: History) -> Model:
        """An unfitted one for this history."""
        return self.make(history, self.horizon, self.period)


@dataclass
class Fitted:
    """A model, and what is known of its errors.

    Attributes
    ----------
    model : Model
    calibration : Calibration or None
    statement : Statement or None
        None where there were no rows to hold out.
    notes : tuple of str
    """

    model: Model
    calibration: Calibration | None = None
    statement: Statement | None = None
    notes: tuple[str, ...] = ()


def fit_history(history: History, terms: Terms) -> Fitted:
    """Fit a model to all rows, after one like it was tried on the last of them.

    The first model learns from the head of every series alone; its errors on the tail give the
    statement and the intervals.  The second, which forecasts, learns from all rows.
    """
    model = terms.model(history)
    _refuse_short(model, history, terms.horizon)
    # A copy: made for the head, which is shorter, it could be of another form than what forecasts.
    trial = copy.deepcopy(model)
    try:
        statement, calibration = _tried(trial, history, terms)
        notes = calibration.notes_ if calibration is not None else ()
    except InputError as error:
        if terms.intervals is not None:
            said = str(error).rstrip(".").replace("method='", "interval='")
            raise InputError(
                f"{said} (said while forecasts were tried on the last rows, held out; level=None "
                "fits without intervals)"
            ) from error
        statement, calibration = None, None
        notes = (
            f"No forecasts could be tried on held-out rows, so their skill is unknown: {error}",
        )
    model.fit(history, terms.horizon, terms.period)
    return Fitted(model, calibration, statement, (*model.notes_, *notes))


def _tried(
    trial: Model, history: History, terms: Terms
) -> tuple[Statement | None, Calibration | None]:
    """What a model that learns from the head of each series says of the tail."""
    horizon, period = terms.horizon, terms.period
    split = hold_out(history, horizon, seed=terms.seed)
    trial.fit(split.head, horizon, period)
    known = reaching(history, horizon)  # some of the last origins have fewer steps of truth
    points = trial.predict(known, split.origins)
    whole = history.offsets[1:][split.origins.series] - split.origins.rows >= horizon
    whole |= not whole.any()  # a series too short for one horizon is judged by its first steps
    statement = judge(trial.name, history, split.origins.take(whole), points[whole], period)
    if terms.intervals is None:
        return statement, None
    calibration = Calibration(terms.intervals, terms.levels, terms.seed)
    return statement, calibration.fit(trial, known, split.origins)


def _refuse_short(model: Model, history: History, horizon: int) -> None:
    """What learns must have seen what it is to forecast, and something before it."""
    longest = int(history.lengths.max())
    if model.learns and longest < horizon + 2:
        raise InputError(
            f"the longest series has {longest} rows, too few for {model.name} to learn to forecast "
            f"{horizon} steps; give longer series, a smaller horizon, or use a model that learns "
            "nothing, such as 'drift'"
        )


def judge(
    name: str, history: History, origins: Origins, points: Array, period: int
) -> Statement | None:
    """How good held-out forecasts were, beside seasonal naive, and the alarms they raise."""
    horizon = points.shape[1]
    truth = history.truth(origins, horizon)
    known = np.isfinite(truth)
    if not known.any():
        return None
    naive = SeasonalNaive().fit(history, horizon, period).predict(history, origins)
    count = len(np.unique(origins.series))
    usual = usual_share(history, origins)
    scales = volatility(history, origins, period, usual) if count > 1 else np.ones(len(origins))

    def error_of(forecast: Array) -> float:
        return float((np.abs(forecast - truth) / scales[:, None])[known].mean())

    own, rival = error_of(points), error_of(naive)
    last = history.target[history.latest(origins)]
    return Statement(
        name, own, rival, len(origins), count, horizon, period,
        tuple(Alarm(name, "", kind, words) for kind, words in _alarms(
            *_centred(origins, scales, truth, points, last), own, rival
        )),
    )  # fmt: skip


def _alarms(
    truth: Array, points: Array, last: Array, own: float, rival: float
) -> list[tuple[str, str]]:
    """Flat, lagging, or worse than the naive forecast; a few origins prove nothing."""
    found = []
    whole = np.isfinite(truth).all(axis=1)
    if whole.sum() >= 5:
        if words := flat_words(truth[whole], [points[whole]]):
            found.append(("flat", words))
        if words := lag_words(truth[whole, 0], last[whole], [points[whole, 0]]):
            found.append(("lag", words))
    if own > rival:
        found.append(
            ("worse than naive", f"its error is {own:.4g}, that of the naive forecast {rival:.4g}")
        )
    return found


def _centred(
    origins: Origins, scales: Array, truth: Array, points: Array, last: Array
) -> tuple[Array, Array, Array]:
    """All less the mean of each series' truth, over its scale: levels must not look like skill."""
    _, group = np.unique(origins.series, return_inverse=True)
    known = np.isfinite(truth)
    total = np.bincount(group, np.where(known, truth, 0.0).sum(axis=1))
    mean = (total / np.maximum(np.bincount(group, known.sum(axis=1)), 1))[group]
    return (
        (truth - mean[:, None]) / scales[:, None],
        (points - mean[:, None]) / scales[:, None],
        (last - mean) / scales,
    )
