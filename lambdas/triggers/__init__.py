"""Handlers of the triggers slice."""
