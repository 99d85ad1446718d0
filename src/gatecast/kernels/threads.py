"""How many threads the native kernels use.

``GATECAST_NUM_THREADS`` or, without it, ``OMP_NUM_THREADS`` sets the number at start; else it is
the number of processors that this process may use.  Results do not depend on it.
"""

import os
import sys
from typing import TYPE_CHECKING, Any

from gatecast.errors import InputError

if TYPE_CHECKING:
    from types import ModuleType

_count: int | None = None  # as set; the native module, once loaded, has its own copy
_registered = False


def get_num_threads() -> int:
    """Number of threads that a call of the native kernels may use.

    Examples
    --------
    >>> get_num_threads() >= 1
    True
    """
    return _first_count() if _count is None else _count


def set_num_threads(count: int) -> None:
    """Let each call of the native kernels use up to this many threads.

    Examples
    --------
    >>> before = get_num_threads()
    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    >>> set_num_threads(before)
    """
    global _count
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InputError(f"the number of threads must be a whole number from 1, it is {count!r}")
    _count = count
    native: ModuleType | None = sys.modules.get("gatecast.kernels._native")
    if native is not None:
        native.set_thread_count(count)


def apply_to(native: Any) -> None:
    """Tell the native module, which has just been loaded, the number."""
    native.set_thread_count(get_num_threads())
    if "threadpoolctl" in sys.modules:
        register_controller()


def _first_count() -> int:
    for name in ("GATECAST_NUM_THREADS", "OMP_NUM_THREADS"):
        first = os.environ.get(name, "").split(",")[0].strip()
        if first.isdigit() and int(first) > 0:
            return int(first)
    return available_processors()


def available_processors() -> int:
    """Processors that this process may use (Linux knows of affinity, others count all)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def register_controller() -> None:
    """Let threadpoolctl see and limit gatecast's pool; importing threadpoolctl is the cost.

    Examples
    --------
    >>> register_controller()
    >>> from threadpoolctl import ThreadpoolController
    >>> isinstance(ThreadpoolController().info(), list)
    True
    """
    global _registered
    if _registered:
        return
    import threadpoolctl

    class GatecastController(threadpoolctl.LibController):  # type: ignore[misc]
        user_api = "gatecast"
        internal_api = "gatecast"
        filename_prefixes = ("_native",)
        check_symbols = ("gatecast_num_threads",)

        def get_num_threads(self) -> int:
            return get_num_threads()

        def set_num_threads(self, num_threads: int) -> None:
            set_num_threads(num_threads)

        def get_version(self) -> str | None:
            return None

        def set_additional_attributes(self) -> None:
            native = sys.modules.get("gatecast.kernels._native")
            self.instruction_set = native.isa() if native is not None else None

    threadpoolctl.register(GatecastController)
    _registered = True
