"""Clones of the probe project that go from their upload to a served model, and all that is left of each.

A clone has a name and a dataset of its own, and, where an image is to be built for it, an environment of its
own. What is left is told in words that are the same for clones that fared alike.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from sluiceway.gateways.mlflow_rest import MlflowRest
from sluiceway.gateways.registry import MlflowRegistry
from sluiceway.models.version_tags import CHALLENGER, CHAMPION
from tests.embedded.conftest import wait_for
from tests.embedded.stage import FLIGHT_DELAY, PROBE, Stage, points, probe_archive
from tests.embedded.streams import Stream

ROWS = {"columns": ["x", "y"], "data": [[0.9, 0.1], [0.1, 0.9]]}
END_SECONDS = 420
"""A build and some retries of machines, on a machine with two cores that has other work, too."""
_LEFT_OUT = ("PENDING", "SETTLED", "LOG#")
"""Sort keys of what only says who waits for what, and when."""
_ALIKE: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?(\+00:00)?(#\w+)?"), "TIME"),
    (re.compile(r"\bm-[0-9a-f]{32}\b"), "MODEL"),
    (re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-f-]{27}\b"), "UUID"),
    (re.compile(r"(?<!\b0\.)\b[0-9a-fA-F]{8,}\b"), "HASH"),
    (re.compile(r'("version_id": )"[^"]*"'), r'\1"ID"'),
    (re.compile(r'("sequencer": )"[^"]*"'), r'\1"ID"'),
)
"""What differs between two clones that fared alike."""
_OBJECTS_OF_ATTEMPTS = "object mlflow/"
"""What each attempt at a step logs under an id of its own: a job that was submitted twice logs twice."""


class Clones:
    """New clones on a stage, each pushed and awaited to its end."""

    def __init__(self, stage: Stage, prefix: str = "whole", *, own_image: bool = False) -> None:
        self.stage = stage
        self._prefix, self._own_image = prefix, own_image
        self._next = 0

    def push(self) -> str:
        """A new clone: its data, its code, and the end of its run; its name."""
        name = f"{self._prefix}-{self._next:03d}"
        self._next += 1
        stream = Stream(self.stage, self._prefix)
        _insist(lambda: self.stage.put(f"data/{name}/first.csv", points(400)))
        stream.wait(stream.has_data, [name], seconds=END_SECONDS)
        code = _code_of(name, own_image=self._own_image)
        _insist(lambda: self.stage.put(f"code/{name}/push.zip", code))
        stream.wait(stream.has_run, [name], seconds=END_SECONDS)
        return name

    def quiet(self) -> None:
        """Wait until nothing is under way any more: executions, messages, changes of endpoints."""
        Stream(self.stage, self._prefix).quiet()
        wait_for(lambda: not self._executing(), seconds=END_SECONDS)

    def _executing(self) -> int:
        states = self.stage.cloud.client("stepfunctions")
        return sum(
            len(states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"])
            for arn in _machines(self.stage)
        )


def _insist(act: Callable[[], None]) -> None:
    """As a person does: again, until it is acknowledged."""
    deadline = time.monotonic() + END_SECONDS
    while True:
        try:
            return act()
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _code_of(name: str, *, own_image: bool) -> bytes:
    config = (
        (PROBE / "sluice.yaml")
        .read_text()
        .replace("project: probe\ndata: [points]", f"project: {name}\ndata: [{name}]")
    )
    changes: dict[str, str | None] = {"sluice.yaml": config.replace("{data.points}", f"{{data.{name}}}")}
    if own_image:
        changes["requirements.txt"] = (FLIGHT_DELAY / "requirements.txt").read_text() + f"\n# of {name}\n"
    return probe_archive(changes)


def _machines(stage: Stage) -> list[str]:
    states = stage.cloud.client("stepfunctions")
    return [each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]]


def told(stage: Stage, name: str) -> Counter[str]:
    """All that is left of a clone: ledger, executions, objects, model versions, aliases, what is served."""
    ids = [run.run_id for run in stage.runs(name)]
    found = [text for text in _everything(stage) if name in text or any(each in text for each in ids)]
    lines = [*found, *_registered(stage, name), *_served(stage, name)]
    counted = Counter(_alike(line, name, ids) for line in lines)
    return Counter(
        {line: 1 if line.startswith(_OBJECTS_OF_ATTEMPTS) else count for line, count in counted.items()}
    )


def _alike(line: str, name: str, ids: Sequence[str]) -> str:
    for number, run_id in enumerate(ids):
        line = line.replace(run_id, f"RUN{number}")
    line = line.replace(name, "PROJECT")
    for pattern, word in _ALIKE:
        line = pattern.sub(word, line)
    return line


def _everything(stage: Stage) -> Iterator[str]:
    yield from _items(stage)
    yield from _executions(stage)
    yield from _objects(stage)


def _items(stage: Stage) -> Iterator[str]:
    table, plain = stage.settings["ledger_table"], TypeDeserializer().deserialize
    pages = stage.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    for item in (found for page in pages for found in page["Items"]):
        values = {name: plain(value) for name, value in item.items()}
        if not values["sk"].startswith(_LEFT_OUT) and not _found_nothing(values):
            yield "item " + json.dumps(values, sort_keys=True, default=str)


def _found_nothing(values: Mapping[str, Any]) -> bool:
    """Whether it only says that a timer looked once more: a message that was sent twice makes two timers."""
    return values.get("event") == "DatasetSettled" and values["outcome"] != "versioned"


def _executions(stage: Stage) -> Iterator[str]:
    pages = stage.cloud.client("stepfunctions").get_paginator("list_executions")
    for arn in _machines(stage):
        for page in pages.paginate(stateMachineArn=arn):
            for each in page["executions"]:
                yield f"execution {arn.rpartition(':')[2]} {each['name']} {each['status']}"


def _objects(stage: Stage) -> Iterator[str]:
    pages = stage.cloud.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=stage.settings["artifacts_bucket"]):
        yield from (f"object {each['Key']}" for each in page.get("Contents", []))


def _registered(stage: Stage, name: str) -> Iterator[str]:
    """Model versions with their tags, and where the aliases point."""
    rest = MlflowRest(stage.cloud.tracking_uri)
    for each in rest.get("model-versions/search", filter=f"name = '{name}'").get("model_versions", ()):
        tags = {tag["key"]: tag["value"] for tag in each.get("tags", ())}
        yield f"version {each['version']} {each['status']} {json.dumps(tags, sort_keys=True)}"
    registry = MlflowRegistry(rest)
    for alias in (CHALLENGER, CHAMPION):
        aliased = registry.version_by_alias(name, alias)
        yield f"alias {alias} {aliased and aliased.version}"


def _served(stage: Stage, name: str) -> Iterator[str]:
    """The endpoint, what it answers, and the models and configurations that were made for it."""
    sagemaker = stage.cloud.client("sagemaker")
    endpoint = stage.ledger.endpoint(name)
    if endpoint is not None:
        found = sagemaker.describe_endpoint(EndpointName=endpoint.endpoint)
        is_promoted = found["EndpointConfigName"] == endpoint.endpoint_config
        yield f"endpoint {found['EndpointStatus']}, with what was promoted: {is_promoted}"
        yield f"answer {json.dumps(stage.invoke(endpoint.endpoint, ROWS))}"
    made: Mapping[str, Any] = {
        "model": sagemaker.list_models(NameContains=name)["Models"],
        "configuration": sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"],
        "endpoint": sagemaker.list_endpoints(NameContains=name)["Endpoints"],
    }
    yield from (f"{len(each)} of {kind}" for kind, each in made.items())


def retire(stage: Stage, name: str) -> None:
    """Take a clone's endpoint away: each is a process that holds memory."""
    endpoint = stage.ledger.endpoint(name)
    if endpoint is not None:
        stage.cloud.client("sagemaker").delete_endpoint(EndpointName=endpoint.endpoint)


def difference(found: Counter[str], clean: Counter[str]) -> str:
    """What is other than in the undisturbed clone, a line each; empty where they fared alike."""
    return "\n".join(
        f"{found[line]} instead of {clean[line]}: {line}"
        for line in sorted(found.keys() | clean.keys())
        if found[line] != clean[line]
    )
