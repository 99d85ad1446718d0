"""The recurrences in compiled code: the functions of ``reference``, name for name."""
