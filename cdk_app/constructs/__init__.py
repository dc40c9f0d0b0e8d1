"""Constructs: each owns its resources."""
