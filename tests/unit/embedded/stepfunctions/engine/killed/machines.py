"""The machines that are killed: all that can be under way at a kill, alone and in each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from embedded.stepfunctions.command import new_execution
from embedded.stepfunctions.model import Execution

_LAMBDA = "arn:aws:states:::lambda:invoke"
_COPIES = 3
# What AWS recommends for Lambda; more attempts, as kills are denser here than a cloud's outages.
# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
_RETRY = [
    {
        "ErrorEquals": [
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
        ],
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxDelaySeconds": 4,
        "MaxAttempts": 60,
        "JitterStrategy": "FULL",
    }
]
_FLAKY = {"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 5}
_FAIL = {"Type": "Fail", "Error": "Given up", "Cause": "as it is written"}


def _states(first: str, **definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {"StartAt": first, "States": definitions}


def _call(function: str, payload: Any, **more: Any) -> dict[str, Any]:
    """A Task state whose output is the function's answer."""
    following = {} if "Next" in more else {"End": True}
    arguments = {"FunctionName": function, "Payload": payload}
    fields = {"Arguments": arguments, "Output": "{% $states.result.Payload %}", "Retry": _RETRY}
    return {"Type": "Task", "Resource": _LAMBDA, **fields, **following, **more}


def _wait(seconds: int, **more: Any) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": seconds, **({} if "Next" in more else {"End": True}), **more}


def _distributed(machine: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **machine}, "End": True, **more}


_SLOW = _states("Slow", Slow=_call("slow", "{% $states.input %}"))
_LATER = _states("Nap", Nap=_wait(1, Next="Double"), Double=_call("double", "{% $states.input %}"))
_FAILING = _states("Rest", Rest=_wait(2, Next="Fail"), Fail=_FAIL)
_TRIED = {"fails": 2, "attempt": "{% $states.context.State.RetryCount %}"}
_TRY = _states("Try", Try=_call("flaky", _TRIED, Retry=[_FLAKY, *_RETRY]))
_HALF = _states(
    "Which",
    Which={
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input % 2 = 0 %}", "Next": "Fail"}],
        "Default": "Slow",
    },
    Fail=_FAIL,
    Slow=_call("slow", "{% $states.input %}"),
)

MACHINES: Mapping[str, Mapping[str, Any]] = {
    "line": _states(
        "First",
        First={"Type": "Pass", "Assign": {"seen": 1}, "Output": 20, "Next": "Rest"},
        Rest=_wait(1, Next="Double"),
        Double=_call("double", "{% $states.input %}", Next="Sum"),
        Sum={"Type": "Succeed", "Output": "{% $states.input + $seen %}"},
    ),
    "flaky": _TRY,
    "loop": _states(
        "First",
        First={"Type": "Pass", "Assign": {"rounds": 0}, "Output": 1, "Next": "Double"},
        Double=_call("double", "{% $states.input %}", Assign={"rounds": "{% $rounds + 1 %}"}, Next="More"),
        More={
            "Type": "Choice",
            "Choices": [{"Condition": "{% $rounds < 5 %}", "Next": "Double"}],
            "Default": "End",
        },
        End={"Type": "Succeed"},
    ),
    "parallel": _states("Both", Both={"Type": "Parallel", "Branches": [_SLOW, _LATER, _TRY], "End": True}),
    "map": _states(
        "Each",
        Each={
            "Type": "Map",
            "Items": [1, 2, 3, 4, 5],
            "MaxConcurrency": 2,
            "ItemProcessor": _LATER,
            "End": True,
        },
    ),
    "distributed": _states(
        "Each",
        Each=_distributed(
            _LATER,
            ItemReader={
                "Resource": "arn:aws:states:::s3:getObject",
                "Arguments": {"Bucket": "b", "Key": "items.json"},
                "ReaderConfig": {"InputType": "JSON"},
            },
            MaxConcurrency=3,
        ),
    ),
    "tolerant": _states("Each", Each=_distributed(_HALF, Items=[1, 2, 3, 4, 5], ToleratedFailureCount=2)),
    "intolerant": _states(
        "Each",
        Each=_distributed(_HALF, Items=[1, 2, 3, 4, 6, 7], ToleratedFailureCount=2, MaxConcurrency=2),
    ),
    "caught": _states(
        "Try",
        Try=_call("broken", {}, Catch=[{"ErrorEquals": ["Broken"], "Next": "Double", "Output": 4}]),
        Double=_call("double", "{% $states.input %}"),
    ),
    "failing": _states("Both", Both={"Type": "Parallel", "Branches": [_FAILING, _SLOW], "End": True}),
    "dropped": _states(
        "Both",
        Both={
            "Type": "Parallel",
            "Branches": [
                _FAILING,
                _states("Each", Each=_distributed(_LATER, Items=[1] * 20, MaxConcurrency=2)),
            ],
            "End": True,
        },
    ),
    "token": _states(
        "Ask",
        Ask=_call(
            "ask",
            "{% $states.context.Task.Token %}",
            Resource=f"{_LAMBDA}.waitForTaskToken",
            Output="{% $states.result %}",
        ),
    ),
    "nested": _states(
        "Child",
        Child={
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Arguments": {"StateMachineArn": "line", "Input": "{% $states.input %}"},
            "Output": "{% $states.result.Output %}",
            "Retry": _RETRY,
            "End": True,
        },
    ),
}


def definition(machine: str) -> dict[str, Any]:
    """One of the machines, whose time-out is far away."""
    return {"QueryLanguage": "JSONata", "TimeoutSeconds": 1_000_000, **MACHINES[machine]}


def made(machine: str, *, name: str, now: float) -> Execution:
    """An execution of one of the machines."""
    return new_execution(definition(machine), "7", machine=machine, name=name, now=now)


def mix(now: float) -> Iterator[Execution]:
    """The executions of one round."""
    for number in range(_COPIES):
        for machine in MACHINES:
            yield made(machine, name=f"{machine}-{number}", now=now)
