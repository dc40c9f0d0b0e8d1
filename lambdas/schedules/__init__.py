"""Handlers of the schedules slice."""
