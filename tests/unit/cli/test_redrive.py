"""`sluice redrive`."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from sluiceway.cli.main import app
from sluiceway.cli.stage import DeadLetterSettings
from sluiceway.triggers.contracts import RunAsked
from tests.fakes.stage import history
from tests.fakes.world import World


class FakeQueues:
    """SQS: one letter in each queue, until it is deleted."""

    meta = SimpleNamespace(endpoint_url="https://sqs")

    def __init__(self, **bodies: str) -> None:
        self.bodies, self.hidden, self.moves = dict(bodies), set[str](), list[str]()

    def receive_message(self, *, QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        name = QueueUrl.rpartition("/")[2]
        if name not in self.bodies or name in self.hidden:
            return {}
        self.hidden.add(name)
        return {"Messages": [{"MessageId": "m", "ReceiptHandle": "h", "Body": self.bodies[name]}]}

    def change_message_visibility(self, *, QueueUrl: str, **_: Any) -> None:  # noqa: N803
        self.hidden.discard(QueueUrl.rpartition("/")[2])

    def delete_message(self, *, QueueUrl: str, **_: Any) -> None:  # noqa: N803
        del self.bodies[QueueUrl.rpartition("/")[2]]

    def start_message_move_task(self, *, SourceArn: str) -> None:  # noqa: N803
        self.moves.append(SourceArn)


class FakeFunctions:
    """Lambda: what was invoked."""

    def __init__(self) -> None:
        self.invoked: list[dict[str, Any]] = []

    def invoke(self, **given: Any) -> None:
        self.invoked.append(given)


@pytest.fixture
def queues(fake) -> FakeQueues:
    """A queue of a rule and one of a queue, each with a letter."""
    record = {
        "requestContext": {"functionArn": "arn:aws:lambda:r:1:function:f:$LATEST"},
        "requestPayload": {"detail-type": "CodePushed", "detail": {"project": "flights"}},
    }
    queues = FakeQueues(triggers=json.dumps(record), uploads='{"dataset": "flights"}')
    told = {
        name: DeadLetterSettings(arn=f"arn:aws:sqs:r:1:{name}", moves=name == "uploads")
        for name in ("triggers", "uploads")
    }
    settings = fake.stage.settings.model_copy(update={"dead_letters": told, "fail_run_arn": "arn:fail-run"})
    object.__setattr__(fake.stage, "settings", settings)
    fake.clients |= {"sqs": queues, "lambda": FakeFunctions()}
    return queues


@pytest.fixture
def world(fake, queues) -> World:
    world = World()
    object.__setattr__(fake.stage, "ledger", world.ledger)
    return world


def redrive(*words):
    return CliRunner().invoke(app, ["redrive", *words])


def test_dead_letters_are_listed_with_their_reason(fake, queues):
    """And stay where they are."""
    listed = json.loads(redrive("--dead-letters", "--dry-run", "--json").stdout)
    assert [each["about"] for each in listed] == ["CodePushed flights", "flights"]
    assert (fake.clients["lambda"].invoked, queues.moves, len(queues.bodies)) == ([], [], 2)


def test_dead_letters_are_sent_on(fake, queues):
    """The function gets its event without the record around it; SQS moves its own."""
    assert redrive("--dead-letters").exit_code == 0
    (invoked,) = fake.clients["lambda"].invoked
    assert (invoked["FunctionName"], invoked["InvocationType"]) == ("arn:aws:lambda:r:1:function:f", "Event")
    assert json.loads(invoked["Payload"])["detail-type"] == "CodePushed"
    assert (queues.moves, list(queues.bodies)) == (["arn:aws:sqs:r:1:uploads"], ["uploads"])


def test_one_queue_may_be_named(fake, queues):
    """A misspelt one suggests the nearest."""
    redrive("Uploads", "--dead-letters")
    assert (queues.moves, fake.clients["lambda"].invoked) == (["arn:aws:sqs:r:1:uploads"], [])
    assert "did you mean uploads?" in redrive("uploaded", "--dead-letters").stderr


def test_a_failed_run_is_asked_for_again_through_the_bus(world, fake):
    """Once: what was decided is not asked again, and the command says what came of it."""
    run = world.started()
    world.finish(run, "FAILED")
    assert "tried again" in redrive(run.run_id).stdout
    (entry,) = fake.bus.entries
    world.request(RunAsked.model_validate_json(entry["Detail"]))
    again = redrive(run.run_id)
    assert "was redriven before: requested: run flight-delay-" in again.stdout
    assert len(fake.bus.entries) == 1


def test_a_dry_run_asks_nothing(world, fake):
    """It only says what would be done."""
    run = world.started()
    world.finish(run, "FAILED")
    assert "would be tried again" in redrive(run.run_id, "--dry-run").stdout
    assert fake.bus.entries == []


def test_a_run_that_goes_on_is_left_alone(world, fake):
    """There is nothing to try again yet."""
    run = world.started()
    fake.states.histories[run.run_id] = history(("TaskStateEntered", "PlanRun"))
    result = redrive(run.run_id)
    assert (result.exit_code, f"`sluice watch {run.run_id}`" in result.stderr) == (1, True)
    assert fake.bus.entries == []


def test_a_run_whose_bad_end_was_never_recorded_is_recorded_first(world, fake):
    """Its execution was aborted, and whoever tells of that was not heard."""
    run = world.started()
    fake.states.histories[run.run_id] = history(("TaskStateEntered", "PlanRun"), "ExecutionAborted")
    assert redrive(run.run_id).exit_code == 0
    (invoked,) = fake.clients["lambda"].invoked
    assert invoked["FunctionName"] == "arn:fail-run"
    assert json.loads(invoked["Payload"]) == {"run_id": run.run_id, "error": "ABORTED", "cause": None}
    assert len(fake.bus.entries) == 1


def test_what_is_to_be_redriven_must_be_named(fake):
    """Nothing is tried again by mistake."""
    assert redrive().exit_code == 2
