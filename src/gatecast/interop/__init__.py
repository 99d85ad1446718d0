"""Other libraries: each is imported by its own file alone, and only when that is asked for."""
