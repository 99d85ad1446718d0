"""The recurrences in compiled code: the functions of ``reference``, name for name."""

from gatecast.kernels import _native, threads

threads.apply_to(_native)
