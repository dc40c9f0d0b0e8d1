"""Calls under the roles of machines, over the wire: so IAM is asked, and each is on record."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.integrations import TaskContext, TaskFailure
from embedded.stepfunctions import failures
from embedded.stepfunctions.tasks import TaskCall

PRINCIPAL = "states.amazonaws.com"
CONNECTIONS = 256
# A function may run for 15 minutes. A call is never made twice: what to try again, the state machine says.
_SETTINGS = Config(
    read_timeout=920, retries={"total_max_attempts": 1}, max_pool_connections=CONNECTIONS, tcp_keepalive=True
)


class CallingCloud(Protocol):
    """What of the cloud calls need."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account."""

    def client(
        self,
        service: str,
        *,
        role_arn: str | None = None,
        session_name: str = "service",
        on_behalf_of: str | None = None,
        source_arn: str = "",
        settings: Any = None,
    ) -> Any:
        """A boto3 client under a role."""

    def check(
        self, role_arn: str, action: str, resource: str, *, context: Mapping[str, Any] | None = None
    ) -> None:
        """Raise AccessDenied unless a role may do something."""


@dataclass(frozen=True)
class Acting:
    """Under which role, and for which machine, a call is made."""

    role_arn: str
    machine_arn: str
    machine_role_arn: str
    """The machine's own role: another one is assumed by it."""

    @classmethod
    def of(cls, context: TaskContext) -> "Acting":
        """As a Task does."""
        own = context.machine_role_arn or context.role_arn
        return cls(context.role_arn, machine_of(context.execution_arn), own)


def machine_of(execution_arn: str) -> str:
    """The ARN of an execution's machine; of the machine itself for a child of its Map Run."""
    name = execution_arn.split(":")[6].partition("/")[0]
    prefix = execution_arn.partition(":execution:")[0]
    return f"{prefix}:stateMachine:{name}"


class Calls:
    """Makes calls. Making a client takes some 50 ms, so they are kept."""

    def __init__(self, cloud: CallingCloud) -> None:
        self.cloud = cloud
        self._clients: dict[tuple[str, Acting], Any] = {}
        self._lock = threading.Lock()

    def call(self, acting: Acting, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """An operation's answer, as boto3 gives it; raises ClientError, AccessDenied or BotoCoreError."""
        client = self._client(acting, service)
        return dict(getattr(client, xform_name(operation))(**params))

    def _client(self, acting: Acting, service: str) -> Any:
        with self._lock:
            known = self._clients.get((service, acting))
        if known is None:
            known = self._make(acting, service)
            with self._lock:
                self._clients[service, acting] = known
        return known

    def _make(self, acting: Acting, service: str) -> Any:
        if acting.role_arn != acting.machine_role_arn:
            self._assume(acting)
            return self.cloud.client(
                service, role_arn=acting.role_arn, session_name="states", settings=_SETTINGS
            )
        return self.cloud.client(
            service,
            role_arn=acting.role_arn,
            session_name="states",
            on_behalf_of=PRINCIPAL,
            source_arn=acting.machine_arn,
            settings=_SETTINGS,
        )

    def _assume(self, acting: Acting) -> None:
        """The machine's role needs `sts:AssumeRole` on another role, which must trust it."""
        own = Acting(acting.machine_role_arn, acting.machine_arn, acting.machine_role_arn)
        try:
            self.call(own, "sts", "AssumeRole", {"RoleArn": acting.role_arn, "RoleSessionName": "states"})
        except (ClientError, AccessDenied) as error:
            cause = (
                f"The role {acting.machine_role_arn} is not authorized to assume the task state's role, "
                f"{acting.role_arn}."
            )
            raise TaskFailure(failures.PERMISSIONS, cause) from error


def metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What optimised integrations add to a result about the answer itself."""
    about = answer.get("ResponseMetadata", {})
    headers = {str(name): str(value) for name, value in about.get("HTTPHeaders", {}).items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": about.get("HTTPStatusCode"),
        },
        "SdkResponseMetadata": {"RequestId": about.get("RequestId")},
    }


@dataclass(frozen=True)
class Attempt:
    """One call of a Task state, and how it reaches services."""

    task: TaskCall
    context: TaskContext
    calls: Calls

    def call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """An operation's answer under the task's role."""
        return self.calls.call(Acting.of(self.context), service, operation, params)
