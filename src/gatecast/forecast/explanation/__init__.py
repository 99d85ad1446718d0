"""What forecasts are made of, and what each input is worth."""

from gatecast.forecast.explanation.explaining import explain_model
from gatecast.forecast.explanation.explanation import Explanation
from gatecast.forecast.explanation.importance import (
    Importance,
    ImportanceRow,
    permutation_importance,
)

__all__ = [
    "Explanation",
    "Importance",
    "ImportanceRow",
    "explain_model",
    "permutation_importance",
]
