"""Forecasting: baselines, intervals, and what they are given."""

from gatecast.forecast.baselines import BASELINES, Baseline, make_baseline
from gatecast.forecast.intervals import DropoutIntervals, Interval, SplitConformal
from gatecast.forecast.samples import Samples

__all__ = [
    "BASELINES",
    "Baseline",
    "DropoutIntervals",
    "Interval",
    "Samples",
    "SplitConformal",
    "make_baseline",
]
