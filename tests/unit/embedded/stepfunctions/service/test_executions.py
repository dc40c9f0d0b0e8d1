"""Executions as the API starts, shows, lists, stops and redrives them."""

import json
from typing import Any

import pytest

from embedded.api_error import ApiError
from embedded.stepfunctions.sqlite_store import SqliteStore
from tests.unit.embedded.stepfunctions.service.api import FAIL, PASS, PREFIX, ROLE, WAIT, Api


def refusal(api: Api, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        api.call(operation, **params)
    return caught.value.code, caught.value.message


def test_a_finished_execution_is_described_whole() -> None:
    """With its data, and why it cannot be redriven."""
    api = Api()
    found = api.run(api.create(), name="e", input='{"a": 1}', traceHeader="t")
    assert found["executionArn"] == f"{PREFIX}:execution:m:e"
    assert (found["status"], found["name"], found["traceHeader"]) == ("SUCCEEDED", "e", "t")
    assert (found["input"], found["output"]) == ('{"a": 1}', '{"a":1}')
    assert found["inputDetails"] == found["outputDetails"] == {"included": True}
    assert (found["redriveCount"], found["redriveStatus"]) == (0, "NOT_REDRIVABLE")
    assert found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert found["stopDate"] >= found["startDate"]


def test_a_failed_execution_tells_error_and_cause() -> None:
    """And can be redriven."""
    api = Api()
    found = api.run(api.create(FAIL))
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "E", "C")
    assert found["redriveStatus"] == "REDRIVABLE"
    assert "redriveStatusReason" not in found
    assert "output" not in found
    assert "outputDetails" not in found


def test_metadata_alone_shows_no_data() -> None:
    """`includedData` METADATA_ONLY."""
    api = Api()
    arn = api.run(api.create())["executionArn"]
    found = api.call("DescribeExecution", executionArn=arn, includedData="METADATA_ONLY")
    assert found["inputDetails"] == found["outputDetails"] == {"included": False}
    assert "input" not in found
    assert "output" not in found


class TestStart:
    """StartExecution."""

    def test_the_same_name_and_input_is_the_same_execution_while_it_runs(self) -> None:
        """The answer is the first one's."""
        api = Api()
        arn = api.create(WAIT)
        asked = {"stateMachineArn": arn, "name": "e", "input": '{"a":1}'}
        first = api.call("StartExecution", **asked)
        assert api.call("StartExecution", **asked) == first
        listed = api.call("ListExecutions", stateMachineArn=arn)["executions"]
        assert len(listed) == 1

    def test_another_input_of_that_name_is_refused(self) -> None:
        """Blanks are a difference too."""
        api = Api()
        arn = api.create(WAIT)
        api.start(arn, name="e", input='{"a":1}')
        found = refusal(api, "StartExecution", stateMachineArn=arn, name="e", input='{"a": 1}')
        expected = f"Execution Already Exists: '{PREFIX}:execution:m:e'"
        assert found == ("ExecutionAlreadyExists", expected)

    def test_a_name_is_taken_for_ninety_days_after_the_end(self) -> None:
        """Then it can be used again."""
        api = Api()
        arn = api.create()
        api.run(arn, name="e")
        assert refusal(api, "StartExecution", stateMachineArn=arn, name="e")[0] == "ExecutionAlreadyExists"
        api.clock._now += 90 * 86_400 + 1
        assert api.run(arn, name="e")["status"] == "SUCCEEDED"

    def test_without_a_name_it_gets_one(self) -> None:
        """Another each time."""
        api = Api()
        arn = api.create()
        assert api.start(arn) != api.start(arn)

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (
                "not_json",
                (
                    "Unrecognized token 'not_json': was expecting (JSON String, Number, Array, Object or "
                    "token 'null', 'true' or 'false')"
                ),
            ),
            (
                "{'a': 1}",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            ),
            ("", "Invalid execution input."),
        ],
    )
    def test_an_input_is_json(self, given: str, reason: str) -> None:
        """With the words of AWS's parser."""
        api = Api()
        found = refusal(api, "StartExecution", stateMachineArn=api.create(), input=given)
        assert found == ("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")

    @pytest.mark.parametrize("given", ["1", '"text"', "null", "[]"])
    def test_any_json_is_an_input(self, given: str) -> None:
        """Not only objects."""
        api = Api()
        assert api.run(api.create(), input=given)["output"] == given

    def test_an_input_has_at_most_256_kib(self) -> None:
        """In bytes, not characters."""
        api = Api()
        arn = api.create()
        large = json.dumps("ä" * 131_072, ensure_ascii=False)
        assert refusal(api, "StartExecution", stateMachineArn=arn, input=large)[0] == "ValidationException"
        fits = json.dumps("a" * 262_142)
        assert api.start(arn, input=fits)

    def test_a_name_has_no_forbidden_characters(self) -> None:
        """Nor is it longer than 80."""
        api = Api()
        found = refusal(api, "StartExecution", stateMachineArn=api.create(), name="a b")
        assert found == ("InvalidName", "Invalid Name: 'a b'")

    def test_the_machine_is_there(self) -> None:
        """Or its version, or alias."""
        api = Api()
        arn = f"{api.create()}:live"
        expected = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        assert refusal(api, "StartExecution", stateMachineArn=arn) == expected


