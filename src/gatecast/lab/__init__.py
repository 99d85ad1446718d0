"""The reference experiments: five published studies, reproduced and done better."""

from gatecast.lab.registry import EXPERIMENTS, run
from gatecast.lab.writing import write

__all__ = ["EXPERIMENTS", "run", "write"]
