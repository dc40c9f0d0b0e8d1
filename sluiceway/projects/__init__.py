"""The projects slice."""
