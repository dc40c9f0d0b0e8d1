"""`states:startExecution`, also `.sync` and `.sync:2`: executions of other machines.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.integrations import TaskContext, TaskFailure
from embedded.service_task import check_rule
from embedded.shapes import service_model
from embedded.spelling import to_pascal
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations.calling import Acting, Attempt, Calls
from embedded.stepfunctions.integrations.failures import OptimisedNames
from embedded.stepfunctions.integrations.optimised import as_text, check, with_metadata

NAMES = OptimisedNames("stepfunctions", "StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException")
PARAMETERS = frozenset({"Input", "Name", "StateMachineArn", "TraceHeader"})
RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
_TAKEN = "StepFunctions.ExecutionAlreadyExistsException"

Call = Callable[[str, Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class _Start:
    """The start of one child."""

    given: Mapping[str, Any]
    attempt: str
    call: Call

    def run(self, *, is_repeated: bool = False) -> dict[str, Any]:
        """Start it; where that may have happened before, the execution of that name and input is it."""
        try:
            answer = self._ask("StartExecution", self._params())
        except TaskFailure as failure:
            if not is_repeated or failure.error != _TAKEN:
                raise
            return self._found(failure)
        return _answered("StartExecution", answer)

    def _params(self) -> dict[str, Any]:
        trace = {"traceHeader": self.given["TraceHeader"]} if "TraceHeader" in self.given else {}
        return {
            "stateMachineArn": self.given["StateMachineArn"],
            # A name that follows from the attempt: started again after a crash it is the same execution.
            "name": self.given.get("Name") or str(uuid.uuid5(uuid.NAMESPACE_URL, self.attempt)),
            "input": "{}" if self.given.get("Input") is None else as_text(self.given["Input"]),
            **trace,
        }

    def _found(self, failure: TaskFailure) -> dict[str, Any]:
        params = self._params()
        machine = ":".join(str(params["stateMachineArn"]).split(":")[:7])
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{params['name']}"
        found = self._ask("DescribeExecution", {"executionArn": arn})
        if found.get("input") != params["input"]:
            raise failure
        started = {"executionArn": arn, "startDate": found["startDate"]}
        return _answered("StartExecution", started | {"ResponseMetadata": found["ResponseMetadata"]})

    def _ask(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.call(operation, params)
        except Exception as error:
            raise NAMES(error) from error


def check_start(arguments: Any) -> None:
    """Raise TaskFailure for arguments that no execution can be started with."""
    check(arguments, supported=PARAMETERS, required=("StateMachineArn",))


def start(attempt: Attempt) -> Any:
    """Request and response: the answer of StartExecution."""
    context = attempt.context

    def call(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return attempt.call("stepfunctions", operation, params)

    return _Start(attempt.task.arguments, context.attempt, call).run(is_repeated=context.is_repeated)


class NestedJob:
    """The job of `.sync` and `.sync:2`: our own engine tells when it has ended."""

    def __init__(self, calls: Calls, engine: Engine, *, as_json: bool) -> None:
        """`as_json`: input and output as JSON, not as text: `.sync:2`."""
        self._calls = calls
        self._engine = engine
        self._as_json = as_json

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Start the child; AWS makes a rule with the machine's role, by which it hears of the end."""
        check_rule(self._calls.cloud, RULE, context.role_arn, NAMES)
        starting = _Start(arguments, context.attempt, self._caller(context))
        return starting.run(is_repeated=context.is_repeated)

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        """Call `tell` once the child has ended."""
        arn = submitted["ExecutionArn"]
        if not self._engine.knows(arn):
            tell()
            return
        self._engine.when_ended(arn, lambda _: tell())

    def result(self, submitted: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """What DescribeExecution says of the child; one that did not succeed is `States.TaskFailed`."""
        answer = self._ask(context, "DescribeExecution", executionArn=submitted["ExecutionArn"])
        found = _pascal("DescribeExecution", answer)
        if self._as_json:
            found |= {name: json.loads(found[name]) for name in ("Input", "Output") if name in found}
        described = {name: found[name] for name in sorted(found)}
        if described["Status"] != "SUCCEEDED":
            raise TaskFailure("States.TaskFailed", dumps(described))
        return described

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        """Stop a child that nobody waits for any more."""
        cause = (
            f"The Task state in AWS Step Functions execution [{context.execution_arn}] which was managing "
            "this resource was aborted"
        )
        self._ask(context, "StopExecution", executionArn=submitted["ExecutionArn"], cause=cause)

    def _ask(self, context: TaskContext, operation: str, **params: Any) -> dict[str, Any]:
        try:
            return self._caller(context)(operation, params)
        except Exception as error:
            raise NAMES(error) from error

    def _caller(self, context: TaskContext) -> Call:
        acting = Acting.of(context)
        return lambda operation, params: self._calls.call(acting, "stepfunctions", operation, params)


def _pascal(operation: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    shape: Any = service_model("stepfunctions").operation_model(operation).output_shape
    return dict(to_pascal(shape, {k: value for k, value in answer.items() if k != "ResponseMetadata"}))


def _answered(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    return dict(with_metadata(_pascal(operation, answer), answer))
