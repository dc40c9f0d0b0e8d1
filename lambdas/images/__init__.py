"""Handlers of the images slice."""
