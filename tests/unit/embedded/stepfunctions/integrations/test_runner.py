"""Jobs, activities, nested executions and Map files: started, waited for, taken up again, ended."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from embedded.integrations import TaskContext, TaskFailure
from embedded.stepfunctions.clock import VirtualClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Changes, Execution
from embedded.stepfunctions.resource import parse_resource
from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import (
    READ_ITEMS,
    WRITE_RESULTS,
    Failed,
    Started,
    Submitted,
    Succeeded,
)
from tests.unit.embedded.stepfunctions.integrations.world import (
    EXECUTION,
    PREFIX,
    ROLE,
    Reports,
    World,
    body,
    refusal,
    task,
)

NOTHING = {"id": 0, "type": "PassStateEntered", "previousEventId": 0}
JOB = "batch:submitJob.sync"
ACTIVITY = f"{PREFIX}:activity:a"
CHILD = f"{PREFIX}:execution:child:c"
MACHINE = f"{PREFIX}:stateMachine:child"
DATE = datetime(2026, 1, 1, tzinfo=UTC)
STARTED = {"executionArn": CHILD, "startDate": DATE}


class Job:
    """A job that ends when it is told to."""

    def __init__(self) -> None:
        self.contexts: list[TaskContext] = []
        self.tells: list[Callable[[], None]] = []
        self.cancelled = Reports()
        self.error: TaskFailure | None = None

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        self.contexts.append(context)
        return {"JobId": arguments["JobName"]}

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        self.tells.append(tell)

    def result(self, submitted: dict[str, Any], context: TaskContext) -> Any:
        if self.error:
            raise self.error
        return {"Done": submitted["JobId"]}

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        self.cancelled(Succeeded(submitted))


def with_job() -> tuple[World, Job]:
    world, job = World(), Job()
    world.registered.add_job(f"arn:aws:states:::{JOB}", job)
    return world, job


def until_waiting(job: Job, reports: Reports) -> None:
    """The runner has asked for the end of the job, at the latest when it has done so."""
    reports.wait()
    while not job.tells:
        pass


class TestJobs:
    """`.sync`."""

    def test_a_job_is_submitted_and_its_end_is_the_result(self) -> None:
        """Two reports, under the task's role."""
        world, job = with_job()
        reports = Reports()
        world.tasks.start(task(JOB, {"JobName": "j"}), reports)
        until_waiting(job, reports)
        job.tells[0]()
        assert reports.wait(2) == [Submitted({"JobId": "j"}), Succeeded({"Done": "j"})]
        assert (job.contexts[0].role_arn, job.contexts[0].execution_arn) == (ROLE, EXECUTION)

    def test_a_job_that_fails_fails_the_task(self) -> None:
        """With the job's own words."""
        world, job = with_job()
        job.error = TaskFailure("States.TaskFailed", "why")
        reports = Reports()
        world.tasks.start(task(JOB, {"JobName": "j"}), reports)
        until_waiting(job, reports)
        job.tells[0]()
        assert reports.wait(2)[1] == Failed("States.TaskFailed", "why")

    def test_nobody_waits_any_more(self) -> None:
        """The job is ended, and nothing is reported."""
        world, job = with_job()
        reports = Reports()
        world.tasks.start(task(JOB, {"JobName": "j"}), reports)
        until_waiting(job, reports)
        world.tasks.cancel(task(JOB))
        assert job.cancelled.wait() == [Succeeded({"JobId": "j"})]
        job.tells[0]()
        assert len(reports.all) == 1

    def test_after_a_restart_the_job_is_found_again(self) -> None:
        """By what was submitted; it is not submitted twice."""
        world, job = with_job()
        reports = Reports()
        world.tasks.resume(task(JOB, {"JobName": "j"}), Submitted({"JobId": "j"}), reports)
        while not job.tells:
            pass
        job.tells[0]()
        assert reports.wait() == [Succeeded({"Done": "j"})]
        assert job.contexts == []

    def test_without_an_answer_nobody_knows_whether_it_was_submitted(self) -> None:
        """That is said, and not guessed."""
        world, _ = with_job()
        reports = Reports()
        world.tasks.resume(task(JOB, {"JobName": "j"}), None, reports)
        (failed,) = reports.wait()
        assert isinstance(failed, Failed)
        assert failed.error == "Batch.SdkClientException"
        assert "it is not known whether the call was carried out" in str(failed.cause)

    @pytest.mark.parametrize(
        ("resource", "error"),
        [
            ("lambda:invoke", "Lambda.SdkClientException"),
            ("aws-sdk:dynamodb:putItem", "DynamoDb.SdkClientException"),
            ("arn:aws:lambda:us-east-1:000000000000:function:f", "Lambda.SdkClientException"),
        ],
    )
    def test_a_call_in_flight_is_lost_with_the_server(self, resource: str, error: str) -> None:
        """Under the name that a retrier may list."""
        reports = Reports()
        World().tasks.resume(task(resource), None, reports)
        (failed,) = reports.wait()
        assert isinstance(failed, Failed)
        assert failed.error == error


