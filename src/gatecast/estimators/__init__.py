"""scikit-learn estimators over sequences."""

from gatecast.estimators.classifier import SequenceClassifier
from gatecast.estimators.networks import CELLS, build_network
from gatecast.estimators.regressor import SequenceRegressor

__all__ = ["CELLS", "SequenceClassifier", "SequenceRegressor", "build_network"]
