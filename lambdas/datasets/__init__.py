"""Handlers of the datasets slice."""
