"""Streams of uploads of many small projects, and what became of each: for the proofs of "exactly once".

A project here is one object of a dataset of its own, and code that names it. While a `short_pipeline` stands
in for `run_pipeline` its runs end without training, so what comes before a run can be repeated hundreds of
times.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from sluiceway.datasets.listing import settling_of
from sluiceway.errors import TransientError
from sluiceway.gateways.dead_letters import SqsDeadLetters
from sluiceway.gateways.targets import AwsTargets
from sluiceway.triggers.redrive_letters import LetterQueue, redrive_letters
from tests.embedded.conftest import wait_for
from tests.embedded.stage import Stage
from tests.fakes.samples import SLUICE_YAML, project_files, zipped

QUIET_SECONDS = 180
_VISIBILITY = 6
"""seconds until a message whose worker died comes again: on AWS twelve minutes"""
_LOOK_SECONDS = 0.2
"""Who looks more often takes the time from what is waited for."""
_COUNTS = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]
_ALIKE: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z(#\w+)?"), "TIME"),
    (re.compile(r"\b[0-9a-fA-F]{8,}\b"), "HASH"),
    (re.compile(r'("version_id": )"[^"]*"'), r'\1"ID"'),
)
"""What differs between two projects that fared alike."""
_LEFT_OUT = ("PENDING", "SETTLED", "LOG#")
"""Sort keys of what only says who waits for what, and when."""


def code_of(project: str) -> bytes:
    """A project's archive; its dataset has its name."""
    config = SLUICE_YAML.replace("flight-delay", project).replace("data: [flights]", f"data: [{project}]")
    return zipped(project_files(sluice_yaml=config.replace("data.flights", f"data.{project}")))


class Stream:
    """Uploads of projects `<prefix>00`, `<prefix>01`, … to a stage."""

    def __init__(self, stage: Stage, prefix: str) -> None:
        self.stage = stage
        self.prefix = prefix
        self._state: Any = None

    def names(self, count: int, *, start: int = 0) -> list[str]:
        """So many projects."""
        return [f"{self.prefix}{number:03d}" for number in range(start, start + count)]

    def put_data(self, name: str) -> None:
        """The project's dataset: one object."""
        self._insist(lambda: self._put(f"data/{name}/rows.csv", f"rows of {name}".encode()))

    def put_code(self, name: str) -> None:
        """The project's code."""
        self._insist(lambda: self._put(f"code/{name}/push.zip", code_of(name)))

    def _put(self, key: str, body: bytes) -> None:
        """Once: who asks again because the answer was lost makes no second upload of it."""
        bucket = self.stage.settings["uploads_bucket"]
        try:
            self.stage.client("s3").put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise

    @staticmethod
    def _insist(act: Callable[[], None]) -> None:
        """As a person does: again, until it is acknowledged."""
        deadline = time.monotonic() + QUIET_SECONDS
        while True:
            try:
                return act()
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def has_data(self, name: str) -> bool:
        """Whether the dataset has a version, its maker has come to its end, and its event was heard."""
        pointer = self.stage.ledger.dataset_pointer(name)
        if pointer is None or self.stage.ledger.event(settling_of(pointer.event_id)) is None:
            return False
        return self.stage.ledger._table.get(f"EVENT#{pointer.event_id}", "SEEN#Concerned") is not None

    def has_run(self, name: str) -> bool:
        """Whether a run of the project has ended, and its decision is on record."""
        pointer = self.stage.ledger.code_pointer(name)
        if pointer is None or self.stage.ledger.event(pointer.event_id) is None:
            return False
        decision = self.stage.ledger.event(f"{pointer.event_id}.{name}")
        return bool(decision and decision.run_id and self.stage.ledger.run(decision.run_id).ended)

    def wait(
        self, holds: Callable[[str], bool], names: Sequence[str], *, seconds: float = QUIET_SECONDS
    ) -> None:
        """Wait until something holds of each project."""
        left = list(names)

        def none_left() -> bool:
            left[:] = [name for name in left if not _holds(holds, name)]
            if left:
                time.sleep(_LOOK_SECONDS)
            return not left

        try:
            wait_for(none_left, seconds=seconds)
        except AssertionError:
            raise AssertionError(f"{holds.__name__} does not hold of {left}") from None

    def redrive(self) -> int:
        """Send dead letters on, as `sluice redrive --dead-letters` does; how many there were."""
        sqs = self.stage.cloud.client("sqs")
        urls = [url for url in sqs.list_queues()["QueueUrls"] if "DeadLetters" in url.rpartition("/")[2]]
        sent = [each for url in urls for each in redrive_letters(_letters(sqs, url), self._targets())]
        assert [each.kept for each in sent if each.kept] == []
        return len(sent)

    def _targets(self) -> AwsTargets:
        return AwsTargets(self.stage.cloud.client)

    def quiet(self) -> None:
        """Wait until no message is under way and no execution runs."""
        wait_for(lambda: not self._under_way(), seconds=QUIET_SECONDS)

    def _under_way(self) -> int:
        sqs = self.stage.cloud.client("sqs")
        urls = [url for url in sqs.list_queues().get("QueueUrls", []) if is_worked_off(url)]
        found = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS)["Attributes"] for url in urls]
        states = self.stage.cloud.client("stepfunctions")
        arn = self.stage.settings["run_pipeline_arn"]
        running = states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
        return sum(int(value) for each in found for value in each.values()) + len(running)

    def dumps(self, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """All that there is of each project, in words that are the same for projects that fared alike."""
        everything = [*self._items(), *self._executions(), *self._objects()]
        return {name: _dump(name, [text for text in everything if name in text]) for name in names}

    def _items(self) -> Iterator[str]:
        table, plain = self.stage.settings["ledger_table"], TypeDeserializer().deserialize
        pages = self.stage.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        for item in (found for page in pages for found in page["Items"]):
            values = {name: plain(value) for name, value in item.items()}
            if not values["sk"].startswith(_LEFT_OUT) and not _found_nothing(values):
                yield json.dumps(values, sort_keys=True, default=str)

    def _executions(self) -> Iterator[str]:
        states = self.stage.cloud.client("stepfunctions")
        pages = states.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=self.stage.settings["run_pipeline_arn"]):
            yield from (f"execution {each['name']} {each['status']}" for each in page["executions"])

    def _objects(self) -> Iterator[str]:
        bucket = self.stage.settings["artifacts_bucket"]
        pages = self.stage.cloud.client("s3").get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket):
            yield from (f"object {each['Key']}" for each in page.get("Versions", []))


