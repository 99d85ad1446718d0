"""What is not installed is said, with the command that installs it."""

import importlib
import sys

import pytest

from gatecast.errors import MissingDependencyError


def test_without_torch_the_peer_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("gatecast.interop.torch")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingDependencyError, match=r"pip install 'gatecast\[torch\]'"):
        importlib.import_module("gatecast.interop.torch")
