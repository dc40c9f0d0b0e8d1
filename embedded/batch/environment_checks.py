"""What a compute environment may be, and how it may change.

Sources: https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html and
API_ComputeResourceUpdate.html
"""

from embedded.batch.catalog import Document, invalid

_TYPES = ("EC2", "SPOT", "FARGATE", "FARGATE_SPOT")
_NOT_ON_FARGATE = (
    "minvCpus",
    "desiredvCpus",
    "instanceTypes",
    "instanceRole",
    "launchTemplate",
    "allocationStrategy",
    "bidPercentage",
    "ec2Configuration",
    "ec2KeyPair",
    "imageId",
    "placementGroup",
    "spotIamFleetRole",
    "tags",
)


def check_update(found: Document, params: Document) -> None:
    """Raise ClientException for a change that Batch does not make."""
    for name in ("unmanagedvCpus", "eksConfiguration", "ecsSettings"):
        if name in params:
            raise invalid(f"{name} is not supported here")
    resources, before = params.get("computeResources", {}), found["computeResources"]
    kind = resources.get("type", before["type"])
    if kind.startswith("FARGATE") != before["type"].startswith("FARGATE"):
        raise invalid(f"computeResources.type cannot be changed from {before['type']} to {kind}")


def check_environment(params: Document) -> None:
    """Raise ClientException unless jobs can run in it."""
    if params["type"] != "MANAGED" or "computeResources" not in params:
        raise invalid("only MANAGED compute environments with computeResources are supported here")
    for name in ("eksConfiguration", "ecsSettings", "unmanagedvCpus"):
        if name in params:
            raise invalid(f"{name} is not supported here")
    resources = params["computeResources"]
    if resources["type"] not in _TYPES:
        raise invalid(f"computeResources.type {resources['type']} is not supported here; use {_TYPES}")
    if int(resources["maxvCpus"]) < 1:
        raise invalid("computeResources.maxvCpus must be at least 1")
    if not resources.get("subnets"):
        raise invalid("computeResources.subnets must name at least one subnet")
    if resources["type"].startswith("FARGATE"):
        _check_fargate(resources)


def _check_fargate(resources: Document) -> None:
    if not resources.get("securityGroupIds"):
        raise invalid("computeResources.securityGroupIds is required on Fargate")
    for name in _NOT_ON_FARGATE:
        if name in resources:
            raise invalid(f"computeResources.{name} is not applicable to Fargate resources")
