"""The triggers slice."""
