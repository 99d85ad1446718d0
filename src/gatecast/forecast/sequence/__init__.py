"""Networks that run once over each whole series, and forecast from every step of it."""

from gatecast.forecast.sequence.engine import FittedSequence, fit_sequence

__all__ = ["FittedSequence", "fit_sequence"]
