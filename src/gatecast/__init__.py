"""Recurrent networks on NumPy, and the forecasting that people want them for.

Names are imported when they are first used, so that ``import gatecast`` costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatecast import comparison as comparison
    from gatecast import datasets as datasets
    from gatecast import errors as errors
    from gatecast import estimators as estimators
    from gatecast import forecast as forecast
    from gatecast import kernels as kernels
    from gatecast import lab as lab
    from gatecast import metrics as metrics
    from gatecast import nn as nn
    from gatecast import significance as significance
    from gatecast import train as train
    from gatecast.comparison.tables import compare as compare
    from gatecast.estimators.classifier import SequenceClassifier as SequenceClassifier
    from gatecast.estimators.regressor import SequenceRegressor as SequenceRegressor
    from gatecast.forecast.forecaster import Forecaster as Forecaster
    from gatecast.kernels.threads import get_num_threads as get_num_threads
    from gatecast.kernels.threads import set_num_threads as set_num_threads
    from gatecast.versions import show_versions as show_versions

    __version__: str

# Public name -> the module that defines it, or None where the name is itself a module.
_SOURCES = {
    "Forecaster": "gatecast.forecast.forecaster",
    "SequenceClassifier": "gatecast.estimators.classifier",
    "SequenceRegressor": "gatecast.estimators.regressor",
    "compare": "gatecast.comparison.tables",
    "comparison": None,
    "datasets": None,
    "errors": None,
    "estimators": None,
    "forecast": None,
    "get_num_threads": "gatecast.kernels.threads",
    "kernels": None,
    "lab": None,
    "metrics": None,
    "nn": None,
    "set_num_threads": "gatecast.kernels.threads",
    "show_versions": "gatecast.versions",
    "significance": None,
    "train": None,
}

__all__ = [
    "Forecaster",
    "SequenceClassifier",
    "SequenceRegressor",
    "compare",
    "comparison",
    "datasets",
    "errors",
    "estimators",
    "forecast",
    "get_num_threads",
    "kernels",
    "lab",
    "metrics",
    "nn",
    "set_num_threads",
    "show_versions",
    "significance",
    "train",
]


def __getattr__(name: str) -> Any:
    import importlib

    if name == "__version__":
        value: Any = importlib.import_module("gatecast.versions").version_of("gatecast")
    elif name not in _SOURCES:
        raise AttributeError(f"module 'gatecast' has no attribute {name!r}")
    elif (source := _SOURCES[name]) is None:
        return importlib.import_module(f"gatecast.{name}")
    else:
        value = getattr(importlib.import_module(source), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
