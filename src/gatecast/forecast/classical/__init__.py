"""Classical forecasts: what every network has to beat."""

from gatecast.forecast.classical.registry import CLASSICAL, make_classical
from gatecast.forecast.classical.simple import Drift, Mean, Naive, SeasonalNaive, SimpleModel

__all__ = [
    "CLASSICAL",
    "Drift",
    "Mean",
    "Naive",
    "SeasonalNaive",
    "SimpleModel",
    "make_classical",
]
