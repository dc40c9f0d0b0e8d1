"""Gateways: one module for each outside system; each offers a protocol that tests can fake."""
