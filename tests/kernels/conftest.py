"""Every kernel test runs on each implementation that is installed."""

from tests.both_kernels import both_kernels

__all__ = ["both_kernels"]
