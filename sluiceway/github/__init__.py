"""The github slice."""
