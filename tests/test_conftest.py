"""The promise of conftest.py: where the oracles are required, a skip is a failure."""

from pathlib import Path

import pytest

SUITE = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="lazy")
def test_skipped():
    pass

def test_needs_data(reference_data):
    pass

@pytest.mark.xfail(reason="known")
def test_known():
    assert False
"""
SKIPPED_MODULE = "import pytest; pytest.importorskip('no_such_oracle')"


@pytest.fixture
def run_suite(pytester, monkeypatch):
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text("utf-8"))
    pytester.makepyfile(test_suite=SUITE, test_oracle=SKIPPED_MODULE)
    monkeypatch.delenv("GATECAST_DATA", raising=False)

    def run(required: str) -> pytest.RunResult:
        monkeypatch.setenv("GATECAST_REQUIRE_ORACLES", required)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider")

    return run


def test_skips_are_skips_on_a_laptop(run_suite):
    result = run_suite("0")
    result.assert_outcomes(passed=1, skipped=3, xfailed=1)
    result.stdout.fnmatch_lines(["GATECAST_DATA is not set*"])


def test_skips_fail_where_the_oracles_are_required(run_suite):
    result = run_suite("1")
    result.assert_outcomes(errors=1)  # the module that skips itself ends the collection
    result.stdout.fnmatch_lines(["*forbids it*no_such_oracle*"])


def test_skipped_tests_fail_where_the_oracles_are_required(run_suite, pytester):
    (pytester.path / "test_oracle.py").unlink()
    run_suite("1").assert_outcomes(passed=1, errors=2, xfailed=1)


def test_names_of_tests_hold_no_bytes(pytester):
    """Compressed bytes hold the time: two processes would collect tests of other names."""
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text("utf-8"))
    pytester.makepyfile(
        "import gzip, pytest\n"
        "@pytest.mark.parametrize('content', [gzip.compress(b'')])\n"
        "def test_file(content): pass\n"
    )
    pytester.runpytest("--collect-only", "-q").stdout.fnmatch_lines(["*::test_file[[]content]"])
