"""The fixture behind the parity tests: all kernels that are installed run, one after the other."""

import pytest

from gatecast import kernels
from tests.both_kernels import AVAILABLE, both_kernels  # noqa: F401


@pytest.mark.usefixtures("both_kernels")
def test_the_kernels_asked_for_run(request: pytest.FixtureRequest) -> None:
    assert kernels.active().name == request.getfixturevalue("both_kernels")


def test_all_available_kernels_have_their_turn() -> None:
    assert list(AVAILABLE) == kernels.info()["available"]
    assert "reference" in AVAILABLE
