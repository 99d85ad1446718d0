"""Recurrences on bare arrays: ``kernels.lstm_forward`` and its kin are those that run now.

See :mod:`gatecast.kernels.contract` for names and shapes.
"""

from typing import Any

from gatecast.kernels.select import FUNCTIONS, Kernels, active, info, use

__all__ = ["Kernels", "active", "info", "use", *FUNCTIONS]


def __getattr__(name: str) -> Any:
    if name in FUNCTIONS:
        return getattr(active(), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
