"""`sluice run`, `deploy`, `approve` and `rollback`: one event, and the stage's own answer."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from sluiceway.cli import asking
from sluiceway.cli.main import app
from sluiceway.endpoints.request_deployment import Deploying, request_deployment
from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.asked import Envelope
from sluiceway.triggers.contracts import DeploymentAsked, RunAsked
from sluiceway.triggers.decide import CAUSES
from sluiceway.triggers.request_runs import Requesting, request_runs
from sluiceway.triggers.take_event import take_event
from tests.fakes.events import MemoryEvents
from tests.fakes.executions import MemoryExecutions
from tests.fakes.registry import MemoryRegistry
from tests.fakes.samples import (
    AT,
    code_pointer,
    dataset_pointer,
    deployment_record,
    endpoint_record,
    image_record,
)
from tests.fakes.stage import MACHINE, FakeBus, FakeStage

OLD, NEW = "ab" * 32, "ac" * 32
CONFIG = json.dumps({"steps": {"prepare": {}, "train": {}}})


class Identity:
    """Who calls."""

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": "arn:aws:sts::000000000000:assumed-role/operator/alice"}


class DecidingBus(FakeBus):
    """Delivers what is put, twice, to the functions that decide."""

    def __init__(self, fake: FakeStage) -> None:
        super().__init__()
        self.fake, self.executions, self.asked = fake, MemoryExecutions(), []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        for entry in Entries * 2:
            self._deliver(entry)
        return super().put_events(Entries=Entries)

    def _deliver(self, entry: dict[str, Any]) -> None:
        event = {
            "id": "i",
            "account": "0" * 12,
            "source": entry["Source"],
            "detail-type": entry["DetailType"],
        }
        envelope = Envelope.model_validate(event | {"detail": json.loads(entry["Detail"])})
        kinds: dict[str, Any] = {**CAUSES, "DeploymentAsked": DeploymentAsked}
        take_event(envelope, kinds, self._decide, ledger=self.fake.ledger, now=lambda: AT)

    def _decide(self, event: Any) -> list[EventRecord]:
        self.asked.append(event)
        ledger, machine = self.fake.ledger, f"{MACHINE}m"
        if isinstance(event, RunAsked):
            on = Requesting(
                ledger=ledger, events=self.events(), executions=self.executions, run_pipeline_arn=machine
            )
            return request_runs(event, on)
        return request_deployment(
            event,
            Deploying(
                ledger=ledger, registry=MemoryRegistry(), executions=self.executions, deploy_model_arn=machine
            ),
        )

    def events(self) -> Any:
        return MemoryEvents()


@pytest.fixture
def bus(fake: FakeStage, monkeypatch: pytest.MonkeyPatch) -> DecidingBus:
    """A stage that answers, with a project of two datasets' versions and two code versions."""
    bus = DecidingBus(fake)
    fake.clients |= {"events": bus, "sts": Identity()}
    monkeypatch.setattr(asking, "POLL_SECONDS", 0.0)
    for version, order in ((OLD, "1"), (NEW, "2")):
        fake.ledger.move_code_pointer(
            code_pointer(
                code_version=version, order=order, event_id=order, config=CONFIG, parameters=("depth",)
            )
        )
        fake.ledger.move_dataset_pointer(dataset_pointer(version=version, order=order, event_id=order))
    return bus


