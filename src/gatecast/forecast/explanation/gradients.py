"""Contributions by integrated gradients, through the networks' own backward pass.

From a baseline x' (a past that is flat at its present level, covariates at their mean) to the
inputs x the forecast F changes by the integral of its gradient along the straight way, so that

    contribution_i = (x_i - x'_i) · ∫ ∂F/∂x_i (x' + a·(x - x')) da,   a from 0 to 1,

sum to F(x) - F(x') (Sundararajan, Taly, Yan 2017).  The integral is Gauss and Legendre's; where a
network has kinks (ReLU) it is off by a few thousandths, which the remainder tells.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gatecast.forecast.explanation.explanation import Explanation, together
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.sequence.inputs import View, assemble
from gatecast.forecast.sequence.member import Member as SequenceMember
from gatecast.forecast.sequence.rows import look_at
from gatecast.forecast.windowed.member import Member as WindowedMember

#: how far an output is moved to see what the point forecast does
_NUDGE = 1e-3
#: steps of a series that a network goes through together, over all points of the way
ROOM = 200_000


def has_gradients(model: Model) -> bool:
    """Whether every network of a model can be explained by its gradients.

    One that feeds its forecasts back cannot: its inputs are outputs.
    """
    if not isinstance(model, NetworkModel):
        return False
    return all(
        isinstance(member, SequenceMember)
        or (isinstance(member, WindowedMember) and member.recipe.form != "recursive")
        for member in model.members_
    )


def by_gradients(
    model: NetworkModel, history: History, origins: Origins, points: int
) -> Explanation:
    """The mean over the networks; where their median forecasts, the difference is remainder."""
    parts = []
    for member in model.members_:
        each: Any = _sequence if isinstance(member, SequenceMember) else _windowed
        found = [
            each(member, history, origins.take(slice(i, i + 1)), points)
            for i in range(len(origins))
        ]
        parts.append(_stacked(found))
    mean = together(parts)
    forecast = model.predict(history, origins)
    return Explanation(mean.columns, mean.baseline, mean.contributions, forecast, "gradients")


def _stacked(found: list[Explanation]) -> Explanation:
    """Origins one after the other; their columns may differ, where series are short."""
    columns = tuple(dict.fromkeys(column for one in found for column in one.columns))
    place = {column: i for i, column in enumerate(columns)}
    total = np.zeros((len(found), found[0].forecast.shape[1], len(columns)))
    for row, one in enumerate(found):
        total[row][:, [place[column] for column in one.columns]] = one.contributions[0]
    return Explanation(
        columns,
        np.concatenate([one.baseline for one in found]),
        total,
        np.concatenate([one.forecast for one in found]),
        "gradients",
    )


def _windowed(
    member: WindowedMember, history: History, origin: Origins, points: int
) -> Explanation:
    """One network over windows, from one origin."""
    batch = member.inputs(history, origin)
    frame, logs = batch.frame, member.facts.logs
    count = len(member.layout.code_sizes)
    names = member.names(history)
    moving = np.array([name != "observed" for name, _ in names])
    moving[len(names) - count :] = False  # categories do not come by degrees
    change = np.where(moving, batch.x[0], 0).astype(batch.x.dtype)
    ways, weights = _way(points)
    x = batch.x - change + ways[:, None].astype(batch.x.dtype) * change
    lengths = None if batch.lengths is None else np.repeat(batch.lengths, len(ways))
    outputs, _, saved = member.net.forward(x, None, lengths)
    shape = (len(ways), frame.reference.shape[1], -1)
    point, slopes = _pointed(member.distribution.point, np.asarray(outputs).reshape(shape))
    reference = ways[:, None] * frame.reference
    values = frame._replace(reference=reference).values(point, logs)
    outer = frame.scale * (values if logs else np.ones_like(values))

    def gradient(dy: Array) -> Array:
        dx, _ = member.net.backward(saved, dy.reshape(len(ways), -1))
        assert dx is not None
        return np.asarray(dx)

    inner = _integrate(gradient, outer, slopes, weights, member.net) * change
    if frame.reference.any():  # the season before, of which each step repeats one row
        inner += _repeated(member, names, weights @ outer, frame.reference[0])
    kept = np.flatnonzero(moving)
    columns = tuple(names[i] for i in kept)
    return Explanation(columns, values[:1], inner[:, kept][None], values[-1:], "gradients")


def _repeated(member: WindowedMember, names: Any, outer: Array, reference: Array) -> Array:
    """(horizon, width): what the season before adds by being the reference."""
    period = member.facts.period
    found = np.zeros((len(reference), len(names)))
    place = {name: i for i, name in enumerate(names)}
    for step, value in enumerate(reference):
        found[step, place["y", step % period - period]] = outer[step] * value
    return found


def _sequence(
    member: SequenceMember, history: History, origin: Origins, points: int
) -> Explanation:
    """One network over whole series, from one origin."""
    fitted = member.fitted
    view = fitted.view
    start = history.offsets[origin.series]
    steps = assemble(
        history, look_at(history, view.adjustment), view, origin.series, start, origin.rows
    )
    x, scale = steps.x[0], steps.scale[0].astype(np.float64)
    ways, weights = _way(points)
    change = x.copy()
    change[:, view.places["held"]] = 0
    change[:, view.places["codes"]] = 0
    size = max(1, ROOM // len(x))
    parts = []
    for i in range(0, len(ways), size):
        path = x - change + ways[i : i + size, None, None].astype(x.dtype) * change
        parts.append(_along(fitted, steps, path, weights[i : i + size]))
    values = np.concatenate([part[0] for part in parts])
    inner = np.sum([part[1] for part in parts], axis=0) * change
    names, told = _by_row(inner, x, scale, history, view)
    return Explanation(names, values[:1], told[None], values[-1:], "gradients")


def _along(fitted: Any, steps: Any, path: Array, weights: Array) -> tuple[Array, Array]:
    """Forecasts (ways, H) of some points (ways, steps, inputs), and their part of the integral."""
    logs, scale = fitted.view.adjustment.logs, float(steps.scale[0, -1])
    outputs, _, saved = fitted.net.forward(path)
    last = np.asarray(outputs[:, -1]).reshape(len(path), fitted.view.horizon, -1)
    point, slopes = _pointed(fitted.distribution.point, last)
    values = point * scale + steps.level[0, -1] + steps.pattern[0, -1]
    values = np.exp(values) if logs else values
    outer = scale * (values if logs else np.ones_like(values))

    def gradient(dy: Array) -> Array:
        whole = np.zeros_like(outputs)
        whole[:, -1] = dy.reshape(len(path), -1)
        dx, _ = fitted.net.backward(saved, whole)
        assert dx is not None
        return np.asarray(dx)

    return values, _integrate(gradient, outer, slopes, weights, fitted.net)


def _way(points: int) -> tuple[Array, Array]:
    """Places from 0 to 1, both ends among them (at no weight), and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return np.concatenate([[0.0], (nodes + 1) / 2, [1.0]]), np.pad(weights / 2, 1)