def test_an_integration_in_one_go_is_called_with_its_context() -> None:
    """What other services of ours register."""
    world = World()
    world.registered.add("arn:aws:states:::x:do", lambda arguments, context: {"by": context.role_arn})
    assert world.run("x:do") == Succeeded({"by": ROLE})


class TestActivities:
    """Tasks for workers."""

    def test_a_worker_takes_a_task_once(self) -> None:
        """Its name is reported."""
        world, reports = World(), Reports()
        call = task(ACTIVITY, {"a": 1})
        world.tasks.start(call, reports)
        assert world.board.take(ACTIVITY, "me") == call
        assert reports.all == [Started("me")]
        assert world.board.take(ACTIVITY, "me") is None

    def test_a_task_that_is_cancelled_is_withdrawn(self) -> None:
        """No worker gets it."""
        world = World()
        world.tasks.start(task(ACTIVITY), Reports())
        world.tasks.cancel(task(ACTIVITY))
        assert world.board.take(ACTIVITY, "me") is None

    @pytest.mark.parametrize(("started", "offered"), [(False, True), (True, False)])
    def test_after_a_restart_only_what_nobody_took_is_offered(self, started: bool, offered: bool) -> None:
        """A worker that had taken the task still has its token."""
        world = World()
        engine = engine_with(world, {"Type": "Wait", "Seconds": 9, "End": True})
        taken = {"id": 4, "type": "ActivityStarted", "previousEventId": 3}
        found = engine.store.execution(EXECUTION)
        assert found is not None
        engine.store.save(Changes(found, events=(NOTHING, NOTHING, *((taken,) if started else ()))))
        world.tasks.resume(task(ACTIVITY), None, Reports())
        assert (world.board.take(ACTIVITY, "me") is not None) is offered


def engine_with(world: World, state: dict[str, Any]) -> Engine:
    """An engine of a world, with an execution of one state."""
    engine = Engine(store=MemoryStore(), tasks=world.tasks, clock=VirtualClock())
    world.tasks.connect(engine)
    execution = Execution(
        arn=EXECUTION,
        name="e",
        machine_arn=f"{PREFIX}:stateMachine:m",
        machine_name="m",
        role_arn=ROLE,
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": state}}),
        input="{}",
        started=0.0,
    )
    engine.start(execution)
    return engine


def test_a_task_of_an_activity_that_is_not_there_cannot_start() -> None:
    """It ends the execution, as on AWS."""
    world = World()
    engine = Engine(store=MemoryStore(), tasks=world.tasks, clock=VirtualClock())
    world.tasks.connect(engine, activity_exists=lambda _: False)
    found = world.tasks.refusal(parse_resource(ACTIVITY), {})
    assert found == f"The activity {ACTIVITY} does not exist."


