"""Handlers of the training slice."""
