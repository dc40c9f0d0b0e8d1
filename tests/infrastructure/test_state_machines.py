"""State machines: placeholders, names, and nothing that only one of the two worlds executes."""

import json
import re
from typing import Any

import pytest

from cdk_app.bundling.recipe import ROOT
from cdk_app.state_machines import (
    PlaceholderMismatchError,
    definition_json,
    definition_path,
    load_definition,
    machine_names,
    placeholders,
)
from tests.infrastructure.asl_subset import RESOURCES, every_state, refusals
from tests.infrastructure.template import Assembly

MOST_STATES = 13
NATIVE = {"arn:aws:states:::lambda:invoke", "arn:aws:states:::states:startExecution.sync:2"}
"""What the embedded interpreter brings along."""
NAMES = machine_names()


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_uses_only_what_is_executed_everywhere(name: str) -> None:
    """What the embedded cloud ignores in silence would pass here and behave differently in AWS."""
    assert not refusals(load_definition(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_is_small_and_its_states_are_named_alike(name: str) -> None:
    """One page for a person; more becomes a nested machine."""
    definition = load_definition(name)
    assert len(definition["States"]) <= MOST_STATES  # type: ignore[arg-type]
    assert all(re.fullmatch(r"([A-Z][a-z0-9]+)+", state) for state, _ in every_state(definition))


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_says_first_what_it_does(name: str) -> None:
    """The first comment is what the console shows, too."""
    assert definition_path(name).read_text().startswith("# ")
    assert len(str(load_definition(name)["Comment"])) > 40


def test_a_state_that_calls_a_function_has_its_name() -> None:
    """One word in every folder: state `PlanRun`, placeholder `${PlanRunArn}`, use case `plan_run`."""
    for name in NAMES:
        for state_name, state in every_state(load_definition(name)):
            if state.get("Resource") == "arn:aws:states:::lambda:invoke":
                assert state["Arguments"]["FunctionName"] == f"${{{state_name}Arn}}"


def test_a_jobs_retry_rules_are_ones_that_batch_takes() -> None:
    """An asterisk only at the end of a pattern, five rules at most; and the last one ends everything else."""
    for name in NAMES:
        for _, state in every_state(load_definition(name)):
            rules = state.get("Arguments", {}).get("RetryStrategy", {}).get("EvaluateOnExit")
            for rule in rules or ():
                assert all("*" not in value[:-1] for value in rule.values())
            assert rules is None or (len(rules) <= 5 and rules[-1] == {"OnReason": "*", "Action": "EXIT"})


def test_every_placeholder_is_supplied_and_none_is_left_over(assembly: Assembly) -> None:
    """An unfilled placeholder reaches AWS as text and fails at run time."""
    machines = assembly.properties("AWS::StepFunctions::StateMachine").values()
    assert len(machines) == len(NAMES)
    for machine in machines:
        assert placeholders(machine["DefinitionString"]) == set(machine["DefinitionSubstitutions"])


def test_a_placeholder_that_nobody_supplies_is_refused() -> None:
    """At synth, by name."""
    with pytest.raises(PlaceholderMismatchError, match="PlanExportArn"):
        definition_json("export_metrics", supplied=["ExportShardArn", "FinishExportArn"])


def test_every_resource_has_an_embedded_implementation() -> None:
    """Either the interpreter's own, or one registered by name."""
    sources = "\n".join(path.read_text() for path in (ROOT / "embedded").rglob("*.py"))
    assert not [resource for resource in RESOURCES - NATIVE if resource not in sources]


def test_machines_are_logged_and_traced(assembly: Assembly) -> None:
    """What a machine did can be read after its execution is gone."""
    for machine in assembly.properties("AWS::StepFunctions::StateMachine").values():
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["TracingConfiguration"] == {"Enabled": True}


def _machine(**fields: Any) -> dict[str, Any]:
    first = {"Type": "Pass", "End": True, **fields}
    return {"QueryLanguage": "JSONata", "TimeoutSeconds": 60, "StartAt": "First", "States": {"First": first}}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Succeed", "Output": "{% 1 %}"},
        {"Type": "Parallel", "Branches": []},
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "HeartbeatSeconds": 5},
        {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync"},
        {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "States": {}}},
        {"Type": "Map", "ItemBatcher": {}},
        {"Type": "Pass", "ResultPath": "$.x"},
        {"Type": "Pass", "Next": "Nowhere"},
        {"Type": "Choice", "Choices": [], "Output": "{% 1 %}"},
    ],
    ids=lambda state: json.dumps(state)[:60],
)
def test_what_behaves_differently_is_refused_by_name(state: dict[str, Any]) -> None:
    """Each of these passes MiniStack's validation without a word."""
    assert len(refusals(_machine(**state))) >= 1
    assert not refusals(_machine())
