"""Histories that go on: rows appended, and forecasts beyond a model's horizon."""

from dataclasses import replace

import numpy as np

from gatecast.forecast.history import Array, History, rows_of
from gatecast.forecast.model import Model


def joined(first: History, second: History) -> History:
    """The rows of ``first`` and after them those of ``second``, series by series.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> both = joined(make_history([[1.0], [5.0]]), make_history([[2.0], [6.0, 7.0]]))
    >>> both.target, both.offsets
    (array([1., 2., 5., 6., 7.]), array([0, 2, 5]))
    """
    lengths = np.stack([first.lengths, second.lengths], axis=1)
    offsets = np.concatenate([[0], np.cumsum(lengths.sum(axis=1))]).astype(np.intp)
    starts = np.stack([first.offsets[:-1], second.offsets[:-1] + first.offsets[-1]], axis=1)
    order = rows_of(starts.ravel(), lengths.ravel())

    def both(one: Array, other: Array) -> Array:
        stacked: Array = np.concatenate([one, other])[order]
        return stacked

    return replace(
        first,
        target=both(first.target, second.target),
        offsets=offsets,
        past=both(first.past, second.past),
        future=both(first.future, second.future),
        ahead=second.ahead,
    )


def gone_on(history: History, values: Array) -> History:
    """The history as if ``values`` (series, steps) had come to pass.

    Covariates known in advance move up; the others keep their last known value, as one that is
    missing does, and flags say so.
    """
    count, steps = values.shape
    rows = np.repeat(history.offsets[1:] - 1, steps)
    move = min(steps, history.ahead.shape[1])
    future = np.full((count, steps, history.future.shape[1]), np.nan)
    future[:, :move] = history.ahead[:, :move]
    past = history.past[rows]
    past[:, history.flagged("past")] = 1.0
    after = replace(
        history,
        target=values.ravel(),
        offsets=np.arange(count + 1) * steps,
        past=past,
        future=future.reshape(count * steps, -1),
        ahead=history.ahead[:, move:],
    )
    return joined(history, after)


def forecast_far(model: Model, history: History, steps: int) -> Array:
    """(series, steps): forecasts from each series' end, iterated beyond the model's horizon.

    Examples
    --------
    >>> from gatecast.forecast.classical import Drift
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.array([1.0, 2.0, 3.0]))
    >>> forecast_far(Drift().fit(history, horizon=2), history, 5)
    array([[4., 5., 6., 7., 8.]])
    """
    history = _long_enough(history, -(-steps // model.horizon_) * model.horizon_)
    parts = [model.predict(history)]
    while sum(part.shape[1] for part in parts) < steps:
        history = gone_on(history, parts[-1])
        parts.append(model.predict(history))
    return np.concatenate(parts, axis=1)[:, :steps]


def _long_enough(history: History, steps: int) -> History:
    """Steps that nobody asks for: their covariates stay as the last that were given."""
    known = history.ahead.shape[1]
    if not history.future.shape[1] or not known or known >= steps:
        return history
    order = np.minimum(np.arange(steps), known - 1)
    return replace(history, ahead=history.ahead[:, order])


def reaching(history: History, steps: int) -> History:
    """At least so many steps of covariates known in advance, the last of each series going on.

    For a model that forecasts more steps than are asked for: what it says of those is thrown away.
    """
    missing = steps - history.ahead.shape[1]
    if not history.future.shape[1] or missing <= 0:
        return history
    last = (
        history.ahead[:, -1] if history.ahead.shape[1] else history.future[history.offsets[1:] - 1]
    )
    more = np.repeat(last[:, None], missing, axis=1)
    return replace(history, ahead=np.concatenate([history.ahead, more], axis=1))
