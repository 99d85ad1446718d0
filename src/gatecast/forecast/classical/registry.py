"""The classical models by name."""

from collections.abc import Callable

from gatecast.errors import InputError
from gatecast.forecast.classical.simple import Drift, Mean, Naive, SeasonalNaive
from gatecast.forecast.model import Model

#: name -> constructor
CLASSICAL: dict[str, Callable[[], Model]] = {
    kind.name: kind for kind in (Naive, SeasonalNaive, Drift, Mean)
}


def make_classical(name: str) -> Model:
    """A classical model by its name.

    Parameters
    ----------
    name : str
        ``naive``, ``seasonal_naive``, ``drift``, ``mean``.

    Examples
    --------
    >>> make_classical("drift").name
    'drift'
    """
    if name not in CLASSICAL:
        raise InputError(
            f"there is no classical model {name!r}; choose from {', '.join(CLASSICAL)}"
        )
    return CLASSICAL[name]()
