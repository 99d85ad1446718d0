"""The classical models by name."""

from collections.abc import Callable

from gatecast.errors import InputError
from gatecast.forecast.classical.autoregression import Autoregression, SharedAutoregression
from gatecast.forecast.classical.damped import Damped
from gatecast.forecast.classical.ets import ETS
from gatecast.forecast.classical.learned import MLP, GradientBoosting, Linear
from gatecast.forecast.classical.simple import Drift, Mean, Naive, SeasonalNaive
from gatecast.forecast.classical.statistics import Statistics
from gatecast.forecast.classical.theta import LogTheta, Theta
from gatecast.forecast.model import Model

#: name -> constructor
CLASSICAL: dict[str, Callable[[], Model]] = {
    kind.name: kind
    for kind in (
        Naive,
        SeasonalNaive,
        Drift,
        Mean,
        Theta,
        LogTheta,
        Damped,
        ETS,
        Autoregression,
        SharedAutoregression,
        Statistics,
        Linear,
        MLP,
        GradientBoosting,
    )
}


def make_classical(name: str, seed: int = 0) -> Model:
    """A classical model by its name.

    Parameters
    ----------
    name : str
        ``naive``, ``seasonal_naive``, ``drift``, ``mean``, ``theta``, ``log_theta``, ``damped``,
        ``ets``, ``autoregression``, ``shared_autoregression``, ``statistics``; ``linear``,
        ``mlp``, ``gradient_boosting`` on lags.
    seed : int
        Of the models that draw random numbers.

    Examples
    --------
    >>> make_classical("drift").name
    'drift'
    """
    if name not in CLASSICAL:
        raise InputError(
            f"there is no classical model {name!r}; choose from {', '.join(CLASSICAL)}"
        )
    model = CLASSICAL[name]()
    if hasattr(model, "seed"):
        model.seed = seed
    return model
