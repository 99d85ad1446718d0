"""How the networks of a model learned, for a report to draw."""

from gatecast.forecast.mixture import Mixture
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.results import Training


def trainings_of(model: Model) -> list[Training]:
    """The losses of each network, of however many models the forecast is made; [] of none.

    Examples
    --------
    >>> from gatecast.forecast.classical import Naive
    >>> trainings_of(Naive())
    []
    """
    members = [(one.recipe, member) for one in _networks(model) for member in one.members_]
    several = len({recipe.loss for recipe, _ in members}) > 1
    return [
        Training(f"{member.title}, {recipe.loss}" if several else member.title, *member.losses_.T)
        for recipe, member in members
    ]


def _networks(model: Model) -> list[NetworkModel]:
    """The models of networks that have a share in it."""
    if isinstance(model, Mixture):
        return [found for _, part in model.parts for found in _networks(part)]
    return [model] if isinstance(model, NetworkModel) else []
