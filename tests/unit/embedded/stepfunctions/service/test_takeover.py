"""MiniStack's own Step Functions is not called any more."""

import ast
import json
import types
from pathlib import Path

import ministack
import pytest
from ministack.services import eventbridge, pipes, stepfunctions
from ministack.services.cloudformation import drift

from embedded.authority import AccessDenied
from embedded.stepfunctions import takeover
from tests.unit.embedded.stepfunctions.service.api import PREFIX, ROLE, Api

MACHINE = f"{PREFIX}:stateMachine:m"


class Cloud:
    """Denies what it is told to."""

    denied = False

    def check(self, role_arn: str, action: str, resource: str) -> None:
        if self.denied:
            raise AccessDenied(role_arn, action, resource)


@pytest.fixture
def taken_over(monkeypatch: pytest.MonkeyPatch) -> tuple[Api, Cloud]:
    """MiniStack as it is after the takeover, for one test."""
    for name, found in list(vars(stepfunctions).items()):
        if isinstance(found, types.FunctionType):
            monkeypatch.setattr(stepfunctions, name, found)
    monkeypatch.setattr(pipes, "_start_state_machine_from_records", None)
    monkeypatch.setattr(eventbridge, "_dispatch_to_stepfunctions", None)
    monkeypatch.setattr(drift, "_DRIFT_READERS", dict(drift._DRIFT_READERS))
    api, cloud = Api(), Cloud()
    takeover.install(cloud, api.service)
    return api, cloud


def test_its_functions_raise(taken_over: tuple[Api, Cloud]) -> None:
    """Whoever calls one finds out at once; what saves its state, which is empty, does not."""
    for call in (stepfunctions._start_execution, stepfunctions._create_state_machine):
        with pytest.raises(RuntimeError, match="MiniStack's own Step Functions was called"):
            call({})
    assert isinstance(stepfunctions.get_state(), dict)


def test_a_pipe_starts_our_executions_under_its_role(taken_over: tuple[Api, Cloud]) -> None:
    """With the records as the input; what it may not start stays where it is."""
    api, cloud = taken_over
    machine, pipe = api.create(), {"RoleArn": ROLE}
    assert pipes._start_state_machine_from_records(machine, pipe, [{"a": 1}]) is True
    (started,) = api.call("ListExecutions", stateMachineArn=machine)["executions"]
    found = api.call("DescribeExecution", executionArn=started["executionArn"])
    assert json.loads(found["input"]) == [{"a": 1}]
    cloud.denied = True
    assert pipes._start_state_machine_from_records(machine, pipe, []) is False


def test_drift_looks_at_our_machines(taken_over: tuple[Api, Cloud]) -> None:
    """One that is gone has drifted."""
    read, _ = drift._DRIFT_READERS["AWS::StepFunctions::StateMachine"]
    machine = taken_over[0].create()
    assert read(machine, {}) == {}
    assert read(f"{machine}x", {}) is None


def test_nobody_else_in_ministack_knows_it() -> None:
    """A new version of MiniStack that calls it from elsewhere has to be led to ours, too."""
    package = Path(ministack.__file__).parent
    texts = {path: path.read_text() for path in package.rglob("*.py")}
    found = {
        str(path.relative_to(package))
        for path, text in texts.items()
        if "stepfunctions" in text and any(_imports_it(node) for node in ast.walk(ast.parse(text)))
    }
    assert found == {
        "services/cloudformation/drift.py",
        "services/cloudformation/provisioners.py",
        "services/eventbridge.py",
        "services/pipes.py",
    }


def _imports_it(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        return node.module == "ministack.services.stepfunctions" or (
            node.module == "ministack.services" and "stepfunctions" in names
        )
    names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
    return "ministack.services.stepfunctions" in names
