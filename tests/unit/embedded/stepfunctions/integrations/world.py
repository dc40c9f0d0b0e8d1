"""Services in memory that answer Task states as they are told to, and keep what they were asked."""

import io
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.integrations import Integrations
from embedded.stepfunctions.integrations.activities import ActivityBoard
from embedded.stepfunctions.integrations.runner import CloudTasks
from embedded.stepfunctions.resource import parse_resource
from embedded.stepfunctions.tasks import TASK_STATE, Report, TaskCall

ROLE = "arn:aws:iam::000000000000:role/machine"
PREFIX = "arn:aws:states:us-east-1:000000000000"
EXECUTION = f"{PREFIX}:execution:m:e"
HEADERS = {
    "HTTPStatusCode": 200,
    "RequestId": "r",
    "HTTPHeaders": {"content-type": "json"},
}
Answer = Mapping[str, Any] | Exception | Callable[..., Any]


def refusal(code: str, message: str, status: int = 400) -> ClientError:
    """What boto3 raises when a service says no."""
    about = {"HTTPStatusCode": status, "RequestId": "r"}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": about}, "Operation")


def body(text: str) -> io.BytesIO:
    """A payload as boto3 gives it."""
    return io.BytesIO(text.encode())


@dataclass
class Services:
    """The cloud, as calls see it: `answers` by boto3's method."""

    region: str = "us-east-1"
    account_id: str = "000000000000"
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)

    def client(self, service: str, **settings: Any) -> Any:
        self.clients.append({"service": service} | settings)
        return _Client(self)

    def check(self, role_arn: str, action: str, resource: str, *, context: Any = None) -> None:
        self.asked.append((action, {"role": role_arn, "resource": resource}))
        if action in self.denied:
            raise AccessDenied(role_arn, action, resource)

    def params(self, method: str) -> list[dict[str, Any]]:
        """What a method was called with."""
        return [params for name, params in self.asked if name == method]


class _Client:
    def __init__(self, services: Services) -> None:
        self._services = services

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(**params: Any) -> Any:
            self._services.asked.append((method, params))
            answer = self._services.answers.get(method, {})
            found = answer(**params) if callable(answer) else answer
            if isinstance(found, Exception):
                raise found
            return dict(found) | {"ResponseMetadata": HEADERS}

        return call


class Reports:
    """What was reported of a task."""

    def __init__(self) -> None:
        self.all: list[Report] = []
        self._changed = threading.Condition()

    def __call__(self, report: Report) -> None:
        with self._changed:
            self.all.append(report)
            self._changed.notify_all()

    def wait(self, count: int = 1) -> list[Report]:
        """So many reports, once they are there."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.all) >= count, 20), self.all
            return self.all


def task(resource: str, arguments: Any = None, **fields: Any) -> TaskCall:
    """A call of a Task state."""
    values: dict[str, Any] = {
        "execution_arn": EXECUTION,
        "strand": 1,
        "number": 3,
        "state_name": "T",
        "resource": parse_resource(
            resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
        ),
        "arguments": {} if arguments is None else arguments,
        "role_arn": ROLE,
        "token": "token",
        "purpose": TASK_STATE,
    }
    return TaskCall(**values | fields)


class World:
    """A runner, and what it calls."""

    def __init__(self, **answers: Answer) -> None:
        self.services = Services(answers=dict(answers))
        self.registered = Integrations()
        self.board = ActivityBoard(poll_seconds=0)
        self.tasks = CloudTasks(self.services, self.registered, self.board)
        self.tasks.open()

    def run(self, resource: str, arguments: Any = None, **fields: Any) -> Report:
        """The only report of a task."""
        reports = Reports()
        self.tasks.start(task(resource, arguments, **fields), reports)
        return reports.wait()[0]
