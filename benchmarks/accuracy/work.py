"""The work of the benchmark, cut into single networks that processes share."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import gatecast
from benchmarks.accuracy.data import (
    DAY,
    ETT_ENDS,
    TRANSFORMERS,
    Array,
    Competition,
    Transformer,
    read_competition,
    read_transformer,
)
from gatecast.forecast.classical import make_classical
from gatecast.forecast.history import History, Origins
from gatecast.forecast.mixture import average
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.plans import Facts, Plan, choose_best
from gatecast.forecast.recipe import Recipe


@dataclass(frozen=True)
class Part:
    """One data set.

    Attributes
    ----------
    name : str
    folder : Path
    period, horizon : int or None
        Where the benchmark does not know them.
    """

    name: str
    folder: Path
    period: int | None = None
    horizon: int | None = None

    def read(self) -> Competition | Transformer:
        """The data."""
        if self.name in TRANSFORMERS:
            return read_transformer(self.folder, self.name)
        return read_competition(self.folder, self.name, self.period, self.horizon)

    def problem(self) -> "Problem":
        """What is to be forecast, from what."""
        return Problem.of(self.read())


@dataclass(frozen=True)
class Problem:
    """What is to be forecast from which rows.

    Attributes
    ----------
    training : History
        What may be learned from.
    history : History
        What may be looked at before each origin.
    origins : Origins
    period, horizon : int
    """

    training: History
    history: History
    origins: Origins
    period: int
    horizon: int

    @classmethod
    def of(cls, data: Competition | Transformer) -> "Problem":
        """Series from their ends; the channels of a long table from every row of the test."""
        history = data.history()
        if isinstance(data, Competition):
            return cls(history, history, history.ends(), data.period, data.horizon)
        training = history.until(history.offsets[:-1] + ETT_ENDS[0])
        return cls(training, history, data.origins(ETT_ENDS[1], ETT_ENDS[2]), DAY, data.horizon)

    def plan(self) -> Plan:
        """The networks for it."""
        return choose_best(Facts.of(self.training, self.horizon, self.period))


@dataclass(frozen=True)
class Unit:
    """One network to train: a recipe with one look-back, and a seed.

    Attributes
    ----------
    part : Part
    recipe : Recipe
    group : (int, int)
        Which recipe and look-back it belongs to.
    seed : int
    """

    part: Part
    recipe: Recipe
    group: tuple[int, int]
    seed: int

    @property
    def cost(self) -> float:
        """Roughly, to begin with what takes longest."""
        steps = max(self.recipe.windows, default=100) / max(self.recipe.segment, 1)
        return steps * self.recipe.batch_size * self.recipe.hidden_size**2 * self.recipe.updates


@dataclass
class Done:
    """What one network forecasts, and how long it took."""

    unit: Unit
    forecast: Array
    seconds: float


def units_of(part: Part, plan: Plan, seed: int) -> list[Unit]:
    """Every network of a plan."""
    return [
        Unit(part, recipe.changed(windows=(window,) if window else (), ensemble=1), (i, window),
             100 * seed + member)
        for i, recipe in enumerate(plan.networks)
        for window in recipe.windows or (0,)
        for member in range(recipe.ensemble)
    ]  # fmt: skip


def run(unit: Unit) -> Done:
    """Train one network and forecast, on one thread."""
    gatecast.set_num_threads(1)
    started = time.perf_counter()
    problem = unit.part.problem()
    model = NetworkModel(unit.recipe, seed=unit.seed)
    model.fit(problem.training, problem.horizon, problem.period)
    forecast = model.predict(problem.history, problem.origins).astype(np.float32)
    return Done(unit, forecast, time.perf_counter() - started)


def combine(done: list[Done]) -> Array:
    """The median over seeds, the mean over look-backs and recipes."""
    groups: dict[tuple[int, int], list[Array]] = {}
    for one in done:
        groups.setdefault(one.unit.group, []).append(one.forecast)
    medians = [np.median(group, axis=0) for group in groups.values()]
    return average(medians, np.ones(len(medians)))


def with_companions(networks: Array, problem: Problem, plan: Plan) -> Array:
    """The networks' forecast with so much of each statistical method as the plan says."""
    forecasts, shares = [networks], [1 - plan.companions_share]
    for name, share in plan.companions:
        model = make_classical(name).fit(problem.training, problem.horizon, problem.period)
        forecasts.append(model.predict(problem.history, problem.origins))
        shares.append(share)
    return average(forecasts, shares)
