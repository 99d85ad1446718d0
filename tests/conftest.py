"""What every test may count on: oracles, reference data, and that nothing is skipped in CI."""

import importlib.util
import os
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

ORACLES = ("torch", "onnx", "onnxruntime", "utilsforecast")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
REQUIRED = os.environ.get("GATECAST_REQUIRE_ORACLES", "") not in ("", "0")

# A shared machine is too noisy for a deadline; in CI a failure must come back on the next run.
hypothesis.settings.register_profile(
    "gatecast", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True
)
hypothesis.settings.load_profile("gatecast")


class NothingSkipped:
    """Turns every skipped test into a failed one: where the oracles must be, all tests run."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        return _fail_if_skipped((yield))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        return _fail_if_skipped((yield))


def _fail_if_skipped(report: Report) -> Report:
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where GATECAST_REQUIRE_ORACLES=1 forbids it: {report.longrepr}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    if not REQUIRED:
        return
    missing = [name for name in ORACLES if importlib.util.find_spec(name) is None]
    if missing:
        raise pytest.UsageError(f"GATECAST_REQUIRE_ORACLES=1, and {', '.join(missing)} is missing")
    config.pluginmanager.register(NothingSkipped(), "nothing-skipped")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their place: compressed ones hold the time, and differ between processes.

    Workers that collect tests of different names end the whole run.
    """
    return argname if isinstance(val, bytes) else None


def pytest_report_header() -> list[str]:
    from gatecast import kernels

    data = os.environ.get("GATECAST_DATA")
    return [
        f"gatecast kernels: {kernels.info()['active']}",
        f"GATECAST_DATA: {data}"
        if data
        else "GATECAST_DATA is not set: tests on the reference data are skipped",
    ]


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of the reference data sets."""
    folder = os.environ.get("GATECAST_DATA")
    if not folder:
        pytest.skip("GATECAST_DATA is not set")
    return Path(folder)
