"""Scores of points, classes and intervals.  All take the truth first; nothing is broadcast."""

from gatecast.metrics.classes import (
    accuracy,
    balanced_accuracy,
    confusion,
    log_loss,
    macro_f1,
)
from gatecast.metrics.intervals import (
    coverage,
    coverage_by_step,
    crps_gaussian,
    crps_samples,
    interval_score,
    pinball,
    scaled_interval_score,
    weighted_interval_score,
)
from gatecast.metrics.points import (
    mae,
    mape,
    mase,
    mse,
    naive_scale,
    owa,
    r2,
    rmse,
    rmsse,
    skill,
    smape,
)

__all__ = [
    "accuracy",
    "balanced_accuracy",
    "confusion",
    "coverage",
    "coverage_by_step",
    "crps_gaussian",
    "crps_samples",
    "interval_score",
    "log_loss",
    "macro_f1",
    "mae",
    "mape",
    "mase",
    "mse",
    "naive_scale",
    "owa",
    "pinball",
    "r2",
    "rmse",
    "rmsse",
    "scaled_interval_score",
    "skill",
    "smape",
    "weighted_interval_score",
]
