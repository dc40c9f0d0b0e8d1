"""What others hear of executions: events, metrics, log entries."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from embedded.durability.store import StateNotSaved
from embedded.processes import wait_until
from embedded.stepfunctions.model import Changes
from embedded.stepfunctions.service import notices
from embedded.stepfunctions.service.log_entries import LogEntries
from embedded.stepfunctions.service.log_streams import LogStreams
from embedded.stepfunctions.service.metrics import Metric, Metrics
from embedded.stepfunctions.service.notices import Notices, Outlets
from embedded.stepfunctions.tasks import Failed
from tests.fakes.embedded_cloud import FakeLogs
from tests.unit.embedded.stepfunctions.integrations.world import Reports, refusal
from tests.unit.embedded.stepfunctions.service.api import FAIL, PASS, PREFIX, Api

GROUP_ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/logs:*"
DESTINATIONS = [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP_ARN}}]
INVOKE: Mapping[str, Any] = {
    "StartAt": "T",
    "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}},
}


def heard(api: Api) -> list[Changes]:
    """All turns that an engine takes from now on."""
    turns: list[Changes] = []
    api.engine.listen(turns.append)
    return turns


def logging(level: str, *, data: bool = False) -> dict[str, Any]:
    return {"level": level, "includeExecutionData": data, "destinations": DESTINATIONS}


class TestEvents:
    """ "Step Functions Execution Status Change"."""

    def _told(self, api: Api, count: int) -> list[dict[str, Any]]:
        told = Reports()
        outlets = Outlets(told, lambda _: None, lambda *_: None, lambda: None)  # type: ignore[arg-type]
        telling = Notices(api.store, outlets)
        telling.connect(api.engine)
        telling.begin()
        return [dict(each) for each in told.wait(count)]  # type: ignore[call-overload]

    def test_each_change_of_status_is_told(self) -> None:
        """Also one that an earlier server did not come to tell."""
        api = Api()
        execution = api.run(api.create(FAIL), input='{"a":1}')
        running, failed = self._told(api, 2)
        assert (running["Source"], running["DetailType"]) == (
            "aws.states",
            "Step Functions Execution Status Change",
        )
        assert running["Resources"] == [execution["executionArn"]]
        details = [json.loads(each["Detail"]) for each in (running, failed)]
        assert [each["status"] for each in details] == ["RUNNING", "FAILED"]
        assert details[0]["stopDate"] is None
        assert (details[1]["error"], details[1]["cause"]) == ("E", "C")
        assert wait_until(lambda: api.store.announcements() == [], seconds=20)

    def test_what_a_kill_could_still_lose_is_told_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On the bus is not enough: what the bus took must be on disk, too."""
        monkeypatch.setattr(notices, "_AGAIN_SECONDS", 0)
        api, told, unsaved = Api(), Reports(), [StateNotSaved("the disk is full")]

        def wait_until_saved() -> None:
            assert len(api.store.announcements()) == 2
            if unsaved:
                raise unsaved.pop()

        api.run(api.create(PASS))
        outlets = Outlets(told, lambda _: None, lambda *_: None, wait_until_saved)  # type: ignore[arg-type]
        Notices(api.store, outlets).begin()
        entries = [dict(each) for each in told.wait(4)]  # type: ignore[call-overload]
        statuses = [json.loads(each["Detail"])["status"] for each in entries]
        assert statuses == ["RUNNING", "SUCCEEDED"] * 2
        assert wait_until(lambda: api.store.announcements() == [], seconds=20)

    def test_the_detail_is_all_that_aws_says(self) -> None:
        """Times in milliseconds; what there is none of is null."""
        api = Api()
        api.run(api.create(PASS), name="e", input='{"a":1}')
        detail = json.loads(self._told(api, 2)[1]["Detail"])
        assert detail == {
            "executionArn": f"{PREFIX}:execution:m:e",
            "stateMachineArn": f"{PREFIX}:stateMachine:m",
            "name": "e",
            "status": "SUCCEEDED",
            "startDate": 1_767_225_600_000,
            "stopDate": 1_767_225_600_000,
            "input": '{"a":1}',
            "output": '{"a":1}',
            "inputDetails": {"included": True},
            "outputDetails": {"included": True},
            "stateMachineVersionArn": None,
            "stateMachineAliasArn": None,
            "redriveCount": 0,
            "redriveDate": None,
            "redriveStatus": "NOT_REDRIVABLE",
            "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            "error": None,
            "cause": None,
        }

    def test_data_that_is_too_large_is_left_out(self) -> None:
        """An event has 256 KiB; input and output at most 248 of them."""
        api = Api()
        api.run(api.create(PASS), input=json.dumps("a" * 200_000))
        running, ended = (json.loads(each["Detail"]) for each in self._told(api, 2))
        assert running["inputDetails"] == {"included": True}
        assert (ended["input"], ended["inputDetails"]) == (None, {"included": False})
        assert ended["outputDetails"] == {"included": True}


