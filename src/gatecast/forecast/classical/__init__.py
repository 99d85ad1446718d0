"""Classical forecasts: what every network has to beat."""

from gatecast.forecast.classical.ets import ETS
from gatecast.forecast.classical.learned import MLP, GradientBoosting, Linear
from gatecast.forecast.classical.registry import CLASSICAL, make_classical
from gatecast.forecast.classical.simple import Drift, Mean, Naive, SeasonalNaive
from gatecast.forecast.classical.theta import Theta

__all__ = [
    "CLASSICAL",
    "ETS",
    "MLP",
    "Drift",
    "GradientBoosting",
    "Linear",
    "Mean",
    "Naive",
    "SeasonalNaive",
    "Theta",
    "make_classical",
]
