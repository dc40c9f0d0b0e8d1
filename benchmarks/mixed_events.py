"""Events of a thousand projects, mixed, delivered twice more and out of order: each run starts exactly
once.

    python -m benchmarks.mixed_events [--projects 1000] [--copies 2]

In a cloud of its own, through the deployed functions, IAM enforced: code of every project, two versions of
each dataset that fifty of them share, a second version of half the projects' code. Every event of S3 and
every event on the stage's bus is caught on its way, and all of them are delivered again, `--copies` times,
shuffled, while the second half is uploaded. What takes the runs is a stub: the machine `run_pipeline` is
replaced by one Pass state, so that runs are started and never end. Executions must be as many as there are
distinct run keys, and no project may lack the run of its latest code on its latest data.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.cloud import Deployed, archive, deployed, wait_for
from sluiceway.gateways.records import RunRecord
from sluiceway.triggers.contracts import EVENT_SOURCE
from sluiceway.triggers.decide import CAUSES

PROJECTS_OF_A_DATASET = 50
THREADS = 16
QUIET_SECONDS = 20
PATIENCE_SECONDS = 3600
STUB = {"QueryLanguage": "JSONata", "StartAt": "Stub", "States": {"Stub": {"Type": "Pass", "End": True}}}


@dataclass(frozen=True)
class Mixed:
    """What was measured."""

    uploads: int
    redelivered: int
    executions: int
    runs: int
    keys: int
    lost: int
    seconds: float

    @property
    def is_exact(self) -> bool:
        """Each run once, and none forgotten."""
        return self.executions == self.runs == self.keys and not self.lost


class Caught:
    """A queue that gets a copy of every event of a rule's pattern."""

    def __init__(self, on: Deployed, name: str, *, bus: str, pattern: dict[str, Any]) -> None:
        self._sqs, events = on.root("sqs"), on.root("events")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn["QueueArn"],
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": arn["QueueArn"]}])

    def take(self, *, at_least: int = 0) -> list[str]:
        """The bodies of everything that was caught and not taken yet; waited for until there are so many."""
        bodies: list[str] = []
        wait_for(
            lambda: self._took_nothing(bodies) and len(bodies) >= at_least,
            seconds=PATIENCE_SECONDS,
            poll=0.01,
        )
        return bodies

    def _took_nothing(self, bodies: list[str]) -> bool:
        found = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        bodies += [message["Body"] for message in found]
        return not found


def main() -> int:
    """Measure and print; 1 where a run was started twice, or never."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    with deployed() as on:
        mixed = measure(on, arguments.projects, arguments.copies, random.Random(arguments.seed))
    show(mixed, arguments.projects)
    return 0 if mixed.is_exact else 1


def measure(on: Deployed, projects: int, copies: int, chance: random.Random) -> Mixed:
    """Upload, deliver again, wait until nothing happens any more, and count."""
    machine = on.stage.settings.run_pipeline_arn
    on.root("stepfunctions").update_state_machine(stateMachineArn=machine, definition=json.dumps(STUB))
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [on.uploads]}}}
    objects = Caught(on, "caught-objects", bus="default", pattern=pattern)
    pattern = {"source": [EVENT_SOURCE], "detail-type": list(CAUSES)}
    facts = Caught(on, "caught-facts", bus=on.stage.settings.event_bus, pattern=pattern)
    begun = time.monotonic()
    first, second = (list(uploads(projects, wave)) for wave in (1, 2))
    _put(on, first, chance)
    again = _again(on, objects.take(at_least=len(first)), facts.take(), copies)
    redelivered = len(again)
    _all_at_once([*again, *_puts(on, second)], chance)
    again = _again(on, objects.take(at_least=len(second)), facts.take(at_least=projects), copies)
    redelivered += len(again)
    _all_at_once(again, chance)
    seconds = _quiet(on, begun)
    return _count(on, projects, uploads=len(first) + len(second), redelivered=redelivered, seconds=seconds)


def uploads(projects: int, wave: int) -> Iterator[tuple[str, bytes]]:
    """Keys and bodies: all code and data, then code of every other project and more data."""
    for number in range(0, projects, wave):
        name = _project(number)
        yield f"code/{name}/{wave}.zip", archive(name, _dataset(number), note=f"wave {wave}")
    for number in range(-(-projects // PROJECTS_OF_A_DATASET)):
        yield f"data/{_dataset(number * PROJECTS_OF_A_DATASET)}/{wave}.csv", b"row %d\n" % wave


def _project(number: int) -> str:
    return f"project-{number:04d}"


def _dataset(project: int) -> str:
    return f"dataset-{project // PROJECTS_OF_A_DATASET:03d}"


Act = Callable[[], object]


def _puts(on: Deployed, wanted: Sequence[tuple[str, bytes]]) -> list[Act]:
    return [lambda key=key, body=body: on.put(key, body) for key, body in wanted]


def _put(on: Deployed, wanted: Sequence[tuple[str, bytes]], chance: random.Random) -> None:
    _all_at_once(_puts(on, wanted), chance)


def _all_at_once(acts: Sequence[Act], chance: random.Random) -> None:
    mixed = list(acts)
    chance.shuffle(mixed)
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(act) for act in mixed]:
            done.result()


def _again(on: Deployed, objects: Sequence[str], facts: Sequence[str], copies: int) -> list[Act]:
    """Deliveries of what was delivered before: of S3's events to the queue, of the others to the bus."""
    sqs, events = on.root("sqs"), on.root("events")
    queue = next(url for url in sqs.list_queues()["QueueUrls"] if "UploadsQueue" in url)
    bus = on.stage.settings.event_bus

    def put(body: str) -> None:
        event = json.loads(body)
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "EventBusName": bus}
        events.put_events(Entries=[entry | {"Detail": json.dumps(event["detail"])}])

    sends: list[Act] = [
        lambda body=body: sqs.send_message(QueueUrl=queue, MessageBody=body) for body in objects
    ]
    return (sends + [lambda body=body: put(body) for body in facts]) * copies


