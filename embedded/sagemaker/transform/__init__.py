"""Batch transform: a model's answers to every object below a prefix, as objects below another."""
