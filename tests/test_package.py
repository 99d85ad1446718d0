"""The package as a whole: its public names, its version, its command."""

import pickle
import runpy
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import gatecast
from gatecast import errors, versions

ROOT = Path(__file__).parents[1]


def test_every_public_name_is_there_and_listed():
    for name in gatecast.__all__:
        assert getattr(gatecast, name) is not None
        assert name in dir(gatecast)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'lstm'"):
        _ = gatecast.lstm


def test_version_is_the_one_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata.version("gatecast") == project["version"]
    assert gatecast.__version__ == project["version"]
    assert "__version__" in dir(gatecast)


def test_show_versions_names_what_a_bug_report_needs(capsys):
    gatecast.show_versions()
    shown = capsys.readouterr().out
    for name in ("gatecast", "python", "platform", "kernels active", "numpy", "scipy"):
        assert f"{name} " in shown
    assert versions.version_of("numpy") in shown


def version_line():
    """The version, and which kernels run."""
    return f"gatecast {gatecast.__version__} ({gatecast.kernels.info()['active']} kernels)\n"


def test_python_m_gatecast_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gatecast", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("gatecast", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out == version_line()


def test_the_installed_script_runs():
    script = Path(sys.executable).parent / "gatecast"
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == version_line()


def test_the_package_is_typed():
    assert (ROOT / "src/gatecast/py.typed").exists()


@pytest.mark.parametrize("name", [name for name in vars(errors) if name.endswith("Error")])
def test_every_error_is_gatecasts_and_survives_pickling(name):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.GatecastError)
    assert kind.__doc__
    assert str(pickle.loads(pickle.dumps(kind("what and where")))) == "what and where"
