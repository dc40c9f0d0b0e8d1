"""AWS::Batch::ComputeEnvironment, JobQueue, JobDefinition and SchedulingPolicy for CloudFormation.

`Ref` is the ARN for each of them, as the resource reference says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from embedded.batch.catalog import DEFINITIONS, ENVIRONMENTS, POLICIES, QUEUES, name_of
from embedded.batch.service import Batch
from embedded.shapes import problems, service_model
from embedded.spelling import from_pascal

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

# Properties that CloudFormation has beside the API's members, and that ask for nothing here.
_OWN = ("ReplaceComputeEnvironment", "UpdatePolicy")


class TypeRegistry(Protocol):
    """Where types of resources are made known."""

    def register_resource_type(self, type_name: str, *, create: Any, delete: Any, update: Any = None) -> None:
        """Teach CloudFormation a type."""


def _pass_any(_role: str) -> None:
    """Whether the stack may hand the role on has been asked: `embedded.mends.stack_roles`."""


@dataclass(frozen=True)
class _Kind:
    """One type: its API operation, the member that names it, and how to make and change it."""

    kind: str
    operation: str
    name: str
    arn: str
    attribute: str
    create: Callable[[Properties], Mapping[str, Any]]
    update: Callable[[str, Properties], Any]


def register_types(registry: TypeRegistry, batch: Batch) -> None:
    """Make Batch's types known."""
    for type_name, kind in _kinds(batch).items():
        provisioner = _Provisioner(batch, kind)
        registry.register_resource_type(
            type_name, create=provisioner.create, update=provisioner.update, delete=provisioner.delete
        )


def _kinds(batch: Batch) -> Mapping[str, _Kind]:
    made, definitions = batch.environments, batch.definitions
    return {
        "AWS::Batch::ComputeEnvironment": _Kind(
            kind=ENVIRONMENTS,
            operation="CreateComputeEnvironment",
            name="computeEnvironmentName",
            arn="computeEnvironmentArn",
            attribute="ComputeEnvironmentArn",
            create=made.create_environment,
            update=lambda arn, params: made.update_environment(params | {"computeEnvironment": arn}),
        ),
        "AWS::Batch::JobQueue": _Kind(
            kind=QUEUES,
            operation="CreateJobQueue",
            name="jobQueueName",
            arn="jobQueueArn",
            attribute="JobQueueArn",
            create=made.create_queue,
            update=lambda arn, params: made.update_queue(params | {"jobQueue": arn}),
        ),
        "AWS::Batch::SchedulingPolicy": _Kind(
            kind=POLICIES,
            operation="CreateSchedulingPolicy",
            name="name",
            arn="arn",
            attribute="Arn",
            create=made.create_policy,
            update=lambda arn, params: made.update_policy(params | {"arn": arn}),
        ),
        "AWS::Batch::JobDefinition": _Kind(
            kind=DEFINITIONS,
            operation="RegisterJobDefinition",
            name="jobDefinitionName",
            arn="jobDefinitionArn",
            attribute="JobDefinitionArn",
            create=lambda params: definitions.register(params, _pass_any),
            update=lambda _arn, params: definitions.register(params, _pass_any),
        ),
    }


class _Provisioner:
    """MiniStack's provisioner functions for one type."""

    def __init__(self, batch: Batch, kind: _Kind) -> None:
        self._batch = batch
        self._kind = kind

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        params = self._params(properties)
        params.setdefault(self._kind.name, _physical_name(stack_name, logical_id))
        made = self._kind.create(params)
        self._batch.scheduler.wake()
        return self._made(made[self._kind.arn])

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
        params = self._params(new)
        name = name_of(physical_id).partition(":")[0]
        if params.setdefault(self._kind.name, name) != name:
            # Another name is another resource; CloudFormation deletes the old one afterwards.
            return self.create("", new, stack_name)
        del old
        made = self._kind.update(physical_id, params)
        self._batch.scheduler.wake()
        if self._kind.kind != DEFINITIONS:
            return self._made(physical_id)
        self._batch.catalog.deactivate(physical_id)
        return self._made(made["jobDefinitionArn"])

    def delete(self, physical_id: str, properties: Properties) -> None:
        del properties
        if self._kind.kind == DEFINITIONS:
            self._batch.catalog.deactivate(physical_id)
        else:
            # CloudFormation disables before it deletes.
            self._batch.catalog.remove(self._kind.kind, name_of(physical_id))
            self._batch.scheduler.wake()

    def _params(self, properties: Properties) -> Properties:
        shape: Any = service_model("batch").operation_model(self._kind.operation).input_shape
        given = {key: value for key, value in properties.items() if key not in _OWN}
        given["Tags"] = _tags(given.get("Tags"))
        params: Properties = from_pascal(shape, given)
        found = problems(shape, {self._kind.name: "name", **params})
        if found:
            raise ValueError(found)
        return params

    def _made(self, arn: str) -> Made:
        return arn, {self._kind.attribute: arn}


def _tags(given: Any) -> dict[str, str]:
    if isinstance(given, list):  # Tags of the whole stack come as a list.
        return {item["Key"]: item["Value"] for item in given}
    return dict(given or {})


def _physical_name(stack_name: str, logical_id: str) -> str:
    from ministack.services.cloudformation.provisioners import _physical_name as physical_name

    return str(physical_name(stack_name, logical_id, max_len=128))
