"""What the integrations of Step Functions share: calls under the machine's role, and their errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.integrations import TaskContext, TaskFailure
from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError, from_pascal, to_pascal

_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


class CallingCloud(Protocol):
    """What of the cloud an integration needs."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account."""

    def client(self, service: str, *, role_arn: str | None = None, session_name: str = "service") -> Any:
        """A boto3 client under a role."""

    def check(self, role_arn: str, action: str, resource: str) -> None:
        """Raise unless a role may do something."""


@dataclass(frozen=True, kw_only=True)
class ServiceTask:
    """Calls of one service over the wire, and so through IAM, spelled as Step Functions spells them."""

    cloud: CallingCloud
    service: str
    """botocore's name."""
    prefix: str
    """How error names begin, e.g. `Batch`."""
    errors: frozenset[str]
    """Errors of the service that keep their names; every other is `<prefix>.AWS<prefix>Exception`."""
    rule: str
    """The managed rule by which Step Functions learns of an end."""

    def request(self, operation: str, arguments: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
        """Call an operation (`SubmitJob`) with a Task's arguments; the answer in PascalCase."""
        shape = service_model(self.service).operation_model(operation)
        try:
            params = from_pascal(shape.input_shape, arguments)
        except UnknownMemberError as error:
            raise TaskFailure("States.Runtime", str(error)) from error
        method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)
        return dict(to_pascal(shape.output_shape, self.ask(method.lstrip("_"), context, **params)))

    def ask(self, method: str, context: TaskContext, **params: Any) -> Any:
        """Call a boto3 method under the machine's role."""
        session = context.execution_arn.rpartition(":")[2]
        try:
            client = self.cloud.client(self.service, role_arn=context.role_arn, session_name=session[:64])
            return getattr(client, method)(**params)
        except (ClientError, AccessDenied) as error:
            raise self._failure(error) from error

    def detail(self, shape: str, found: Mapping[str, Any]) -> dict[str, Any]:
        """A structure of the service in PascalCase."""
        return dict(to_pascal(service_model(self.service).shape_for(shape), found))

    def check_rule(self, context: TaskContext) -> None:
        """Step Functions makes its rule with the machine's role."""
        arn = f"arn:aws:events:{self.cloud.region}:{self.cloud.account_id}:rule/{self.rule}"
        try:
            for action in _RULE_ACTIONS:
                self.cloud.check(context.role_arn, action, arn)
        except AccessDenied as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> TaskFailure:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        name = code if code in self.errors else f"AWS{self.prefix}Exception"
        return TaskFailure(f"{self.prefix}.{name}", str(error))
