"""What fields of states do, those of Map aside."""

from tests.unit.embedded.stepfunctions.engine.effects.building import (
    FUNCTION,
    GIVEN,
    LAST,
    MOVING,
    PARALLEL,
    ROLE,
    TASK,
    WAIT,
    Cases,
    around,
    catcher,
    choice,
    ends,
    failing,
    loop,
    moving,
    retrier,
    rule,
    says,
    silent,
    told,
)
from tests.unit.embedded.stepfunctions.engine.effects.observing import (
    Case,
    arguments,
    cause,
    error,
    output,
    resources,
    roles,
    seconds,
    status,
)
from tests.unit.embedded.stepfunctions.language.machines import inner, machine, pass_state

_TASK_INSIDE = {"Inner": {**TASK, "End": True}}
_FAILING = {
    "Task": TASK,
    "Parallel": {**PARALLEL, "Branches": [inner(**_TASK_INSIDE)]},
    "Map": {**MOVING["Map"], "ItemProcessor": inner(**_TASK_INSIDE)},
}
_ERROR = {"Error": "Flaky", "Cause": "again"}
_A, _B = inner(One=pass_state(Output="a")), inner(One=pass_state(Output="b"))
_LOOPED = ("xBCBC", "xCBC")
_LONG = {"IntervalSeconds": 10, "BackoffRate": 1}

