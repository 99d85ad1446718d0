"""How the networks of a model learned, for a report to draw."""

from dataclasses import fields

from gatecast.forecast.mixture import Mixture
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe
from gatecast.results import Training

#: choices that a network's title tells, or that make several of one kind
_TOLD = {"form", "cell", "windows", "ensemble"}


def trainings_of(model: Model) -> list[Training]:
    """The losses of each network, of however many models the forecast is made; [] of none.

    Examples
    --------
    >>> from gatecast.forecast.classical import Naive
    >>> trainings_of(Naive())
    []
    """
    models = _networks(model)
    varied = _varied([one.recipe for one in models])
    return [
        Training(", ".join([member.title, *_choices(one.recipe, varied)]), member.seed,
                 *member.losses_.T)
        for one in models
        for member in one.members_
    ]  # fmt: skip


def _networks(model: Model) -> list[NetworkModel]:
    """The models of networks that have a share in it."""
    if isinstance(model, Mixture):
        return [found for _, part in model.parts for found in _networks(part)]
    return [model] if isinstance(model, NetworkModel) else []


def _varied(recipes: list[Recipe]) -> list[str]:
    """The choices in which they differ."""
    names = [field.name for field in fields(Recipe) if field.name not in _TOLD]
    return [name for name in names if len({getattr(recipe, name) for recipe in recipes}) > 1]


def _choices(recipe: Recipe, names: list[str]) -> list[str]:
    """Those of some choices that are not the usual ones, in words."""
    usual = Recipe()
    found = {name: getattr(recipe, name) for name in names}
    return [
        f"{name.replace('_', ' ')} {f'{value:g}' if isinstance(value, float) else value}"
        for name, value in found.items()
        if value != getattr(usual, name)
    ]
