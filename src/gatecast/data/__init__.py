"""Tables to windows."""