def _pointed(point: Callable[[Array], Array], outputs: Array) -> tuple[Array, Array]:
    """Point forecasts (n, H) of outputs (n, H, O), and their slopes (n, H, O)."""
    plain = outputs.astype(np.float64)
    here = np.asarray(point(plain))
    if plain.shape[2] == 1:
        return here, np.ones(plain.shape)
    slopes = np.empty(plain.shape)
    for k in range(plain.shape[2]):
        moved = plain.copy()
        moved[..., k] += _NUDGE
        slopes[..., k] = (point(moved) - here) / _NUDGE
    return here, slopes


def _integrate(
    gradient: Callable[[Array], Array], outer: Array, slopes: Array, weights: Array, net: Any
) -> Array:
    """(H, ...): the weighted gradients of each step's forecast; the network's own stay at zero."""
    found = []
    for step in range(outer.shape[1]):
        dy = np.zeros(slopes.shape, net.dtype)
        dy[:, step] = slopes[:, step] * outer[:, [step]]
        found.append(np.tensordot(weights, gradient(dy).astype(np.float64), axes=1))
    net.zero_grad()
    return np.stack(found)


def _by_row(
    inner: Array, x: Array, scale: Array, history: History, view: View
) -> tuple[tuple[tuple[str, int], ...], Array]:
    """From the inputs of each step to the rows they tell of.

    An input "change since k rows before" speaks of two rows: what it adds is told of both, each
    by how far it lies from the present level.
    """
    steps, lags, horizon = len(x), view.lags, len(inner)
    moves = x[:, 0].astype(np.float64) * scale
    away = moves.cumsum() - moves.sum()  # of each row from the last
    rows = np.zeros((horizon, steps))
    for lag in range(1, min(lags, steps) + 1):  # of longer ones such a short series shows none
        share = np.zeros_like(away)
        np.divide(away, scale * x[:, lag - 1], out=share, where=x[:, lag - 1] != 0)
        here = inner[:, :, lag - 1] * share
        rows += here
        rows[:, : steps - lag] += (inner[:, :, lag - 1] - here)[:, lag:]
    columns = [("y", t - steps) for t in range(steps)]
    told = [rows]
    where = view.places
    if where["summaries"].stop > where["summaries"].start:
        columns.append(("long past", 0))
        told.append(inner[:, :, where["summaries"]].sum(axis=(1, 2))[:, None])
    for name, place, part in _covariates(inner, history, view, where["covariates"].start, steps):
        columns += [(name, t) for t in place]
        told.append(part)
    return tuple(columns), np.concatenate(told, axis=1)


def _covariates(inner: Array, history: History, view: View, place: int, steps: int) -> Any:
    """(name, places, contributions) of the covariates and static numbers, from a column on."""
    past = history.past_names or tuple(f"past {i}" for i in range(len(view.past)))
    future = history.future_names or tuple(f"future {i}" for i in range(len(view.future)))
    static = history.static_names or tuple(f"static {i}" for i in range(len(view.static)))
    lags = np.arange(-steps, 0)
    for name in past:
        yield name, lags.tolist(), inner[:, :, place]
        place += 1
    ahead = np.zeros((len(future), len(inner), steps + view.horizon))
    for step in range(view.horizon + 1) if future else ():
        for column in range(len(future)):
            ahead[column, :, step : step + steps] += inner[:, :, place]
            place += 1
    for column, name in enumerate(future):
        rows = np.arange(-steps, view.horizon)
        yield name, (rows + (rows >= 0)).tolist(), ahead[column]
    for name in static:
        yield name, [0], inner[:, :, place].sum(axis=1, keepdims=True)
        place += 1
