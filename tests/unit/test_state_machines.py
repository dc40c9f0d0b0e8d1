"""What state machines pass on is what contracts say."""

import importlib
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from cdk_app.state_machines import load_definition
from sluiceway.contract import Contract

SLICES = ("training", "images", "models", "endpoints")
MACHINES = ("run_pipeline", "build_image", "deploy_model")
FUNCTION = "arn:aws:states:::lambda:invoke"
State = dict[str, Any]


def _states(definition: Any) -> Iterator[tuple[str, State]]:
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from _states(state["ItemProcessor"])


def _contract(name: str) -> type[Contract]:
    modules = [importlib.import_module(f"sluiceway.{one}.contracts") for one in SLICES]
    return next(getattr(module, name) for module in modules if hasattr(module, name))


TASKS = [
    (machine, name, state)
    for machine in MACHINES
    for name, state in _states(load_definition(machine))
    if state.get("Resource") == FUNCTION
]
IDS = [f"{machine}-{name}" for machine, name, _ in TASKS]


@pytest.mark.parametrize(("machine", "name", "state"), TASKS, ids=IDS)
def test_a_task_is_given_what_its_contract_asks_for(machine: str, name: str, state: State) -> None:
    """No key more, none less but those with a default."""
    fields = _contract(f"{name}Input").model_fields
    payload = set(state["Arguments"]["Payload"])
    required = {key for key, found in fields.items() if found.is_required()}
    assert required <= payload <= set(fields)


@pytest.mark.parametrize(("machine", "name", "state"), TASKS, ids=IDS)
def test_a_result_is_read_as_its_contract_writes_it(machine: str, name: str, state: State) -> None:
    """Each `$states.result.Payload.…` is a field of the output."""
    texts = [*state.get("Assign", {}).values(), str(state.get("Output"))]
    for text in texts:
        for path in re.findall(r"\$states\.result\.Payload((?:\.\w+)*)", str(text)):
            assert _resolves(_contract(f"{name}Output"), path), path


@pytest.mark.parametrize("machine", MACHINES)
def test_a_variable_is_read_as_its_contract_writes_it(machine: str) -> None:
    """`$plan.image.tag` was assigned from PlanRunOutput, so it has to be there."""
    states = dict(_states(load_definition(machine)))
    whole = {
        variable: _contract(f"{name}Output")
        for name, state in states.items()
        for variable, text in state.get("Assign", {}).items()
        if text == "{% $states.result.Payload %}"
    }
    for variable, path in re.findall(r"\$(\w+)((?:\.\w+)+)", str(states)):
        assert variable not in whole or _resolves(whole[variable], path), f"${variable}{path}"


def test_items_of_a_map_are_read_as_their_contracts_write_them() -> None:
    """In RunStep and EvaluateModel the input is one item."""
    states = dict(_states(load_definition("run_pipeline")))
    for name, contract in (("RunStep", "StepJob"), ("EvaluateModel", "EvaluationTask")):
        for path in re.findall(r"\$states\.input((?:\.\w+)+)", str(states[name])):
            assert _resolves(_contract(contract), path), f"{name}: {path}"


def _resolves(contract: type[Contract], path: str) -> bool:
    """Whether a path leads through fields of contracts."""
    current: Any = contract
    for part in path.strip(".").split(".") if path else ():
        fields = getattr(current, "model_fields", {})
        if part not in fields:
            return False
        current = _model_in(fields[part].annotation)
    return True


def _model_in(annotation: Any) -> Any:
    inside = [one for one in get_args(annotation) if isinstance(one, type) and issubclass(one, Contract)]
    return inside[0] if inside else annotation


def _jobs() -> list[State]:
    states = _states(load_definition("run_pipeline"))
    return [state for _, state in states if "batch:" in state.get("Resource", "")]


def test_a_lost_machine_is_replaced_and_a_failed_step_is_not() -> None:
    """Batch takes five rules, and tries again whatever none of them matches."""
    for job in _jobs():
        rules = job["Arguments"]["RetryStrategy"]["EvaluateOnExit"]
        assert len(rules) <= 5
        assert rules[-1] == {"OnReason": "*", "Action": "EXIT"}
        assert {rule["Action"] for rule in rules[:-1]} == {"RETRY"}


def test_a_throttled_submission_is_tried_again() -> None:
    """Step Functions tells of Batch's throttling and stray 5xx answers as `Batch.AWSBatchException`."""
    assert len(_jobs()) == 2
    for job in _jobs():
        retried = {error for retry in job["Retry"] for error in retry["ErrorEquals"]}
        assert {"Batch.AWSBatchException", "Batch.ServerException"} <= retried
        assert "Batch.ClientException" not in retried


@pytest.mark.parametrize("machine", MACHINES)
def test_a_function_whose_process_was_killed_is_called_again(machine: str) -> None:
    """Lambda tells of it as `Runtime.ExitError`: out of memory, or a machine that went away."""
    states = [state for _, state in _states(load_definition(machine)) if state.get("Resource") == FUNCTION]
    assert states
    for state in states:
        retried = {error for retry in state["Retry"] for error in retry["ErrorEquals"]}
        assert {"Runtime.ExitError", "Sandbox.Timedout"} <= retried
