"""Names of SageMaker resources: made from what they are for, so that a second creation is one's own."""

import hashlib

LONGEST = 63
"""characters that SageMaker allows"""


def endpoint_name(prefix: str, project: str) -> str:
    """One endpoint for each project of a stage."""
    return f"{prefix}-{project}"[:LONGEST].rstrip("-")


def deployment_resource(prefix: str, project: str, deployment_id: str) -> str:
    """Name of the model and of the endpoint configuration of a deployment."""
    digest = hashlib.sha256(deployment_id.encode()).hexdigest()[:12]
    return f"{endpoint_name(prefix, project)[: LONGEST - 13].rstrip('-')}-{digest}"
