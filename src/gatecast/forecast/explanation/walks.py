"""Contributions of any model's inputs by walking from a baseline to what was seen.

Along a walk the inputs change one by one, in an order drawn by chance, and the forecast with
them; what an input adds is the mean, over walks, of the change that came with it (Shapley values,
sampled: Štrumbelj, Kononenko 2014).  On every walk the changes sum to the whole difference, so
the contributions do; for a model that is linear in its inputs one walk is exact.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from gatecast.forecast.explanation.explanation import Column, Explanation
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model

#: rows of the series that are forecast from together, a copy for each state of a walk
ROOM = 1_000_000


def by_walks(
    model: Model,
    history: History,
    origins: Origins,
    lags: int,
    walks: int,
    rng: np.random.Generator,
) -> Explanation:
    """Explain the last ``lags`` rows, covariates and static numbers, origin by origin."""
    columns = _columns(history, lags, model.horizon_)
    found = [
        _explained(model, history, origins.take(slice(i, i + 1)), columns, lags, walks, rng)
        for i in range(len(origins))
    ]
    baseline, contributions, forecast = (np.stack(part) for part in zip(*found, strict=True))
    return Explanation(tuple(columns), baseline, contributions, forecast, "walks")


def _columns(history: History, lags: int, horizon: int) -> list[Column]:
    def named(names: tuple[str, ...], kind: str, count: int) -> tuple[str, ...]:
        return names or tuple(f"{kind} {i}" for i in range(count))

    found: list[Column] = [("y", -k) for k in range(lags, 0, -1)]
    for name in named(history.past_names, "past", history.past.shape[1]):
        found += [(name, -k) for k in range(lags, 0, -1)]
    for name in named(history.future_names, "future", history.future.shape[1]):
        found += [(name, -k) for k in range(lags, 0, -1)]
        found += [(name, k) for k in range(1, horizon + 1)]
    return found + [(n, 0) for n in named(history.static_names, "static", history.static.shape[1])]


def _explained(
    model: Model,
    history: History,
    origin: Origins,
    columns: list[Column],
    lags: int,
    walks: int,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array]:
    """Baseline (H,), contributions (H, K) and forecast (H,) of one origin."""
    actual, base = _ends(history, origin, lags, model.horizon_)
    differs = np.flatnonzero(actual != base)
    orders: list[Any] = []
    for _ in range(-(-walks // 2)):
        order = rng.permutation(differs)
        orders += [order, order[::-1]]  # there and back: half of the chance cancels
    states = np.concatenate([_states(actual, base, order) for order in orders[:walks]])
    known = int(origin.rows[0] - history.offsets[origin.series[0]])
    size = max(1, ROOM // known)
    parts = [
        model.predict(_copies(history, origin, states[i : i + size], lags, model.horizon_))
        for i in range(0, len(states), size)
    ]
    forecasts = np.concatenate(parts).reshape(walks, len(differs) + 1, -1)
    total = np.zeros((len(columns), forecasts.shape[2]))
    for order, along in zip(orders, forecasts, strict=False):
        total[order] += np.diff(along, axis=0)
    return forecasts[0, 0], total.T / walks, forecasts[0, -1]


def _states(actual: Array, base: Array, order: Array) -> Array:
    """(K + 1, inputs): the baseline, and each next input as it was."""
    states = np.repeat(base[None], len(order) + 1, axis=0)
    for step, column in enumerate(order):
        states[step + 1 :, column] = actual[column]
    return states


def _ends(history: History, origin: Origins, lags: int, horizon: int) -> tuple[Array, Array]:
    """The explained inputs as they are, and as they are in a past without events."""
    row, series = int(origin.rows[0]), int(origin.series[0])
    seen = np.arange(row - lags, row)
    values = history.target[seen]
    known = values[~np.isnan(values)]
    level = np.where(np.isnan(values), np.nan, known[-1] if len(known) else 0.0)
    actual, base = [values], [level]
    for column in history.past.T:
        actual.append(column[seen])
        base.append(np.full(lags, np.nanmean(column)))
    ahead = history.future_of(origin, horizon)[0] if history.future.shape[1] else None
    for i, column in enumerate(history.future.T):
        assert ahead is not None
        actual += [column[seen], ahead[:, i]]
        base.append(np.full(lags + horizon, np.nanmean(column)))
    actual.append(history.static[series])
    base.append(history.static.mean(axis=0))
    first, second = np.concatenate(actual), np.concatenate(base)
    return first, np.where(np.isnan(first), first, second)


def _copies(history: History, origin: Origins, states: Array, lags: int, horizon: int) -> History:
    """One series for each state: the rows before the origin, the explained ones replaced."""
    one = history.take(origin.series)
    stop = int(origin.rows[0] - history.offsets[origin.series[0]])
    one = one.until(np.array([stop]))
    many = one.take(np.zeros(len(states), np.intp))
    rows = (many.offsets[1:, None] - lags + np.arange(lags)).astype(np.intp)
    target, past, future = many.target.copy(), many.past.copy(), many.future.copy()
    target[rows], place = states[:, :lags], lags
    for i in range(past.shape[1]):
        past[rows, i] = states[:, place : place + lags]
        place += lags
    ahead = many.ahead.copy()
    for i in range(future.shape[1]):
        future[rows, i] = states[:, place : place + lags]
        ahead[:, :horizon, i] = states[:, place + lags : place + lags + horizon]
        place += lags + horizon
    return replace(
        many, target=target, past=past, future=future, ahead=ahead, static=states[:, place:]
    )
