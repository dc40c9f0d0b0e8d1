"""Which `Resource` is served how. What is not in here, nobody serves: it is refused at creation, by name."""

from collections.abc import Callable, Mapping
from typing import Any

from embedded.integrations import Integrations, Job
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations import athena, dynamodb, functions, messages, nested, sdk
from embedded.stepfunctions.integrations.calling import Attempt, Calls
from embedded.stepfunctions.integrations.nested import NestedJob
from embedded.stepfunctions.integrations.optimised import Optimised
from embedded.stepfunctions.integrations.sdk_names import find_operation, service_prefix
from embedded.stepfunctions.resource import Resource, parse_resource

Perform = Callable[[Attempt], Any]

_TOKEN = ".waitForTaskToken"  # noqa: S105 - a pattern, not a secret
_PLAIN = frozenset({"", _TOKEN})
_OPTIMISED: Mapping[str, Optimised] = messages.INTEGRATIONS | dynamodb.integrations() | athena.INTEGRATIONS
_OWN: Mapping[str, Perform] = {"lambda:invoke": functions.invoke, "states:startExecution": nested.start}
_CHECKS: Mapping[str, Callable[[Any], None]] = {
    "lambda:invoke": functions.check_invoke,
    "states:startExecution": nested.check_start,
} | {name: integration.check for name, integration in _OPTIMISED.items()}
_PREFIXES: Mapping[str, str] = {
    "athena": "Athena",
    "batch": "Batch",
    "codebuild": "CodeBuild",
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "lambda": "Lambda",
    "sagemaker": "SageMaker",
    "sns": "SNS",
    "sqs": "SQS",
    "states": "StepFunctions",
}


_REGISTERED = frozenset(
    {
        "athena:startQueryExecution.sync",
        "batch:submitJob",
        "batch:submitJob.sync",
        "codebuild:startBuild",
        "codebuild:startBuild.sync",
        "sagemaker:createEndpoint",
        "sagemaker:createEndpointConfig",
        "sagemaker:createModel",
        "sagemaker:createTransformJob",
        "sagemaker:createTransformJob.sync",
        "sagemaker:updateEndpoint",
        "states:startExecution.sync",
        "states:startExecution.sync:2",
    }
)
SERVED: frozenset[str] = (
    _REGISTERED
    | {f"{name}{pattern}" for name in _OWN for pattern in _PLAIN}
    | {f"{name}{pattern}" for name, one in _OPTIMISED.items() for pattern in one.patterns}
)
"""The optimised integrations that are served, those that other services of ours bring among them."""


class Table:
    """Finds who serves a resource."""

    def __init__(self, registered: Integrations, calls: Calls) -> None:
        """`registered` are the integrations that other services of ours bring."""
        self._registered = registered
        self._calls = calls

    def connect(self, engine: Engine) -> None:
        """Let nested executions be waited for."""
        for pattern in (".sync", ".sync:2"):
            arn = f"arn:aws:states:::states:startExecution{pattern}"
            self._registered.add_job(arn, NestedJob(self._calls, engine, as_json=pattern == ".sync:2"))

    def serves(self, arn: str) -> bool:
        """Whether a Task may name this resource."""
        try:
            resource = parse_resource(arn)
        except ValueError:
            return False
        found = self._registered.find(arn) or self.job(resource) or self.performer(resource)
        return resource.kind == "activity" or found is not None

    def job(self, resource: Resource) -> Job | None:
        """Who runs a `.sync` resource, and finds its job again after a restart."""
        return self._registered.find_job(resource.arn)

    def performer(self, resource: Resource) -> Perform | None:
        """Who makes the call of a resource, without waiting for what it started."""
        if resource.kind == "function":
            return functions.run
        if resource.sdk:
            found = find_operation(resource.service, resource.operation)
            return sdk.perform if found and resource.pattern in _PLAIN else None
        name = f"{resource.service}:{resource.operation}"
        if name in _OWN:
            return _OWN[name] if resource.pattern in _PLAIN else None
        optimised = _OPTIMISED.get(name)
        return optimised.perform if optimised and resource.pattern in optimised.patterns else None

    def check(self, resource: Resource, arguments: Any) -> None:
        """Raise TaskFailure for arguments that no call can be made of."""
        name = f"{resource.service}:{resource.operation}"
        if resource.kind != "integration" or self._registered.find(resource.arn):
            return
        if resource.sdk:
            sdk.check(resource, arguments)
        elif name in _CHECKS:
            _CHECKS[name](arguments)

    def prefix(self, resource: Resource) -> str:
        """How errors of a resource's calls begin."""
        found = find_operation(resource.service, resource.operation) if resource.sdk else None
        return service_prefix(found[0]) if found else _PREFIXES.get(resource.service, resource.service)
