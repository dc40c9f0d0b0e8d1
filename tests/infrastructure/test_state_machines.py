"""State machines: right by the language, placeholders, names, and only what the embedded cloud serves."""

import json
import re

import pytest

from cdk_app.state_machines import (
    PlaceholderMismatchError,
    definition_json,
    definition_path,
    load_definition,
    machine_names,
    placeholders,
)
from embedded.stepfunctions.integrations.table import SERVED
from embedded.stepfunctions.language.definition import check
from tests.infrastructure.definitions import every_state, filled
from tests.infrastructure.template import Assembly

MOST_STATES = 13
NAMES = machine_names()


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_is_right_by_all_that_is_documented(name: str) -> None:
    """By the check that CreateStateMachine makes here: without errors, and without warnings."""
    assert check(filled(name)) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_placeholder_that_is_not_filled_is_an_error(name: str) -> None:
    """Each of them, wherever it stands."""
    for placeholder in placeholders(json.dumps(load_definition(name))):
        found = [str(one) for one in check(filled(name, but=placeholder)) if one.severity == "ERROR"]
        assert found
        assert any(f"The placeholder ${{{placeholder}}} was not filled" in one for one in found)


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_says_how_long_it_may_run(name: str) -> None:
    """In its definition: the CDK drops a time-out of its own beside a definition's text."""
    assert isinstance(load_definition(name)["TimeoutSeconds"], int)


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


UNSPECIFIC = {
    "athena": "Athena.AmazonAthenaException",
    "batch": "Batch.AWSBatchException",
    "codebuild": "CodeBuild.AWSCodeBuildException",
    "lambda": "Lambda.AWSLambdaException",
    "states": "StepFunctions.AWSStepFunctionsException",
}
"""By the service of a Task: the error of throttling and of answers that the service's API does not name."""


def test_a_task_is_tried_again_when_it_was_throttled_or_not_answered() -> None:
    """Nothing is wrong with what was asked: a run must not fail of it."""
    every = [(name, *each) for name in NAMES for each in every_state(load_definition(name))]
    for name, state_name, state in every:
        if state["Type"] == "Task":
            retried = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
            unspecific = UNSPECIFIC[state["Resource"].split(":::")[1].partition(":")[0]]
            lost = f"{unspecific.partition('.')[0]}.SdkClientException"
            assert {unspecific, lost} <= retried, (name, state_name)


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


def test_every_resource_is_served_by_the_embedded_cloud() -> None:
    """By Step Functions itself, or by what another service brought along."""
    every = [state for name in NAMES for _, state in every_state(load_definition(name))]
    resources = {state["Resource"] for state in every if state["Type"] == "Task"}
    assert resources
    assert resources <= {f"arn:aws:states:::{name}" for name in SERVED}


def test_machines_are_logged_and_traced(assembly: Assembly) -> None:
    """What a machine did can be read after its execution is gone."""
    for machine in assembly.properties("AWS::StepFunctions::StateMachine").values():
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["TracingConfiguration"] == {"Enabled": True}
