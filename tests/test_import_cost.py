"""`import gatecast` brings NumPy and nothing heavier. (Seconds: benchmarks/import_time.py.)"""

import subprocess
import sys

import pytest

HEAVY = ("pandas", "sklearn", "scipy", "matplotlib", "torch", "typer", "rich", "pooch", "joblib")


def loaded_by(statement: str) -> set[str]:
    """Top-level packages that a fresh interpreter has loaded after the statement."""
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_gatecast_loads_nothing_that_numpy_does_not():
    assert loaded_by("import gatecast") - loaded_by("import numpy") == {"gatecast"}


@pytest.mark.parametrize("module", ["errors", "kernels", "nn"])
def test_the_lower_floors_stand_on_numpy(module):
    assert loaded_by(f"import gatecast.{module}").isdisjoint(HEAVY)


def test_submodules_come_on_first_use():
    assert "numpy" in loaded_by("import gatecast; gatecast.kernels.lstm_forward")