def _found_nothing(values: Mapping[str, Any]) -> bool:
    """Whether it only says that a timer looked once more: how many there are depends on clocks."""
    return values.get("event") == "DatasetSettled" and values["outcome"] != "versioned"


def _dump(name: str, texts: Sequence[str]) -> Mapping[str, Any]:
    found: dict[str, int] = {}
    for text in texts:
        alike = text.replace(name, "PROJECT")
        for pattern, word in _ALIKE:
            alike = pattern.sub(word, alike)
        found[alike] = found.get(alike, 0) + 1
    return found


def differences(dumps: Mapping[str, Mapping[str, Any]], *, clean: str) -> dict[str, str]:
    """What is other than in the undisturbed project, by project."""
    wrong = {}
    for name, found in dumps.items():
        keys = sorted(found.keys() | dumps[clean].keys())
        lines = [
            f"{found.get(key, 0)} instead of {dumps[clean].get(key, 0)}: {key}"
            for key in keys
            if found.get(key, 0) != dumps[clean].get(key, 0)
        ]
        if lines:
            wrong[name] = "\n".join(lines)
    return wrong


def _holds(holds: Callable[[str], bool], name: str) -> bool:
    """Nothing holds while the cloud is gone."""
    try:
        return holds(name)
    except (BotoCoreError, ClientError, TransientError):
        return False


def _letters(sqs: Any, url: str) -> LetterQueue:
    """SQS itself moves the letters of a queue back that feeds a function."""
    name = url.rpartition("/")[2]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    moves = not re.search("-(triggers|pipeline)-DeadLetters", name)
    return LetterQueue(name, SqsDeadLetters(sqs, arn), moves)


def is_worked_off(url: str) -> bool:
    """Whether a queue feeds a function, and keeps no dead letters."""
    name = url.rpartition("/")[2]
    return ("Uploads" in name or "Settle" in name) and "Dead" not in name


@contextmanager
def short_pipeline(stage: Stage, *, visibility: int = _VISIBILITY) -> Iterator[None]:
    """Runs end at once as REJECTED, and messages that nobody worked off come again after seconds."""
    states, arn = stage.cloud.client("stepfunctions"), stage.settings["run_pipeline_arn"]
    definition = json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])
    finish = {name: value for name, value in definition["States"]["FinishRun"].items() if name != "Catch"}
    given = {"run_id": "{% $states.input.run_id %}", "passed": False, "reason": "not trained"}
    given |= {"model_version": "1", "deployed": False}
    finish["Arguments"] = finish["Arguments"] | {"Payload": given}
    short = {"QueryLanguage": "JSONata", "StartAt": "FinishRun", "States": {"FinishRun": finish}}
    with short_visibility(stage, seconds=visibility):
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps(short))
        try:
            yield
        finally:
            states.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))


@contextmanager
def short_visibility(stage: Stage, *, seconds: int = _VISIBILITY) -> Iterator[None]:
    """Messages that nobody worked off come again after seconds."""
    sqs = stage.cloud.client("sqs")
    urls = [url for url in sqs.list_queues()["QueueUrls"] if is_worked_off(url)]
    name = "VisibilityTimeout"
    before = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name] for url in urls
    }
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(seconds)})
    try:
        yield
    finally:
        for url, value in before.items():
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: value})