def sluice(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done.output


def test_a_run_is_asked_for_once_with_all_that_was_given(bus: DecidingBus) -> None:
    """Versions by their first digits; delivered twice, it is one run."""
    words = ("--dataset", "flights@ab", "--code", "ac", "-P", "depth=a=b", "--step", "train", "--force")
    answer = sluice("run", "pp", *words)
    (run,) = bus.fake.ledger.runs()
    assert (run.code_version, run.dataset_versions) == (NEW, {"flights": OLD})
    assert (run.parameters, run.steps) == ({"depth": "a=b"}, ("train",))
    assert run.asked_by == "000000000000 assumed-role/operator/alice"
    assert f"requested: run {run.run_id}" in answer
    assert [entry["Source"] for entry in bus.entries] == ["sluice"]


def test_the_same_again_is_unchanged_unless_forced(bus: DecidingBus) -> None:
    """Each force is a run of its own."""
    sluice("run", "pp")
    assert "unchanged: the same inputs as run" in sluice("run", "pp")
    assert json.loads(sluice("run", "pp", "--force", "--json"))["outcome"] == "requested"
    sluice("run", "pp", "--force")
    assert len(bus.fake.ledger.runs()) == 3


@pytest.mark.parametrize(
    ("words", "code", "answer"),
    [
        (("-P", "dept=1"), 1, "there are depth"),
        (("--step", "deploy"), 1, "the steps are prepare, train"),
        (("--dataset", "flights@a"), 1, "2 versions of the dataset flights start with a"),
        (("--dataset", "flights@ff"), 1, "there is no version of the dataset flights that starts with ff"),
        (("--dataset", "planes@ab"), 1, "there is no version of the dataset planes"),
        (("--dataset", "flights"), 2, "write NAME@VERSION"),
        (("--code", "$(id)"), 2, "is no version"),
        (("-P", "depth"), 2, "write NAME=VALUE"),
        (("--step", "a b"), 2, "steps.0: String should match pattern"),
        (("-P", f"depth={'x' * 7000}"), 2, "parameters.depth: String should have at most 6000"),
        (("-P", "depth=\udcff"), 2, "parameters.depth: Input should be a valid string"),
    ],
)
def test_what_cannot_be_is_said(bus: DecidingBus, words: tuple[str, ...], code: int, answer: str) -> None:
    """By the command where it can know, else by the stage; nothing starts."""
    told = " ".join(sluice("run", "pp", *words, code=code).replace("│", " ").split())
    assert answer in told
    assert bus.executions.started == {}


def test_a_version_is_deployed_and_what_was_live_before_comes_back(bus: DecidingBus, claim: Any) -> None:
    """Through the same bus."""
    ledger = bus.fake.ledger
    claim("r1", project="pp", image_tag="t", model_version="1", gate="passed: 1", status="SUCCEEDED")
    ledger.record_image(image_record())
    ledger.begin_deployment(deployment_record(deployment_id="d1", run_id="r1"))
    ledger.begin_deployment(
        deployment_record(deployment_id="d2", model_version="2", previous_deployment_id="d1")
    )
    ledger.move_endpoint(endpoint_record(deployment_id="d2", model_version="2"), replacing=None)
    assert "requested: version 1 of pp is going to be deployed" in sluice("rollback", "pp")
    assert "requested: version 1" in sluice("approve", "r1")
    first, second = (bus.executions.started[name] for name in bus.executions.started)
    assert [first.restores, second.restores] == ["d1", None]


def test_a_version_that_is_no_number_is_refused(bus: DecidingBus) -> None:
    """Before anything is sent."""
    assert "is no model version" in sluice("deploy", "pp", "v7", code=2)
    assert "has no model version 7" in sluice("deploy", "pp", "7", code=1)
    assert len(bus.entries) == 1


@pytest.mark.parametrize("command", ["approve", "redrive", "why", "watch", "scores", "logs"])
def test_an_empty_word_is_no_run(bus: DecidingBus, claim: Any, command: str) -> None:
    """`sluice approve "$RUN"` with a variable that is not set would deploy the latest run's model."""
    claim("r1", project="pp", image_tag="t", model_version="1", gate="passed: 1", status="SUCCEEDED")
    assert "the run has no name" in sluice(command, "", code=1)
    assert bus.entries == []


@pytest.mark.parametrize("words", [("run", "pq"), ("deploy", "pq", "1"), ("rollback", "pq")])
def test_a_project_that_nobody_pushed_is_not_even_asked_for(bus: DecidingBus, words: tuple[str, ...]) -> None:
    """The nearest there is, and no run that could only fail."""
    assert "there is no project 'pq': did you mean pp?" in sluice(*words, code=1)
    assert bus.entries == []


def test_a_stage_that_does_not_decide_is_not_waited_for_for_ever(
    bus: DecidingBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event is on its way; the message says where it will show."""
    monkeypatch.setattr(asking, "DECIDED_WITHIN", 0.0)
    monkeypatch.setattr(bus, "_deliver", lambda entry: None)
    assert "`sluice events` shows it" in sluice("run", "pp", code=1)
