"""Handlers of the github slice."""