def test_executions_for_express_workflows_are_refused() -> None:
    """StartSyncExecution."""
    api = Api()
    assert refusal(api, "StartSyncExecution", stateMachineArn=api.create()) == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )


class TestStop:
    """StopExecution."""

    def test_it_ends_as_aborted(self) -> None:
        """With the error and cause that were given."""
        api = Api()
        execution = api.start(api.create(WAIT))
        stopped = api.call("StopExecution", executionArn=execution, error="E", cause="C")
        found = api.call("DescribeExecution", executionArn=execution)
        assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "E", "C")
        assert found["stopDate"] == stopped["stopDate"]

    def test_what_has_ended_stays_so(self) -> None:
        """And its time of end is the answer."""
        api = Api()
        ended = api.run(api.create())
        stopped = api.call("StopExecution", executionArn=ended["executionArn"])
        assert stopped["stopDate"] == ended["stopDate"]
        assert api.call("DescribeExecution", executionArn=ended["executionArn"]) == ended

    def test_one_that_is_not_there(self) -> None:
        """Is named; an ARN that is none is refused."""
        api, arn = Api(), f"{PREFIX}:execution:m:none"
        assert refusal(api, "StopExecution", executionArn=arn) == (
            "ExecutionDoesNotExist",
            f"Execution Does Not Exist: '{arn}'",
        )
        assert refusal(api, "DescribeExecution", executionArn="x")[0] == "InvalidArn"


