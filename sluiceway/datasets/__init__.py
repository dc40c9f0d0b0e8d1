"""The datasets slice."""