class TestNested:
    """`states:startExecution`."""

    def test_a_start_is_answered_by_the_api(self) -> None:
        """An input that is no text is written as JSON; the time is in milliseconds."""
        world = World(start_execution=STARTED)
        ended = world.run(
            "states:startExecution", {"StateMachineArn": MACHINE, "Name": "c", "Input": {"a": 1}}
        )
        asked = world.services.params("start_execution")[0]
        assert asked == {"stateMachineArn": MACHINE, "name": "c", "input": '{"a":1}'}
        assert isinstance(ended, Succeeded)
        assert (ended.output["ExecutionArn"], ended.output["StartDate"]) == (CHILD, 1_767_225_600_000)
        assert list(ended.output)[1] == "SdkHttpMetadata"

    def test_without_a_name_it_is_named_after_the_attempt(self) -> None:
        """So that a second start after a crash is the same execution."""
        world = World(start_execution=STARTED)
        for number in (3, 3, 4):
            world.run("states:startExecution", {"StateMachineArn": MACHINE}, number=number)
        first, again, other = (each["name"] for each in world.services.params("start_execution"))
        assert first == again != other

    def test_a_start_that_may_have_happened_is_found_by_its_name(self) -> None:
        """After a restart: the same input, so it is the same."""
        described = STARTED | {"input": "{}"}
        taken = refusal("ExecutionAlreadyExists", "taken")
        world = World(start_execution=taken, describe_execution=described)
        reports = Reports()
        arguments = {"StateMachineArn": MACHINE, "Name": "c"}
        world.tasks.resume(task("states:startExecution", arguments), None, reports)
        (ended,) = reports.wait()
        assert isinstance(ended, Succeeded)
        assert ended.output["ExecutionArn"] == CHILD

    def test_a_name_that_is_taken_fails_the_task(self) -> None:
        """When it is started for the first time."""
        world = World(start_execution=refusal("ExecutionAlreadyExists", "taken"))
        failed = world.run("states:startExecution", {"StateMachineArn": MACHINE, "Name": "c"})
        assert isinstance(failed, Failed)
        assert failed.error == "StepFunctions.ExecutionAlreadyExistsException"

    def _child(self, world: World, state: dict[str, Any]) -> Engine:
        """An engine in which the child runs, and a parent's task that waits for it."""
        engine = engine_with(world, state)
        world.services.answers["start_execution"] = {"executionArn": EXECUTION, "startDate": DATE}
        world.services.answers["describe_execution"] = lambda **_: described(engine)
        return engine

    def test_a_childs_end_is_the_result(self) -> None:
        """As text for `.sync`, as JSON for `.sync:2`."""
        for pattern, output in ((".sync", '{"a":1}'), (".sync:2", {"a": 1})):
            world, reports = World(), Reports()
            engine = self._child(world, {"Type": "Pass", "Output": {"a": 1}, "End": True})
            call = task(f"states:startExecution{pattern}", {"StateMachineArn": MACHINE})
            world.tasks.start(call, reports)
            reports.wait()
            engine.run_until_idle()
            ended = reports.wait(2)[1]
            assert isinstance(ended, Succeeded)
            assert ended.output["Output"] == output

    def test_a_child_that_fails_fails_the_task(self) -> None:
        """The cause is its description."""
        world, reports = World(), Reports()
        engine = self._child(world, {"Type": "Fail", "Error": "E", "Cause": "C"})
        world.tasks.start(task("states:startExecution.sync", {"StateMachineArn": MACHINE}), reports)
        reports.wait()
        engine.run_until_idle()
        failed = reports.wait(2)[1]
        assert isinstance(failed, Failed)
        assert failed.error == "States.TaskFailed"
        assert json.loads(str(failed.cause))["Error"] == "E"

    def test_it_needs_the_rule_by_which_aws_hears_of_the_end(self) -> None:
        """Made with the machine's role."""
        world = World()
        self._child(world, {"Type": "Pass", "End": True})
        world.services.denied.add("events:PutRule")
        failed = world.run("states:startExecution.sync", {"StateMachineArn": MACHINE})
        assert isinstance(failed, Failed)
        assert failed.error == "StepFunctions.AWSStepFunctionsException"
        assert "events:PutRule" in str(failed.cause)

    def test_a_child_that_nobody_waits_for_is_stopped(self) -> None:
        """With AWS's words as the cause."""
        world, reports, stopped = World(), Reports(), Reports()
        self._child(world, {"Type": "Wait", "Seconds": 9, "End": True})
        world.services.answers["stop_execution"] = lambda **params: stopped(Succeeded(params)) or {}
        call = task("states:startExecution.sync", {"StateMachineArn": MACHINE})
        world.tasks.start(call, reports)
        reports.wait()
        world.tasks.cancel(call)
        (params,) = (each.output for each in stopped.wait() if isinstance(each, Succeeded))
        assert params["executionArn"] == EXECUTION
        assert params["cause"] == (
            f"The Task state in AWS Step Functions execution [{EXECUTION}] which was managing this resource "
            "was aborted"
        )


