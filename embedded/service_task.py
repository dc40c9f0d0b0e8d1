"""What the `.sync` integrations of our services share: calls under the machine's role, and their errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.integrations import TaskContext
from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError, from_pascal, to_pascal
from embedded.stepfunctions.integrations.calling import Acting, CallingCloud, Calls, metadata
from embedded.stepfunctions.integrations.failures import OptimisedNames
from embedded.stepfunctions.integrations.optimised import unusable

_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


@dataclass(frozen=True, kw_only=True)
class ServiceTask:
    """Calls of one service over the wire, and so through IAM, spelled as Step Functions spells them."""

    calls: Calls
    names: OptimisedNames
    rule: str
    """The managed rule by which Step Functions learns of an end."""

    @property
    def service(self) -> str:
        """botocore's name."""
        return self.names.service

    def request(self, operation: str, arguments: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
        """Call an operation (`SubmitJob`) with a Task's arguments; the answer in PascalCase."""
        shape = service_model(self.service).operation_model(operation)
        try:
            params = from_pascal(shape.input_shape, arguments)
        except UnknownMemberError as error:
            raise unusable(arguments, str(error)) from error
        answer = self.ask(operation, context, **params)
        whole = dict(to_pascal(shape.output_shape, answer)) | metadata(answer)
        return {name: whole[name] for name in sorted(whole)}

    def ask(self, operation: str, context: TaskContext, **params: Any) -> Any:
        """Call an operation under the machine's role, with boto3's parameters and answer."""
        try:
            return self.calls.call(Acting.of(context), self.service, operation, params)
        except Exception as error:
            raise self.names(error) from error

    def detail(self, shape: str, found: Mapping[str, Any]) -> dict[str, Any]:
        """A structure of the service in PascalCase."""
        return dict(to_pascal(service_model(self.service).shape_for(shape), found))

    def check_rule(self, context: TaskContext) -> None:
        """Step Functions makes its rule with the machine's role."""
        check_rule(self.calls.cloud, self.rule, context.role_arn, self.names)


def check_rule(cloud: CallingCloud, rule: str, role_arn: str, names: OptimisedNames) -> None:
    """Raise TaskFailure unless a role may make a managed rule, as AWS asks of it for `.sync`."""
    arn = f"arn:aws:events:{cloud.region}:{cloud.account_id}:rule/{rule}"
    try:
        for action in _RULE_ACTIONS:
            cloud.check(role_arn, action, arn)
    except Exception as error:
        raise names(error) from error
