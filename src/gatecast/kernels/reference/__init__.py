"""The recurrences in NumPy: the fallback, the oracle and the pages that a learner reads."""
