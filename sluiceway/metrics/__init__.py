"""The metrics slice."""
