"""Least privilege, measured: what deployed roles may do, held against what they did."""
