"""How long a deployment may take, by the clock of its ledger record."""

from datetime import UTC, datetime, timedelta

from sluiceway.clock import timestamp

IN_SERVICE_WITHIN = timedelta(minutes=45)
"""From the request until the endpoint is in service."""
CLAIM_HOLDS = timedelta(hours=2)
"""`TimeoutSeconds` of deploy_model: an older claim belongs to an execution that has ended."""


def before_now(age: timedelta) -> str:
    """The moment that lies so far back, as the ledger writes it."""
    return timestamp(datetime.now(UTC) - age)
