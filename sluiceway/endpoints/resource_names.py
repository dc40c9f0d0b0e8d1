"""Names of SageMaker resources: made from what they are for, so that a second creation is one's own."""

import hashlib

LONGEST = 63
"""characters that SageMaker allows"""


def endpoint_name(prefix: str, project: str) -> str:
    """One endpoint for each project of a stage: what SageMaker would not take is cut, and told apart."""
    name = f"{prefix}-{project}"
    if len(name) <= LONGEST and not name.endswith("-"):
        return name
    return _told_apart(name, project)


def deployment_resource(prefix: str, project: str, deployment_id: str) -> str:
    """Name of the model and of the endpoint configuration of a deployment."""
    return _told_apart(endpoint_name(prefix, project), deployment_id)


def mlflow_secret_name(stage: str) -> str:
    """Of the secret in Secrets Manager whose text MLflow's webhook was made with."""
    return f"sluiceway/{stage}/mlflow"


def _told_apart(name: str, by: str) -> str:
    digest = hashlib.sha256(by.encode()).hexdigest()[:12]
    return f"{name[: LONGEST - 13].rstrip('-')}-{digest}"
