"""Operations on job definitions, and what a definition must hold."""

from collections.abc import Callable, Mapping
from typing import Any

from embedded.batch.catalog import Catalog, Document, invalid, name_of
from embedded.batch.fargate import check_fargate
from embedded.paging import page

MIN_TIMEOUT = 60
MAX_ATTEMPTS = 10
MAX_RULES = 5
_PAGE = 100

# What a process cannot have; refused by name so that nothing is silently left out.
_UNSUPPORTED = ("secrets", "volumes", "mountPoints", "linuxParameters", "ulimits", "repositoryCredentials")

PassRole = Callable[[str], None]


class Definitions:
    """Job definitions; each operation takes the API's parameters."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def register(self, params: Document, pass_role: PassRole) -> Document:
        """RegisterJobDefinition; `pass_role` raises unless the caller may pass a role."""
        document = _normalised(params)
        check_definition(document)
        for role in ("jobRoleArn", "executionRoleArn"):
            if role in document["containerProperties"]:
                pass_role(document["containerProperties"][role])
        made = self._catalog.register(params["jobDefinitionName"], document)
        return {key: made[key] for key in ("jobDefinitionName", "jobDefinitionArn", "revision")}

    def deregister(self, params: Document) -> Document:
        """DeregisterJobDefinition: one revision, which stays visible as INACTIVE."""
        self._catalog.deactivate(self._catalog.definition(params["jobDefinition"])["jobDefinitionArn"])
        return {}

    def describe(self, params: Document) -> Document:
        """DescribeJobDefinitions."""
        wanted = [item for item in self._catalog.revisions() if _is_wanted(item, params)]
        found, more = page(wanted, params.get("nextToken"), params.get("maxResults", _PAGE), invalid=invalid)
        return {"jobDefinitions": found, **more}


def _is_wanted(document: Document, params: Document) -> bool:
    wanted = params.get("jobDefinitions")
    if wanted:
        names = {name_of(reference) for reference in wanted}
        return f"{document['jobDefinitionName']}:{document['revision']}" in names
    name = str(params.get("jobDefinitionName", document["jobDefinitionName"]))
    status = params.get("status", document["status"])
    return bool(
        document["jobDefinitionName"] == name_of(name).partition(":")[0] and document["status"] == status
    )


def check_definition(document: Document) -> None:
    """Raise ClientException unless jobs of this definition can run."""
    if document["type"] != "container" or "containerProperties" not in document:
        raise invalid("only job definitions of type container with containerProperties are supported here")
    container = document["containerProperties"]
    if not container.get("image"):
        raise invalid("containerProperties.image is required")
    for name in _UNSUPPORTED:
        if container.get(name):
            raise invalid(f"containerProperties.{name} is not supported for jobs that run as processes")
    check_log_configuration(container.get("logConfiguration", {}))
    check_retry_strategy(document.get("retryStrategy", {}))
    check_timeout(document.get("timeout", {}))
    if "FARGATE" in document["platformCapabilities"]:
        check_fargate_container(container)


def check_fargate_container(container: Document) -> None:
    """What Fargate asks of a container."""
    if not container.get("executionRoleArn"):
        raise invalid("containerProperties.executionRoleArn is required on Fargate")
    for name in ("privileged", "instanceType"):
        if container.get(name):
            raise invalid(f"containerProperties.{name} is not applicable to Fargate")
    given = {item["type"]: item["value"] for item in container["resourceRequirements"]}
    if "GPU" in given or not {"VCPU", "MEMORY"} <= set(given):
        raise invalid("Fargate needs resourceRequirements VCPU and MEMORY, and has no GPU")
    check_fargate(given["VCPU"], given["MEMORY"])


def check_log_configuration(configuration: Mapping[str, Any]) -> None:
    """Only awslogs, the default, is written."""
    driver = configuration.get("logDriver", "awslogs")
    if driver != "awslogs":
        raise invalid(f"logDriver {driver} is not supported here; use awslogs")


def check_timeout(timeout: Mapping[str, Any]) -> None:
    """Batch takes no attempt shorter than a minute."""
    seconds = timeout.get("attemptDurationSeconds")
    if seconds is not None and seconds < MIN_TIMEOUT:
        raise invalid(f"timeout.attemptDurationSeconds {seconds} is less than the minimum of {MIN_TIMEOUT}")


def check_retry_strategy(strategy: Mapping[str, Any]) -> None:
    """At most ten attempts and five rules; rules need a number of attempts."""
    attempts = strategy.get("attempts")
    if attempts is not None and not 1 <= attempts <= MAX_ATTEMPTS:
        raise invalid(f"retryStrategy.attempts {attempts} is not between 1 and {MAX_ATTEMPTS}")
    rules = strategy.get("evaluateOnExit") or ()
    if rules and attempts is None:
        raise invalid("retryStrategy.evaluateOnExit needs retryStrategy.attempts")
    if len(rules) > MAX_RULES:
        raise invalid(f"retryStrategy.evaluateOnExit has {len(rules)} rules; at most {MAX_RULES} are taken")
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: Mapping[str, Any]) -> None:
    patterns = [rule[key] for key in ("onStatusReason", "onReason", "onExitCode") if key in rule]
    if not patterns:
        raise invalid("a rule of evaluateOnExit needs onStatusReason, onReason or onExitCode")
    for pattern in patterns:
        if "*" in pattern[:-1]:
            raise invalid(f"evaluateOnExit: {pattern!r} may hold an asterisk at its end only")


def _normalised(params: Document) -> Document:
    container = dict(params.get("containerProperties", {}))
    container["resourceRequirements"] = requirements(container)
    container.setdefault("command", [])
    container.setdefault("environment", [])
    defaults: Document = {"platformCapabilities": ["EC2"], "parameters": {}, "tags": {}}
    return defaults | params | {"containerProperties": container, "containerOrchestrationType": "ECS"}


def requirements(container: Document) -> list[Document]:
    """`resourceRequirements`, with the old members `vcpus` and `memory` among them."""
    found = {item["type"]: str(item["value"]) for item in container.get("resourceRequirements", ())}
    for old, new in (("vcpus", "VCPU"), ("memory", "MEMORY")):
        if old in container:
            found.setdefault(new, str(container.pop(old)))
    return [{"type": kind, "value": value} for kind, value in found.items()]
