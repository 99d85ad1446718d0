"""Every kernel test runs on each implementation that is installed."""

from collections.abc import Iterator

import pytest

from gatecast import kernels


@pytest.fixture(params=kernels.info()["available"])
def implementation(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the kernels that run during the test."""
    with kernels.use(request.param):
        yield request.param