class TestMetrics:
    """AWS/States."""

    def _of(self, api: Api, arn: str) -> list[Metric]:
        metrics, found = Metrics(), []
        api.engine.listen(lambda changes: found.extend(metrics.of(changes)))
        api.run(arn)
        return found

    def test_executions_are_counted_and_timed(self) -> None:
        """By machine, and by the version that was meant."""
        api = Api()
        machine = api.create(FAIL, publish=True)
        found = self._of(api, f"{machine}:1")
        counted = {(each.name, tuple(each.dimensions.values())) for each in found}
        for name in ("ExecutionsStarted", "ExecutionsFailed", "ExecutionTime"):
            assert (name, (machine,)) in counted
            assert (name, (machine, "1")) in counted

    @pytest.mark.parametrize("answer", ["Succeeded", "Failed"])
    def test_tasks_are_counted_and_timed_by_resource(self, answer: str) -> None:
        """From being scheduled to the end."""
        api = Api()
        if answer == "Failed":
            api.tasks.answers["T"] = Failed("E", "C")
        found = self._of(api, api.create(INVOKE))
        resource = {"ServiceIntegrationResourceArn": "arn:aws:states:::lambda:invoke"}
        names = [each.name for each in found if each.dimensions == resource]
        assert names == [
            "ServiceIntegrationsScheduled",
            "ServiceIntegrationsStarted",
            "ServiceIntegrationScheduleTime",
            f"ServiceIntegrations{answer}",
            "ServiceIntegrationRunTime",
            "ServiceIntegrationTime",
        ]


class TestLogs:
    """Entries in CloudWatch Logs."""

    def _entries(self, level: str, *, data: bool = False) -> list[dict[str, Any]]:
        api = Api()
        turns = heard(api)
        arn = api.create(FAIL, loggingConfiguration=logging(level, data=data))
        api.run(arn, name="e", input='{"a":1}')
        entries = LogEntries(api.store)
        found = [entry for changes in turns for entry in entries.of(changes)]
        assert {group for group, _, _ in found} <= {"/logs"}
        return [json.loads(line) for _, _, line in found]

    @pytest.mark.parametrize(
        ("level", "types"),
        [
            ("ALL", ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
            ("ERROR", ["FailStateEntered", "ExecutionFailed"]),
            ("FATAL", ["ExecutionFailed"]),
            ("OFF", []),
        ],
    )
    def test_the_level_chooses_events(self, level: str, types: list[str]) -> None:
        """By their types."""
        assert [each["type"] for each in self._entries(level)] == types

    def test_an_entry_is_written_as_aws_writes_it(self) -> None:
        """All numbers as text; data only where it is asked for."""
        without, whole = (self._entries("ALL", data=data)[1] for data in (False, True))
        assert without == {
            "id": "2",
            "type": "FailStateEntered",
            "details": {"name": "F"},
            "previous_event_id": "0",
            "event_timestamp": "1767225600000",
            "execution_arn": f"{PREFIX}:execution:m:e",
            "redrive_count": "0",
        }
        given = {"input": '{"a":1}', "inputDetails": {"truncated": False}}
        assert whole["details"] == {"name": "F"} | given


class TestStreams:
    """Lines on their way into CloudWatch Logs."""

    def test_lines_are_written_before_it_is_closed(self) -> None:
        """Each stream is opened once."""
        logs = FakeLogs()
        streams = LogStreams(lambda: logs)
        for name, line in (("a", "1"), ("a", "2"), ("b", "3")):
            streams.write("/logs", name, line)
        streams.close()
        assert logs.lines == {"a": ["1", "2"], "b": ["3"]}

    def test_a_group_that_is_gone_keeps_nothing_from_going_on(self) -> None:
        """Its lines are dropped, and it is asked for once."""
        asked: list[str] = []

        class Gone(FakeLogs):
            def create_log_stream(self, **call: str) -> None:
                asked.append(call["logGroupName"])
                raise refusal("ResourceNotFoundException", "gone")

        streams = LogStreams(Gone)
        for line in ("1", "2"):
            streams.write("/gone", "a", line)
        streams.close()
        assert asked == ["/gone"]
