"""Puts every mend in place."""

from embedded.cloud import Cloud


def install(cloud: Cloud) -> None:
    """Mend MiniStack; called once, before it serves."""
