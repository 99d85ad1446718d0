"""How well our networks forecast public competitions: ``python -m benchmarks.accuracy``."""
