"""Handlers of the endpoints slice."""
