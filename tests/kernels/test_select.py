"""Which kernels run: the environment, ``use``, and what is said where they are missing."""

import os
import subprocess
import sys

import pytest

from gatecast import kernels
from gatecast.errors import InputError, KernelUnavailableError
from gatecast.kernels import select

NATIVE = "native" in kernels.info()["available"]


def run(code: str, choice: str | None) -> subprocess.CompletedProcess[str]:
    """The code in a fresh process with that choice in the environment."""
    environment = {k: v for k, v in os.environ.items() if k != "GATECAST_KERNELS"}
    if choice is not None:
        environment["GATECAST_KERNELS"] = choice
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def test_the_environment_chooses() -> None:
    done = run("from gatecast import kernels; print(kernels.info())", "reference")
    assert "'active': 'reference'" in done.stdout, done.stderr
    assert "'chosen_by': 'GATECAST_KERNELS'" in done.stdout


def test_without_a_choice_the_best_kernels_run() -> None:
    done = run("from gatecast import kernels; print(kernels.info())", None)
    assert f"'active': '{'native' if NATIVE else 'reference'}'" in done.stdout, done.stderr
    assert "'chosen_by': 'default'" in done.stdout


def test_an_unknown_name_in_the_environment_is_refused() -> None:
    done = run("from gatecast import kernels; kernels.active()", "fast")
    assert done.returncode != 0
    assert "InputError" in done.stderr
    assert "GATECAST_KERNELS" in done.stderr
    assert "'fast' do not exist; choose one of reference, native" in done.stderr


def test_importing_the_package_does_not_choose() -> None:
    done = run("import gatecast.kernels.select as s; print(s._active)", "fast")
    assert done.stdout.strip() == "None", done.stderr


def test_native_kernels_that_are_missing_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(select._SOURCES, "native", "gatecast.kernels.not_there")
    before = kernels.active().name
    with pytest.raises(
        KernelUnavailableError, match=r"native kernels are not installed.*reinstall"
    ):
        kernels.use("native")
    assert kernels.active().name == before
    assert kernels.info()["available"] == ["reference"]


def test_native_in_the_environment_where_it_is_missing_is_an_error() -> None:
    code = (
        "from gatecast.kernels import select; "
        "select._SOURCES['native'] = 'gatecast.kernels.not_there'; select.active()"
    )
    done = run(code, "native")
    assert "KernelUnavailableError: the native kernels are not installed" in done.stderr
    done = run(code.replace("select.active()", "print(select.active().name)"), None)
    assert done.stdout.strip() == "reference", done.stderr


def test_use_as_a_context_manager_ends_with_it() -> None:
    with kernels.use("reference"):
        before = kernels.active()
        with kernels.use("reference"):
            assert kernels.active() is not before
        assert kernels.active() is before
        with pytest.raises(RuntimeError, match="inside"), kernels.use("reference"):
            raise RuntimeError("inside")
        assert kernels.active() is before


def test_use_of_an_unknown_name() -> None:
    with pytest.raises(InputError, match="kernels 'fast' do not exist; choose one of"):
        kernels.use("fast")


def test_info_says_that_use_chose() -> None:
    with kernels.use("reference"):
        assert kernels.info()["chosen_by"] == "use"


def test_the_modules_functions_are_those_that_run() -> None:
    with kernels.use("reference"):
        assert kernels.lstm_forward is kernels.active().lstm_forward
    with pytest.raises(AttributeError, match="no attribute 'conv_forward'"):
        _ = kernels.conv_forward
    assert {"lstm_forward", "gru_extended_backward"} <= set(kernels.__all__)