def described(engine: Engine) -> dict[str, Any]:
    """What DescribeExecution would say of the child."""
    found = engine.store.execution(EXECUTION)
    assert found is not None
    return {
        "executionArn": found.arn,
        "status": found.status,
        "input": found.input,
        "error": found.error,
        **({"output": found.output} if found.output else {}),
    }


class TestMapFiles:
    """Items from S3 and results into it."""

    def test_items_are_read_from_a_file(self) -> None:
        """By its type."""
        world = World(get_object={"Body": body("a,b\n1,2\n")})
        reader = {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Arguments": {"Bucket": "b", "Key": "k"},
        }
        assert world.run("s3:getObject", reader, purpose=READ_ITEMS) == Succeeded([{"a": "1", "b": "2"}])

    def test_objects_are_listed_page_by_page(self) -> None:
        """Until there are enough."""
        pages = iter(
            [
                {"Contents": [{"Key": "1"}, {"Key": "2"}], "IsTruncated": True, "NextContinuationToken": "t"},
                {"Contents": [{"Key": "3", "Size": 5}], "IsTruncated": False},
            ]
        )
        world = World(list_objects_v2=lambda **_: next(pages))
        reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "b"}}
        ended = world.run("s3:listObjectsV2", reader, purpose=READ_ITEMS)
        assert ended == Succeeded([{"Key": "1"}, {"Key": "2"}, {"Key": "3", "Size": 5}])
        assert world.services.params("list_objects_v2")[1]["ContinuationToken"] == "t"

    def test_a_file_that_is_not_there_fails_by_s3s_name(self) -> None:
        """The engine makes it States.ItemReaderFailed."""
        world = World(get_object=refusal("NoSuchKey", "none", 404))
        failed = world.run("s3:getObject", {"Arguments": {"Bucket": "b", "Key": "k"}}, purpose=READ_ITEMS)
        assert failed == Failed(
            "S3.NoSuchKeyException", "none (Service: S3, Status Code: 404, Request ID: r)"
        )

    def test_results_are_written_in_order(self) -> None:
        """The manifest last; also again after a restart, as the same files."""
        world, reports = World(), Reports()
        writer = {"Arguments": {"Bucket": "b"}, "Files": {"p/S.json": "[]", "p/manifest.json": "{}"}}
        world.tasks.resume(task("s3:putObject", writer, purpose=WRITE_RESULTS), None, reports)
        assert reports.wait() == [Succeeded(None)]
        keys = [each["Key"] for each in world.services.params("put_object")]
        assert keys == ["p/S.json", "p/manifest.json"]


class TestCredentials:
    """A Task whose `Credentials` name another role."""

    OTHER = "arn:aws:iam::000000000000:role/other"

    def _world(self) -> World:
        world = World()
        engine_with(world, {"Type": "Wait", "Seconds": 9, "End": True})
        return world

    def test_it_is_assumed_by_the_machines_role(self) -> None:
        """Which needs `sts:AssumeRole` on it."""
        world = self._world()
        world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "m"}, role_arn=self.OTHER)
        assert world.services.params("assume_role")[0]["RoleArn"] == self.OTHER
        assumes, calls = world.services.clients
        assert (assumes["service"], assumes["role_arn"]) == ("sts", ROLE)
        assert (calls["service"], calls["role_arn"]) == ("sqs", self.OTHER)

    def test_what_may_not_be_assumed_fails_the_task(self) -> None:
        """And the call is not made."""
        world = self._world()
        world.services.answers["assume_role"] = refusal("AccessDenied", "no", 403)
        failed = world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "m"}, role_arn=self.OTHER)
        assert isinstance(failed, Failed)
        assert failed.error == "States.Permissions"
        assert self.OTHER in str(failed.cause)
        assert world.services.params("send_message") == []
