"""Step Functions' API in memory: operations called as the wire calls them, on a clock that jumps."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded import shapes
from embedded.stepfunctions.clock import VirtualClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations.activities import ActivityBoard
from embedded.stepfunctions.service.service import StepFunctions, Surroundings
from embedded.stepfunctions.sqlite_store import SqliteStore
from embedded.stepfunctions.tasks import Failed, Reporter, Submitted, Succeeded, TaskCall
from embedded.wire import Caller

ROLE = "arn:aws:iam::000000000000:role/machine"
PREFIX = "arn:aws:states:us-east-1:000000000000"
CALLER = Caller("key", "arn:aws:iam::000000000000:root", "000000000000", "us-east-1")
PASS: Mapping[str, Any] = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
WAIT: Mapping[str, Any] = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": True}}}
FAIL: Mapping[str, Any] = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}
ACTIVITY = f"{PREFIX}:activity:work"
ASKS: Mapping[str, Any] = {
    "StartAt": "T",
    "States": {"T": {"Type": "Task", "Resource": ACTIVITY, "End": True}},
}


@dataclass(frozen=True)
class Place:
    account_id: str = "000000000000"
    region: str = "us-east-1"


@dataclass
class Tasks:
    """A runner that offers activities, and does at once what each other call is told to do."""

    board: ActivityBoard
    answers: dict[str, Succeeded | Failed] = field(default_factory=dict)
    calls: list[TaskCall] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)

    works_aside = False

    def refusal(self, resource: Any, arguments: Any) -> str | None:
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        self.calls.append(call)
        if call.resource.kind == "activity":
            self.board.offer(call, report)
        else:
            report(self.answers.get(call.state_name, Succeeded({})))
        self.called.set()

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        self.start(call, report)

    def cancel(self, call: TaskCall) -> None:
        self.board.withdraw(call)


class Api:
    """The service, its engine and its store."""

    def __init__(self, store: SqliteStore | None = None, *, poll_seconds: float = 20) -> None:
        self.store = store or SqliteStore(":memory:")
        self.clock = VirtualClock()
        self.tasks = Tasks(ActivityBoard(poll_seconds))
        self.engine = Engine(store=self.store, tasks=self.tasks, clock=self.clock)
        self.groups = {"/logs"}
        around = Surroundings(
            place=Place(),
            log_group_exists=lambda name: name in self.groups,
            serves=lambda arn: "ecs" not in arn,
            tasks=self.tasks,
        )
        self.service = StepFunctions(around, store=self.store, engine=self.engine, board=self.tasks.board)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """An operation's answer as it goes over the wire."""
        model = shapes.service_model("stepfunctions").operation_model(operation)
        problem = shapes.problems(model.input_shape, params)
        assert problem is None, problem
        answer = self.service.operations[operation](params, CALLER)
        return dict(shapes.dump(model.output_shape, answer))

    def create(self, definition: Mapping[str, Any] = PASS, name: str = "m", **params: Any) -> str:
        """The ARN of a new machine."""
        text = json.dumps({"QueryLanguage": "JSONata"} | dict(definition))
        answer = self.call("CreateStateMachine", name=name, definition=text, roleArn=ROLE, **params)
        return str(answer["stateMachineArn"])

    def start(self, arn: str, **params: Any) -> str:
        """The ARN of a new execution, which has not done anything yet."""
        return str(self.call("StartExecution", stateMachineArn=arn, **params)["executionArn"])

    def run(self, arn: str, **params: Any) -> dict[str, Any]:
        """An execution at its end, as DescribeExecution gives it."""
        execution = self.start(arn, **params)
        self.engine.run_until_idle()
        return self.call("DescribeExecution", executionArn=execution)

    def ended(self, execution: str) -> dict[str, Any]:
        """An execution that ends without our doing, by an engine with a thread of its own."""
        over = threading.Event()
        self.engine.serve()
        self.engine.when_ended(execution, lambda _: over.set())
        assert over.wait(20)
        self.engine.close()
        return self.call("DescribeExecution", executionArn=execution)
