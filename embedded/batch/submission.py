"""From a call of SubmitJob to a job: the definition, its overrides, and the parameters filled in."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from embedded.batch.catalog import QUEUES, Catalog, Document, invalid
from embedded.batch.definitions import (
    check_fargate_container,
    check_retry_strategy,
    check_timeout,
    requirements,
)
from embedded.batch.model import Job
from embedded.log_stream import now_ms

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_UNSUPPORTED = ("arrayProperties", "nodeOverrides", "eksPropertiesOverride", "ecsPropertiesOverride")
_MAX_DEPENDENCIES = 20


class Submission:
    """Makes jobs out of calls."""

    def __init__(
        self, catalog: Catalog, arn: Callable[[str, str], str], knows: Callable[[str], bool]
    ) -> None:
        """`knows(job id)` tells whether there is such a job."""
        self._catalog = catalog
        self._arn = arn
        self._knows = knows

    def job(self, params: Document, order: int) -> Job:
        """The job that SubmitJob asks for; raises ClientException."""
        self._check(params)
        definition = self._catalog.definition(params["jobDefinition"])
        container = _container(definition, params)
        job_id = str(uuid.uuid4())
        timeout = params.get("timeout") or definition.get("timeout") or {}
        return Job(
            job_id=job_id,
            job_arn=self._arn("job", job_id),
            name=params["jobName"],
            queue_arn=self._queue(params)["jobQueueArn"],
            definition_arn=definition["jobDefinitionArn"],
            created_at=now_ms(),
            order=order,
            container=container,
            parameters=definition["parameters"] | params.get("parameters", {}),
            retry_strategy=params.get("retryStrategy") or definition.get("retryStrategy") or {},
            timeout_seconds=timeout.get("attemptDurationSeconds"),
            depends_on=self._dependencies(params),
            tags=params.get("tags", {}),
            share_identifier=params.get("shareIdentifier"),
            scheduling_priority=params.get(
                "schedulingPriorityOverride", definition.get("schedulingPriority")
            ),
            propagate_tags=bool(params.get("propagateTags", definition.get("propagateTags"))),
            platform_capabilities=tuple(definition["platformCapabilities"]),
        )

    def _check(self, params: Document) -> None:
        if not _NAME.fullmatch(params["jobName"]):
            raise invalid(
                f"jobName {params['jobName']!r}: up to 128 letters, digits, hyphens and underscores, "
                "the first one a letter or digit"
            )
        for name in _UNSUPPORTED:
            if params.get(name):
                raise invalid(f"{name} is not supported here")
        check_timeout(params.get("timeout", {}))
        check_retry_strategy(params.get("retryStrategy", {}))

    def _queue(self, params: Document) -> Document:
        queue = self._catalog.get(QUEUES, params["jobQueue"])
        if queue["state"] != "ENABLED":
            raise invalid(f"{queue['jobQueueArn']} is DISABLED and takes no jobs")
        if bool(queue.get("schedulingPolicyArn")) != bool(params.get("shareIdentifier")):
            raise invalid(
                "shareIdentifier goes with queues that have a scheduling policy, and only with those"
            )
        return queue

    def _dependencies(self, params: Document) -> tuple[str, ...]:
        given = params.get("dependsOn", ())
        if len(given) > _MAX_DEPENDENCIES:
            raise invalid(f"a job depends on at most {_MAX_DEPENDENCIES} others")
        for item in given:
            if item.get("type", "SEQUENTIAL") != "SEQUENTIAL" or not self._knows(item.get("jobId", "")):
                raise invalid(f"dependsOn: {item.get('jobId')} is not a job, or not SEQUENTIAL")
        return tuple(item["jobId"] for item in given)


def _container(definition: Document, params: Document) -> Document:
    overrides = dict(params.get("containerOverrides", {}))
    overridden = {item["type"]: item["value"] for item in requirements(overrides)}
    container = dict(definition["containerProperties"])
    base = {item["type"]: item["value"] for item in container["resourceRequirements"]}
    container["resourceRequirements"] = [
        {"type": kind, "value": value} for kind, value in (base | overridden).items()
    ]
    container["environment"] = _merged(container["environment"], overrides.get("environment", ()))
    command = overrides.get("command", container["command"])
    container["command"] = substitute(command, definition["parameters"] | params.get("parameters", {}))
    if "FARGATE" in definition["platformCapabilities"]:
        check_fargate_container(container)
    return container


def substitute(command: Sequence[str], parameters: Mapping[str, str]) -> list[str]:
    """A command with `Ref::name` replaced; one without a parameter stays as it is, as in Batch."""
    return [re.sub(r"Ref::([\w-]+)", lambda m: parameters.get(m[1], m[0]), word) for word in command]


def _merged(base: Sequence[Mapping[str, Any]], over: Sequence[Mapping[str, Any]]) -> list[Document]:
    values = {item["name"]: item.get("value", "") for item in (*base, *over)}
    reserved = next((name for name in values if name.startswith("AWS_BATCH")), None)
    if reserved:
        raise invalid(f"environment: {reserved} is reserved; names that start with AWS_BATCH are Batch's own")
    return [{"name": name, "value": value} for name, value in values.items()]
