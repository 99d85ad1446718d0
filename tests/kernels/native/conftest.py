"""Skips the native tests, in one line, where the module is not built."""

import os

import pytest

from gatecast.errors import KernelUnavailableError
from gatecast.kernels.select import load

try:
    load("native")
except KernelUnavailableError:
    if os.environ.get("GATECAST_REQUIRE_NATIVE") == "1":
        raise
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def threads():
    """Set the number of threads; restored at the end of the test."""
    from gatecast.kernels.threads import get_num_threads, set_num_threads

    before = get_num_threads()
    yield set_num_threads
    set_num_threads(before)


@pytest.fixture(params=["baseline", "avx2", "avx512"])
def isa(request):
    """Each instruction set that this processor has."""
    from gatecast.kernels import _native

    before = _native.isa()
    if not _native.choose_isa(request.param):
        pytest.skip(f"this processor or build has no {request.param}")
    yield request.param
    _native.choose_isa(before)
