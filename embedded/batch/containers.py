"""What a container of a job definition may hold, and what a submission changes of it.

Sources: https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html and
API_ContainerOverrides.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.batch.catalog import Document, invalid
from embedded.batch.fargate import check_fargate

# What a process cannot have; refused by name so that nothing is silently left out.
_UNSUPPORTED = (
    "volumes",
    "mountPoints",
    "linuxParameters",
    "ulimits",
    "repositoryCredentials",
    "privileged",
    "readonlyRootFilesystem",
    "enableExecuteCommand",
)
_KINDS = ("VCPU", "MEMORY", "GPU")


def check_container(container: Document, where: str, *, is_fargate: bool) -> None:
    """Raise ClientException unless jobs can run such a container, as `normalised` made it."""
    if not container.get("image"):
        raise invalid(f"{where}.image is required")
    for name in _UNSUPPORTED:
        if container.get(name):
            raise invalid(f"{where}.{name} is not supported for jobs that run as processes")
    check_log_configuration(container.get("logConfiguration", {}))
    check_secrets(container)
    check_environment(container["environment"])
    if is_fargate:
        check_fargate_container(container)


def check_fargate_container(container: Document) -> None:
    """What Fargate asks of a container."""
    if not container.get("executionRoleArn"):
        raise invalid("containerProperties.executionRoleArn is required on Fargate")
    if container.get("instanceType"):
        raise invalid("containerProperties.instanceType is not applicable to Fargate")
    given = {item["type"]: item["value"] for item in container["resourceRequirements"]}
    if "GPU" in given or not {"VCPU", "MEMORY"} <= set(given):
        raise invalid("Fargate needs resourceRequirements VCPU and MEMORY, and has no GPU")
    check_fargate(given["VCPU"], given["MEMORY"])


def check_log_configuration(configuration: Mapping[str, Any]) -> None:
    """Only awslogs, the default, is written."""
    driver = configuration.get("logDriver", "awslogs")
    if driver != "awslogs":
        raise invalid(f"logDriver {driver} is not supported here; use awslogs")
    if configuration.get("secretOptions"):
        raise invalid("logConfiguration.secretOptions is not supported here")


def check_secrets(container: Document) -> None:
    """Secrets are read under the execution role, so there must be one."""
    if container.get("secrets") and not container.get("executionRoleArn"):
        raise invalid("containerProperties.executionRoleArn is required for secrets")


def check_environment(environment: Sequence[Mapping[str, Any]]) -> None:
    """Names that begin with AWS_BATCH are Batch's own."""
    reserved = next((item["name"] for item in environment if item["name"].startswith("AWS_BATCH")), None)
    if reserved:
        raise invalid(f"environment: {reserved} is reserved; names that start with AWS_BATCH are Batch's own")


def normalised(container: Document) -> Document:
    """A container with all its lists, and the old members `vcpus` and `memory` among its requirements."""
    made = dict(container)
    made["resourceRequirements"] = requirements(made)
    for name in ("command", "environment", "volumes", "mountPoints", "ulimits", "secrets"):
        made.setdefault(name, [])
    return made


def requirements(container: Document) -> list[Document]:
    """`resourceRequirements`, with the old members `vcpus` and `memory` among them."""
    given = container.get("resourceRequirements", ())
    found = {item["type"]: str(item["value"]) for item in given}
    if len(found) < len(given):
        raise invalid("resourceRequirements names a type twice")
    for old, new in (("vcpus", "VCPU"), ("memory", "MEMORY")):
        if old in container:
            found.setdefault(new, str(container.pop(old)))
    for kind, value in found.items():
        _check_requirement(kind, value)
    return [{"type": kind, "value": value} for kind, value in found.items()]


def _check_requirement(kind: str, value: str) -> None:
    if kind not in _KINDS:
        raise invalid(f"resourceRequirements: type {kind} is none of {', '.join(_KINDS)}")
    # Fargate's table names what is wrong with a number, so only those of EC2 are left to be said here.
    if kind == "GPU" and not value.isdigit():
        raise invalid(f"resourceRequirements: GPU {value!r} is not a whole number")


def overridden(container: Document, overrides: Document, parameters: Mapping[str, str]) -> Document:
    """A container as a submission changes it, with `Ref::` of its command filled in."""
    made, over = dict(container), dict(overrides)
    base = {item["type"]: item["value"] for item in made["resourceRequirements"]}
    changed = base | {item["type"]: item["value"] for item in requirements(over)}
    made["resourceRequirements"] = [{"type": kind, "value": value} for kind, value in changed.items()]
    made["environment"] = _merged(made["environment"], over.get("environment", ()))
    made["command"] = substitute(over.get("command", made["command"]), parameters)
    if "instanceType" in over:
        raise invalid("containerOverrides.instanceType is for nodes of a multi-node job only")
    return made


def substitute(command: Sequence[str], parameters: Mapping[str, str]) -> list[str]:
    """A command with `Ref::name` replaced; one without a parameter stays as it is, as in Batch."""
    return [re.sub(r"Ref::([\w-]+)", lambda m: parameters.get(m[1], m[0]), word) for word in command]


def _merged(base: Sequence[Mapping[str, Any]], over: Sequence[Mapping[str, Any]]) -> list[Document]:
    check_environment(over)
    values = {item["name"]: item.get("value", "") for item in (*base, *over)}
    return [{"name": name, "value": value} for name, value in values.items()]
