"""The command line: ``gatecast --help``."""
