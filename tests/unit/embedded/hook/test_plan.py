"""Fault plans: what they may say, and which calls they mean."""

from pathlib import Path
from typing import Any

import pytest

from embedded.hook.active_plan import ActivePlan, Seen
from embedded.hook.plan import Fault, FaultPlan, PlanError, load, parse


def _seen(**changes: Any) -> Seen:
    values: dict[str, Any] = {
        "service": "dynamodb",
        "operation": "PutItem",
        "callers": ("arn:aws:sts::1:assumed-role/stage-PlanRun/s", "stage-PlanRun", "states.amazonaws.com"),
        "resources": ("arn:aws:dynamodb:us-east-1:1:table/ledger",),
        "parameters": {"TableName": "ledger"},
    }
    return Seen(**(values | changes))


def _fault(**values: Any) -> Fault:
    return Fault.model_validate({"name": "one", "action": "lost_answer"} | values)


def _injected(calls: int, **values: Any) -> list[int]:
    """Which of so many calls, counted from 1, an entry breaks."""
    plan = ActivePlan(FaultPlan(faults=(_fault(**values),)))
    return [number for number in range(1, calls + 1) if plan.due(_seen())]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"service": "dynamodb", "operation": "PutItem"},
        {"service": "dynamodb", "operation": "*Item"},
        {"caller": "*PlanRun"},
        {"caller": "states.amazonaws.com"},
        {"caller": "arn:aws:sts::*/s"},
        {"resource": "*table/ledger"},
        {"parameters": {"TableName": "led*"}},
    ],
)
def test_an_entry_matches_by_all_that_it_names(values: dict[str, Any]) -> None:
    """What it does not name is left open; texts may be globs."""
    assert _injected(1, **values) == [1]


@pytest.mark.parametrize(
    "values",
    [
        {"service": "sqs"},
        {"service": "dynamodb", "operation": "GetItem"},
        {"caller": "PlanRun"},
        {"caller": "events.amazonaws.com"},
        {"resource": "*table/other"},
        {"parameters": {"TableName": "other"}},
        {"parameters": {"Absent": "*"}},
    ],
)
def test_an_entry_leaves_other_calls_alone(values: dict[str, Any]) -> None:
    """One thing that does not fit is enough."""
    assert _injected(1, **values) == []


def test_an_entry_says_which_of_its_calls_it_breaks() -> None:
    """All, the n-th, every n-th, or the first n."""
    assert _injected(3) == [1, 2, 3]
    assert _injected(5, nth=3) == [3]
    assert _injected(5, every=2) == [2, 4]
    assert _injected(5, first=2) == [1, 2]


def test_chance_is_the_same_for_the_same_seed() -> None:
    """A run can be repeated; another seed picks other calls."""
    first = _injected(200, probability=0.2, seed=7)
    assert first == _injected(200, probability=0.2, seed=7)
    assert first != _injected(200, probability=0.2, seed=8)
    assert 20 < len(first) < 60


def test_the_first_entry_that_is_due_acts_and_all_count() -> None:
    """Two entries for the same calls: each counts all of them."""
    plan = ActivePlan(FaultPlan(faults=(_fault(nth=2), _fault(name="two", action="throttle"))))
    found = [plan.due(_seen()) for _ in range(2)]
    assert [each.name for each in found if each] == ["two", "one"]
    assert [(each["matched"], each["injected"]) for each in plan.status()] == [(2, 1), (2, 1)]


def test_boto3s_name_of_a_service_is_understood() -> None:
    """The record and policies say `states` and `cloudwatch`."""
    assert _fault(service="stepfunctions").service == "states"
    assert _fault(service="states", operation="StartExecution").service == "states"
    assert _fault(service="cloudwatch").service == "cloudwatch"
    assert _fault(service="sagemaker-runtime", operation="InvokeEndpoint").service == "sagemaker"


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"action": "explode"}, "faults[0].action (one): Input should be 'fail_before'"),
        ({"when": "now"}, "faults[0].when (one): Extra inputs are not permitted"),
        ({"service": "dynamo"}, "faults[0].service (one): there is no 'dynamo'; close: dynamodb"),
        ({"service": "dynamodb", "operation": "PutItems"}, "dynamodb has no 'PutItems'; close: PutItem"),
        ({"nth": 0}, "faults[0].nth (one): Input should be greater than or equal to 1"),
        ({"nth": 1, "every": 2}, "nth and every: only one of"),
        ({"probability": 0.5}, "probability and seed: only together"),
        ({"action": "delay"}, "seconds: needed for delay"),
        ({"seconds": 3}, "seconds: not with lost_answer; it belongs to delay"),
        ({"moment": "after"}, "moment: not with lost_answer; it belongs to kill"),
    ],
)
def test_a_mistake_is_named_with_its_place(entry: dict[str, Any], place: str) -> None:
    """A plan that would do nothing, or something else, is refused."""
    with pytest.raises(PlanError) as caught:
        parse({"faults": [{"name": "one", "action": "lost_answer"} | entry]})
    assert place in str(caught.value)


def test_two_entries_of_one_name_are_refused() -> None:
    """The record could not tell which it was."""
    with pytest.raises(PlanError, match="these names are given twice: one"):
        parse({"faults": [{"name": "one", "action": "throttle"}] * 2})


def test_a_plan_is_read_from_yaml(tmp_path: Path) -> None:
    """And a file that is none says so with its name."""
    path = tmp_path / "plan.yaml"
    path.write_text("faults:\n  - {name: one, service: sqs, action: delay, seconds: 0.5}\n")
    assert load(path) == FaultPlan(faults=(_fault(service="sqs", action="delay", seconds=0.5),))
    path.write_text("faults: [")
    with pytest.raises(PlanError, match=r"plan\.yaml is not YAML"):
        load(path)
    with pytest.raises(PlanError, match="cannot be read"):
        load(tmp_path / "absent.yaml")
