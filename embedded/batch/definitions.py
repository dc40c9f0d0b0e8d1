"""Operations on job definitions, and what a definition must hold."""

from collections.abc import Callable, Mapping
from typing import Any

from embedded.batch.catalog import Catalog, Document, invalid, name_of
from embedded.batch.containers import check_container, normalised
from embedded.batch.node_properties import check_nodes, normalised_nodes
from embedded.paging import page

MIN_TIMEOUT = 60
MAX_ATTEMPTS = 10
MAX_RULES = 5
MAX_PATTERN = 512
_PAGE = 100

_UNSUPPORTED = ("eksProperties", "ecsProperties", "consumableResourceProperties", "resourceRetentionPolicy")
_PROPERTIES = {"container": "containerProperties", "multinode": "nodeProperties"}
_PRIORITIES = range(10_000)

PassRole = Callable[[str], None]


class Definitions:
    """Job definitions; each operation takes the API's parameters."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def register(self, params: Document, pass_role: PassRole) -> Document:
        """RegisterJobDefinition; `pass_role` raises unless the caller may pass a role."""
        document = _normalised(params)
        check_definition(document)
        for container in _containers(document):
            for role in ("jobRoleArn", "executionRoleArn"):
                if role in container:
                    pass_role(container[role])
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
    for name in _UNSUPPORTED:
        if document.get(name):
            raise invalid(f"{name} is not supported here")
    if _PROPERTIES[document["type"]] not in document:
        raise invalid(f"a job definition of type {document['type']} needs {_PROPERTIES[document['type']]}")
    if document.get("schedulingPriority", 0) not in _PRIORITIES:
        raise invalid("schedulingPriority must be between 0 and 9999")
    is_fargate = "FARGATE" in document["platformCapabilities"]
    if document["type"] == "container":
        check_container(document["containerProperties"], "containerProperties", is_fargate=is_fargate)
    elif is_fargate:
        raise invalid("multi-node parallel jobs do not run on Fargate")
    else:
        check_nodes(document["nodeProperties"])
    check_retry_strategy(document.get("retryStrategy", {}))
    check_timeout(document.get("timeout", {}))


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
        if "*" in pattern[:-1] or len(pattern) > MAX_PATTERN:
            raise invalid(f"evaluateOnExit: {pattern!r} may hold an asterisk at its end only")
    if not rule.get("onExitCode", "0").removesuffix("*").isdigit() and rule["onExitCode"] != "*":
        raise invalid(f"evaluateOnExit: onExitCode {rule['onExitCode']!r} may hold numbers and an asterisk")
    if rule["action"].upper() not in ("RETRY", "EXIT"):
        raise invalid(f"evaluateOnExit: action {rule['action']} is neither RETRY nor EXIT")


def _normalised(params: Document) -> Document:
    if params["type"] not in _PROPERTIES:
        raise invalid(f"job definitions of type {params['type']} are not supported here")
    defaults: Document = {"platformCapabilities": ["EC2"], "parameters": {}, "tags": {}}
    made = defaults | params | {"containerOrchestrationType": "ECS"}
    if "containerProperties" in params:
        made["containerProperties"] = normalised(params["containerProperties"])
    if "nodeProperties" in params:
        made["nodeProperties"] = normalised_nodes(params["nodeProperties"])
    return made


def _containers(document: Document) -> list[Document]:
    if document["type"] == "container":
        return [document["containerProperties"]]
    return [each["container"] for each in document["nodeProperties"]["nodeRangeProperties"]]
