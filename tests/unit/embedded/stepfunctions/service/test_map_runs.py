"""Map Runs as the API shows and changes them."""

from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.unit.embedded.stepfunctions.service.api import ACTIVITY, PREFIX, Api


def mapping(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine that runs a state for each of three items, as executions of their own."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "S",
        "States": {"S": {**state, "End": True} if state["Type"] != "Fail" else state},
    }
    each = {"Type": "Map", "Items": [1, 2, 3], "Label": "each", "ItemProcessor": processor, "End": True}
    return {"StartAt": "M", "States": {"M": each | fields}}


def map_run(api: Api, execution: str) -> dict[str, Any]:
    """What is said of the only Map Run of an execution."""
    (listed,) = api.call("ListMapRuns", executionArn=execution)["mapRuns"]
    return api.call("DescribeMapRun", mapRunArn=listed["mapRunArn"])


def test_a_map_run_counts_items_and_executions() -> None:
    """With the limits that its state set."""
    api = Api()
    ended = api.run(api.create(mapping({"Type": "Pass"}, MaxConcurrency=2)))
    found = map_run(api, ended["executionArn"])
    assert (found["status"], found["maxConcurrency"]) == ("SUCCEEDED", 2)
    assert found["executionArn"] == ended["executionArn"]
    for counts in (found["itemCounts"], found["executionCounts"]):
        assert (counts["total"], counts["succeeded"], counts["pending"], counts["failed"]) == (3, 3, 0, 0)


def test_it_is_listed_with_the_machine_of_its_children() -> None:
    """`<machine>/<label>`."""
    api = Api()
    ended = api.run(api.create(mapping({"Type": "Pass"})))
    (listed,) = api.call("ListMapRuns", executionArn=ended["executionArn"])["mapRuns"]
    assert listed["stateMachineArn"] == f"{PREFIX}:stateMachine:m/each"
    assert listed["mapRunArn"].startswith(f"{PREFIX}:mapRun:m/each:")


def test_its_children_are_executions() -> None:
    """Listed by the Map Run, and not by the machine; each names it."""
    api = Api()
    machine = api.create(mapping({"Type": "Pass"}))
    ended = api.run(machine)
    arn = map_run(api, ended["executionArn"])["mapRunArn"]
    children = api.call("ListExecutions", mapRunArn=arn)["executions"]
    assert len(children) == 3
    listed = api.call("ListExecutions", stateMachineArn=machine)["executions"]
    assert [each["executionArn"] for each in listed] == [ended["executionArn"]]
    child = api.call("DescribeExecution", executionArn=children[0]["executionArn"])
    assert (child["mapRunArn"], child["stateMachineArn"]) == (arn, f"{PREFIX}:stateMachine:m/each")
    of_child = api.call("DescribeStateMachineForExecution", executionArn=child["executionArn"])
    assert (of_child["label"], of_child["mapRunArn"]) == ("each", arn)


def test_failures_are_counted() -> None:
    """What was tolerated too."""
    api = Api()
    machine = api.create(mapping({"Type": "Fail", "Error": "E"}, ToleratedFailurePercentage=100))
    found = map_run(api, api.run(machine)["executionArn"])
    assert (found["itemCounts"]["failed"], found["toleratedFailurePercentage"]) == (3, 100)


def test_limits_can_be_changed_while_it_runs() -> None:
    """More may run at once from then on."""
    api = Api()
    state = {"Type": "Task", "Resource": ACTIVITY}
    execution = api.start(api.create(mapping(state, MaxConcurrency=1)))
    api.engine.serve()
    assert api.tasks.called.wait(20)
    arn = map_run(api, execution)["mapRunArn"]
    assert map_run(api, execution)["executionCounts"]["running"] == 1
    api.call("UpdateMapRun", mapRunArn=arn, maxConcurrency=3, toleratedFailureCount=1)
    found = map_run(api, execution)
    assert (found["maxConcurrency"], found["toleratedFailureCount"]) == (3, 1)
    assert (found["executionCounts"]["running"], found["executionCounts"]["pending"]) == (3, 0)
    api.engine.close()


def test_one_that_ended_cannot_be_changed() -> None:
    """Nor one that is not there."""
    api = Api()
    arn = map_run(api, api.run(api.create(mapping({"Type": "Pass"})))["executionArn"])["mapRunArn"]
    for asked, code in ((arn, "ValidationException"), (f"{arn}x", "ResourceNotFound")):
        with pytest.raises(ApiError) as caught:
            api.call("UpdateMapRun", mapRunArn=asked, maxConcurrency=1)
        assert caught.value.code == code
