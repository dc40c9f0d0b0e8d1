"""The training slice."""
