"""Uploads without a pause while the cloud and its functions' workers are killed: all ends as undisturbed.

Each upload's event is delivered twice and more. What comes among the dead letters is sent on, as an operator
would: an event whose worker died three times in a row.
"""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from embedded.hook import faults
from sluiceway.errors import TransientError
from tests.embedded.killing import Kills, impatient, in_background, kill_at_random
from tests.embedded.stage import Stage
from tests.embedded.streams import Stream, differences, is_worked_off, short_pipeline
from tests.proofs.figures import keep

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(7200)]

ROUNDS = 10
"""of the long form, each judged by itself"""
SHORT = {"workers": 8, "clouds": 3, "uploaders": 2}
LONG = {"workers": 100, "clouds": 15, "uploaders": 8}
"""Of a round. With more uploaders there is more to be killed; each takes its share of the machine."""
_PATIENCE = 300.0
"""seconds"""
_VISIBILITY = 15
"""seconds: longer than a function takes on a busy machine, or its message comes again while it works"""
_LETTERS_SECONDS = 20.0
"""An operator looks at the dead letters when something has not come so long."""
_PAUSE = 0.3
"""seconds between two uploads of each"""


class Killed:
    """What was uploaded while processes were killed."""

    def __init__(self, stage: Stage, number: int, *, workers: int, clouds: int, uploaders: int) -> None:
        self.stage = stage
        self.stream = Stream(stage, f"killed-{number}-")
        self.names = self.stream.names(2)
        self.letters = 0
        self._upload_undisturbed()
        faults.flush(stage.cloud.state_dir)
        self.clean = self.names[0]
        with doubled(stage), self._uploading(uploaders):
            self.kills: Kills = kill_at_random(
                stage.cloud.state_dir, workers=workers, clouds=clouds, seed=number
            )
        self._insist(self.stream.has_run, self.names)
        self.stream.quiet()
        self._send_letters_on()

    def _upload_undisturbed(self) -> None:
        for name in self.names:
            self.stream.put_data(name)
        self.stream.wait(self.stream.has_data, self.names)
        for name in self.names:
            self.stream.put_code(name)

    def _upload(self, name: str) -> None:
        self.stream.put_data(name)
        self._insist(self.stream.has_data, [name])
        self.stream.put_code(name)

    @contextmanager
    def _uploading(self, uploaders: int) -> Iterator[None]:
        """New projects' data without a pause, and their code as soon as the data are a version."""
        numbers = itertools.count(len(self.names))

        def upload(over: threading.Event) -> None:
            while not over.wait(_PAUSE):
                (name,) = self.stream.names(1, start=next(numbers))
                self.names.append(name)
                self._upload(name)

        with in_background(*[upload] * uploaders):
            yield

    def figures(self) -> dict[str, float]:
        """What was done, for the summary."""
        starts = sorted(self.kills.starts)
        return {
            "worker_kills": self.kills.workers,
            "cloud_kills": self.kills.clouds,
            "projects": len(self.names),
            "dead_letters_sent_on": self.letters,
            "restart_median_seconds": round(starts[len(starts) // 2], 1),
            "wrong": len(self.wrong()),
        }

    @cached_property
    def _wrong(self) -> dict[str, str]:
        return differences(self.stream.dumps(self.names), clean=self.clean)

    def wrong(self) -> dict[str, str]:
        """What is other than in the project that nothing happened to."""
        return self._wrong

    def _insist(self, holds: Callable[[str], bool], names: list[str]) -> None:
        """Wait until something holds, and send dead letters on meanwhile; raises AssertionError."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with suppress(AssertionError):
                self.stream.wait(holds, names, seconds=_LETTERS_SECONDS)
                return
            self._send_letters_on()
        self.stream.wait(holds, names, seconds=1)

    def _send_letters_on(self) -> None:
        with suppress(BotoCoreError, ClientError, TransientError):  # the cloud is gone
            self.letters += self.stream.redrive()


@contextmanager
def doubled(stage: Stage) -> Iterator[None]:
    """Each upload's event comes a second time, a moment later."""
    events, sqs = stage.cloud.client("events"), stage.cloud.client("sqs")
    copies = sqs.create_queue(QueueName="doubled")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=copies, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    statement |= {"Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=copies, Attributes={"Policy": policy, "VisibilityTimeout": "5"})
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [stage.settings["uploads_bucket"]]}}}
    events.put_rule(Name="double", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="double", Targets=[{"Id": "queue", "Arn": arn}])
    try:
        with in_background(partial(_forward, stage, copies)):
            yield
    finally:
        events.remove_targets(Rule="double", Ids=["queue"])
        events.delete_rule(Name="double")


def _forward(stage: Stage, copies: str, over: threading.Event) -> None:
    sqs = stage.cloud.client("sqs")
    uploads = next(url for url in sqs.list_queues()["QueueUrls"] if is_worked_off(url) and "Uploads" in url)
    while not over.is_set():
        with suppress(BotoCoreError, ClientError):  # the cloud is gone
            answer = sqs.receive_message(QueueUrl=copies, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                sqs.send_message(QueueUrl=uploads, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=copies, ReceiptHandle=message["ReceiptHandle"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One round in the short form."""
    rounds = ROUNDS if metafunc.config.getoption("--proof") else 1
    metafunc.parametrize("killed", range(rounds), indirect=True, scope="module")


@pytest.fixture(scope="module")
def killed(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Killed]:
    """A few kills, or more than a thousand in all as a proof."""
    in_full = bool(request.config.getoption("--proof"))
    with short_pipeline(stage, visibility=_VISIBILITY):
        found = Killed(impatient(stage), request.param, **(LONG if in_full else SHORT))
        yield found
        keep(f"event_kills_{request.param}", in_full=in_full, **found.figures())


def test_processes_were_killed_while_projects_were_uploaded(killed: Killed) -> None:
    """So that the rest says something."""
    assert killed.kills.clouds >= SHORT["clouds"]
    assert killed.kills.workers >= SHORT["workers"] // 2
    assert len(killed.names) > 3


def test_nothing_is_lost_and_nothing_is_done_twice(killed: Killed) -> None:
    """Ledger, executions and objects of each project are those of one that nothing happened to."""
    assert killed.wrong() == {}
