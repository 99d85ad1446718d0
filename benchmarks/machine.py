"""On what, when and with which versions a run was made."""

import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.works import CORES

INSTRUCTION_SETS = ("avx2", "fma", "avx512f", "amx_tile", "asimd", "sve")


def about(quick: bool) -> dict[str, Any]:
    """Date, command, machine and Python's version, as plain values."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "quick": quick,
        "machine": {
            "processor": processor(),
            "cores": CORES,
            "instruction_sets": instruction_sets(),
            "memory_gib": memory_gib(),
            "system": f"{platform.system()} {platform.machine()}",
            "load_before": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        },
        "versions": {"python": platform.python_version()},
    }


def processor() -> str:
    """The processor's name."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def instruction_sets() -> list[str]:
    """The vector instruction sets that matter here."""
    flags = (_cpuinfo("flags") or _cpuinfo("Features") or "").split()
    return [name for name in INSTRUCTION_SETS if name in flags]


def memory_gib() -> float | None:
    """Main memory, where the system tells it."""
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _cpuinfo(key: str) -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)
