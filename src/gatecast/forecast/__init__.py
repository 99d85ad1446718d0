"""Forecasting: the forecaster, its models and intervals, and baselines over windows."""

from gatecast.forecast.baselines import BASELINES, Baseline, make_baseline
from gatecast.forecast.calibration import Calibration, CoverageReport, hold_out
from gatecast.forecast.catalogue import presets
from gatecast.forecast.explanation import Explanation, explain_model, permutation_importance
from gatecast.forecast.forecaster import Forecaster
from gatecast.forecast.history import History, Origins, make_history
from gatecast.forecast.intervals import DropoutIntervals, Interval, SplitConformal
from gatecast.forecast.leakage import Leakage, check_no_leakage
from gatecast.forecast.mixture import Mixture
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.plans import Plan
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.results import Evaluation, Statement
from gatecast.forecast.samples import Samples

__all__ = [
    "BASELINES",
    "Baseline",
    "Calibration",
    "CoverageReport",
    "DropoutIntervals",
    "Evaluation",
    "Explanation",
    "Forecaster",
    "History",
    "Interval",
    "Leakage",
    "Mixture",
    "Model",
    "NetworkModel",
    "Origins",
    "Plan",
    "Recipe",
    "Samples",
    "SplitConformal",
    "Statement",
    "check_no_leakage",
    "explain_model",
    "hold_out",
    "make_baseline",
    "make_history",
    "permutation_importance",
    "presets",
]
