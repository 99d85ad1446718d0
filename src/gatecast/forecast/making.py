"""Unfitted models: of a preset, a recipe or a plan, with what the user settled besides."""

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.catalogue import find_preset
from gatecast.forecast.classical import make_classical
from gatecast.forecast.history import History
from gatecast.forecast.model import Model
from gatecast.forecast.plans import Facts, Plan
from gatecast.forecast.recipe import Recipe

#: what the forecasts' column of a plan without a name is called
PLAN = "plan"


@dataclass(frozen=True)
class Choices:
    """What the user settled of a network besides its name.

    Attributes
    ----------
    window, updates, epochs, ensemble : int or None
        None leaves it to the recipe.
    seed : int
    n_jobs : int or None
        Processes that train networks side by side.
    facts : Facts, optional
        Of the whole table, rows held out included: a backtest tries the plan that forecasts, and
        what may be 0 is a matter of its unit, where logarithms could not follow.
    """

    window: int | None = None
    updates: int | None = None
    epochs: int | None = None
    ensemble: int | None = None
    seed: int = 0
    n_jobs: int | None = None
    facts: Facts | None = None


def make_model(model: Any, history: History, horizon: int, period: int, choices: Choices) -> Model:
    """An unfitted model: by name, by recipe, by plan, or a copy of the one given.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> make_model("drift", make_history(np.arange(5.0)), 1, 1, Choices()).name
    'drift'
    """
    if isinstance(model, Model):
        _refuse_choices(type(model).__name__, choices)
        return copy.deepcopy(model)
    if isinstance(model, Recipe):
        return make_planned(
            _settled(Plan((model,)), history, horizon, period, choices), model.cell, choices
        )
    if isinstance(model, Plan):
        return make_planned(_settled(model, history, horizon, period, choices), PLAN, choices)
    preset = find_preset(model)
    if preset.choose is None:
        _refuse_choices(repr(model), choices)
        return make_classical(preset.name, choices.seed)
    plan = preset.choose(choices.facts or Facts.of(history, horizon, period))
    return make_planned(_settled(plan, history, horizon, period, choices), preset.name, choices)


def make_planned(plan: Plan, name: str, choices: Choices | None = None) -> Model:
    """The networks of a plan and their companions, as one model.

    Examples
    --------
    >>> type(make_planned(Plan((Recipe(),), (("theta", 0.5),)), "gru")).__name__
    'Mixture'
    """
    from gatecast.forecast.mixture import Mixture
    from gatecast.forecast.networks import NetworkModel

    choices = choices or Choices()
    alone = len(plan.networks) == 1 and not plan.companions
    networks = [
        NetworkModel(recipe, name if alone else recipe.cell, choices.seed, choices.n_jobs)
        for recipe in plan.networks
    ]
    if alone:
        return networks[0]
    companions = [make_classical(other, choices.seed) for other, _ in plan.companions]
    return Mixture(list(zip(plan.shares(), [*networks, *companions], strict=True)), name)


def _settled(plan: Plan, history: History, horizon: int, period: int, choices: Choices) -> Plan:
    """The plan, with the user's choices."""
    changes: dict[str, Any] = {}
    if choices.window is not None:
        changes["windows"] = (choices.window,)
    if choices.ensemble is not None:
        changes["ensemble"] = choices.ensemble
    if choices.updates is not None:
        changes["updates"] = choices.updates
    networks = []
    for recipe in plan.changed(**changes).networks:
        if recipe.transform == "auto" and choices.facts and not choices.facts.positive:
            recipe = recipe.changed(transform="none")
        if choices.epochs is not None:
            updates = choices.epochs * _updates_an_epoch(recipe, history, horizon, period)
            recipe = recipe.changed(updates=updates)
        networks.append(recipe)
    return Plan(tuple(networks), plan.companions)


def _updates_an_epoch(recipe: Recipe, history: History, horizon: int, period: int) -> int:
    """Batches that show every window once, or every series, long ones in parts."""
    from gatecast.forecast.sequence.training import parts_in_all

    if recipe.form == "sequence":
        seen = parts_in_all(history, recipe, horizon, period)
    else:
        seen = int(np.maximum(history.lengths - horizon, 0).sum())
    return max(math.ceil(seen / recipe.batch_size), 1)


def _refuse_choices(name: str, choices: Choices) -> None:
    for choice in ("window", "updates", "epochs", "ensemble"):
        if (value := getattr(choices, choice)) is not None:
            raise InputError(
                f"{choice}={value!r} is a choice of networks, and the model is {name}; leave "
                f"{choice} out"
            )
