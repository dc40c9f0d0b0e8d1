"""Asynchronous inference: a durable queue for each endpoint, worked off as the endpoint has instances."""