class TestRedrive:
    """RedriveExecution."""

    def test_a_failed_execution_goes_on(self) -> None:
        """Counted and dated; the same client token again is the same redrive."""
        api = Api()
        execution = api.run(api.create(FAIL))["executionArn"]
        first = api.call("RedriveExecution", executionArn=execution, clientToken="t")
        assert api.call("RedriveExecution", executionArn=execution, clientToken="t") == first
        found = api.call("DescribeExecution", executionArn=execution)
        assert (found["status"], found["redriveCount"]) == ("RUNNING", 1)
        assert found["redriveDate"] == first["redriveDate"]
        assert found["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"

    @pytest.mark.parametrize(
        ("days", "definition", "reason"),
        [
            (0, PASS, "Execution is SUCCEEDED and cannot be redriven"),
            (15, FAIL, "Execution was closed more than 14 days ago and cannot be redriven"),
        ],
    )
    def test_only_what_failed_lately_can(self, days: int, definition: Any, reason: str) -> None:
        """Within fourteen days."""
        api = Api()
        execution = api.run(api.create(definition))["executionArn"]
        api.clock._now += days * 86_400
        assert refusal(api, "RedriveExecution", executionArn=execution) == ("ExecutionNotRedrivable", reason)


class TestListing:
    """ListExecutions."""

    def _three(self, api: Api) -> str:
        arn = api.create(FAIL)
        for name in ("a", "b"):
            api.clock._now += 1
            api.run(arn, name=name)
        api.clock._now += 1
        api.start(arn, name="c")
        return arn

    def test_the_latest_comes_first_in_pages(self) -> None:
        """The token leads on."""
        api = Api()
        arn = self._three(api)
        first = api.call("ListExecutions", stateMachineArn=arn, maxResults=2)
        second = api.call("ListExecutions", stateMachineArn=arn, maxResults=2, nextToken=first["nextToken"])
        assert [each["name"] for each in first["executions"] + second["executions"]] == ["c", "b", "a"]
        assert "nextToken" not in second
        assert first["executions"][1]["redriveCount"] == 0

    def test_by_status_and_redrive(self) -> None:
        """Both filters."""
        api = Api()
        arn = self._three(api)
        failed = api.call("ListExecutions", stateMachineArn=arn, statusFilter="FAILED")["executions"]
        assert [each["name"] for each in failed] == ["b", "a"]
        api.call("RedriveExecution", executionArn=failed[0]["executionArn"])
        for value, names in (("REDRIVEN", ["b"]), ("NOT_REDRIVEN", ["c", "a"])):
            found = api.call("ListExecutions", stateMachineArn=arn, redriveFilter=value)["executions"]
            assert [each["name"] for each in found] == names

    def test_it_needs_a_machine_or_a_map_run(self) -> None:
        """One of both; a machine must be there."""
        api, arn = Api(), f"{PREFIX}:stateMachine:none"
        assert refusal(api, "ListExecutions")[0] == "ValidationException"
        assert refusal(api, "ListExecutions", stateMachineArn=arn)[0] == "StateMachineDoesNotExist"


class TestHistory:
    """GetExecutionHistory."""

    def test_pages_up_and_down(self) -> None:
        """All events once, each way."""
        api = Api()
        arn = api.run(api.create())["executionArn"]
        for down, expected in ((False, [1, 2, 3, 4]), (True, [4, 3, 2, 1])):
            asked: dict[str, Any] = {"executionArn": arn, "reverseOrder": down, "maxResults": 3}
            first = api.call("GetExecutionHistory", **asked)
            second = api.call("GetExecutionHistory", **asked, nextToken=first["nextToken"])
            assert [event["id"] for event in first["events"] + second["events"]] == expected
            assert "nextToken" not in second

    def test_events_have_the_shape_of_the_model(self) -> None:
        """With the role and the input at the start, and the output at the end."""
        api = Api()
        arn = api.run(api.create(), input='{"a":1}')["executionArn"]
        events = api.call("GetExecutionHistory", executionArn=arn)["events"]
        given = {"input": '{"a":1}', "inputDetails": {"truncated": False}}
        assert events[0]["executionStartedEventDetails"] == given | {"roleArn": ROLE}
        assert events[1]["stateEnteredEventDetails"] == given | {"name": "P"}
        assert events[3]["executionSucceededEventDetails"]["output"] == '{"a":1}'

    def test_data_can_be_left_out(self) -> None:
        """`includeExecutionData` false."""
        api = Api()
        arn = api.run(api.create(), input='{"a":1}')["executionArn"]
        events = api.call("GetExecutionHistory", executionArn=arn, includeExecutionData=False)["events"]
        assert events[0]["executionStartedEventDetails"] == {"roleArn": ROLE}
        assert events[1]["stateEnteredEventDetails"] == {"name": "P"}

    def test_a_token_that_nobody_gave(self) -> None:
        """Is InvalidToken."""
        api = Api()
        arn = api.run(api.create())["executionArn"]
        assert refusal(api, "GetExecutionHistory", executionArn=arn, nextToken="x")[0] == "InvalidToken"


def test_a_new_server_goes_on_with_what_ran(tmp_path: Any) -> None:
    """Machines, executions and histories are in the file."""
    first = Api(SqliteStore(tmp_path / "s.sqlite"))
    arn = first.create(WAIT, publish=True)
    execution = first.start(f"{arn}:1", name="e")
    second = Api(SqliteStore(tmp_path / "s.sqlite"))
    second.engine.resume()
    second.engine.run_until_idle()
    found = second.call("DescribeExecution", executionArn=execution)
    assert (found["status"], found["stateMachineVersionArn"]) == ("SUCCEEDED", f"{arn}:1")
