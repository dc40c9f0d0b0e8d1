"""The models slice."""
