"""Which files the doctests leave out: the native wrappers where nothing was compiled."""

import importlib.util

collect_ignore_glob = []
if importlib.util.find_spec("gatecast.kernels._native") is None:
    collect_ignore_glob.append("src/gatecast/kernels/native/*")
