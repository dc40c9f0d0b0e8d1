"""Says how far a deployment is."""

from sluiceway.endpoints.contracts import CheckDeploymentInput, CheckDeploymentOutput, DeploymentOutcome
from sluiceway.endpoints.patience import IN_SERVICE_WITHIN, before_now
from sluiceway.gateways.hosting import Endpoint, Hosting
from sluiceway.gateways.ledger import DeploymentRecord, Ledger


def check_deployment(
    given: CheckDeploymentInput, *, ledger: Ledger, hosting: Hosting
) -> CheckDeploymentOutput:
    """IN_SERVICE means: with this deployment's own configuration."""
    record = ledger.deployment(given.deployment_id)
    outcome, reason = outcome_of(record, hosting.describe(record.endpoint))
    return CheckDeploymentOutput(deployment_id=record.deployment_id, outcome=outcome, reason=reason)


def outcome_of(record: DeploymentRecord, endpoint: Endpoint | None) -> tuple[DeploymentOutcome, str]:
    """The outcome, and a reason where it failed."""
    if endpoint is None:
        return "FAILED", f"endpoint {record.endpoint} does not exist: somebody deleted it"
    if endpoint.changing:
        return _in_time(record, endpoint)
    if endpoint.status != "InService":
        return "FAILED", f"endpoint {endpoint.name} is {endpoint.status}: {_why(endpoint)}"
    if endpoint.config != record.endpoint_config:
        return "FAILED", f"endpoint {endpoint.name} went back to its previous configuration: {_why(endpoint)}"
    return "IN_SERVICE", ""


def _in_time(record: DeploymentRecord, endpoint: Endpoint) -> tuple[DeploymentOutcome, str]:
    if record.started_at > before_now(IN_SERVICE_WITHIN):
        return "IN_PROGRESS", ""
    minutes = IN_SERVICE_WITHIN.total_seconds() / 60
    return "FAILED", f"endpoint {endpoint.name} is still {endpoint.status} after {minutes:g} minutes"


def _why(endpoint: Endpoint) -> str:
    return endpoint.reason or "SageMaker gives no reason; see the endpoint's log in CloudWatch"
