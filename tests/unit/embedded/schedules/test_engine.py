"""The engine under a clock that tests drive."""

from concurrent.futures import Executor, Future
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.schedules.engine import PENDING, Engine, World
from embedded.schedules.targets import Request

ROLE = "arn:aws:iam::000000000000:role/r"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"


class _AtOnce(Executor):
    def submit(self, function: Any, *arguments: Any) -> Any:
        function(*arguments)
        return Future()


class _World:
    """Records, the calls made, and answers: an error code with its status, or None for success."""

    def __init__(self, *answers: tuple[str, int] | None, **settings: Any) -> None:
        self.now, self.answers, self.calls, self.counts = 0.0, list(answers), [], []
        target = {"Arn": QUEUE, "RoleArn": ROLE} | settings.pop("Target", {})
        self.record = {
            "Arn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s", "State": "ENABLED",
            "ScheduleExpression": "rate(1 hour)", "ScheduleExpressionTimezone": "UTC",
            "LastModificationDate": 0.0, "_Considered": -1.0, "Target": target,
        } | settings  # fmt: skip
        self.records = [self.record]
        world = World(
            lambda: list(self.records),
            self.records.remove,
            lambda _: None,
            self.call,
            self.count,
            lambda: self.now,
            lambda: 1.0,
        )
        self.engine = Engine(world, _AtOnce())

    def call(self, request: Request, role: str) -> None:
        assert role == ROLE
        self.calls.append((self.now, request))
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            code, status = answer
            shown = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(shown, request.operation)

    def count(self, _record: Any, metric: str) -> None:
        self.counts.append(metric)

    def run(self, until: int) -> None:
        while self.now <= until:
            self.engine.tick()
            self.now += 1


def test_a_schedule_fires_when_it_is_due() -> None:
    """Every hour, once, from now on."""
    world = _World()
    world.run(7_300)
    assert [at for at, _ in world.calls] == [0, 3_600, 7_200]


def test_a_disabled_schedule_does_not_fire() -> None:
    """State DISABLED."""
    world = _World(State="DISABLED")
    world.run(3_700)
    assert world.calls == []


def test_placeholders_are_filled() -> None:
    """All four context attributes, also in a second attempt."""
    text = "<aws.scheduler.attempt-number> <aws.scheduler.scheduled-time> <aws.scheduler.schedule-arn> <a>"
    world = _World(("ServiceUnavailable", 503), Target={"Input": text})
    world.run(10)
    bodies = [request.parameters["MessageBody"] for _, request in world.calls]
    arn = world.record["Arn"]
    assert bodies == [f"{attempt} 1970-01-01T00:00:00Z {arn} <a>" for attempt in (1, 2)]


def test_a_busy_target_is_tried_again_with_growing_waits() -> None:
    """What may pass by itself: exponential backoff."""
    world = _World(*[("ThrottlingException", 400)] * 3)
    world.run(60)
    assert [at for at, _ in world.calls] == [0, 2, 6, 14]
    assert world.record[PENDING] == []


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("QueueDoesNotExist", 400)])
def test_what_does_not_pass_is_not_tried_again(code: str, status: int) -> None:
    """Permissions and missing targets: straight to the dead-letter queue."""
    world = _World((code, status), Target={"DeadLetterConfig": {"Arn": DEAD}})
    world.run(1_000)
    (_, _), (_, letter) = world.calls
    attributes = {key: value["StringValue"] for key, value in letter.parameters["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == code
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes
    assert letter.parameters["QueueUrl"].endswith("/dead")


@pytest.mark.parametrize(
    ("policy", "condition", "retries"),
    [
        ({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2"),
        ({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", "4"),
    ],
)
def test_a_retry_policy_ends_in_the_dead_letter_queue(policy: Any, condition: str, retries: str) -> None:
    """After so many retries, or so long; the letter says which."""
    settings = {"RetryPolicy": policy, "DeadLetterConfig": {"Arn": DEAD}, "Input": "text"}
    world = _World(*[("InternalError", 500)] * (int(retries) + 1), Target=settings)
    world.run(1_000)
    letter = world.calls[-1][1].parameters
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert (attributes["EXHAUSTED_RETRY_CONDITION"], attributes["RETRY_ATTEMPTS"]) == (condition, retries)
    assert (letter["MessageBody"], attributes["SCHEDULED_TIME"]) == ("text", "1970-01-01T00:00:00Z")
    assert world.counts[-1] == "InvocationsSentToDeadLetterCount"


def test_a_schedule_that_deletes_itself_goes_after_its_last_invocation() -> None:
    """ActionAfterCompletion DELETE waits for the retries."""
    once = {"ScheduleExpression": "at(1970-01-01T00:00:05)", "ActionAfterCompletion": "DELETE"}
    world = _World(("InternalError", 500), **once)
    world.run(6)
    assert world.records == [world.record]
    world.run(20)
    assert ([at for at, _ in world.calls], world.records) == ([5, 7], [])


def test_what_is_on_record_goes_on_after_a_restart() -> None:
    """A new engine finds the attempts that are left, and fires nothing again."""
    world = _World(("InternalError", 500))
    world.run(1)
    restarted = _World()
    restarted.record.update(world.record)
    restarted.now = 2
    restarted.run(100)
    assert [at for at, _ in restarted.calls] == [2]
    assert world.calls[0][1] == restarted.calls[0][1]
