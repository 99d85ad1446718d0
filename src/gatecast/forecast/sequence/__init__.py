"""Networks that run once over each whole series, and forecast from every step of it."""

from gatecast.forecast.sequence.engine import FittedSequence, fit_sequence
from gatecast.forecast.sequence.stream import SequenceStream

__all__ = ["FittedSequence", "SequenceStream", "fit_sequence"]
