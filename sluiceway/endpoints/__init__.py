"""The endpoints slice."""
