"""Which kernels run: the one place that knows.

``GATECAST_KERNELS=reference|native`` chooses at start, :func:`use` at any time.  Without a
choice the native kernels run where they are installed, else the reference.
"""

import importlib
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple

from gatecast.errors import InputError, KernelUnavailableError


class Kernels(NamedTuple):
    """One implementation: its name and its pairs of pure functions."""

    name: str
    rnn_forward: Callable[..., Any]
    rnn_backward: Callable[..., Any]
    gru_forward: Callable[..., Any]
    gru_backward: Callable[..., Any]
    lstm_forward: Callable[..., Any]
    lstm_backward: Callable[..., Any]
    rnn_extended_forward: Callable[..., Any]
    rnn_extended_backward: Callable[..., Any]
    gru_extended_forward: Callable[..., Any]
    gru_extended_backward: Callable[..., Any]
    lstm_extended_forward: Callable[..., Any]
    lstm_extended_backward: Callable[..., Any]
    adam_step: Callable[..., Any]
    sgd_step: Callable[..., Any]
    rmsprop_step: Callable[..., Any]
    global_norm: Callable[..., Any]
    linear_forward: Callable[..., Any]
    linear_backward: Callable[..., Any]
    gather_windows: Callable[..., Any]
    #: whole networks in one call (kernels/program.py); None where layers run one by one
    programs: Any = None


FUNCTIONS = Kernels._fields[1:-1]
NAMES = ("reference", "native")
#: implementation -> package whose rnn.py, gru.py, ... hold the functions
_SOURCES = {
    "reference": "gatecast.kernels.reference",
    "native": "gatecast.kernels.native",
}
_active: Kernels | None = None
_chosen_by = "default"


def load(name: str) -> Kernels:
    """The implementation of that name, or an error that says why it is not to be had."""
    if name not in NAMES:
        raise InputError(f"kernels {name!r} do not exist; choose one of {', '.join(NAMES)}")
    functions = {}
    try:
        for function in FUNCTIONS:
            cell = function.rpartition("_")[0]
            module = cell if cell.startswith(("rnn", "gru", "lstm")) else "vector"
            source = importlib.import_module(f"{_SOURCES[name]}.{module}")
            functions[function] = getattr(source, function)
    except ImportError as error:
        raise KernelUnavailableError(
            f"the {name} kernels are not installed ({error}); install a C++ compiler and "
            "reinstall gatecast, or use the reference kernels: GATECAST_KERNELS=reference"
        ) from error
    programs = None
    if name == "native":
        programs = importlib.import_module(f"{_SOURCES[name]}.program")
    return Kernels(name, **functions, programs=programs)


def active() -> Kernels:
    """The implementation that runs now."""
    global _active, _chosen_by
    if _active is None:
        _active = _first_choice()
        _chosen_by = "GATECAST_KERNELS" if os.environ.get("GATECAST_KERNELS") else "default"
    return _active


def _first_choice() -> Kernels:
    chosen = os.environ.get("GATECAST_KERNELS")
    if chosen:
        if chosen not in NAMES:
            raise InputError(
                f"GATECAST_KERNELS: kernels {chosen!r} do not exist; "
                f"choose one of {', '.join(NAMES)}"
            )
        return load(chosen)
    try:
        return load("native")
    except KernelUnavailableError:
        return load("reference")


class use:  # noqa: N801  (reads as a verb: kernels.use("reference"))
    """Choose the kernels that run from now on; as a context manager, until its end.

    Examples
    --------
    >>> with use("reference"):
    ...     active().name
    'reference'
    """

    def __init__(self, name: str) -> None:
        global _active, _chosen_by
        self.before = _active, _chosen_by
        _active, _chosen_by = load(name), "use"

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _active, _chosen_by
        _active, _chosen_by = self.before


def info() -> dict[str, Any]:
    """What runs and what could: for bug reports and for the curious.

    Returns
    -------
    dict
        ``active``, the kernels that run; ``available``; ``chosen_by``, what chose them;
        ``instruction_set`` of the compiled code and its ``threads``, both None where there is
        none; ``programs``, whether whole networks run in one call.  Every function of the
        native kernels is compiled: none is handed over to the reference.

    Examples
    --------
    >>> sorted(info())
    ['active', 'available', 'chosen_by', 'instruction_set', 'programs', 'threads']
    """
    available = []
    for name in NAMES:
        try:
            load(name)
        except KernelUnavailableError:
            continue
        available.append(name)
    found: dict[str, Any] = {"instruction_set": None, "threads": None, "programs": False}
    try:
        running = active()
        name = running.name
    except KernelUnavailableError as error:
        name = f"none: {error}"
    else:
        found["programs"] = running.programs is not None
    if "native" in available:
        native = importlib.import_module("gatecast.kernels._native")
        found |= {"instruction_set": native.isa(), "threads": native.thread_count()}
    return {"active": name, "available": available, "chosen_by": _chosen_by} | found
