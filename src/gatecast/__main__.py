"""``python -m gatecast`` is the command ``gatecast``."""

from gatecast.cli.main import main

main()
