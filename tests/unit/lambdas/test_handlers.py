"""Handlers of events: what AWS sends goes in, and what failed is named so that only that comes again."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambdas.datasets import settle_dataset
from lambdas.runtime import environment
from lambdas.triggers import collect_uploads, request_runs
from sluiceway.datasets.contracts import INCOMPLETE, SettleDatasetInput
from sluiceway.datasets.settle_dataset import Settling
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.request_runs import Requesting
from tests.fakes.lambda_context import CONTEXT
from tests.fakes.world import MACHINE, World

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Fakes at the one place where each handler chooses the outside world."""
    world = World()
    both: dict[str, Any] = {"ledger": world.ledger, "events": world.events}
    stored: dict[str, Any] = both | {"objects": world.objects, "artifacts_bucket": "artifacts"}
    collection = Collection(**stored, settle_queue=world.queue, settle_seconds=30)
    requesting = Requesting(**both, executions=world.executions, run_pipeline_arn=MACHINE)
    monkeypatch.setattr(collect_uploads, "_collection", lambda: collection)
    monkeypatch.setattr(request_runs, "_requesting", lambda: requesting)
    settling = Settling(**stored, uploads_bucket="uploads", settle_queue=world.queue, settle_seconds=0)
    monkeypatch.setattr(settle_dataset, "_settling", lambda: settling)
    return world


def batch(*bodies: str) -> dict[str, Any]:
    """SQS's payload with these messages."""
    (record,) = json.loads((EVENTS / "sqs_batch.json").read_text())["Records"]
    records = [record | {"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
    return {"Records": records}


def test_an_upload_is_collected_from_its_message(world: World) -> None:
    """SQS carries EventBridge's event as the message's body."""
    answer = collect_uploads.handler(batch((EVENTS / "s3_object_created.json").read_text()), CONTEXT)
    assert answer == {"batchItemFailures": []}
    (message, delay) = world.queue.sent[0]
    assert isinstance(message, SettleDatasetInput)
    assert (message.dataset, delay) == ("flights", 15)


def test_only_the_messages_that_failed_come_again(world: World) -> None:
    """What S3 tells and nobody here can read is kept; what is no event at all is refused, and gone."""
    good = (EVENTS / "s3_object_created.json").read_text()
    answer = collect_uploads.handler(batch('{"source": "aws.s3"}', good, "no JSON"), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert len(world.queue.sent) == 1


def test_a_dataset_is_settled_from_its_message(world: World) -> None:
    """A failure of the bus is a failed message, and the next delivery is not."""
    world.collect(world.push_data())
    body = world.queue.sent[0][0].model_dump_json()
    world.events.refuse = 1
    assert settle_dataset.handler(batch(body), CONTEXT)["batchItemFailures"] == [{"itemIdentifier": "m0"}]
    assert settle_dataset.handler(batch(body), CONTEXT) == {"batchItemFailures": []}
    assert len(world.events.published) == 1


def test_a_dataset_that_is_not_complete_in_time_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the embedded metric format, under the dimensions that the alarm watches."""
    monkeypatch.setenv("STAGE", "dev")
    monkeypatch.setattr(settle_dataset.metrics, "service", "settle_dataset")  # POWERTOOLS_SERVICE_NAME
    environment.cache_clear()
    manifest = json.dumps({"count": 2, "deadline": 60}).encode()
    world.collect(world.push_data(manifest, "_MANIFEST.json"))
    late = replace(settle_dataset._settling(), now=lambda: "2026-11-22T12:00:00.000Z")
    monkeypatch.setattr(settle_dataset, "_settling", lambda: late)
    assert settle_dataset.handler(batch(world.queue.sent[-1][0].model_dump_json()), CONTEXT)
    lines = [line for line in capsys.readouterr().out.splitlines() if INCOMPLETE in line and '"_aws"' in line]
    (told,) = map(json.loads, lines)
    (directive,) = told["_aws"]["CloudWatchMetrics"]
    assert set(directive["Dimensions"][0]) == {"service", "stage"}
    assert (told[INCOMPLETE], told["stage"]) == ([1.0], "dev")


def test_runs_are_requested_from_an_event_of_the_bus(world: World) -> None:
    """EventBridge's envelope tells by its detail type which contract is in it."""
    event = json.loads((EVENTS / "code_pushed.json").read_text())
    (decision,) = request_runs.handler(event, CONTEXT)
    assert (decision["project"], decision["outcome"]) == ("flight-delay", "waiting")
