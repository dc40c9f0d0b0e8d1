"""Stacks: each composes constructs and grants."""
