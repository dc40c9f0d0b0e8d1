"""From a call of SubmitJob to a job: the definition, its overrides, and the parameters filled in.

Source: https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html
"""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from embedded.batch.catalog import ENVIRONMENTS, QUEUES, Catalog, Document, invalid
from embedded.batch.containers import check_fargate_container, overridden
from embedded.batch.definitions import check_retry_strategy, check_timeout
from embedded.batch.model import N_TO_N, SEQUENTIAL, Dependency, Job
from embedded.batch.node_properties import with_overrides
from embedded.log_stream import now_ms

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_SHARE = re.compile(r"[A-Za-z0-9]{1,255}")
_UNSUPPORTED = ("eksPropertiesOverride", "ecsPropertiesOverride", "consumableResourcePropertiesOverride")
_MAX_DEPENDENCIES = 20
_MAX_TAGS = 50
_ARRAY_SIZES = range(2, 10_001)
_PRIORITIES = range(10_000)


class Submission:
    """Makes jobs out of calls."""

    def __init__(
        self, catalog: Catalog, arn: Callable[[str, str], str], find: Callable[[str], Job | None]
    ) -> None:
        """`find(job id)` gives a job that there is."""
        self._catalog = catalog
        self._arn = arn
        self._find = find

    def job(self, params: Document, order: int) -> Job:
        """The job that SubmitJob asks for; raises ClientException."""
        self._check(params)
        definition = self._catalog.definition(params["jobDefinition"])
        queue = self._queue(params)
        self._check_platform(definition, queue)
        job_id = str(uuid.uuid4())
        timeout = params.get("timeout") or definition.get("timeout") or {}
        return Job(
            job_id=job_id,
            job_arn=self._arn("job", job_id),
            name=params["jobName"],
            queue_arn=queue["jobQueueArn"],
            definition_arn=definition["jobDefinitionArn"],
            created_at=now_ms(),
            order=order,
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
            size=params.get("arrayProperties", {}).get("size"),
            **_work(definition, params),
            **_too_many_tags(definition, params),
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
        if "arrayProperties" in params and params["arrayProperties"].get("size") not in _ARRAY_SIZES:
            raise invalid("arrayProperties.size must be between 2 and 10000")
        if params.get("schedulingPriorityOverride", 0) not in _PRIORITIES:
            raise invalid("schedulingPriorityOverride must be between 0 and 9999")
        check_timeout(params.get("timeout", {}))
        check_retry_strategy(params.get("retryStrategy", {}))

    def _queue(self, params: Document) -> Document:
        queue = self._catalog.get(QUEUES, params["jobQueue"])
        if queue["state"] != "ENABLED":
            raise invalid(f"{queue['jobQueueArn']} is DISABLED and takes no jobs")
        share = params.get("shareIdentifier")
        if bool(queue.get("schedulingPolicyArn")) != bool(share):
            raise invalid(
                "shareIdentifier goes with queues that have a scheduling policy, and only with those"
            )
        if share and not _SHARE.fullmatch(share):
            raise invalid(f"shareIdentifier {share!r}: up to 255 letters and digits")
        return queue

    def _check_platform(self, definition: Document, queue: Document) -> None:
        """A job definition runs in compute environments of its platform only."""
        order = (item["computeEnvironment"] for item in queue["computeEnvironmentOrder"])
        found = (self._catalog.find(ENVIRONMENTS, name) for name in order)
        kinds = {_platform(item) for item in found if item is not None}
        if kinds and not kinds & set(definition["platformCapabilities"]):
            raise invalid(
                f"{definition['jobDefinitionArn']} is for {', '.join(definition['platformCapabilities'])}, "
                f"and the compute environments of {queue['jobQueueArn']} are {', '.join(sorted(kinds))}"
            )

    def _dependencies(self, params: Document) -> tuple[Dependency, ...]:
        given = params.get("dependsOn", ())
        if len(given) > _MAX_DEPENDENCIES:
            raise invalid(f"a job depends on at most {_MAX_DEPENDENCIES} others")
        size = params.get("arrayProperties", {}).get("size")
        for item in given:
            self._check_dependency(item, size)
        return tuple(Dependency(job_id=item.get("jobId"), type=item.get("type")) for item in given)

    def _check_dependency(self, item: Mapping[str, Any], size: int | None) -> None:
        kind, job_id = item.get("type"), item.get("jobId")
        if job_id is None:
            if kind != SEQUENTIAL or size is None:
                raise invalid("dependsOn without jobId: only an array job may be SEQUENTIAL in itself")
            return
        found = self._find(job_id)
        if found is None:
            raise invalid(f"dependsOn: {job_id} is not a job")
        if kind == N_TO_N and (size is None or found.size != size):
            raise invalid(f"dependsOn: N_TO_N needs two array jobs of the same size, and {job_id} is not one")


def _too_many_tags(definition: Document, params: Document) -> Document:
    """A job whose task would have more than 50 tags is FAILED as it is submitted."""
    tags = definition.get("tags", {}) | params.get("tags", {})
    is_propagated = params.get("propagateTags", definition.get("propagateTags"))
    if not is_propagated or len(tags) <= _MAX_TAGS:
        return {}
    reason = f"The tags of the job and of its definition are {len(tags)}; a task has at most {_MAX_TAGS}"
    return {"status": "FAILED", "status_reason": reason, "stopped_at": now_ms()}


def _platform(environment: Document) -> str:
    return "FARGATE" if environment["computeResources"]["type"].startswith("FARGATE") else "EC2"


def _work(definition: Document, params: Document) -> Document:
    """What the job runs: one container, or nodes with one each."""
    parameters = definition["parameters"] | params.get("parameters", {})
    if definition["type"] == "multinode":
        return _nodes(definition, params, parameters)
    if params.get("nodeOverrides"):
        raise invalid("nodeOverrides is for multi-node parallel jobs; use containerOverrides")
    overrides = dict(params.get("containerOverrides", {}))
    container = overridden(definition["containerProperties"], overrides, parameters)
    if "FARGATE" in definition["platformCapabilities"]:
        check_fargate_container(container)
    return {"container": container}


def _nodes(definition: Document, params: Document, parameters: Mapping[str, str]) -> Document:
    if params.get("containerOverrides") or params.get("arrayProperties"):
        raise invalid("a multi-node parallel job takes nodeOverrides, and is no array job")
    nodes = with_overrides(definition["nodeProperties"], params.get("nodeOverrides", {}), parameters)
    return {"nodes": nodes, "node_count": nodes["numNodes"], "main_node": nodes["mainNode"]}
