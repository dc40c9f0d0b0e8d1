"""Operations on compute environments, job queues and scheduling policies."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.batch import policies, time_limits
from embedded.batch.catalog import ENVIRONMENTS, POLICIES, QUEUES, Catalog, Document, invalid, name_of
from embedded.batch.environment_checks import check_environment, check_update
from embedded.paging import page

_PAGE = 100
_QUEUE_TYPES = ("ECS", "ECS_FARGATE")
_CHANGEABLE = ("state", "serviceRole", "context", "updatePolicy")


class Environments:
    """Compute environments, queues and scheduling policies; each operation takes the API's parameters."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def create_environment(self, params: Document) -> Document:
        """CreateComputeEnvironment."""
        name = params["computeEnvironmentName"]
        check_environment(params)
        arn = self._catalog.arn(ENVIRONMENTS, name)
        made = {
            "computeEnvironmentArn": arn,
            "ecsClusterArn": arn.replace(":batch:", ":ecs:").replace(
                f":{ENVIRONMENTS}/", ":cluster/AWSBatch-"
            ),
            "state": params.get("state", "ENABLED"),
            "status": "VALID",
            "statusReason": "ComputeEnvironment Healthy",
            "containerOrchestrationType": "ECS",
            "uuid": str(uuid.uuid4()),
        }
        self._catalog.create(ENVIRONMENTS, name, params | made)
        return {"computeEnvironmentName": name, "computeEnvironmentArn": arn}

    def update_environment(self, params: Document) -> Document:
        """UpdateComputeEnvironment: what is given replaces what was; jobs that run go on."""
        found = self._catalog.get(ENVIRONMENTS, params["computeEnvironment"])
        check_update(found, params)
        resources = found["computeResources"] | params.get("computeResources", {})
        changed = {key: params[key] for key in _CHANGEABLE if key in params}
        updated = found | changed | {"computeResources": resources}
        check_environment(updated)
        name = found["computeEnvironmentName"]
        self._catalog.put(ENVIRONMENTS, name, updated)
        return {"computeEnvironmentName": name, "computeEnvironmentArn": found["computeEnvironmentArn"]}

    def describe_environments(self, params: Document) -> Document:
        """DescribeComputeEnvironments."""
        found, more = self._listed(ENVIRONMENTS, "computeEnvironment", params)
        return {"computeEnvironments": found, **more}

    def delete_environment(self, params: Document) -> Document:
        """DeleteComputeEnvironment: it must be disabled and in no queue."""
        name = name_of(params["computeEnvironment"])
        found = self._catalog.find(ENVIRONMENTS, name)
        if found is None:
            return {}
        if found["state"] != "DISABLED":
            raise invalid(f"Cannot delete, {name} is ENABLED; set its state to DISABLED first")
        arn = found["computeEnvironmentArn"]
        if any(arn in _environment_arns(queue) for queue in self._catalog.all(QUEUES)):
            raise invalid(f"Cannot delete, found existing JobQueue relationship with {name}")
        self._catalog.remove(ENVIRONMENTS, name)
        return {}

    def create_queue(self, params: Document) -> Document:
        """CreateJobQueue."""
        name = params["jobQueueName"]
        self._check_queue(params)
        arn = self._catalog.arn(QUEUES, name)
        made = {
            "jobQueueArn": arn,
            "state": params.get("state", "ENABLED"),
            "status": "VALID",
            "statusReason": "JobQueue Healthy",
            "computeEnvironmentOrder": self._order(params.get("computeEnvironmentOrder", ())),
        }
        self._catalog.create(QUEUES, name, params | made)
        return {"jobQueueName": name, "jobQueueArn": arn}

    def update_queue(self, params: Document) -> Document:
        """UpdateJobQueue."""
        found = self._catalog.get(QUEUES, params["jobQueue"])
        self._check_queue(params)
        if params.get("schedulingPolicyArn") and not found.get("schedulingPolicyArn"):
            raise invalid("a queue that was created without a scheduling policy cannot be given one")
        changed = {key: value for key, value in params.items() if key != "jobQueue"}
        if "computeEnvironmentOrder" in changed:
            changed["computeEnvironmentOrder"] = self._order(changed["computeEnvironmentOrder"])
        self._catalog.put(QUEUES, found["jobQueueName"], found | changed)
        return {"jobQueueName": found["jobQueueName"], "jobQueueArn": found["jobQueueArn"]}

    def describe_queues(self, params: Document) -> Document:
        """DescribeJobQueues."""
        found, more = self._listed(QUEUES, "jobQueue", params)
        return {"jobQueues": found, **more}

    def delete_queue(self, params: Document) -> Document:
        """DeleteJobQueue: it must be disabled."""
        found = self._catalog.find(QUEUES, params["jobQueue"])
        if found is not None and found["state"] != "DISABLED":
            raise invalid(
                f"Cannot delete, {found['jobQueueName']} is ENABLED; set its state to DISABLED first"
            )
        self._catalog.remove(QUEUES, name_of(params["jobQueue"]))
        return {}

    def create_policy(self, params: Document) -> Document:
        """CreateSchedulingPolicy."""
        policies.check(params)
        arn = self._catalog.arn(POLICIES, params["name"])
        self._catalog.create(POLICIES, params["name"], params | {"arn": arn})
        return {"name": params["name"], "arn": arn}

    def update_policy(self, params: Document) -> Document:
        """UpdateSchedulingPolicy."""
        found = self._catalog.get(POLICIES, params["arn"])
        policies.check(params)
        self._catalog.put(POLICIES, found["name"], found | params)
        return {}

    def describe_policies(self, params: Document) -> Document:
        """DescribeSchedulingPolicies."""
        found = (self._catalog.find(POLICIES, arn) for arn in params["arns"])
        return {"schedulingPolicies": [policy for policy in found if policy]}

    def list_policies(self, params: Document) -> Document:
        """ListSchedulingPolicies."""
        found, more = self._listed(POLICIES, "schedulingPolicies", params)
        return {"schedulingPolicies": [{"arn": policy["arn"]} for policy in found], **more}

    def delete_policy(self, params: Document) -> Document:
        """DeleteSchedulingPolicy: no queue may use it."""
        users = [
            queue for queue in self._catalog.all(QUEUES) if queue.get("schedulingPolicyArn") == params["arn"]
        ]
        if users:
            raise invalid(f"Cannot delete, {users[0]['jobQueueName']} uses {params['arn']}")
        self._catalog.remove(POLICIES, name_of(params["arn"]))
        return {}

    def _check_queue(self, params: Document) -> None:
        if params.get("serviceEnvironmentOrder") or params.get("jobQueueType", "ECS") not in _QUEUE_TYPES:
            raise invalid("service environments (jobs of SageMaker in a queue) are not supported here")
        if params.get("schedulingPolicyArn"):
            self._catalog.get(POLICIES, params["schedulingPolicyArn"])
        time_limits.check(params.get("jobStateTimeLimitActions", ()))

    def _order(self, given: Sequence[Mapping[str, Any]]) -> list[Document]:
        if not given:
            raise invalid("computeEnvironmentOrder must name at least one compute environment")
        found = [self._catalog.get(ENVIRONMENTS, item["computeEnvironment"]) for item in given]
        arns = [item["computeEnvironmentArn"] for item in found]
        return [
            {"order": item["order"], "computeEnvironment": arn} for item, arn in zip(given, arns, strict=True)
        ]

    def _listed(self, kind: str, what: str, params: Document) -> tuple[Sequence[Document], Document]:
        wanted = params.get(f"{what}s")
        items = self._catalog.all(kind)
        if wanted:
            found = (self._catalog.find(kind, reference) for reference in wanted)
            items = [item for item in found if item is not None]
        return page(items, params.get("nextToken"), params.get("maxResults", _PAGE), invalid=invalid)


def _environment_arns(queue: Document) -> list[str]:
    return [item["computeEnvironment"] for item in queue["computeEnvironmentOrder"]]
