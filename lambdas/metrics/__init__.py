"""Handlers of the metrics slice."""
