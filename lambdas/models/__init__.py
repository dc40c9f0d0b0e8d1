"""Handlers of the models slice."""