def _quiet(on: Deployed, begun: float) -> float:
    """Seconds until the last run was started, once none has been for a while and no queue holds anything."""
    sqs = on.root("sqs")
    queues = [url for url in sqs.list_queues()["QueueUrls"] if "UploadsQueue" in url or "SettleQueue" in url]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    names.append("ApproximateNumberOfMessagesDelayed")
    state = {"runs": -1, "since": time.monotonic()}

    def is_quiet() -> bool:
        told = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in queues]
        runs = len(on.stage.ledger.runs(limit=None))
        if runs != state["runs"] or any(int(each[name]) for each in told for name in names):
            state.update(runs=runs, since=time.monotonic())
        return time.monotonic() - state["since"] > QUIET_SECONDS

    wait_for(is_quiet, seconds=PATIENCE_SECONDS, poll=1)
    return state["since"] - begun


def _count(on: Deployed, projects: int, *, uploads: int, redelivered: int, seconds: float) -> Mixed:
    ledger, states = on.stage.ledger, on.root("stepfunctions")
    runs = [run for run in ledger.runs(limit=None) if run.code_version]
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=on.stage.settings.run_pipeline_arn
    )
    executions = [each["name"] for page in pages for each in page["executions"]]
    keys = {_inputs(run) for run in runs}
    lost = [number for number in range(projects) if _latest(on, number) not in keys]
    return Mixed(uploads, redelivered, len(executions), len(runs), len(keys), len(lost), seconds)


def _inputs(run: RunRecord) -> str:
    return json.dumps([run.project, run.code_version, sorted(run.dataset_versions.items())])


def _latest(on: Deployed, number: int) -> str:
    """What a project's last run must be of."""
    project, dataset = _project(number), _dataset(number)
    code, data = on.stage.ledger.code_pointer(project), on.stage.ledger.dataset_pointer(dataset)
    return json.dumps([project, code and code.code_version, [[dataset, data and data.version]]])


def show(mixed: Mixed, projects: int) -> None:
    """One table."""
    table = Table("figure", "value", title=f"{projects:,} projects' events, mixed")
    for name, value in (
        ("uploads", f"{mixed.uploads:,}"),
        ("events delivered again, out of order", f"{mixed.redelivered:,}"),
        ("distinct run keys", f"{mixed.keys:,}"),
        ("runs in the ledger", f"{mixed.runs:,}"),
        ("executions", f"{mixed.executions:,}"),
        ("projects without the run of their latest code and data", f"{mixed.lost}"),
        ("first upload to last run, s", f"{mixed.seconds:.0f}"),
        ("runs a second", f"{mixed.runs / mixed.seconds:.1f}"),
    ):
        table.add_row(name, value)
    Console(width=110).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
