"""A fixture that runs a test once on each of the kernels that are installed here."""

from collections.abc import Iterator

import pytest

from gatecast import kernels

AVAILABLE = tuple(kernels.info()["available"])


@pytest.fixture(scope="module", params=AVAILABLE)
def both_kernels(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the kernels that run now (module scope, so that hypothesis may use it)."""
    with kernels.use(request.param):
        yield request.param