COMMON: Cases = {key: one for kind, state in MOVING.items() for key, one in moving(kind, state).items()}
FAILING: Cases = {key: one for kind, state in _FAILING.items() for key, one in failing(kind, state).items()}
OF_TASKS: Cases = {
    ("Task", "Resource"): told(
        ends(TASK),
        ends(TASK, Resource=FUNCTION),
        resources,
        ([TASK["Resource"]], [FUNCTION]),
    ),
    ("Task", "Arguments"): told(ends(TASK, Arguments={"a": 1}), ends(TASK), arguments, ([{"a": 1}], [GIVEN])),
    ("Task", "Credentials"): told(
        ends(TASK, Credentials={"RoleArn": ROLE}),
        ends(TASK),
        lambda seen: roles(seen) == [ROLE],
        (True, False),
    ),
    ("Task", "TimeoutSeconds"): Case(
        first=ends(TASK, TimeoutSeconds=60),
        second=ends(TASK, TimeoutSeconds="{% 70 %}"),
        sees=seconds,
        shown=(60, 70),
        answer=lambda: silent,
    ),
    # Also a task that cannot beat, such as this one, has to end before the first heartbeat is due.
    ("Task", "HeartbeatSeconds"): Case(
        first=ends(TASK, HeartbeatSeconds=10, TimeoutSeconds=60),
        second=ends(TASK, TimeoutSeconds=60),
        sees=lambda seen: (error(seen), seconds(seen)),
        shown=(("States.Timeout", 10), ("States.Timeout", 60)),
        answer=lambda: silent,
    ),
    ("credentials", "RoleArn"): told(
        ends(TASK, Credentials={"RoleArn": ROLE}),
        ends(TASK, Credentials={"RoleArn": "{% $states.input.role %}"}),
        roles,
        ([ROLE], ["other"]),
        {"role": "other"},
    ),
    ("retrier", "ErrorEquals"): retrier(1, {}, {"ErrorEquals": ["Other"]}, status, ("SUCCEEDED", "FAILED")),
    ("retrier", "IntervalSeconds"): retrier(1, {"IntervalSeconds": 7}, {}, seconds, (7, 1)),
    ("retrier", "MaxAttempts"): retrier(9, {"MaxAttempts": 1}, {}, lambda seen: len(seen.calls), (2, 4)),
    ("retrier", "BackoffRate"): retrier(3, {"BackoffRate": 3}, {}, seconds, (1 + 3 + 9, 1 + 2 + 4)),
    ("retrier", "MaxDelaySeconds"): retrier(3, {"MaxDelaySeconds": 3}, {}, seconds, (1 + 2 + 3, 1 + 2 + 4)),
    ("retrier", "JitterStrategy"): retrier(
        1, {**_LONG, "JitterStrategy": "FULL"}, _LONG, lambda seen: seconds(seen) == 10, (False, True)
    ),
    ("catcher", "ErrorEquals"): catcher({}, {"ErrorEquals": ["Other"]}, (_ERROR, None)),
    ("catcher", "Next"): catcher({}, {"Next": "S3"}, (_ERROR, "three")),
    ("catcher", "Output"): catcher({"Output": "new"}, {}, ("new", _ERROR)),
    ("catcher", "Assign"): catcher({"Assign": {"x": 1}}, {"Assign": {"x": 2}}, ([_ERROR, 1], [_ERROR, 2])),
}
OTHERS: Cases = {
    ("machine", "States"): told(machine(says("a")), machine(says("b")), output, ("a", "b")),
    ("machine", "StartAt"): told(machine({}) | loop("B"), machine({}) | loop("C"), output, _LOOPED, "x"),
    ("machine", "TimeoutSeconds"): told(
        ends(WAIT, Seconds=100) | {"TimeoutSeconds": 5},
        ends(WAIT, Seconds=100),
        lambda seen: (status(seen), seconds(seen)),
        (("TIMED_OUT", 5), ("SUCCEEDED", 100)),
    ),
    ("Choice", "Choices"): choice(
        {"Choices": [{"Condition": True, "Next": "S3"}]},
        {"Choices": [{"Condition": "{% false %}", "Next": "S3"}]},
        ("three", GIVEN),
    ),
    ("Choice", "Default"): choice({"Default": "S3"}, {"Default": "S2"}, ("three", GIVEN)),
    ("Choice", "Output"): choice({"Output": "new"}, {}, ("new", GIVEN)),
    ("Choice", "Assign"): choice({"Assign": {"x": 1}}, {"Assign": {"x": 2}}, (1, 2), says("{% $x %}")),
    ("rule", "Condition"): rule({}, {"Condition": "{% false %}"}, output, (GIVEN, "three")),
    ("rule", "Next"): rule({}, {"Next": "S3"}, output, (GIVEN, "three")),
    ("rule", "Output"): rule({"Output": "new"}, {}, output, ("new", GIVEN)),
    ("rule", "Assign"): rule({"Assign": {"x": 1}}, {"Assign": {"x": 2}}, output, ([GIVEN, 1], [GIVEN, 2])),
    ("Wait", "Seconds"): told(ends(WAIT, Seconds=5), ends(WAIT, Seconds="{% 6 %}"), seconds, (5, 6)),
    ("Wait", "Timestamp"): told(
        ends({"Type": "Wait"}, Timestamp="2026-01-01T00:01:00Z"), ends(WAIT), seconds, (60, 1)
    ),
    ("Succeed", "Output"): told(machine(says("new")), machine(LAST), output, ("new", GIVEN)),
    ("Fail", "Error"): told(
        machine({"Type": "Fail", "Error": "E"}), machine({"Type": "Fail"}), error, ("E", None)
    ),
    ("Fail", "Cause"): told(
        machine({"Type": "Fail", "Cause": "c"}), machine({"Type": "Fail"}), cause, ("c", None)
    ),
    ("Parallel", "Branches"): told(*around(_A, _B), output, (["a"], ["b"])),
    ("Parallel", "Arguments"): told(
        ends(PARALLEL, Arguments="new"), ends(PARALLEL), output, (["new"], [GIVEN])
    ),
    ("branch", "States"): told(*around(_A, _B), output, (["a"], ["b"])),
    ("branch", "StartAt"): told(*around(loop("B"), loop("C")), output, ([_LOOPED[0]], [_LOOPED[1]]), "x"),
}
CASES: Cases = {**COMMON, **FAILING, **OF_TASKS, **OTHERS}
