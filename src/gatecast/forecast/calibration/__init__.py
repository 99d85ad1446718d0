"""Intervals calibrated on held-out origins, and what they covered there."""

from gatecast.forecast.calibration.calibration import METHODS, Calibration
from gatecast.forecast.calibration.coverage import CoverageReport, CoverageRow
from gatecast.forecast.calibration.holdout import HoldOut, hold_out

__all__ = ["METHODS", "Calibration", "CoverageReport", "CoverageRow", "HoldOut", "hold_out"]
